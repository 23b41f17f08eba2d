"""Who is written to, when, and about what: each person exactly the mails they should get."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import BadInputError
from outbox.models import OutgoingMail
from sessions_app.models import Cycle
from surveys.models import SurveyAsk, WindowExtension
from surveys.services import ask_due, remind_now, submit_response
from tests.clock import toronto
from tests.database import write
from tests.factories import (
    make_attendance,
    make_cycle,
    make_enrolment,
    make_response,
    make_user,
    make_window,
)
from tests.races import at_once

OPENS = toronto(2025, 9, 4, 9)
CLOSES = toronto(2025, 9, 25, 9)


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle(sessions=1)


def person(cycle: Cycle, email: str = "", **values):
    values = {"decided_at": OPENS - timedelta(days=8)} | values
    user = make_user(email) if email else make_user()
    return make_enrolment(cycle, user, **values)


def survey(cycle: Cycle, kind: str = "pre", **values):
    values = {"opens_at": OPENS, "closes_at": CLOSES} | values
    window = make_window(cycle, kind, **values)
    write(window, reminder_days=[3, 7])
    return window


def steps() -> list[str]:
    return list(SurveyAsk.objects.order_by("pk").values_list("step", flat=True))


def days(number: float) -> datetime:
    return OPENS + timedelta(days=number)


def test_invitation_and_reminders_come_when_they_are_due_and_once(cycle):
    enrolment = person(cycle)
    window = survey(cycle)

    counts = [ask_due(now=days(day)) for day in (-0.1, 0, 0.1, 2.9, 3, 3.5, 6.9, 7, 7.1, 12, 20, 22)]

    assert counts == [0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0]
    assert steps() == ["invitation", "day-3", "day-7"]
    mails = OutgoingMail.objects.order_by("pk")
    assert [mail.subject for mail in mails] == [
        "Please answer: The pre survey",
        "Reminder: The pre survey",
        "Reminder: The pre survey",
    ]
    assert {mail.recipient for mail in mails} == {enrolment.participant.email}
    assert f"/surveys/{window.pk}/" in mails[0].body_text
    assert {ask.mail for ask in SurveyAsk.objects.all()} == set(mails)


def test_nobody_is_reminded_who_has_answered(cycle):
    answered, begun = person(cycle), person(cycle)
    window = survey(cycle)
    ask_due(now=days(0))
    make_response(answered, window, submitted_at=days(1))
    make_response(begun, window)

    ask_due(now=days(3))

    assert [ask.enrolment for ask in SurveyAsk.objects.filter(step="day-3")] == [begun]
    assert "Go on where you stopped" in OutgoingMail.objects.latest("pk").body_text


@pytest.mark.parametrize("status", ["applied", "waitlisted", "declined", "withdrawn"])
def test_nobody_is_asked_who_is_not_in_the_cycle(cycle, status):
    values: dict[str, Any] = {"waitlisted_at": OPENS} if status == "waitlisted" else {}
    person(cycle, status=status, **values)
    closed_account = person(cycle)
    write(closed_account.participant, is_active=False)
    survey(cycle)

    assert ask_due(now=days(0)) == 0


def test_who_joins_late_is_invited_then_and_reminded_from_then_on(cycle):
    person(cycle, decided_at=days(5))
    survey(cycle)

    assert [ask_due(now=days(day)) for day in (0, 4.9, 5, 7.9, 8, 12, 12.1)] == [0, 0, 1, 0, 1, 1, 0]


def test_after_an_outage_only_the_latest_is_sent_and_nothing_that_is_long_past(cycle):
    person(cycle)
    survey(cycle)

    assert ask_due(now=days(7.5)) == 1
    assert steps() == ["day-7"]
    other = make_cycle()
    person(other)
    survey(other)
    assert ask_due(now=days(10.1)) == 0


def test_nothing_is_sent_from_the_closing_on_but_to_who_has_more_time(cycle):
    person(cycle)
    extended = person(cycle)
    window = survey(cycle, "post", closes_at=days(3))
    WindowExtension.objects.create(
        window=window,
        enrolment=extended,
        closes_at=days(9),
        reason="On leave.",
        granted_by=make_user(is_staff=True),
    )
    ask_due(now=days(0))

    assert ask_due(now=days(3)) == 1
    assert [ask.enrolment for ask in SurveyAsk.objects.filter(step="day-3")] == [extended]
    assert ask_due(now=days(9)) == 0


def test_two_surveys_at_once_come_in_one_mail_in_the_persons_language(cycle):
    enrolment = person(cycle)
    write(enrolment.participant.profile, language="fr")
    windows = [survey(cycle, "post"), survey(cycle, "reflection")]

    assert ask_due(now=days(0)) == 1

    mail = OutgoingMail.objects.get()
    assert mail.language == "fr"
    for window in windows:
        assert mail.body_text.count(f"/surveys/{window.pk}/") == 1
    assert SurveyAsk.objects.filter(mail=mail).count() == 2


def test_evaluation_asks_those_who_were_there(cycle):
    session = cycle.sessions.get()
    there, guest, absent, _nobody = (person(cycle) for _ in range(4))
    make_attendance(there, session)
    make_attendance(guest, session, is_guest=True)
    make_attendance(absent, session, minutes=0)
    survey(cycle, "evaluation", session=session, opens_at=session.ends_at, closes_at=None)

    assert ask_due(now=session.ends_at) == 1
    assert SurveyAsk.objects.get().enrolment == there
    assert session.topic in OutgoingMail.objects.get().subject


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_ask_once():
    cycle = make_cycle()
    people = [person(cycle) for _ in range(3)]
    survey(cycle)

    results = at_once([partial(ask_due, now=days(0))] * 6)

    assert sorted(results) == [0, 0, 0, 0, 0, len(people)]
    assert OutgoingMail.objects.count() == len(people)


def test_asking_costs_the_same_queries_for_one_as_for_thirty(cycle):
    counts = []
    for number in (1, 30):
        other = make_cycle()
        for _ in range(number):
            person(other)
        window = survey(other, "post")
        with CaptureQueriesContext(connection) as queries:
            assert ask_due(now=days(0.1)) == number
        counts.append(len(queries))
        write(window, closes_at=OPENS + timedelta(hours=1))

    assert counts[0] == counts[1]


def test_evaluation_asks_from_when_it_is_known_who_was_there(cycle):
    session = cycle.sessions.get()
    late = person(cycle)
    window = survey(cycle, "evaluation", session=session, opens_at=session.ends_at, closes_at=None)
    attendance = make_attendance(late, session)
    write(attendance, recorded_at=session.ends_at + timedelta(days=6))

    assert ask_due(now=session.ends_at + timedelta(days=5)) == 0
    assert ask_due(now=session.ends_at + timedelta(days=6, hours=1)) == 1
    assert steps() == ["invitation"]
    assert window.asks.count() == 1


def test_first_mail_is_an_invitation_though_it_comes_late(cycle):
    person(cycle)
    survey(cycle)

    ask_due(now=days(3.5))

    assert steps() == ["day-3"]
    assert OutgoingMail.objects.get().subject == "Please answer: The pre survey"


@pytest.mark.django_db(transaction=True)
def test_nobody_who_submits_this_moment_is_left_with_a_reminder():
    for round_ in range(10):
        cycle = make_cycle(name=f"Cycle {round_}")
        enrolment = person(cycle)
        window = survey(cycle)
        question = window.instrument.questions.get().pk
        submit = partial(
            submit_response,
            window_id=window.pk,
            by=enrolment.participant,
            answers={question: 3},
            now=days(0.1),
        )

        results = at_once([submit, partial(ask_due, now=days(0.1)), partial(ask_due, now=days(0.1))])

        assert [str(one) for one in results if isinstance(one, Exception)] == []
        assert not OutgoingMail.objects.exists()
        write(window, closes_at=days(0.05))


# --- by hand --------------------------------------------------------------------------------------------------------


def test_remind_now_writes_to_those_who_have_not_answered_once_a_day(cycle):
    answered, other, third = person(cycle), person(cycle), person(cycle)
    window = survey(cycle)
    make_response(answered, window, submitted_at=days(1))
    by = make_user(is_staff=True)
    remind = partial(remind_now, window_id=window.pk, by=by)

    assert remind(enrolment_ids=[other.pk, answered.pk], now=days(1)) == 1
    assert remind(now=days(1.1)) == 1
    assert remind(now=days(1.2)) == 0
    assert remind(now=days(2)) == 2

    assert {ask.enrolment for ask in SurveyAsk.objects.all()} == {other, third}
    assert {ask.asked_by for ask in SurveyAsk.objects.all()} == {by}
    assert steps()[0] == "hand-2025-09-05"


@pytest.mark.parametrize("day", [-1, 21])
def test_remind_now_is_refused_while_the_survey_is_not_open(cycle, day):
    person(cycle)
    window = survey(cycle)

    with pytest.raises(BadInputError, match="open for nobody"):
        remind_now(window_id=window.pk, by=make_user(is_staff=True), now=days(day))
    assert not SurveyAsk.objects.exists()


# --- what waits in the outbox while somebody answers -----------------------------------------------------------------


def answer(enrolment, window) -> None:
    questions = window.instrument.questions.all()
    answers: dict[int, Any] = {one.pk: "Sleep first." if one.kind == "text" else 3 for one in questions}
    submit_response(window_id=window.pk, by=enrolment.participant, answers=answers, now=days(3.1))


@pytest.mark.parametrize("status", ["queued", "retry"])
def test_reminder_that_still_waits_is_withdrawn_when_the_survey_is_answered(cycle, status):
    enrolment, other = person(cycle), person(cycle)
    window = survey(cycle)
    ask_due(now=days(3))
    if status == "retry":
        OutgoingMail.objects.update(status="sending", lease_token=uuid4(), leased_until=days(4))
        OutgoingMail.objects.update(status="retry", lease_token=None, leased_until=None)

    answer(enrolment, window)

    assert [mail.recipient for mail in OutgoingMail.objects.all()] == [other.participant.email]
    # That it was asked stays on record.
    assert SurveyAsk.objects.filter(enrolment=enrolment, mail=None).count() == 1


def test_mail_about_two_surveys_goes_while_one_is_unanswered(cycle):
    enrolment = person(cycle)
    post, reflection = survey(cycle, "post"), survey(cycle, "reflection")
    ask_due(now=days(3))

    answer(enrolment, post)
    assert OutgoingMail.objects.count() == 1
    answer(enrolment, reflection)
    assert not OutgoingMail.objects.exists()


def test_reminder_of_another_cycle_is_not_withdrawn(cycle):
    enrolment = person(cycle)
    window = survey(cycle)
    elsewhere = make_cycle(cycle.program, name="Another")
    again = make_enrolment(elsewhere, enrolment.participant, decided_at=days(-8))
    survey(elsewhere)
    ask_due(now=days(3))

    answer(enrolment, window)

    assert [ask.enrolment for ask in SurveyAsk.objects.exclude(mail=None)] == [again]
