"""Who presents and has no case yet is reminded: so many days before, each time once, and never for nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.services import remind_presenters
from cases.states import CaseStatus
from cases.tasks import remind_presenters as remind_task
from outbox.models import OutgoingMail
from sessions_app.models import Cycle, EchoSession, Enrolment, PresenterSlot
from sessions_app.services import release_slot, take_slot
from tests.cases.reviewing import let_go
from tests.clock import toronto
from tests.database import write
from tests.factories import make_case, make_cycle, make_enrolment, make_session, make_user
from tests.races import at_once

TAKEN_AT = toronto(2025, 9, 1, 9)
STARTS_AT = toronto(2025, 11, 6, 12, 30)


def days_before(days: float) -> datetime:
    return STARTS_AT - timedelta(days=days)


def make_slot(session: EchoSession | None = None, enrolment: Enrolment | None = None) -> PresenterSlot:
    session = session or make_session(
        make_cycle(presenter_days=[7, 14]),
        starts_at=STARTS_AT,
        status=EchoSession.Status.CONFIRMED,
        topic="Tapering opioids",
    )
    enrolment = enrolment or make_enrolment(session.cycle, make_user("ann@clinic.example", name="Ann Lee"))
    return PresenterSlot.objects.create(session=session, enrolment=enrolment, taken_at=TAKEN_AT)


@pytest.fixture
def slot(db: None) -> PresenterSlot:
    """Ann presents on November 6; her cycle reminds 14 and 7 days before."""
    return make_slot()


def reminders() -> list[str]:
    """How many days before each reminder was for, in the order they were queued."""
    mails = OutgoingMail.objects.filter(key__startswith="presenter-reminder:").order_by("pk")
    return [mail.key.rsplit(":", 1)[1] for mail in mails]


def test_presenter_without_a_case_is_reminded_on_each_day_once(slot):
    sent = {
        days: remind_presenters(now=days_before(days))
        for days in (20, 14.5, 14, 13.9, 8, 7, 6, 1, 0.1, 0, -1)
    }

    assert {days for days, count in sent.items() if count} == {14, 7}
    assert reminders() == ["14", "7"]
    mail = OutgoingMail.objects.earliest("pk")
    assert (mail.recipient, mail.subject) == (
        "ann@clinic.example",
        "Your case for Thursday, November 6, 2025",
    )
    assert "Tapering opioids" in mail.body_text
    assert f"/sessions/{slot.session_id}/" in mail.body_text
    assert "Begin it here:\nhttp://localhost/cases/\n" in mail.body_text
    assert f"/cycles/{slot.session.cycle_id}/present/" in mail.body_text


def test_presenter_who_has_begun_is_led_back_to_their_draft(slot):
    draft = make_case(slot.enrolment)
    make_case(make_enrolment(slot.session.cycle))

    remind_presenters(now=days_before(7))

    mail = OutgoingMail.objects.get()
    assert f"Go on writing it here:\nhttp://localhost/cases/{draft.echo_id}/edit/\n" in mail.body_text


def test_late_sweep_sends_only_the_nearest_reminder(slot):
    for _time in range(3):
        remind_presenters(now=days_before(3))

    assert reminders() == ["7"]


def test_who_takes_a_slot_late_is_not_reminded_of_what_they_were_just_told(slot):
    write(slot, taken_at=days_before(10))
    remind_presenters(now=days_before(9))
    assert reminders() == []

    remind_presenters(now=days_before(7))
    assert reminders() == ["7"]


@pytest.mark.parametrize(
    ("status", "is_reminded"),
    [(status, status in {CaseStatus.DRAFT, CaseStatus.RETURNED}) for status in CaseStatus],
)
def test_who_handed_in_a_case_is_not_reminded(slot, status, is_reminded):
    session = slot.session if status in {"scheduled", "presented", "recommendations_sent"} else None
    make_case(slot.enrolment, session=session, status=status.value)

    assert remind_presenters(now=days_before(10)) == is_reminded


def test_case_that_lost_its_session_is_for_any(slot):
    let_go(make_case(slot.enrolment, status="scheduled", session=make_session(slot.session.cycle, week=9)))

    assert remind_presenters(now=days_before(10)) == 0


def test_case_for_another_session_or_of_somebody_else_does_not_count(slot):
    cycle = slot.session.cycle
    earlier = make_session(cycle, week=1)
    make_case(slot.enrolment, session=earlier, status="presented")
    make_case(make_enrolment(cycle), status="submitted")

    assert remind_presenters(now=days_before(10)) == 1


def test_nobody_is_reminded_of_what_does_not_take_place(slot):
    cycle = slot.session.cycle
    write(slot.session, status=EchoSession.Status.CANCELLED)
    assert remind_presenters(now=days_before(10)) == 0

    write(slot.session, status=EchoSession.Status.PLANNED)
    write(cycle, status=Cycle.Status.PLANNED)
    assert remind_presenters(now=days_before(10)) == 0

    write(cycle, status=Cycle.Status.PUBLISHED, presenter_days=[])
    assert remind_presenters(now=days_before(10)) == 0

    write(cycle, presenter_days=[14])
    assert remind_presenters(now=days_before(10)) == 1


def test_who_let_the_slot_go_is_not_reminded_and_who_took_it_is(slot):
    ann, bo = slot.enrolment, make_enrolment(slot.session.cycle, make_user("bo@clinic.example"))
    release_slot(slot_id=slot.pk, by=ann.participant, now=days_before(30))
    take_slot(slot_id=slot.pk, by=bo.participant, now=days_before(29))

    assert remind_presenters(now=days_before(14)) == 1

    mail = OutgoingMail.objects.get(key__startswith="presenter-reminder:")
    assert mail.recipient == "bo@clinic.example"


def test_session_that_has_moved_is_reminded_of_again(slot):
    remind_presenters(now=days_before(14))
    moved = slot.session.starts_at + timedelta(days=7)
    write(slot.session, starts_at=moved, ends_at=moved + timedelta(minutes=90))

    assert remind_presenters(now=days_before(13)) == 0
    assert remind_presenters(now=days_before(7)) == 1
    assert reminders() == ["14", "14"]


def test_reminder_is_in_the_presenters_language(db):
    cycle = make_cycle(presenter_days=[7])
    session = make_session(cycle, starts_at=STARTS_AT, topic="Tapering", topic_fr="Réduire les opioïdes")
    make_slot(session, make_enrolment(cycle, make_user(language="fr")))

    remind_presenters(now=days_before(7))

    mail = OutgoingMail.objects.get()
    assert mail.language == "fr"
    assert "Réduire les opioïdes" in mail.body_text


@pytest.mark.parametrize("number", [1, 3])
def test_sweep_that_finds_nothing_new_takes_two_queries(number, db, django_assert_num_queries):
    session = make_slot().session
    for _person in range(number - 1):
        PresenterSlot.objects.create(
            session=session,
            position=2 + _person,
            enrolment=make_enrolment(session.cycle),
            taken_at=TAKEN_AT,
        )
    assert remind_presenters(now=days_before(10)) == number

    with django_assert_num_queries(2):
        assert remind_presenters(now=days_before(10)) == 0


@pytest.mark.django_db(transaction=True)
def test_sweepers_at_once_remind_once():
    make_slot()

    results = at_once([partial(remind_presenters, now=days_before(10))] * 6)

    assert [result for result in results if isinstance(result, Exception)] == []
    assert reminders() == ["14"]


def test_my_cycle_names_the_case_that_is_not_handed_in(client, db):
    starts_at = timezone.now() + timedelta(days=60)
    cycle = make_cycle(starts_on=timezone.localdate(), ends_on=timezone.localdate(starts_at))
    session = make_session(cycle, starts_at=starts_at, status=EchoSession.Status.CONFIRMED)
    slot = make_slot(session)
    assert slot.enrolment is not None
    client.force_login(slot.enrolment.participant)
    url = reverse("credits:cycle-detail", args=[cycle.pk])

    page = client.get(url).content.decode()
    assert "your case is not handed in yet" in page
    assert f'href="{reverse("cases:case-list")}"' in page.split("your case is not handed in yet")[1]
    assert "Start your case" in page
    assert reverse("sessions_app:cycle-slots", args=[cycle.pk]) in page

    draft = make_case(slot.enrolment)
    page = client.get(url).content.decode()
    assert "your case is not handed in yet" in page
    assert reverse("cases:case-edit", args=[draft.echo_id]) in page

    make_case(slot.enrolment, status="submitted")
    assert "your case is not handed in yet" not in client.get(url).content.decode()


def test_my_cycle_names_the_case_that_came_back_without_a_slot(client, db):
    today = timezone.localdate()
    cycle = make_cycle(starts_on=today, ends_on=today + timedelta(days=60))
    case = make_case(make_enrolment(cycle), status="returned")
    client.force_login(case.presenter.participant)

    page = client.get(reverse("credits:cycle-detail", args=[cycle.pk])).content.decode()

    assert "A coordinator asks for something." in page
    assert reverse("cases:case-detail", args=[case.echo_id]) in page


def test_task_asks_the_service(slot):
    remind_task()

    # The session is long over by now: the task looks at the clock and finds nobody.
    assert reminders() == []
