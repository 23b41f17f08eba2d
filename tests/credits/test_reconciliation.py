"""Eligible, issued, mailed: what is lost on the way is found, and what is only on its way is not."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pgtrigger
import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.models import store_file
from credits import tasks
from credits.facts import CertificateFacts
from credits.models import Certificate
from credits.reconciling import OpenItems, Reconciliation, reconciliations
from credits.services import close_cycle, issue_late_finishers, reconcile, revoke_certificate
from credits.services.reconciliation import coordinators
from credits.services.rendering import queue_certificate_mail
from outbox.models import OutgoingMail
from participants.enums import Category
from participants.models import User
from sessions_app.models import Cycle, Enrolment, Program, ScopedProgram, StaffScope
from tests.clock import toronto
from tests.database import write
from tests.factories import (
    answer_surveys,
    make_accreditation,
    make_attendance,
    make_enrolment,
    make_graduate,
    make_season,
    make_user,
    make_waiver,
)

pytestmark = pytest.mark.django_db

CLOSED_AT = toronto(2025, 10, 2, 9)
LATER = CLOSED_AT + timedelta(hours=3)


@pytest.fixture
def cycle(db) -> Cycle:
    return make_season(sessions=2)


def close(cycle: Cycle, *, at: datetime = CLOSED_AT) -> list[Certificate]:
    return close_cycle(cycle_id=cycle.pk, by=None, now=at)


def issue(certificate: Certificate, *, at: datetime = CLOSED_AT) -> OutgoingMail:
    """As the workers do, with a document that nobody reads; and its mail."""
    document = store_file(certificate.number.encode(), content_type="application/pdf")
    write(
        certificate,
        status="issued",
        document=document,
        sha256=hashlib.sha256(certificate.number.encode()).hexdigest(),
        issued_at=at,
    )
    certificate.refresh_from_db()
    queue_certificate_mail(certificate, CertificateFacts.from_json(certificate.facts), document)
    mail = OutgoingMail.objects.get(key=f"certificate:{certificate.pk}")
    write(mail, queued_at=at)
    return mail


def lose(mail: OutgoingMail) -> None:
    """The row is gone, as after a restore from an older backup: the portal itself keeps it six years."""
    with pgtrigger.ignore("outbox.OutgoingMail:certificate_mail_kept_six_years"):
        mail.delete()


def settle(mail: OutgoingMail, status: str = "sent", *, at: datetime = CLOSED_AT) -> None:
    write(mail, status="sending", lease_token=uuid4(), leased_until=at)
    accepted = status in {"sent", "bounced"}
    first = "sent" if accepted else status
    write(mail, status=first, lease_token=None, leased_until=None, sent_at=at if accepted else None)
    if status == "bounced":
        write(mail, status="bounced", bounced_at=at)


def only(now: datetime = LATER) -> Reconciliation:
    (found,) = reconciliations(now=now)
    return found


def test_cycle_whose_certificates_all_arrived_comes_out(cycle):
    for _person in range(3):
        make_graduate(cycle)
    answer_surveys(make_enrolment(cycle))
    for certificate in close(cycle):
        settle(issue(certificate))

    row = only()

    assert (row.eligible, row.issued, row.mailed, row.nobodys, row.total) == (3, 3, 3, 0, 0)
    assert row.open == OpenItems()


def test_cycle_closed_with_nobody_due_comes_out(cycle):
    make_enrolment(cycle)
    close(cycle)

    row = only()

    assert (row.eligible, row.issued, row.mailed, row.total) == (0, 0, 0, 0)


def test_workers_leave_nothing_open(cycle):
    make_graduate(cycle)
    close(cycle, at=timezone.now())
    tasks.render_due()
    settle(OutgoingMail.objects.get(kind="certificate"))

    row = only(timezone.now() + timedelta(hours=2))

    assert (row.eligible, row.issued, row.mailed, row.total) == (1, 1, 1, 0)


def test_lost_mail_is_found(cycle):
    for _person in range(2):
        make_graduate(cycle)
    kept, lost = [issue(certificate) for certificate in close(cycle)]
    settle(kept)
    lose(lost)

    row = only()

    assert row.open == OpenItems(not_mailed=1)
    assert (row.issued, row.mailed) == (2, 1)


@pytest.mark.parametrize("status", ["failed", "ambiguous", "bounced"])
def test_mail_that_did_not_arrive_is_counted_by_what_became_of_it(cycle, status):
    make_graduate(cycle)
    (certificate,) = close(cycle)
    settle(issue(certificate), status)

    assert only().open == OpenItems(**{f"mails_{status}": 1})


@pytest.mark.parametrize(("minutes", "late"), [(59, 0), (60, 0), (61, 1)])
def test_mail_is_late_after_an_hour(cycle, minutes, late):
    make_graduate(cycle)
    (certificate,) = close(cycle)
    issue(certificate)

    assert only(CLOSED_AT + timedelta(minutes=minutes)).open == OpenItems(mails_late=late)


@pytest.mark.parametrize(("minutes", "waiting"), [(59, 0), (61, 1)])
def test_certificate_waits_too_long_after_an_hour(cycle, minutes, waiting):
    make_graduate(cycle)
    close(cycle)

    row = only(CLOSED_AT + timedelta(minutes=minutes))

    assert row.open == OpenItems(certificates_waiting=waiting)
    assert (row.eligible, row.issued) == (1, 0)


def test_certificate_that_could_not_be_made_is_counted(cycle):
    make_graduate(cycle)
    (certificate,) = close(cycle)
    write(certificate, status="failed")

    assert only(CLOSED_AT).open == OpenItems(certificates_failed=1)


def test_certificate_that_was_never_created_is_found(cycle):
    close(cycle)
    # What a bug in closing would leave behind: complete before the end, and no row.
    make_graduate(cycle)

    row = only()

    assert row.open == OpenItems(not_issued=1)
    assert row.eligible == 1


@pytest.mark.parametrize(("seconds", "missed"), [(60, 0), (119, 0), (121, 1)])
def test_late_finisher_counts_once_the_poll_has_passed_them_by(cycle, seconds, missed):
    enrolment = make_enrolment(cycle)
    make_attendance(enrolment, cycle.sessions.all()[0], minutes=90)
    answer_surveys(enrolment, "pre", "post")
    close(cycle)
    answer_surveys(enrolment, "reflection", at=LATER)

    assert only(LATER + timedelta(seconds=seconds)).open == OpenItems(not_issued=missed)
    issue_late_finishers(now=LATER)
    assert only(LATER + timedelta(seconds=seconds)).open == OpenItems()


@pytest.mark.parametrize("why", ["absent", "guest", "withdrawn", "unanswered", "short"])
def test_who_is_not_due_is_not_missed(cycle, why):
    close(cycle)
    enrolment = make_enrolment(cycle)
    if why != "absent":
        make_attendance(
            enrolment,
            cycle.sessions.all()[0],
            minutes=5 if why == "short" else 90,
            is_guest=why == "guest",
        )
    answer_surveys(enrolment, *(["pre"] if why == "unanswered" else []))
    if why == "withdrawn":
        write(enrolment, status=Enrolment.Status.WITHDRAWN)

    assert (only().total, only().eligible) == (0, 0)


def test_revoked_certificate_is_neither_due_nor_missing(cycle, coordinator):
    make_graduate(cycle)
    (certificate,) = close(cycle)
    lose(issue(certificate))
    revoke_certificate(certificate_id=certificate.pk, by=coordinator, reason="Asked for.", now=CLOSED_AT)

    assert (only().eligible, only().total) == (0, 0)


def test_erased_person_has_no_mail_and_is_not_missed(cycle):
    enrolment = make_graduate(cycle)
    (certificate,) = close(cycle)
    mail = issue(certificate)
    settle(mail, "failed")
    write(enrolment.participant, email="gone-1@erased.invalid")

    row = only()
    lose(mail)

    assert (row.issued, row.nobodys, row.mailed, row.total) == (1, 1, 0, 0)
    assert only() == row


def test_second_grant_under_which_nothing_was_issued_is_found(cycle):
    make_graduate(cycle, make_user(category=Category.SPECIALIST))
    (certificate,) = close(cycle)
    settle(issue(certificate))
    first = certificate.accreditation
    # The first grant turns out to end between the two sessions; another covers the second.
    held = [session.held_on.date() for session in cycle.sessions.all()]
    write(first, valid_to=held[0])
    make_accreditation(cycle.program, valid_from=held[0] + timedelta(days=1), valid_to=date(2026, 12, 31))

    assert only().open == OpenItems(not_issued=1)


def test_open_cycle_and_one_closed_long_ago_are_left_out(cycle):
    make_graduate(cycle)
    assert reconciliations(now=LATER) == []
    (certificate,) = close(cycle)
    mail = issue(certificate)
    settle(mail)
    lose(mail)

    assert [row.total for row in reconciliations(now=CLOSED_AT + timedelta(days=400))] == [1]
    assert reconciliations(now=CLOSED_AT + timedelta(days=401)) == []


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_cycle_closed_long_ago_stays_while_a_certificate_of_it_is_unfinished(cycle, status):
    make_graduate(cycle)
    (certificate,) = close(cycle)
    write(certificate, status=status)

    assert only(CLOSED_AT + timedelta(days=2000)).total == 1


def test_more_people_and_more_cycles_that_come_out_cost_no_further_query():
    def season(people: int) -> None:
        cycle = make_season(sessions=1)
        for _person in range(people):
            make_graduate(cycle)
        for certificate in close(cycle):
            settle(issue(certificate))
        answer_surveys(make_enrolment(cycle))

    season(1)
    with CaptureQueriesContext(connection) as one:
        assert len(reconciliations(now=LATER)) == 1
    for _cycle in range(3):
        season(3)
    with CaptureQueriesContext(connection) as four:
        assert [row.total for row in reconciliations(now=LATER)] == [0] * 4

    assert len(one) == len(four) == 3


def test_ledgers_of_the_missing_cost_the_same_for_three_as_for_one(cycle):
    close(cycle)
    make_graduate(cycle)
    with CaptureQueriesContext(connection) as one:
        assert only().total == 1
    make_graduate(cycle)
    make_graduate(cycle)
    with CaptureQueriesContext(connection) as three:
        assert only().total == 3

    assert len(one) == len(three) <= 15


# --- who is told ----------------------------------------------------------------------------------------------------


def letters() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(kind="reconciliation").order_by("pk"))


@pytest.fixture
def lost(cycle) -> Certificate:
    """A certificate of Jane Roe's whose mail is lost."""
    make_graduate(cycle, make_user("jane.roe@clinic.example", name="Jane Roe"))
    (certificate,) = close(cycle)
    lose(issue(certificate))
    return certificate


def test_coordinators_are_told_with_a_link_and_without_a_name(cycle, lost, coordinator):
    reconcile(now=LATER)

    (mail,) = letters()
    url = reverse("admin:credits_cycleclosing_close", args=[cycle.pk])
    assert mail.recipient == coordinator.email
    assert "1 certificate is issued, and there is no email with it." in mail.body_text
    assert url in mail.body_text
    assert f'{url}"' in mail.body_html
    assert not re.search(r"Jane|Roe|jane\.roe|ECHO-20", mail.subject + mail.body_text + mail.body_html)


def test_coordinator_is_told_in_their_language(lost, coordinator):
    write(coordinator.profile, language="fr")

    reconcile(now=LATER)

    assert [(mail.language, "Bonjour Cora" in mail.body_text) for mail in letters()] == [("fr", True)]


def test_coordinators_are_told_once_a_day_while_nothing_changes(cycle, lost, coordinator):
    for hours in range(6):
        reconcile(now=LATER + timedelta(hours=hours))
    assert len(letters()) == 1

    reconcile(now=LATER + timedelta(days=1))
    assert len(letters()) == 2

    make_graduate(cycle)
    for _time in range(2):
        reconcile(now=LATER + timedelta(days=1, hours=1))
    assert len(letters()) == 3


def test_nobody_is_told_of_a_cycle_that_comes_out(cycle, coordinator, caplog):
    caplog.set_level("INFO")
    make_graduate(cycle)
    (certificate,) = close(cycle)
    settle(issue(certificate))

    reconcile(now=LATER)

    assert letters() == []
    (record,) = [record for record in caplog.records if record.name.startswith("credits.services")]
    assert record.levelname == "INFO"
    assert "comes out: eligible 1, issued 1, mailed 1" in record.getMessage()


def test_difference_is_a_warning_in_the_log_even_if_there_is_nobody_to_tell(lost, caplog):
    reconcile(now=LATER)

    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert any("does not come out: eligible 1, issued 1, mailed 0" in line for line in warnings)
    assert f"Nobody is told of cycle {lost.enrolment.cycle_id}: no active staff may close it." in warnings
    assert not any("Jane" in line for line in warnings)


def test_only_active_staff_who_may_close_a_cycle_are_told(coordinator, django_user_model):
    may_close = Permission.objects.get(codename="close_cycle", content_type__app_label="credits")
    by_name = make_user(is_staff=True)
    administrator = make_user(is_staff=True)
    write(administrator, is_superuser=True)
    left, no_staff, erased = (make_user(is_staff=True) for _person in range(3))
    make_user(is_staff=True)
    for person in (by_name, left, no_staff, erased, coordinator):
        person.user_permissions.add(may_close)
    write(left, is_active=False)
    write(no_staff, is_staff=False)
    write(erased, email="gone-2@erased.invalid")

    assert list(coordinators()) == [coordinator, by_name, administrator]


def limit(person: User, *programs: Program) -> User:
    scope = StaffScope.objects.create(account=person)
    for program in programs:
        ScopedProgram.objects.create(scope=scope, program=program)
    return person


def test_only_who_works_for_the_program_is_told(lost, coordinator):
    limit(coordinator, lost.enrolment.cycle.program)
    elsewhere, nowhere = make_user(is_staff=True), make_user(is_staff=True)
    for person in (elsewhere, nowhere):
        person.groups.set(coordinator.groups.all())
    limit(elsewhere, make_season().program)
    limit(nowhere)

    reconcile(now=LATER)

    assert [mail.recipient for mail in letters()] == [coordinator.email]


def test_cycle_of_which_nobody_is_told_is_named_in_the_log(lost, coordinator, caplog):
    other = make_season()
    make_graduate(other)
    (certificate,) = close(other)
    lose(issue(certificate))
    limit(coordinator, other.program)

    reconcile(now=LATER)

    assert [f"/{other.pk}/close/" in mail.body_text for mail in letters()] == [True]
    unsaid = [record.getMessage() for record in caplog.records if "Nobody is told" in record.getMessage()]
    assert unsaid == [f"Nobody is told of cycle {lost.enrolment.cycle_id}: no active staff may close it."]


def test_address_that_no_mail_reaches_keeps_nobody_else_from_theirs(lost, coordinator):
    other = make_user("other@echo.example", is_staff=True)
    write(other, is_superuser=True)
    write(coordinator, email="no address")

    reconcile(now=LATER)

    assert [mail.recipient for mail in letters()] == ["other@echo.example"]


def test_task_says_how_much_is_open_and_tells(cycle, coordinator):
    make_graduate(cycle)
    (certificate,) = close(cycle, at=timezone.now())
    lose(issue(certificate))

    assert [tasks.reconcile(), tasks.reconcile()] == [1, 1]

    assert len(letters()) == 1


def run_command() -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("reconcile_certificates", stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_command_prints_the_figures_and_exits_by_them(cycle):
    make_graduate(cycle, make_user("jane.roe@clinic.example", name="Jane Roe"))
    (certificate,) = close(cycle, at=timezone.now())
    mail = issue(certificate, at=timezone.now())
    settle(mail)
    fine = run_command()
    lose(mail)
    broken = run_command()

    assert fine[0] == 0
    assert re.search(rf"^{cycle.pk} {re.escape(cycle.name)} +1 +1 +1 +0( +0){{8}} +0$", fine[1], re.MULTILINE)
    assert broken[0] == 1
    assert re.search(r" +1 +1 +0 +0 +0 +0 +0 +1 +0 +0 +0 +0 +1$", broken[1], re.MULTILINE)
    assert "Jane" not in broken[1]
    assert letters() == []


def test_who_was_let_off_a_survey_and_got_nothing_is_found(cycle):
    enrolment = make_enrolment(cycle)
    for session in cycle.sessions.all():
        make_attendance(enrolment, session)
    answer_surveys(enrolment, "pre", "reflection", at=CLOSED_AT)
    close(cycle)
    make_waiver(enrolment, status="asked")
    assert [row.total for row in reconciliations(now=LATER)] == [0]
    enrolment.waivers.update(status="granted", decided_by=make_user(is_staff=True), decided_at=LATER)

    # The poll has its minutes first.
    assert [row.total for row in reconciliations(now=LATER)] == [0]
    (row,) = reconciliations(now=LATER + timedelta(minutes=3))
    assert (row.eligible, row.open.not_issued) == (1, 1)
