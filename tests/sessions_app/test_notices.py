"""What the enrolled are told when a session is moved, cancelled, brought back or gets another link."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import vobject
from django.conf import settings
from django.db import transaction

from outbox.models import OutgoingMail
from participants.models import Agreement, AgreementAnswer, User
from participants.queries import current_agreements, has_agreed_to_participate, users_agreed_to_participate
from sessions_app import tasks
from sessions_app.models import Cycle, EchoSession, Enrolment, PresenterSlot, SessionNotice
from sessions_app.services import (
    cancel_session,
    letters,
    move_session,
    notices,
    reinstate_session,
    tell_changes,
)
from sessions_app.services.notices import TELL_AFTER, notify_change
from sessions_app.services.timetable import Slot
from tests.clock import toronto
from tests.database import refused_by, write
from tests.factories import make_cycle, make_enrolment, make_session, make_user
from tests.migrated import put_agreements_back
from tests.races import at_once

NOW = toronto(2025, 9, 12, 10)
SOON = NOW + TELL_AFTER
LINK, NEW_LINK = "https://video.example/old", "https://video.example/new"
Status = EchoSession.Status


@pytest.fixture
def cycle(db: None) -> Cycle:
    if not current_agreements():
        # A test with real transactions leaves an empty database behind.
        put_agreements_back()
    return make_cycle(name="Fall 2025")


@pytest.fixture
def session(cycle) -> EchoSession:
    """On Thursday, September 18, at 12:30."""
    return make_session(cycle, week=1, status=Status.CONFIRMED, topic="Sleep & pain", meeting_url=LINK)


@pytest.fixture
def fatima(cycle, family_physician) -> Enrolment:
    return make_enrolment(cycle, family_physician)


@pytest.fixture
def noe(cycle, nurse_practitioner) -> Enrolment:
    """Reads French."""
    return make_enrolment(cycle, nurse_practitioner)


def change(session: EchoSession, *, now: Any = NOW, **values: Any) -> None:
    """Change a session and promise to tell of it, as every service does."""
    with transaction.atomic():
        current = EchoSession.objects.select_for_update().get(pk=session.pk)
        before = copy.copy(current)
        for name, value in values.items():
            setattr(current, name, value)
        current.save(update_fields=list(values))
        notify_change(before=before, now=now)


def move(session: EchoSession, **by: float) -> dict[str, Any]:
    return {
        "starts_at": session.starts_at + timedelta(**by),
        "ends_at": session.ends_at + timedelta(**by),
    }


def mails() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(kind="session").order_by("pk"))


def event_of(mail: OutgoingMail) -> Any:
    return vobject.readOne(mail.calendar).vevent


def test_move_is_told_with_the_old_time_and_the_new_in_each_persons_language(session, fatima, noe):
    change(session, **move(session, days=1, hours=1))

    assert tell_changes(now=SOON) == 2

    english, french = mails()
    session.refresh_from_db()
    assert (english.recipient, french.recipient) == (fatima.participant.email, noe.participant.email)
    assert english.subject == ("Moved: Sleep & pain, now Friday, September 19, 2025, 13:30–15:00 ET")
    lines = english.body_text.splitlines()
    assert "Hello Fatima," in lines
    assert "Before: Thursday, September 18, 2025, 12:30–14:00\N{NO-BREAK SPACE}ET" in lines
    assert "Now: Friday, September 19, 2025, 13:30–15:00\N{NO-BREAK SPACE}ET" in lines
    assert f"{settings.PORTAL_URL}/sessions/{session.pk}/" in lines
    assert french.language == "fr"
    assert "vendredi 19 septembre 2025" in french.body_text
    assert "METHOD:REQUEST\n" in english.calendar
    event = event_of(english)
    assert (event.uid.value, int(event.sequence.value)) == (str(session.calendar_uid), session.sequence)
    assert session.sequence == 1
    assert event.dtstart.value == session.starts_at
    assert event.attendee.value == f"mailto:{english.recipient}"


def test_cancellation_is_told_with_the_time_people_know(session, fatima):
    change(session, **move(session, days=1))
    change(session, status=Status.CANCELLED)

    assert tell_changes(now=SOON) == 1

    (mail,) = mails()
    assert mail.subject == "Cancelled: Sleep & pain, Thursday, September 18, 2025, 12:30–14:00 ET"
    assert "METHOD:CANCEL\n" in mail.calendar
    event = event_of(mail)
    assert (event.status.value, event.uid.value) == ("CANCELLED", str(session.calendar_uid))
    assert LINK not in mail.calendar + mail.body_text


def test_presenter_hears_that_the_case_needs_another_session(session, fatima, noe):
    PresenterSlot.objects.create(session=session, enrolment=fatima, taken_at=NOW)
    change(session, status=Status.CANCELLED)

    tell_changes(now=SOON)

    presenter, other = mails()
    assert "You were to present a case in it." in presenter.body_text
    assert "présenter" not in other.body_text
    assert "present a case" not in other.body_text


def test_reinstated_session_is_told_as_one_that_takes_place(session, fatima):
    change(session, status=Status.CANCELLED)
    tell_changes(now=SOON)
    change(session, status=Status.PLANNED, now=SOON)

    assert tell_changes(now=SOON + TELL_AFTER) == 1

    cancelled, mail = mails()
    assert mail.subject.startswith("Takes place after all: Sleep & pain, Thursday, September 18, 2025")
    assert "METHOD:REQUEST\n" in mail.calendar
    assert int(event_of(mail).sequence.value) > int(event_of(cancelled).sequence.value)


def test_new_link_is_mailed_to_who_has_agreed_and_to_nobody_else(cycle, session, fatima):
    stranger = make_enrolment(cycle, make_user(has_agreed=False))
    change(session, meeting_url=NEW_LINK)

    tell_changes(now=SOON)

    by_person = {mail.recipient: mail for mail in mails()}
    mail = by_person[fatima.participant.email]
    assert mail.subject.startswith("New link to join: Sleep & pain")
    assert f"The new link to join:\n{NEW_LINK}\n" in mail.body_text
    assert event_of(mail).location.value == NEW_LINK
    kept = by_person[stranger.participant.email]
    assert "video.example" not in kept.body_text + kept.body_html + kept.calendar
    assert "once you have agreed to take part" in kept.body_text


def test_the_agreed_of_many_are_those_of_each_alone(cycle):
    people = [make_user(), make_user(has_agreed=False)]
    everybody = {person.pk: person for person in people}
    assert users_agreed_to_participate(everybody) == {people[0].pk}

    text = Agreement.objects.create(kind="participation", version=2, title="T", text="x", published_at=NOW)
    assert users_agreed_to_participate(everybody) == set()
    for is_given in (True, False):
        person = make_user(has_agreed=False)
        AgreementAnswer.objects.create(user=person, agreement=text, is_given=is_given, answered_at=NOW)
        everybody[person.pk] = person

    found = users_agreed_to_participate(everybody)
    assert found == {pk for pk, person in everybody.items() if has_agreed_to_participate(person)}
    assert len(found) == 1
    assert users_agreed_to_participate([]) == set()


@pytest.mark.parametrize("status", ["applied", "waitlisted", "declined", "withdrawn"])
def test_only_who_is_in_and_has_an_account_is_told(cycle, session, status):
    make_enrolment(cycle, status=status)
    gone = make_enrolment(cycle)
    write(gone.participant, is_active=False)
    make_enrolment(make_cycle())
    here = make_enrolment(cycle)
    change(session, **move(session, days=1))

    tell_changes(now=SOON)

    assert [mail.recipient for mail in mails()] == [here.participant.email]
    assert SessionNotice.objects.get().told_count == 1


def test_changes_that_follow_each_other_are_told_once(session, fatima):
    change(session, **move(session, days=1))
    change(session, now=NOW + timedelta(minutes=1), **move(session, days=2))
    change(session, now=NOW + timedelta(minutes=2), meeting_url=NEW_LINK)

    assert tell_changes(now=NOW + timedelta(minutes=3, seconds=59)) == 0
    assert tell_changes(now=NOW + timedelta(minutes=4)) == 1

    (mail,) = mails()
    assert "Before: Thursday, September 18, 2025" in mail.body_text
    assert "Now: Saturday, September 20, 2025" in mail.body_text
    assert "The new link to join:" in mail.body_text


@pytest.mark.parametrize(
    "there",
    [
        lambda session: move(session, days=7),
        lambda session: {"status": Status.CANCELLED},
        lambda session: {"meeting_url": NEW_LINK},
    ],
    ids=["moved", "cancelled", "link"],
)
def test_slip_that_is_mended_is_told_to_nobody(
    session, fatima, there: Callable[[EchoSession], dict[str, Any]]
):
    values = there(session)
    change(session, **values)
    back = {name: getattr(session, name) for name in values}
    change(session, **({"status": Status.PLANNED} if "status" in values else back))

    assert tell_changes(now=SOON) == 0

    notice = SessionNotice.objects.get()
    assert (notice.told_at, notice.told_count) == (SOON, 0)
    assert mails() == []


def test_what_changes_while_it_stays_cancelled_is_told_to_nobody(session, fatima):
    write(session, status=Status.CANCELLED)
    change(session, **move(session, days=1))

    assert tell_changes(now=SOON) == 0
    assert SessionNotice.objects.get().told_at == SOON


@pytest.mark.parametrize("status", [Cycle.Status.PLANNED, Cycle.Status.CLOSED])
def test_cycle_that_is_not_public_promises_nothing(cycle, session, status):
    write(cycle, status=status, closed_at=NOW if status == Cycle.Status.CLOSED else None)

    change(session, **move(session, days=1))

    assert not SessionNotice.objects.exists()


def test_session_that_was_over_promises_nothing(session, fatima):
    change(session, now=session.ends_at, **move(session, days=30))

    assert not SessionNotice.objects.exists()


def test_session_that_is_over_when_its_turn_comes_is_told_to_nobody(session, fatima):
    change(session, now=session.starts_at, meeting_url=NEW_LINK)

    assert tell_changes(now=session.ends_at) == 0
    assert (SessionNotice.objects.get().told_count, mails()) == (0, [])


def test_cycle_taken_back_meanwhile_tells_nobody(cycle, session, fatima):
    change(session, **move(session, days=1))
    write(cycle, status=Cycle.Status.PLANNED)

    assert tell_changes(now=SOON) == 0
    assert mails() == []


def test_telling_twice_tells_once(session, fatima):
    change(session, **move(session, days=1))

    assert [tell_changes(now=SOON), tell_changes(now=SOON), tell_changes(now=SOON)] == [1, 0, 0]
    assert len(mails()) == 1


def test_worker_killed_half_way_forgets_nobody_and_tells_nobody_twice(session, fatima, noe, monkeypatch):
    change(session, **move(session, days=1))
    notice = SessionNotice.objects.get()

    def killed(*args: Any, **values: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        # Everything is queued, and the worker dies before it writes so.
        patch.setattr(SessionNotice, "save", killed)
        with pytest.raises(SystemExit), transaction.atomic():
            tell_changes(now=SOON)
    assert mails() == []

    assert tell_changes(now=SOON) == 2
    # Even a notice that is put back tells nobody again.
    write(notice, told_at=None)
    assert tell_changes(now=SOON) == 0
    assert len(mails()) == 2


def test_notice_that_cannot_be_told_keeps_no_other_waiting(cycle, session, fatima, monkeypatch, caplog):
    other = make_session(cycle, week=2, status=Status.PLANNED)
    for each in (session, other):
        change(each, **move(each, days=1))
    tell = letters.tell_of_session

    def stumble(about: EchoSession, *args: Any, **values: Any) -> int:
        if about.pk == session.pk:
            raise ZeroDivisionError
        return tell(about, *args, **values)

    with monkeypatch.context() as patch:
        patch.setattr(notices, "tell_of_session", stumble)
        assert tell_changes(now=SOON) == 1
    assert "could not be told" in caplog.text

    assert tell_changes(now=SOON) == 1
    assert len(mails()) == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_once():
    cycle = make_cycle()
    session = make_session(cycle, week=1, status=Status.PLANNED)
    for _ in range(5):
        make_enrolment(cycle)
    change(session, **move(session, days=1))

    told = at_once([lambda: tell_changes(now=SOON)] * 6)

    assert sorted(told) == [0, 0, 0, 0, 0, 5]
    assert len(mails()) == 5


@pytest.mark.django_db(transaction=True)
def test_change_during_the_telling_is_told_afterwards():
    cycle = make_cycle()
    session = make_session(cycle, week=1, status=Status.PLANNED)
    make_enrolment(cycle)
    change(session, **move(session, days=1))

    at_once(
        [
            lambda: tell_changes(now=SOON),
            lambda: change(session, now=SOON, **move(session, days=2)),
            lambda: tell_changes(now=SOON),
        ]
    )
    tell_changes(now=SOON + TELL_AFTER)

    session.refresh_from_db()
    last = mails()[-1]
    assert event_of(last).dtstart.value == session.starts_at
    assert SessionNotice.objects.filter(told_at=None).count() == 0
    assert len({mail.calendar.split("SEQUENCE:")[1][:2] for mail in mails()}) == len(mails())


def test_services_promise_and_undoing_at_once_tells_nobody(session, fatima, coordinator):
    to = Slot(session.starts_at + timedelta(days=1), session.ends_at + timedelta(days=1))
    move_session(session_id=session.pk, to=to, by=coordinator, now=NOW)
    cancel_session(session_id=session.pk, by=coordinator, now=NOW, reason="Storm.")
    reinstate_session(session_id=session.pk, by=coordinator, now=NOW)
    back = Slot(session.starts_at, session.ends_at)
    move_session(session_id=session.pk, to=back, by=coordinator, now=NOW)

    assert SessionNotice.objects.count() == 1
    assert tell_changes(now=SOON) == 0


def test_session_has_one_notice_pending(session):
    change(session, **move(session, days=1))
    notice = SessionNotice.objects.get()
    with refused_by("sessions_app_sessionnotice_one_pending"):
        notice.pk = None
        notice.save(force_insert=True)


@pytest.mark.parametrize("people", [1, 12])
def test_telling_costs_the_same_for_one_and_for_many(cycle, session, people, django_assert_num_queries):
    for number in range(people):
        make_enrolment(cycle, make_user(language="fr" if number % 2 else "en"))
    change(session, **move(session, days=1))

    with django_assert_num_queries(14):
        assert tell_changes(now=SOON) == people


def test_task_is_scheduled_and_tells(session, fatima, family_physician: User):
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {tasks.tell_changes.name, tasks.remind_of_sessions.name} <= scheduled
    ahead = EchoSession.objects.filter(pk=session.pk)
    far = toronto(2099, 1, 8, 12, 30)
    ahead.update(starts_at=far, ends_at=far + timedelta(minutes=90))
    change(session, meeting_url=NEW_LINK)

    tasks.tell_changes()

    assert [mail.recipient for mail in mails()] == [family_physician.email]
