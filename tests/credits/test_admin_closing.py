"""The coordinator's closing page: what it lists, what is done from it, and how few questions it asks."""

from __future__ import annotations

from decimal import Decimal

import pgtrigger
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from credits.models import Certificate, DryRun, Waiver
from credits.services import close_cycle
from outbox.models import OutgoingMail
from participants.models import Profile, User
from sessions_app.models import Cycle, Enrolment
from tests.clock import toronto
from tests.credits.test_mailing import mailed
from tests.database import write
from tests.factories import (
    answer_surveys,
    make_attendance,
    make_certificate,
    make_enrolment,
    make_graduate,
    make_season,
    make_user,
    make_waiver,
)

pytestmark = pytest.mark.django_db
NOW = toronto(2025, 10, 2, 9)


@pytest.fixture
def cycle(db) -> Cycle:
    return make_season(sessions=2)


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


def url(name: str, *args: int) -> str:
    return reverse(f"admin:credits_cycleclosing_{name}", args=args)


def closing(desk, cycle: Cycle):
    return desk.get(url("close", cycle.pk))


def press(desk, cycle: Cycle, page=None):
    seen = (page or closing(desk, cycle)).context["seen"]
    return desk.post(url("close", cycle.pk), {"seen": seen}, follow=True)


def late_of(cycle: Cycle, name: str = "Lena Late") -> Enrolment:
    enrolment = make_enrolment(cycle, make_user(name=name))
    for session in cycle.sessions.all():
        make_attendance(enrolment, session)
    answer_surveys(enrolment, "pre", "reflection")
    return enrolment


def test_page_lists_who_gets_what_and_who_not_and_why_then_closes(desk, cycle):
    make_graduate(cycle, make_user(name="Greta Graduate"))
    late_of(cycle)

    page = closing(desk, cycle).content.decode()
    assert "Greta Graduate" in page
    assert "6 credits" in page
    assert "Lena Late" in page
    assert "The post-survey" in page

    after = press(desk, cycle).content.decode()
    assert "1 certificate is being made." in after
    assert Certificate.objects.count() == 1


def test_closing_of_a_list_that_has_changed_is_refused_in_words(desk, cycle):
    late = late_of(cycle)
    page = closing(desk, cycle)
    answer_surveys(late, "post")

    after = press(desk, cycle, page).content.decode()

    assert "Something has changed since this list was made" in after
    assert not Certificate.objects.exists()


def test_closing_without_having_looked_is_refused(desk, cycle):
    make_graduate(cycle)
    desk.post(url("close", cycle.pk))
    assert not Certificate.objects.exists()


def test_page_says_what_has_changed_since_the_list_that_was_kept(desk, cycle, coordinator):
    late = late_of(cycle)
    assert "No dry run has been kept" in closing(desk, cycle).content.decode()
    desk.post(url("dry_run", cycle.pk))
    assert DryRun.objects.get().made_by == coordinator
    assert "nothing has changed." in closing(desk, cycle).content.decode()
    answer_surveys(late, "post")

    page = closing(desk, cycle).content.decode()

    assert "nothing; missing: The post-survey" in " ".join(page.split())


def test_failures_are_retried_one_by_one_or_all(desk, cycle, coordinator):
    accreditation = cycle.program.accreditations.get()
    failed = [
        make_certificate(make_graduate(cycle), accreditation, status="failed", last_error="No font has 𒀀")
        for _person in range(3)
    ]
    page = closing(desk, cycle).content.decode()
    assert page.count("No font has") == 3

    one = desk.post(url("retry", cycle.pk), {"number": failed[0].number}, follow=True)
    assert "1 certificate is being retried." in one.content.decode()
    rest = desk.post(url("retry", cycle.pk), follow=True)
    assert "2 certificates are being retried." in rest.content.decode()
    again = desk.post(url("retry", cycle.pk), follow=True)
    assert "0 certificates are being retried." in again.content.decode()
    assert set(Certificate.objects.values_list("status", flat=True)) == {"pending"}


def test_retry_of_one_cycle_leaves_another_alone(desk, cycle):
    other = make_season(sessions=1)
    make_certificate(make_graduate(other), other.program.accreditations.get(), status="failed")

    desk.post(url("retry", cycle.pk))

    assert Certificate.objects.get().status == "failed"


def test_mails_that_did_not_arrive_are_listed_with_the_address_on_record_now(desk, cycle):
    enrolment = make_graduate(cycle, make_user("old@clinic.example", name="Maud Moved"))
    certificate = make_certificate(enrolment, cycle.program.accreditations.get())
    mail = mailed(certificate, OutgoingMail.Status.FAILED)
    with pgtrigger.ignore("outbox.OutgoingMail:mail_moves"):
        write(mail, last_error="550 5.1.1 no such user")
    write(enrolment.participant, email="new@clinic.example")

    page = closing(desk, cycle).content.decode()

    assert "Not delivered" in page
    assert "old@clinic.example" in page
    assert "now new@clinic.example" in page
    assert "550 5.1.1 no such user" in page


def test_certificates_that_no_longer_say_what_is_on_record_are_listed(desk, cycle, coordinator):
    enrolment = make_graduate(cycle, make_user(name="Ann Before"))
    close_cycle(cycle_id=cycle.pk, by=coordinator, now=NOW)
    write(
        Certificate.objects.get(),
        status="issued",
        document=make_certificate(make_enrolment(make_season(sessions=1)), _grant()).document,
        issued_at=NOW,
        sha256="0" * 64,
    )
    assert "the record has changed since" not in closing(desk, cycle).content.decode()
    write(enrolment.participant.profile, legal_name="Ann After")
    write(enrolment.attendances.all()[0], minutes=0)

    page = " ".join(closing(desk, cycle).content.decode().split())

    assert "the record has changed since" in page
    assert "now Ann After" in page
    assert 'class="number">6</td>' in page
    assert 'class="number">3</td>' in page


def _grant():
    cycle = Cycle.objects.latest("pk")
    return cycle.program.accreditations.get()


def test_waiver_is_asked_for_here_and_granted_by_somebody_else(desk, cycle, client):
    late = late_of(cycle)
    asked = desk.post(
        url("waive", cycle.pk, late.pk),
        {"condition": "post_survey", "reason": "Was on parental leave."},
        follow=True,
    )
    assert "Waits for a second person" in asked.content.decode()
    waiver = Waiver.objects.get()
    decide = reverse("admin:credits_waiver_decide", args=[waiver.pk])
    own = desk.post(decide, {"decision": "grant"}, follow=True)
    assert "somebody else has to grant it" in own.content.decode()

    second = make_user(is_staff=True, name="Sam Second")
    second.groups.set(asked.wsgi_request.user.groups.all())
    client.force_login(second)
    page = closing(client, cycle).content.decode()
    assert "Was on parental leave." in page
    granted = client.post(decide, {"decision": "grant"}, follow=True)

    assert "The waiver is granted." in granted.content.decode()
    assert [ledger.enrolment for ledger in closing(client, cycle).context["due"]] == [late]


def test_waiver_without_a_reason_is_asked_for_again(desk, cycle):
    late = late_of(cycle)

    response = desk.post(url("waive", cycle.pk, late.pk), {"condition": "post_survey", "reason": " "})

    assert response.status_code == 422
    assert response.content.decode().count("<title>Error:") == 1
    met = desk.post(url("waive", cycle.pk, late.pk), {"condition": "pre_survey", "reason": "x"})
    assert met.status_code == 422
    assert not Waiver.objects.exists()


@pytest.mark.parametrize("people", [1, 300])
def test_page_asks_few_questions_whatever_the_number_of_people(desk, cycle, people):
    for _person in range(min(people, 3)):
        make_graduate(cycle)
        make_waiver(late_of(cycle))
    if people > 3:
        users = User.objects.bulk_create(
            [User(email=f"person{number}@many.example") for number in range(people - 6)]
        )
        Profile.objects.bulk_create(
            [
                Profile(user=user, legal_name=f"Person {user.pk}", category="family_physician")
                for user in users
            ]
        )
        Enrolment.objects.bulk_create(
            [
                Enrolment(cycle=cycle, participant=user, status="approved", enrolled_on=cycle.starts_on)
                for user in users
            ]
        )
    closing(desk, cycle)

    with CaptureQueriesContext(connection) as queries:
        page = closing(desk, cycle)

    assert page.context["total"] == max(people, 2)
    assert len(queries) <= 20


# --- ledgers --------------------------------------------------------------------------------------------------------


def test_ledgers_list_everybody_and_find_by_name_or_address(desk, cycle):
    make_graduate(cycle, make_user("greta@clinic.example", name="Greta Graduate"))
    late_of(cycle)

    page = desk.get(url("ledgers", cycle.pk)).content.decode()
    assert "2 participants" in page
    assert "6 credits of at most 160" in page
    assert "The post-survey" in page
    found = desk.get(url("ledgers", cycle.pk), {"q": "graduate gret"}).content.decode()
    assert "Greta Graduate" in found
    assert "Lena Late" not in found
    assert "Nobody in this cycle" in desk.get(url("ledgers", cycle.pk), {"q": "zzz"}).content.decode()


@pytest.mark.parametrize("people", [1, 3])
def test_ledgers_take_the_same_questions_for_any_number(desk, cycle, people):
    for _person in range(people):
        make_graduate(cycle)
    desk.get(url("ledgers", cycle.pk))

    with CaptureQueriesContext(connection) as queries:
        desk.get(url("ledgers", cycle.pk))

    assert len(queries) == 17


def test_ledger_says_for_each_session_why_it_counts_or_not(desk, cycle):
    enrolment = make_enrolment(cycle, make_user(name="Paul Part"))
    first, second = cycle.sessions.order_by("starts_at")
    make_attendance(enrolment, first, minutes=54)
    make_attendance(enrolment, second, minutes=53)

    page = desk.get(url("ledger", cycle.pk, enrolment.pk)).content.decode()

    assert "1.5 hours credited, at 2 an hour" in page
    assert "3 credits of at most 160" in page
    assert "Not long enough to count" in page
    assert "Credited" in page


def test_tables_hold_the_same_as_the_pages_and_run_nothing(desk, cycle):
    enrolment = make_graduate(cycle, make_user(name="=HYPERLINK(1)"))

    everybody = desk.get(url("ledgers_csv", cycle.pk)).content.decode()
    one = desk.get(url("ledger_csv", cycle.pk, enrolment.pk)).content.decode()

    assert "'=HYPERLINK(1)" in everybody
    assert "Mainpro+,3.00,6.00,Credits,0" in everybody
    assert one.count(",90,1.50,Credited") == 2
    assert "Claimable,Mainpro+,,,6.00,Credits" in one


def test_ledger_of_another_cycle_does_not_exist_here(desk, cycle):
    stranger = make_enrolment(make_season(sessions=1))

    for name in ("ledger", "ledger_csv", "waive"):
        assert desk.get(url(name, cycle.pk, stranger.pk)).status_code == 404


def test_what_the_cap_took_is_shown(desk, cycle):
    enrolment = make_graduate(cycle)
    write(cycle.program.accreditations.get().lines.get(category="family_physician"), cap=Decimal(5))

    page = " ".join(desk.get(url("ledger", cycle.pk, enrolment.pk)).content.decode().split())

    assert "5 credits of at most 5" in page
    assert "1 credit, earned but not claimable" in page
