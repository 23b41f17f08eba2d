"""Who is reminded of a session, when and how often: whatever happens to the session, and however one looks."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from outbox.models import OutgoingMail
from participants.queries import current_agreements
from sessions_app import tasks
from sessions_app.models import Cycle, EchoSession, Enrolment, PresenterSlot, SessionReminder, Speaker
from sessions_app.services import letters, remind_of_sessions, reminders
from sessions_app.services.reminders import due_hours
from tests.clock import toronto
from tests.database import refused_by, write
from tests.factories import make_cycle, make_enrolment, make_session, make_user
from tests.migrated import put_agreements_back
from tests.races import at_once

START = toronto(2025, 9, 18, 12, 30)
DAY_BEFORE = START - timedelta(hours=24)
HOUR_BEFORE = START - timedelta(hours=1)
LINK = "https://video.example/room"
Status = EchoSession.Status


@pytest.fixture
def cycle(db: None) -> Cycle:
    if not current_agreements():
        # A test with real transactions leaves an empty database behind.
        put_agreements_back()
    return make_cycle(name="Fall 2025")


@pytest.fixture
def session(cycle) -> EchoSession:
    return make_session(cycle, week=1, status=Status.PLANNED, topic="Sleep & pain", meeting_url=LINK)


@pytest.fixture
def fatima(cycle, family_physician) -> Enrolment:
    return make_enrolment(cycle, family_physician)


def mails() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(kind="session").order_by("pk"))


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (timedelta(hours=24, seconds=1), []),
        (timedelta(hours=24), [24]),
        (timedelta(hours=1, seconds=1), [24]),
        (timedelta(hours=1), [1, 24]),
        (timedelta(seconds=1), [1, 24]),
        (timedelta(0), []),
        (timedelta(hours=-1), []),
    ],
)
def test_hours_that_are_due(before: timedelta, expected: list[int]) -> None:
    assert due_hours([24, 1, 24], starts_at=START, now=START - before) == expected
    assert due_hours([], starts_at=START, now=START - before) == []


def test_everybody_is_reminded_the_day_before_and_the_hour_before(session, fatima):
    counts = {}
    now = START - timedelta(hours=26)
    while now < START + timedelta(hours=1):
        if count := remind_of_sessions(now=now):
            counts[now] = count
        now += minutes(5)

    assert counts == {DAY_BEFORE: 1, HOUR_BEFORE: 1}
    assert [mail.recipient for mail in mails()] == [fatima.participant.email] * 2


def test_reminder_says_what_when_who_and_how_to_join(session, fatima):
    Speaker.objects.create(session=session, name="Dr. Ruth Ng", affiliation="University Health Network")
    Speaker.objects.create(session=session, position=2, name="Omar Haddad")

    remind_of_sessions(now=DAY_BEFORE)

    (mail,) = mails()
    assert mail.subject == ("Reminder: Sleep & pain, Thursday, September 18, 2025, 12:30–14:00 ET")
    lines = mail.body_text.splitlines()
    for line in (
        "Hello Fatima,",
        "Sleep & pain",
        "Thursday, September 18, 2025, 12:30–14:00\N{NO-BREAK SPACE}ET",
        "Dr. Ruth Ng, University Health Network",
        "Omar Haddad",
        LINK,
        f"{settings.PORTAL_URL}/sessions/{session.pk}/",
        f"{settings.PORTAL_URL}/calendar/",
    ):
        assert line in lines
    assert "Sleep &amp; pain" in mail.body_html
    assert mail.calendar == ""
    assert "present a case" not in mail.body_text


def test_presenter_is_told_so(cycle, session, fatima):
    make_enrolment(cycle)
    PresenterSlot.objects.create(session=session, enrolment=fatima, taken_at=DAY_BEFORE)
    PresenterSlot.objects.create(session=session, position=2)

    remind_of_sessions(now=DAY_BEFORE)

    assert ["You present a case in this session." in mail.body_text for mail in mails()] == [True, False]


def test_link_is_only_for_who_has_agreed(cycle, session, fatima):
    stranger = make_enrolment(cycle, make_user(has_agreed=False))

    remind_of_sessions(now=DAY_BEFORE)

    by_person = {mail.recipient: mail.body_text + mail.body_html for mail in mails()}
    assert LINK in by_person[fatima.participant.email]
    assert LINK not in by_person[stranger.participant.email]
    assert "once you have agreed to take part" in by_person[stranger.participant.email]


def test_reminder_speaks_the_persons_language(cycle, session, nurse_practitioner):
    make_enrolment(cycle, nurse_practitioner)
    write(session, topic_fr="Sommeil et douleur")

    remind_of_sessions(now=DAY_BEFORE)

    (mail,) = mails()
    assert mail.language == "fr"
    assert "Sommeil et douleur" in mail.subject
    assert "jeudi 18 septembre 2025" in mail.body_text


@pytest.mark.parametrize("status", ["applied", "waitlisted", "declined", "withdrawn"])
def test_only_who_is_in_and_has_an_account_is_reminded(cycle, session, status):
    make_enrolment(cycle, status=status)
    write(make_enrolment(cycle).participant, is_active=False)
    make_enrolment(make_cycle())

    assert remind_of_sessions(now=DAY_BEFORE) == 0
    assert mails() == []


def test_who_comes_after_the_day_before_gets_the_hour_before(cycle, session, fatima):
    remind_of_sessions(now=DAY_BEFORE)
    late = make_enrolment(cycle)

    assert remind_of_sessions(now=DAY_BEFORE + minutes(1)) == 0
    assert remind_of_sessions(now=HOUR_BEFORE) == 2

    assert Counter(mail.recipient for mail in mails()) == {
        fatima.participant.email: 2,
        late.participant.email: 1,
    }


def test_after_an_outage_the_nearest_stands_for_all(session, fatima):
    write(session.cycle, reminder_hours=[1, 2, 24])

    assert remind_of_sessions(now=START - minutes(30)) == 1
    assert remind_of_sessions(now=START - minutes(29)) == 0

    rows = SessionReminder.objects.order_by("hours_before").values_list("hours_before", "count")
    assert list(rows) == [(1, 1), (2, 0), (24, 0)]


def test_farther_reminder_that_is_added_later_comes_too_late(cycle, session, fatima):
    write(session.cycle, reminder_hours=[1])
    remind_of_sessions(now=HOUR_BEFORE)
    make_enrolment(cycle)
    write(session.cycle, reminder_hours=[1, 24])

    assert remind_of_sessions(now=HOUR_BEFORE + minutes(5)) == 0
    assert SessionReminder.objects.get(hours_before=24).count == 0


@pytest.mark.parametrize("now", [START, START + minutes(1), START + timedelta(days=1)])
def test_session_that_has_begun_is_reminded_of_no_more(session, fatima, now):
    assert remind_of_sessions(now=now) == 0
    assert not SessionReminder.objects.exists()


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.HELD])
def test_session_that_is_not_to_come_is_not_reminded_of(session, fatima, status):
    write(session, status=status)

    assert remind_of_sessions(now=DAY_BEFORE) == 0
    assert not SessionReminder.objects.exists()


@pytest.mark.parametrize("status", [Cycle.Status.PLANNED, Cycle.Status.CLOSED])
def test_cycle_that_is_not_public_reminds_of_nothing(cycle, session, fatima, status):
    write(cycle, status=status, closed_at=START if status == Cycle.Status.CLOSED else None)

    assert remind_of_sessions(now=DAY_BEFORE) == 0


def test_cycle_without_reminders_reminds_of_nothing(cycle, session, fatima):
    write(cycle, reminder_hours=[])

    assert remind_of_sessions(now=HOUR_BEFORE) == 0


def test_session_that_has_moved_is_reminded_of_again_and_not_for_the_old_time(session, fatima):
    remind_of_sessions(now=DAY_BEFORE)
    later = START + timedelta(days=2)
    write(session, starts_at=later, ends_at=later + minutes(90))

    assert remind_of_sessions(now=HOUR_BEFORE) == 0
    assert remind_of_sessions(now=later - timedelta(hours=24)) == 1
    # Moved back and forth, it is the same reminder.
    write(session, starts_at=START, ends_at=START + minutes(90))
    assert remind_of_sessions(now=START - timedelta(hours=3)) == 0


def test_session_that_cannot_be_reminded_of_keeps_no_other_waiting(
    cycle, session, fatima, monkeypatch, caplog
):
    other = make_session(cycle, starts_at=START + minutes(5), status=Status.PLANNED)
    tell = letters.tell_of_session

    def stumble(about: EchoSession, *args: Any, **values: Any) -> int:
        if about.pk == session.pk:
            raise ZeroDivisionError
        return tell(about, *args, **values)

    with monkeypatch.context() as patch:
        patch.setattr(reminders, "tell_of_session", stumble)
        assert remind_of_sessions(now=HOUR_BEFORE + minutes(5)) == 1
    assert "could not be sent" in caplog.text
    assert set(SessionReminder.objects.values_list("session", flat=True)) == {other.pk}

    assert remind_of_sessions(now=HOUR_BEFORE + minutes(6)) == 1


class Simulation:
    """One session of two people, changed and swept at any times; what was mailed is held against what should be."""

    def __init__(self) -> None:
        self.cycle = make_cycle(reminder_hours=[1, 3, 24])
        self.session = make_session(self.cycle, week=1, status=Status.PLANNED)
        self.people = [make_enrolment(self.cycle) for _ in range(2)]
        self.now = START - timedelta(hours=30)
        self.mailed: list[tuple[datetime, datetime, int]] = []
        """When, for which start, how many hours before: each was mailed to both."""

    def sweep(self) -> None:
        self.session.refresh_from_db()
        known = set(OutgoingMail.objects.values_list("key", flat=True))
        count = remind_of_sessions(now=self.now)
        new = sorted(set(OutgoingMail.objects.values_list("key", flat=True)) - known)
        assert count == len(new)
        hours = {int(key.split(":")[-2]) for key in new}
        assert len(hours) <= 1
        assert {int(key.split(":")[-1]) for key in new} in (set(), {person.pk for person in self.people})
        self.mailed += [(self.now, self.session.starts_at, number) for number in hours]
        self.check_the_present()

    def check_the_present(self) -> None:
        """Whoever is to be reminded by now has been: of this start, with the nearest of the reminders due."""
        left = self.session.starts_at - self.now
        due = [hours for hours in (1, 3, 24) if timedelta(0) < left <= timedelta(hours=hours)]
        if due and self.session.status == Status.PLANNED:
            assert (self.session.starts_at, min(due)) in [(start, hours) for _at, start, hours in self.mailed]

    def check_the_past(self) -> None:
        """Nothing twice, nothing early, nothing late, and nothing farther after something nearer."""
        assert len({(start, hours) for _at, start, hours in self.mailed}) == len(self.mailed)
        for at, start, hours in self.mailed:
            left = start - at
            assert timedelta(0) < left <= timedelta(hours=hours)
            assert not any(left <= timedelta(hours=nearer) for nearer in (1, 3, 24) if nearer < hours)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sweep", "sweep", "sweep", "cancel", "reinstate", "earlier", "later", "back"]),
        # Gaps: seconds as of a sweeper that runs, hours as of one that was away.
        st.sampled_from([0, 1, 30, 60, 600, 3600, 3 * 3600, 11 * 3600, 25 * 3600]),
    ),
    max_size=14,
)


@pytest.mark.django_db
@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_everybody_gets_exactly_what_they_should(steps: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        world = Simulation()
        for deed, seconds in steps:
            world.now += timedelta(seconds=seconds)
            world.session.refresh_from_db()
            was_cancelled = world.session.status == Status.CANCELLED
            known = len(world.mailed)
            start = world.session.starts_at
            if deed == "sweep":
                world.sweep()
                assert not was_cancelled or len(world.mailed) == known
            elif deed == "cancel":
                write(world.session, status=Status.CANCELLED)
            elif deed == "reinstate":
                write(world.session, status=Status.PLANNED)
            else:
                start = {
                    "earlier": start - timedelta(hours=5),
                    "later": start + timedelta(hours=26),
                    "back": START,
                }[deed]
                write(world.session, starts_at=start, ends_at=start + minutes(90))
        world.check_the_past()
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_at_once_remind_once():
    cycle = make_cycle()
    make_session(cycle, week=1, status=Status.PLANNED)
    for _ in range(5):
        make_enrolment(cycle)

    counts = at_once([lambda: remind_of_sessions(now=DAY_BEFORE)] * 6)

    assert sorted(counts) == [0, 0, 0, 0, 0, 5]
    assert len(mails()) == 5


def test_reminder_is_on_record_once(session, fatima):
    remind_of_sessions(now=DAY_BEFORE)
    with refused_by("sessions_app_sessionreminder_once"):
        row = SessionReminder.objects.get()
        row.pk = None
        row.save(force_insert=True)


@pytest.mark.parametrize("people", [1, 12])
def test_reminding_costs_the_same_for_one_and_for_many(cycle, session, people, django_assert_num_queries):
    for number in range(people):
        make_enrolment(cycle, make_user(language="fr" if number % 2 else "en"))

    with django_assert_num_queries(15):
        assert remind_of_sessions(now=DAY_BEFORE) == people


@pytest.mark.parametrize("others", [1, 3])
def test_looking_costs_the_same_for_one_session_and_for_three(cycle, others, django_assert_num_queries):
    for number in range(others):
        make_session(cycle, starts_at=START + timedelta(hours=number), status=Status.PLANNED)
    make_session(cycle, starts_at=START + timedelta(hours=5), status=Status.CANCELLED)
    remind_of_sessions(now=DAY_BEFORE + timedelta(hours=5))

    with django_assert_num_queries(2):
        assert remind_of_sessions(now=DAY_BEFORE + timedelta(hours=5, minutes=1)) == 0


def test_task_reminds(session, fatima, monkeypatch):
    monkeypatch.setattr("sessions_app.tasks.timezone.now", lambda: DAY_BEFORE)

    tasks.remind_of_sessions()

    assert len(mails()) == 1
