"""The page of the check-in, by the code that is typed and by the one that is scanned; and the slide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
import segno
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from participants.models import AgreementAnswer, User
from sessions_app.check_in import code_at
from sessions_app.models import Attendance, EchoSession, Enrolment
from tests.factories import make_attendance, make_cycle, make_enrolment, make_session, make_user

Status = EchoSession.Status
PASSWORD = "a walk along the Cataraqui 1832"


class Clock:
    """The time that the pages see; tests turn it forward."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    # The beginning of a window, so that the tests know when the code changes.
    now = timezone.now().replace(second=0, microsecond=0)
    clock = Clock(now)
    from sessions_app import check_in_views
    from sessions_app.admin import check_in

    for module in (check_in_views, check_in):
        monkeypatch.setattr(module.timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture(autouse=True)
def _no_attempts(db: None) -> Iterator[None]:
    """Attempts are counted in the cache, whose table a test's transaction covers; the counts begin anew."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def session(db: None, clock: Clock) -> EchoSession:
    """Runs since four minutes."""
    today = timezone.localdate(clock.now)
    cycle = make_cycle(starts_on=today - timedelta(days=8), ends_on=today + timedelta(days=80))
    return make_session(
        cycle, starts_at=clock.now - timedelta(minutes=4), status=Status.CONFIRMED, topic="Tapering"
    )


@pytest.fixture
def ann(session: EchoSession) -> User:
    user = make_user("ann@clinic.example", name="Ann Lee", password=PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    make_enrolment(session.cycle, user)
    return user


@pytest.fixture
def desk(client: Client, coordinator: User) -> Client:
    """The coordinator's browser."""
    client.force_login(coordinator)
    return client


def url_of(session: EchoSession, code: str = "") -> str:
    url = reverse("sessions_app:check-in", args=[session.pk])
    return f"{url}?code={code}" if code else url


def code_of(session: EchoSession, clock: Clock) -> str:
    return code_at(session.pk, now=clock.now)


def wrong_code(session: EchoSession, clock: Clock) -> str:
    """Six digits that are on no slide now."""
    taken = {code_at(session.pk, now=clock.now - timedelta(seconds=30 * ago)) for ago in (0, 1)}
    return next(code for code in ("000000", "111111", "222222") if code not in taken)


def words(response: Any) -> str:
    return unescape(response.content.decode())


# --- typing -----------------------------------------------------------------------------------------------------------


def test_participant_types_the_code_and_is_checked_in(client, clock, session, ann):
    client.force_login(ann)
    form = client.get(url_of(session))
    assert 'autocomplete="one-time-code"' in words(form)
    assert 'inputmode="numeric"' in words(form)

    code = code_of(session, clock)
    answer = client.post(url_of(session), {"code": f"{code[:3]} {code[3:]}"})

    assert (answer.status_code, answer["Location"]) == (302, url_of(session))
    row = Attendance.objects.get()
    assert (row.enrolment.participant, row.session, row.source, row.minutes) == (ann, session, "check_in", 86)
    page = words(client.get(url_of(session)))
    since = timezone.localtime(clock.now)
    assert (
        f"You have been checked in since {since:%H:%M}\N{NO-BREAK SPACE}ET: 86 minutes are on record." in page
    )
    assert "The video platform's report, when it comes, counts instead." in page
    assert '<form method="post" class' not in page


def test_code_of_the_window_before_still_counts(client, clock, session, ann):
    client.force_login(ann)
    code = code_of(session, clock)
    clock.turn(seconds=59)

    assert client.post(url_of(session), {"code": code}).status_code == 302
    assert Attendance.objects.count() == 1


@pytest.mark.parametrize("kind", ["old", "wrong", "of another session", "empty"])
def test_code_that_is_not_on_the_slide_is_refused_in_words(client, clock, session, ann, kind):
    client.force_login(ann)
    code = code_of(session, clock)
    if kind == "old":
        clock.turn(seconds=60)
    elif kind == "wrong":
        code = wrong_code(session, clock)
    elif kind == "of another session":
        code = code_at(session.pk + 1, now=clock.now)
    else:
        code = " "

    answer = client.post(url_of(session), {"code": code})

    assert answer.status_code == 422
    page = words(answer)
    assert "<title>Error: " in page
    assert ("Type the six digits" if kind == "empty" else "not, or no longer, on the slide") in page
    assert not Attendance.objects.exists()


def test_checking_in_twice_is_answered_like_once(client, clock, session, ann):
    client.force_login(ann)
    for _time in range(2):
        assert client.post(url_of(session), {"code": code_of(session, clock)}).status_code == 302
        clock.turn(minutes=5)

    assert Attendance.objects.get().minutes == 86


def test_minutes_on_record_are_said_and_not_asked_for(client, clock, session, ann):
    make_attendance(Enrolment.objects.get(participant=ann), session, minutes=33)
    client.force_login(ann)

    page = words(client.get(url_of(session)))

    assert "Your attendance is on record already: 33 minutes." in page
    assert "one-time-code" not in page


def test_cancellation_goes_before_what_was_checked_in(client, clock, session, ann):
    client.force_login(ann)
    cancelled = make_session(session.cycle, week=3, status=Status.CANCELLED)
    make_attendance(Enrolment.objects.get(participant=ann), cancelled)

    page = words(client.get(url_of(cancelled)))

    assert "This session is cancelled." in page
    assert "on record" not in page


# --- scanning ---------------------------------------------------------------------------------------------------------


def test_scanned_code_leaves_the_address_and_one_button_checks_in(client, clock, session, ann):
    client.force_login(ann)

    scanned = client.get(url_of(session, code_of(session, clock)))
    assert (scanned.status_code, scanned["Location"]) == (302, url_of(session))
    page = words(client.get(url_of(session)))
    assert "Check in now" in page
    assert "one-time-code" not in page
    # Looking writes nothing.
    assert not Attendance.objects.exists()

    assert client.post(url_of(session)).status_code == 302
    assert Attendance.objects.get().enrolment.participant == ann


def test_scanned_code_that_is_old_is_refused_in_words(client, clock, session, ann):
    client.force_login(ann)
    code = code_of(session, clock)
    clock.turn(seconds=60)

    answer = client.get(url_of(session, code))

    assert answer.status_code == 422
    assert "not, or no longer, on the slide" in words(answer)
    assert client.post(url_of(session)).status_code == 422
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("minutes", [14, 15])
def test_log_in_keeps_the_code_for_a_quarter_of_an_hour(client, clock, session, ann, minutes):
    is_kept = minutes < 15
    scanned = client.get(url_of(session, code_of(session, clock)))
    led = client.get(scanned["Location"])
    assert led["Location"] == f"{reverse('account_login')}?next={url_of(session)}"
    form = client.get(led["Location"])
    assert f'name="next" value="{url_of(session)}"' in words(form)
    clock.turn(minutes=minutes)

    inside = client.post(
        reverse("account_login"), {"login": ann.email, "password": PASSWORD, "next": url_of(session)}
    )

    assert inside["Location"] == url_of(session)
    page = words(client.get(url_of(session)))
    assert ("Check in now" in page) == is_kept
    assert ("one-time-code" in page) == (not is_kept)
    assert client.post(url_of(session)).status_code == (302 if is_kept else 422)
    assert Attendance.objects.count() == is_kept


def test_log_in_without_a_valid_code_keeps_nothing(client, clock, session, ann):
    for code in (wrong_code(session, clock), ""):
        answer = client.get(url_of(session, code))
        assert answer.status_code == 302
    client.force_login(ann)

    assert "one-time-code" in words(client.get(url_of(session)))
    assert client.post(url_of(session)).status_code == 422
    assert not Attendance.objects.exists()


def test_proof_is_of_one_session(client, clock, session, ann):
    other = make_session(
        session.cycle, starts_at=session.starts_at + timedelta(minutes=1), status=Status.CONFIRMED
    )
    client.force_login(ann)
    client.get(url_of(session, code_of(session, clock)))

    assert client.post(url_of(other)).status_code == 422
    assert client.post(url_of(session)).status_code == 302


# --- guessing ---------------------------------------------------------------------------------------------------------


def test_eleventh_wrong_code_within_five_minutes_is_one_too_many(client, clock, session, ann):
    client.force_login(ann)
    guess = {"code": wrong_code(session, clock)}
    # Scanned or typed, it is a guess.
    answers = [client.post(url_of(session), guess).status_code for _time in range(5)]
    answers += [client.get(url_of(session, guess["code"])).status_code for _time in range(5)]
    assert answers == [422] * 10

    for answer in (client.post(url_of(session), guess), client.get(url_of(session, guess["code"]))):
        assert answer.status_code == 429
        assert "Too many attempts" in words(answer)
    # Not even the right one.
    assert client.post(url_of(session), {"code": code_of(session, clock)}).status_code == 429
    assert not Attendance.objects.exists()


def test_guesses_of_one_person_or_session_do_not_keep_others_out(client, clock, session, ann):
    bo = make_enrolment(session.cycle).participant
    other = make_session(
        session.cycle, starts_at=session.starts_at + timedelta(minutes=1), status=Status.CONFIRMED
    )
    client.force_login(ann)
    for _time in range(11):
        client.post(url_of(session), {"code": wrong_code(session, clock)})

    assert client.post(url_of(other), {"code": code_of(other, clock)}).status_code == 302
    client.force_login(bo)
    assert client.post(url_of(session), {"code": code_of(session, clock)}).status_code == 302


def test_right_codes_are_no_guesses(client, clock, session, ann):
    client.force_login(ann)
    for _time in range(12):
        assert client.get(url_of(session, code_of(session, clock))).status_code == 302


def test_who_is_not_logged_in_cannot_guess_for_ever(client, clock, session):
    guess = url_of(session, wrong_code(session, clock))

    assert [client.get(guess).status_code for _time in range(31)] == [302] * 30 + [429]


# --- where one stands -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state",
    [
        (-20, Status.CONFIRMED, "Check-in opens 15 minutes before the start:"),
        (86, Status.CONFIRMED, "The session is over: check-in is closed."),
        (0, Status.CANCELLED, "This session is cancelled."),
    ],
)
def test_page_says_why_there_is_nothing_to_do(client, clock, session, ann, state):
    minutes, status, text = state
    EchoSession.objects.filter(pk=session.pk).update(status=status)
    clock.turn(minutes=minutes)
    client.force_login(ann)

    page = client.get(url_of(session))
    assert page.status_code == 200
    assert text in words(page)
    assert "one-time-code" not in words(page)
    assert client.post(url_of(session), {"code": code_of(session, clock)}).status_code == 409
    assert not Attendance.objects.exists()


def test_page_leads_who_has_not_agreed_to_the_agreement(client, clock, session, ann):
    AgreementAnswer.objects.filter(user=ann).delete()
    client.force_login(ann)

    page = words(client.get(url_of(session, code_of(session, clock)), follow=True))
    assert f"{reverse('participants:agreements')}?next={url_of(session)}" in page
    assert client.post(url_of(session), {"code": code_of(session, clock)}).status_code == 409
    assert not Attendance.objects.exists()


def test_page_exists_for_nobody_but_who_is_in_the_cycle(client, clock, session, outsider, coordinator):
    assert client.post(url_of(session), {"code": code_of(session, clock)})["Location"].startswith(
        reverse("account_login")
    )
    left = make_enrolment(session.cycle, status=Enrolment.Status.WITHDRAWN).participant
    for user in (outsider, coordinator, left):
        client.force_login(user)
        assert client.get(url_of(session)).status_code == 404
        assert client.post(url_of(session), {"code": code_of(session, clock)}).status_code == 404
    assert not Attendance.objects.exists()


# --- the slide --------------------------------------------------------------------------------------------------------


def slide_of(session: EchoSession) -> str:
    return reverse("admin:sessions_app_echosession_slide", args=[session.pk])


def test_slide_shows_the_code_its_picture_the_address_and_how_many(desk, clock, session, ann):
    make_enrolment(session.cycle)
    code = code_of(session, clock)

    response = desk.get(slide_of(session))

    page = words(response)
    assert f"{code[:3]} {code[3:]}" in page
    address = f"{settings.PORTAL_URL}/sessions/{session.pk}/check-in/"
    assert address.removeprefix("http://") in page
    drawn = segno.make_qr(f"{address}?code={code}", error="m").svg_inline(
        border=4, omitsize=True, dark="#000", light="#fff"
    )
    assert drawn.split("<path", 1)[1].split("</svg>")[0] in page
    assert "30 seconds" in page
    assert "0 of 2 participants have checked in." in page
    assert "style=" not in page
    # Without JavaScript the page asks again when the code changes.
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in page


def test_slide_changes_its_code_and_counts(client, clock, session, ann, coordinator):
    client.force_login(ann)
    client.post(url_of(session), {"code": code_of(session, clock)})
    make_attendance(make_enrolment(session.cycle), session, minutes=80)
    client.force_login(coordinator)
    before = code_of(session, clock)
    clock.turn(seconds=35)

    page = words(client.get(slide_of(session), headers={"HX-Request": "true"}))

    code = code_of(session, clock)
    assert code != before
    assert f"{code[:3]} {code[3:]}" in page
    assert f"{before[:3]} {before[3:]}" not in page
    assert "25 seconds" in page
    assert "1 of 2 participants have checked in." in page
    assert "<html" not in page
    assert 'hx-trigger="every 2s"' in page


@pytest.mark.parametrize(
    "state",
    [
        (-20, Status.CONFIRMED, "The code appears here then, by itself."),
        (86, Status.HELD, "The session is over"),
        (0, Status.CANCELLED, "This session is cancelled."),
    ],
)
def test_slide_shows_no_code_when_nobody_can_check_in(desk, clock, session, state):
    minutes, status, text = state
    EchoSession.objects.filter(pk=session.pk).update(status=status)
    clock.turn(minutes=minutes)

    page = words(desk.get(slide_of(session)))

    assert text in page
    assert "slide-code" not in page
    assert "<path" not in page.split('id="check-in"')[1].split("</div>")[0]


def test_slide_is_for_staff_who_may_see_sessions(client, clock, session, ann):
    assert client.get(slide_of(session)).status_code == 302
    client.force_login(ann)
    assert client.get(slide_of(session)).status_code == 302
    client.force_login(make_user(is_staff=True))
    assert client.get(slide_of(session)).status_code == 403


def test_slide_of_no_session_does_not_exist(client, coordinator, session):
    client.force_login(coordinator)

    assert client.get(reverse("admin:sessions_app_echosession_slide", args=[0])).status_code == 404
