"""The page of a session: before, during and after, and for whom it does not exist."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import CaseSubmission
from cases.session_page import session_page
from core.models import store_file
from participants.models import User
from sessions_app.models import (
    Cycle,
    EchoSession,
    Enrolment,
    Material,
    PresenterSlot,
    SessionObjective,
    Speaker,
)
from tests.cases.reviewing import let_go
from tests.clock import toronto
from tests.factories import (
    make_attendance,
    make_case,
    make_cycle,
    make_enrolment,
    make_hub,
    make_letter,
    make_program,
    make_session,
    make_slot,
    make_user,
)

LINK = "https://video.example/secret-room"
Status = EchoSession.Status


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


def ahead(minutes: float) -> datetime:
    return timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=minutes)


@pytest.fixture
def cycle(db: None, now: datetime) -> Cycle:
    today = timezone.localdate(now)
    return make_cycle(starts_on=today - timedelta(days=30), ends_on=today + timedelta(days=60))


@pytest.fixture
def ann(cycle: Cycle) -> User:
    user = make_user("ann@clinic.example", name="Ann Lee")
    make_enrolment(cycle, user)
    return user


def make_at(cycle: Cycle, starts_at: datetime, **values: Any) -> EchoSession:
    return make_session(
        cycle,
        starts_at=starts_at,
        **{"topic": "Tapering opioids", "status": Status.CONFIRMED, "meeting_url": LINK} | values,
    )


def case_in(session: EchoSession, status: str = "scheduled", **presenter: Any) -> CaseSubmission:
    return make_case(make_enrolment(session.cycle, make_user(**presenter)), session=session, status=status)


def url_of(session: EchoSession) -> str:
    return reverse("cases:session-detail", args=[session.pk])


def page_of(client: Client, session: EchoSession) -> str:
    response = client.get(url_of(session))
    assert response.status_code == 200
    return unescape(response.content.decode())


# --- who may see it ---------------------------------------------------------------------------------------------------


def test_session_page_leads_a_visitor_to_the_log_in(client, cycle, now):
    url = url_of(make_at(cycle, now))
    response = client.get(url)

    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={url}")


@pytest.mark.parametrize("status", [status for status in Enrolment.Status if status != "approved"])
def test_session_page_does_not_exist_for_who_is_not_in_the_cycle(client, cycle, now, outsider, status):
    session = make_at(cycle, now)
    not_in = make_user()
    make_enrolment(cycle, not_in, status=status)
    make_enrolment(make_cycle(), outsider)

    for user in (outsider, not_in):
        client.force_login(user)
        assert client.get(url_of(session)).status_code == 404


def test_session_page_of_a_planned_cycle_is_only_for_who_plans_it(client, now, ann, coordinator):
    planned = make_cycle(status=Cycle.Status.PLANNED)
    make_enrolment(planned, ann)
    session = make_at(planned, now)

    client.force_login(ann)
    assert client.get(url_of(session)).status_code == 404
    client.force_login(coordinator)
    assert client.get(url_of(session)).status_code == 200


def test_session_page_is_for_staff_who_may_see_sessions(client, cycle, now, coordinator):
    session = make_at(cycle, now)
    bare = make_user(is_staff=True)
    permitted = make_user()
    permitted.user_permissions.add(Permission.objects.get(codename="view_echosession"))

    for user in (bare, permitted):
        client.force_login(user)
        assert client.get(url_of(session)).status_code == 404, (
            "neither staff nor a permission alone is enough"
        )
    client.force_login(coordinator)
    page = page_of(client, session)
    assert "Tapering opioids" in page
    assert reverse("sessions_app:check-in", args=[session.pk]) not in page


def test_session_page_of_a_closed_cycle_stays(client, cycle, now, ann):
    session = make_at(cycle, now - timedelta(days=3), status=Status.HELD)
    Cycle.objects.filter(pk=cycle.pk).update(status=Cycle.Status.CLOSED, closed_at=now)
    client.force_login(ann)

    assert "This session is over" in page_of(client, session)


# --- before -----------------------------------------------------------------------------------------------------------


def test_session_page_before_tells_what_to_expect(client, now, db):
    program = make_program()
    first, _other = (program.objectives.create(position=at, text=f"Objective {at}.") for at in (1, 2))
    today = timezone.localdate(now)
    cycle = make_cycle(program, starts_on=today, ends_on=today + timedelta(days=60))
    session = make_at(
        cycle, now + timedelta(days=2), hub=make_hub("University Hub"), summary="Slow is safe.\n\nAsk first."
    )
    SessionObjective.objects.create(session=session, objective=first)
    for name, disclosure, text in [
        ("Dr. Silent", "missing", ""),
        ("Dr. Free", "none", ""),
        ("Dr. Paid", "declared", "Speaker's fees from a maker of <pumps>."),
    ]:
        Speaker.objects.create(
            session=session, name=name, affiliation="Queen's", disclosure=disclosure, disclosure_text=text
        )
    user = make_user()
    make_enrolment(cycle, user)
    client.force_login(user)

    page = page_of(client, session)

    silent, free, paid = page.split("<strong>Dr. ")[1:4]
    assert "Disclosure not yet given" in silent
    assert "Nothing to disclose" in free
    assert "Speaker's fees from a maker of <pumps>." in paid
    assert "<pumps>" not in client.get(url_of(session)).content.decode()
    for words in (
        "University Hub",
        "<p>Slow is safe.</p>",
        "Objective 1.",
        "15 minutes before the start",
        "\N{NO-BREAK SPACE}ET",
    ):
        assert words in page
    assert "Objective 2." not in page
    assert "Slides and readings appear here" in page
    assert LINK not in page
    assert reverse("sessions_app:session-calendar", args=[session.pk]) in page
    assert reverse("sessions_app:check-in", args=[session.pk]) not in page


@pytest.mark.parametrize(
    ("minutes", "is_open"), [(16, False), (14, True), (0, True), (-89, True), (-91, False), (60 * 48, False)]
)
def test_join_and_check_in_are_there_when_they_are_useful(client, cycle, ann, minutes, is_open):
    session = make_at(cycle, ahead(minutes))
    client.force_login(ann)

    page = page_of(client, session)

    assert (LINK in page) == is_open
    assert (reverse("sessions_app:check-in", args=[session.pk]) in page) == is_open


def test_no_link_and_no_case_without_the_agreement(client, cycle, now):
    session = make_at(cycle, now)
    case = case_in(session)
    user = make_user(has_agreed=False)
    make_enrolment(cycle, user)
    client.force_login(user)

    page = page_of(client, session)

    assert LINK not in page
    assert case.echo_id not in page
    assert f"{reverse('participants:agreements')}?next={url_of(session)}" in page


def test_session_without_a_link_says_whom_to_ask(client, cycle, now, ann):
    client.force_login(ann)

    page = page_of(client, make_at(cycle, now, meeting_url=""))

    assert "The link to join is missing." in page
    assert f"mailto:{cycle.program.contact_email}" in page


def test_materials_are_links_and_files(client, cycle, now, ann):
    session = make_at(cycle, now + timedelta(days=1))
    Material.objects.create(session=session, title="Guideline", url="https://library.example/guideline")
    file = Material.objects.create(
        session=session,
        title="Slides",
        file=store_file(b"%PDF-1.7", content_type="application/pdf"),
        filename="slides.pdf",
    )
    client.force_login(ann)

    page = page_of(client, session)

    assert '<a href="https://library.example/guideline" rel="noreferrer">Guideline</a>' in page
    assert f'<a href="{reverse("sessions_app:material", args=[file.pk])}">Slides</a>' in page
    assert "slides.pdf" in page


# --- who presents -----------------------------------------------------------------------------------------------------


def test_presenter_is_named_to_nobody_but_themselves(client, cycle, now, ann):
    session = make_at(cycle, now + timedelta(days=3))
    own = Enrolment.objects.get(participant=ann)
    bo = make_enrolment(cycle, make_user("bo@clinic.example", name="Bo Chan"))
    PresenterSlot.objects.create(session=session, enrolment=own, taken_at=now)
    client.force_login(ann)
    page = page_of(client, session)
    assert "You present a case." in page
    assert "participant presents" not in page

    client.force_login(bo.participant)
    page = page_of(client, session)
    assert "A participant presents a case." in page
    assert "Ann Lee" not in page
    assert "You present" not in page


def test_free_slot_is_offered_to_who_has_none(client, cycle, now, ann):
    session = make_at(cycle, now + timedelta(days=3))
    slots_url = reverse("sessions_app:cycle-slots", args=[cycle.pk])
    client.force_login(ann)
    assert slots_url not in page_of(client, session)

    PresenterSlot.objects.create(session=session)
    page = page_of(client, session)

    assert "Nobody presents a case yet." in page
    assert slots_url in page


# --- cases (rule 22) --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "is_shown"),
    [
        (toronto(2025, 11, 5, 23, 59), False),
        (toronto(2025, 11, 6, 0, 0), True),
        (toronto(2025, 11, 6, 12, 30), True),
        (toronto(2025, 12, 24, 9), True),
    ],
)
def test_cases_are_shown_from_the_sessions_day_on(db, now, is_shown):
    session = make_at(make_cycle(), toronto(2025, 11, 6, 12, 30))
    enrolment = make_enrolment(session.cycle)
    case = case_in(session)

    page = session_page(session=session, enrolment=enrolment, has_agreed=True, now=now)

    assert page.cases == ([case] if is_shown else [])


def test_case_is_shown_by_its_echo_id_and_status_alone(client, cycle, now, ann):
    session = make_at(cycle, now - timedelta(days=2), status=Status.HELD)
    shown = [
        case_in(session, status, name=f"Presenter {status}")
        for status in ("scheduled", "presented", "recommendations_sent")
    ]
    hidden = case_in(session, "in_review")
    elsewhere = case_in(make_at(cycle, now - timedelta(days=9), status=Status.HELD))
    client.force_login(ann)

    page = page_of(client, session)

    for case in shown:
        assert case.echo_id in page
        assert case.presenter.participant.get_full_name() not in page
    assert hidden.echo_id not in page
    assert elsewhere.echo_id not in page
    assert page.count("Recommendations were sent") == 1


def test_case_leads_to_its_page_and_to_the_letter_once_the_cycle_may_read_it(client, cycle, now, ann):
    session = make_at(cycle, now - timedelta(days=2), status=Status.HELD)
    released, later = case_in(session, "recommendations_sent"), case_in(session, "recommendations_sent")
    make_letter(released, signed_at=now - timedelta(days=1))
    make_letter(later, signed_at=now, visible_to_cycle_at=now + timedelta(days=7))
    client.force_login(ann)

    page = page_of(client, session)

    for case, has_letter in ((released, True), (later, False)):
        assert f'href="{reverse("cases:case-detail", args=[case.echo_id])}"' in page
        assert (f'href="{reverse("cases:case-letter", args=[case.echo_id])}"' in page) == has_letter


# --- one's own case -------------------------------------------------------------------------------------------------


def test_presenter_without_a_case_is_led_to_begin_one(client, cycle, now, ann):
    session = make_at(cycle, now + timedelta(days=3))
    PresenterSlot.objects.create(
        session=session, enrolment=Enrolment.objects.get(participant=ann), taken_at=now
    )
    client.force_login(ann)

    page = page_of(client, session)

    assert f'href="{reverse("cases:case-list")}">Start your case</a>' in page


@pytest.mark.parametrize(
    ("status", "page_name"),
    [
        ("draft", "case-edit"),
        ("returned", "case-detail"),
        ("submitted", "case-detail"),
        ("approved", "case-detail"),
    ],
)
def test_presenter_sees_their_own_case_and_its_next_step(client, cycle, ann, status, page_name):
    now = timezone.now()
    session = make_at(cycle, now + timedelta(days=3))
    own = Enrolment.objects.get(participant=ann)
    PresenterSlot.objects.create(session=session, enrolment=own, taken_at=now)
    case = make_case(own, status=status)
    client.force_login(ann)

    page = page_of(client, session)

    assert case.echo_id in page
    assert case.get_status_display() in page
    assert f'href="{reverse(f"cases:{page_name}", args=[case.echo_id])}"' in page
    assert "Start your case" not in page


def test_presenter_sees_their_scheduled_case_before_the_day_and_once_on_it(client, cycle, now, ann):
    own = Enrolment.objects.get(participant=ann)
    for starts_at in (now + timedelta(days=3), now):
        session = make_at(cycle, starts_at)
        case = make_case(own, status="scheduled", session=session)
        client.force_login(ann)

        page = page_of(client, session)
        assert page.count(f">{case.echo_id}<") == 1
        assert "Nobody presents a case yet." not in page


def test_own_case_of_another_session_is_not_shown_here(client, cycle, now, ann):
    own = Enrolment.objects.get(participant=ann)
    elsewhere = make_case(own, status="scheduled", session=make_at(cycle, now + timedelta(days=3)))
    session = make_at(cycle, now + timedelta(days=10))
    PresenterSlot.objects.create(session=session, enrolment=own, taken_at=now)
    client.force_login(ann)

    page = page_of(client, session)

    assert elsewhere.echo_id not in page
    assert "Start your case" in page


def test_case_whose_presenter_let_the_session_go_is_not_shown_to_the_group(client, cycle, now, ann):
    session = make_at(cycle, now)
    case = case_in(session)
    client.force_login(ann)
    assert case.echo_id in page_of(client, session)

    let_go(case)

    assert case.echo_id not in page_of(client, session)


def test_case_that_was_let_go_is_shown_where_its_presenter_has_a_slot_now(client, cycle, now, ann):
    own = Enrolment.objects.get(participant=ann)
    earlier, later = make_at(cycle, now + timedelta(days=3)), make_at(cycle, now + timedelta(days=10))
    case = let_go(make_case(own, status="scheduled", session=earlier))
    make_slot(later, own)
    client.force_login(ann)

    assert case.echo_id not in page_of(client, earlier)
    page = page_of(client, later)
    assert case.echo_id in page
    assert "Start your case" not in page


# --- after, and cancelled ---------------------------------------------------------------------------------------------


def test_session_page_after_shows_ones_own_minutes(client, cycle, now, ann):
    session = make_at(cycle, now - timedelta(days=2), status=Status.HELD)
    client.force_login(ann)
    assert "No attendance of yours is on record" in page_of(client, session)

    make_attendance(Enrolment.objects.get(participant=ann), session, minutes=85)
    make_attendance(make_enrolment(cycle), session, minutes=33)
    page = page_of(client, session)

    assert "85 minutes of 90 are on record." in page
    assert "33" not in page.split('id="attended-heading"')[1].split("</section>")[0]
    assert LINK not in page
    assert "There are no materials for this session." in page


def test_cancelled_session_says_so_and_what_is_next(client, cycle, now, ann):
    session = make_at(cycle, now, status=Status.CANCELLED)
    case = case_in(session)
    client.force_login(ann)
    assert "No other session of this cycle is planned" in page_of(client, session)

    following = make_at(cycle, now + timedelta(days=7), topic="Cannabis")
    page = page_of(client, session)

    assert "This session is cancelled: it does not take place." in page
    assert f'<a href="{url_of(following)}">Cannabis</a>' in page
    assert LINK not in page
    assert case.echo_id not in page
    assert reverse("sessions_app:check-in", args=[session.pk]) not in page


def test_cancelled_session_tells_the_presenter_what_becomes_of_their_case(client, cycle, now, ann):
    session = make_at(cycle, now + timedelta(days=2), status=Status.CANCELLED)
    own = Enrolment.objects.get(participant=ann)
    case = make_case(own, status="scheduled", session=session)
    draft = make_case(own)
    client.force_login(ann)

    page = page_of(client, session)

    assert f"Your case {case.echo_id} stays approved. The coordinator looks for another session" in page
    assert draft.echo_id not in page


@pytest.mark.parametrize("number", [1, 3])
def test_session_page_takes_the_same_queries_for_any_number(
    client, cycle, ann, number, django_assert_num_queries
):
    session = make_at(cycle, ahead(0))
    own = Enrolment.objects.get(participant=ann)
    make_attendance(own, session, minutes=10)
    for position in range(number):
        Speaker.objects.create(session=session, name="One")
        Material.objects.create(session=session, title="One", url="https://library.example/")
        objective = cycle.program.objectives.create(position=position, text="One")
        SessionObjective.objects.create(session=session, objective=objective)
        make_slot(session, make_enrolment(cycle))
        case_in(session)
    client.force_login(ann)
    page_of(client, session)

    with django_assert_num_queries(12):
        page_of(client, session)
