"""The coordinator's way to build a season, and to change the time and standing of its sessions."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from participants.models import User
from sessions_app.models import Cycle, EchoSession
from sessions_app.seasons import on_clock
from tests.clock import toronto
from tests.factories import (
    make_cycle,
    make_enrolment,
    make_hub,
    make_program,
    make_session,
    make_user,
)
from tests.history import audit_row

THURSDAY = date(2026, 12, 3)
SEASON = {
    "way": "look",
    "first": "2026-12-03",
    "last": "",
    "number": "5",
    "weekday": "",
    "start": "12:30",
    "end": "14:00",
    "hub": "",
    "meeting_url": "",
    "slots": "1",
    "curriculum": "",
}
Status = EchoSession.Status


@pytest.fixture
def desk(client: Client, coordinator: User) -> Client:
    client.force_login(coordinator)
    return client


@pytest.fixture
def cycle(db: None) -> Cycle:
    program = make_program(hubs=[make_hub("Kingston"), make_hub("Toronto")])
    return make_cycle(program, name="Winter", starts_on=THURSDAY, ends_on=date(2027, 1, 21))


def season_url(cycle: Cycle) -> str:
    return reverse("admin:sessions_app_cycle_season", args=[cycle.pk])


def url_of(verb: str, session: EchoSession) -> str:
    return reverse(f"admin:sessions_app_echosession_{verb}", args=[session.pk])


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


class FormReader(HTMLParser):
    """What a browser without JavaScript sends back of the form in the page's content."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._is_inside = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name, kind = found.get("name") or "", found.get("type") or ""
        if tag == "div" and found.get("id") == "content-main":
            self._is_inside = True
        if not self._is_inside:
            return
        if tag == "select":
            self._select = name
        elif tag == "option" and "selected" in found:
            self.values[self._select] = found.get("value") or ""
        elif tag == "input" and name and (kind not in {"checkbox", "radio"} or "checked" in found):
            self.values[name] = found.get("value") or ("on" if kind == "checkbox" else "")


def read_form(response: Any) -> dict[str, str]:
    reader = FormReader()
    reader.feed(response.content.decode())
    return reader.values


def shown_dates(values: dict[str, str]) -> dict[str, bool]:
    """The dates of a preview: whether each is ticked."""
    days = sorted(name[:10] for name in values if name.endswith("-topic"))
    return {day: f"{day}-is_on" in values for day in days}


# --- the way in -----------------------------------------------------------------------------------------------------


def test_cycles_lead_to_their_season(desk, cycle):
    for url in (
        reverse("admin:sessions_app_cycle_changelist"),
        reverse("admin:sessions_app_cycle_change", args=[cycle.pk]),
    ):
        assert f'href="{season_url(cycle)}"' in desk.get(url).content.decode(), url


def test_cycle_leads_to_moving_and_cancelling_its_sessions(desk, cycle):
    planned = make_session(cycle, status=Status.PLANNED)
    held = make_session(cycle, week=1)

    page = desk.get(reverse("admin:sessions_app_cycle_change", args=[cycle.pk])).content.decode()

    for verb in ("move", "cancel"):
        assert f'href="{url_of(verb, planned)}"' in page
        assert f'href="{url_of(verb, held)}"' not in page


@pytest.mark.parametrize("who", ["anonymous", "participant", "staff without the role"])
def test_timetable_is_closed_to_all_but_coordinators(client, cycle, who):
    session = make_session(cycle, status=Status.PLANNED)
    if who != "anonymous":
        client.force_login(make_user(is_staff=who != "participant"))

    for url in (
        season_url(cycle),
        *(url_of(verb, session) for verb in ("move", "cancel", "confirm", "reinstate")),
    ):
        for method in ("get", "post"):
            assert getattr(client, method)(url).status_code in {302, 403}, url
    session.refresh_from_db()
    assert session.status == Status.PLANNED


def test_unknown_cycle_or_session_is_not_found(desk, db):
    assert desk.get(reverse("admin:sessions_app_cycle_season", args=[0])).status_code == 404
    for verb in ("move", "cancel", "confirm", "reinstate"):
        assert desk.post(reverse(f"admin:sessions_app_echosession_{verb}", args=[0])).status_code == 404


# --- a season -------------------------------------------------------------------------------------------------------


def test_form_proposes_the_programs_usual_times(desk, cycle):
    assert {"start": "12:30", "end": "14:00", "first": "2026-12-03"}.items() <= read_form(
        desk.get(season_url(cycle))
    ).items()

    other = make_cycle(cycle.program, starts_on=date(2026, 9, 3))
    make_session(other, starts_at=toronto(2026, 9, 3, 8), minutes=60)
    assert {"start": "08:00", "end": "09:00"}.items() <= read_form(desk.get(season_url(cycle))).items()
    make_session(
        cycle, starts_at=toronto(2026, 12, 10, 17), minutes=120, meeting_url="https://video.example/1"
    )
    assert {
        "first": "2026-12-17",
        "start": "17:00",
        "end": "19:00",
        "meeting_url": "https://video.example/1",
    }.items() <= read_form(desk.get(season_url(cycle))).items()


def test_season_is_looked_at_then_created(desk, cycle, coordinator):
    looked = desk.post(season_url(cycle), SEASON | {"first": "2026-12-04"})

    assert looked.status_code == 200
    values = read_form(looked)
    # Fridays: Christmas and New Year's Day are proposed for skipping, and there are five sessions all the same.
    assert shown_dates(values) == {
        "2026-12-04": True,
        "2026-12-11": True,
        "2026-12-18": True,
        "2026-12-25": False,
        "2027-01-01": False,
        "2027-01-08": True,
        "2027-01-15": True,
    }
    assert "5 sessions are ticked, 12:30–14:00 ET." in text_of(looked)
    assert "Friday, December 25, 2026" in text_of(looked)
    assert "Statutory holiday: Christmas Day." in text_of(looked)
    assert not cycle.sessions.exists()

    values["2026-12-11-topic"] = "Opioids"
    del values["2026-12-18-is_on"]
    created = desk.post(season_url(cycle), values | {"way": "create"}, follow=True)

    assert "4 sessions are created." in text_of(created)
    hubs = [hub.name for hub in cycle.program.hubs.order_by("program_hubs__position")]
    assert [(on_clock(row.starts_at)[0].day, row.topic, row.hub.name) for row in cycle.sessions.all()] == [
        (4, "Session 1", hubs[0]),
        (11, "Opioids", hubs[1]),
        (8, "Session 4", hubs[1]),
        (15, "Session 5", hubs[0]),
    ]
    assert audit_row(cycle.sessions.first(), "insert") == ("season.build", coordinator.pk, "")
    again = desk.post(season_url(cycle), values | {"way": "create"}, follow=True)
    assert "Nothing to create: these sessions exist already." in text_of(again)
    assert cycle.sessions.count() == 4


def test_dates_are_worked_out_again_after_ticks_have_changed(desk, cycle):
    values = read_form(desk.post(season_url(cycle), SEASON | {"number": "3"}))
    values["2026-12-10-topic"] = "Opioids"
    del values["2026-12-03-is_on"]

    again = read_form(desk.post(season_url(cycle), values | {"way": "again"}))

    assert shown_dates(again) == {
        "2026-12-03": False,
        "2026-12-10": True,
        "2026-12-17": True,
        "2026-12-24": True,
    }
    assert [again[f"2026-12-{day}-topic"] for day in ("03", "10", "17", "24")] == [
        "",
        "Session 1",
        "Opioids",
        "Session 3",
    ]


def test_holiday_that_is_ticked_is_one_of_the_number(desk, cycle):
    values = read_form(desk.post(season_url(cycle), SEASON | {"first": "2026-12-18", "number": "2"}))
    assert shown_dates(values) == {
        "2026-12-18": True,
        "2026-12-25": False,
        "2027-01-01": False,
        "2027-01-08": True,
    }
    values |= {"2026-12-25-is_on": "on"}

    # Created as it stands: without a topic of its own it cannot be.
    refused = desk.post(season_url(cycle), values | {"way": "create"})
    assert refused.status_code == 422
    assert "Friday, December 25, 2026: Write the topic of this session." in text_of(refused)
    assert shown_dates(read_form(refused))["2026-12-25"]
    assert shown_dates(read_form(refused))["2027-01-08"]
    again = read_form(desk.post(season_url(cycle), values | {"way": "again"}))
    assert shown_dates(again) == {"2026-12-18": True, "2026-12-25": True}


def test_curriculum_of_a_past_cycle_is_copied(desk, cycle):
    past = make_cycle(cycle.program, name="Fall", sessions=2)
    past.sessions.get(topic="Topic 1").speakers.create(name="Dr. Ada Okonkwo", disclosure="none")
    foreign = make_cycle(sessions=1, name="Foreign")
    assert "Foreign" not in text_of(desk.get(season_url(cycle)))

    looked = desk.post(season_url(cycle), SEASON | {"number": "3", "curriculum": str(past.pk)})

    assert "Speakers: Dr. Ada Okonkwo ." in text_of(looked).replace("Okonkwo.", "Okonkwo .")
    values = read_form(looked)
    assert [values[f"2026-12-{day}-topic"] for day in ("03", "10", "17")] == [
        "Topic 1",
        "Topic 2",
        "Session 3",
    ]
    desk.post(season_url(cycle), values | {"way": "create"})
    speaker = cycle.sessions.get(topic="Topic 1").speakers.get()
    assert (speaker.name, speaker.disclosure) == ("Dr. Ada Okonkwo", "missing")
    refused = desk.post(season_url(cycle), SEASON | {"curriculum": str(foreign.pk)})
    assert refused.status_code == 422


def test_cycle_is_lengthened_unless_that_is_unticked(desk, cycle):
    plan = SEASON | {"first": "2027-01-14", "number": "3"}
    looked = desk.post(season_url(cycle), plan)
    values = read_form(looked)
    assert "After the cycle's last day." in text_of(looked).replace("&#x27;", "'")
    assert values["extends"] == "on"

    desk.post(season_url(cycle), {**values, "way": "create"})

    cycle.refresh_from_db()
    assert cycle.ends_on == date(2027, 1, 28)
    later = read_form(desk.post(season_url(cycle), plan | {"first": "2027-02-04"}))
    del later["extends"]
    desk.post(season_url(cycle), later | {"way": "create"})
    cycle.refresh_from_db()
    assert (cycle.ends_on, cycle.sessions.count()) == (date(2027, 1, 28), 6)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": "", "last": "2026-12-02"}, "The last date is before the first."),
        ({"last": "2027-01-07"}, "Give a last date or a number of sessions, one of the two."),
        ({"number": ""}, "Give a last date or a number of sessions, one of the two."),
        ({"number": "0"}, "greater than or equal to 1"),
        ({"number": "61"}, "less than or equal to 60"),
        ({"number": "", "last": "2028-06-01"}, "a season has 60 at most."),
        (
            {"number": "", "last": "2026-12-04", "weekday": "0"},
            "There is no such weekday between these dates.",
        ),
        ({"end": "12:00"}, "The session ends before it starts."),
        ({"start": "08:00", "end": "20:01"}, "A session lasts half a day at most."),
        ({"first": "2062-12-03"}, "This is more than a year away from the cycle."),
        ({"first": ""}, "This field is required."),
        ({"first": "9999-12-31", "number": "", "last": "9999-12-31"}, "This is more than a year away"),
        ({"slots": "6"}, "less than or equal to 5"),
        ({"hub": "0"}, "Select a valid choice"),
        ({"meeting_url": "not a link"}, "Enter a valid URL"),
    ],
)
def test_season_that_cannot_be_is_refused_in_words(desk, cycle, changes, words):
    refused = desk.post(season_url(cycle), SEASON | changes)

    assert refused.status_code == 422
    assert "<title>Error: " in refused.content.decode()
    assert words in text_of(refused)
    assert 'value="look"' in refused.content.decode()


def test_dates_that_are_not_the_seasons_are_refused(desk, cycle):
    values = read_form(desk.post(season_url(cycle), SEASON))
    tampered = {"2026-12-04-is_on": "on", "2026-12-04-topic": "A Friday", "2026-13-99-topic": "No day"}

    refused = desk.post(season_url(cycle), values | tampered | {"way": "create"})

    assert refused.status_code == 422
    assert "These dates do not belong to this season." in text_of(refused)
    too_long = desk.post(season_url(cycle), values | {"way": "create", "2026-12-03-topic": "x" * 201})
    assert too_long.status_code == 422
    assert "Thursday, December 3, 2026: Ensure this value has at most 200 characters" in text_of(too_long)
    nothing = {name: value for name, value in values.items() if not name.endswith("-is_on")}
    unticked = desk.post(season_url(cycle), nothing | {"way": "create"})
    assert unticked.status_code == 422
    assert "No date is ticked." in text_of(unticked)
    assert not cycle.sessions.exists()


def test_season_can_be_changed_from_its_preview(desk, cycle):
    values = read_form(desk.post(season_url(cycle), SEASON | {"start": "09:15"}))

    back = desk.post(season_url(cycle), values | {"way": "edit"})

    assert back.status_code == 200
    assert SEASON.items() <= (read_form(back) | {"start": SEASON["start"]} | EMPTY_CHOICES).items()
    assert read_form(back)["start"] == "09:15"


EMPTY_CHOICES = {"weekday": "", "hub": "", "curriculum": ""}


def test_closed_cycle_gets_no_season(desk, cycle):
    Cycle.objects.filter(pk=cycle.pk).update(status=Cycle.Status.CLOSED, closed_at=timezone.now())

    assert "This cycle is closed" in text_of(desk.get(season_url(cycle)))
    refused = desk.post(season_url(cycle), SEASON)
    assert refused.status_code == 422
    assert "This cycle is closed" in text_of(refused)


def test_season_speaks_french(desk, cycle):
    desk.cookies["django_language"] = "fr"

    looked = desk.post(season_url(cycle), SEASON | {"first": "2026-12-04"})

    assert "Jour de Noël" in text_of(looked)
    # Topics are kept in English, each with its French twin.
    desk.post(season_url(cycle), read_form(looked) | {"way": "create"})
    assert list(cycle.sessions.values_list("topic", "topic_fr"))[:1] == [("Session 1", "Séance 1")]


def test_preview_takes_as_many_queries_for_one_date_as_for_many(desk, cycle):
    past = make_cycle(cycle.program, sessions=30)
    for session in past.sessions.all():
        session.speakers.create(name="Dr. Ada Okonkwo")
    desk.get(season_url(cycle))
    counts = []
    for number in ("1", "30"):
        with CaptureQueriesContext(connection) as queries:
            desk.post(season_url(cycle), SEASON | {"number": number, "curriculum": str(past.pk)})
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- a session ------------------------------------------------------------------------------------------------------


@pytest.fixture
def sessions(cycle: Cycle) -> list[EchoSession]:
    """Three planned Thursdays of a public cycle with one participant, from a fortnight on."""
    make_enrolment(cycle)
    today = timezone.localdate()
    Cycle.objects.filter(pk=cycle.pk).update(starts_on=today, ends_on=today + timedelta(days=60))
    cycle.refresh_from_db()
    return [make_session(cycle, week=week, status=Status.PLANNED) for week in (2, 3, 4)]


def test_session_is_moved_after_a_look(desk, cycle, sessions):
    first = sessions[0]
    form = read_form(desk.get(url_of("move", first)))
    old, new = on_clock(first.starts_at)[0], on_clock(first.starts_at)[0] + timedelta(weeks=1)
    assert (form["day"], form["start"], form["end"], form["which"]) == (str(old), "12:30", "14:00", "one")

    looked = desk.post(url_of("move", first), form | {"day": str(new), "which": "rest"})

    assert looked.status_code == 200
    assert "3 sessions move" in text_of(looked)
    assert "1 person is told by email" in text_of(looked)
    assert [session.starts_at for session in cycle.sessions.all()] == [row.starts_at for row in sessions]

    moved = desk.post(url_of("move", first), read_form(looked), follow=True)
    assert "3 sessions are moved." in text_of(moved)
    assert [on_clock(session.starts_at) for session in cycle.sessions.all()] == [
        (new + timedelta(weeks=week), time(12, 30)) for week in range(3)
    ]
    again = desk.post(url_of("move", first), read_form(looked), follow=True)
    assert "Nothing to move: the session has this time already." in text_of(again)
    stale = desk.post(url_of("move", first), read_form(looked) | {"day": str(old)})
    assert stale.status_code == 422
    assert "Somebody has moved this session meanwhile." in text_of(stale)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"end": "12:00"}, "The session ends before it starts."),
        ({"start": "08:00", "end": "20:01"}, "A session lasts half a day at most."),
        ({"day": "2062-01-01"}, "This is more than a year away."),
        ({"day": "yesterday"}, "Enter a valid date."),
        ({"which": "some"}, "Select a valid choice."),
    ],
)
def test_move_that_cannot_be_is_refused_in_words(desk, sessions, changes, words):
    form = read_form(desk.get(url_of("move", sessions[0])))

    refused = desk.post(url_of("move", sessions[0]), form | changes)

    assert refused.status_code == 422
    assert words in text_of(refused)


def test_held_session_is_not_moved(desk, cycle):
    session = make_session(cycle, status=Status.HELD)
    form = read_form(desk.get(url_of("move", session)))

    refused = desk.post(url_of("move", session), form | {"day": "2026-12-04"})

    assert refused.status_code == 422
    assert "was held, or has attendance on record" in text_of(refused)


def test_session_is_cancelled_with_a_reason_and_brought_back(desk, coordinator, sessions):
    first = sessions[0]
    assert "1 person is told by email" in text_of(desk.get(url_of("cancel", first)))

    cancelled = desk.post(url_of("cancel", first), {"reason": "A snow storm."}, follow=True)

    assert "The session is cancelled." in text_of(cancelled)
    first.refresh_from_db()
    assert first.status == Status.CANCELLED
    assert audit_row(first, "update") == ("session.cancel", coordinator.pk, "A snow storm.")
    assert desk.get(url_of("reinstate", first)).status_code == 405
    assert "The session is planned again." in text_of(desk.post(url_of("reinstate", first), follow=True))
    assert "The session is confirmed." in text_of(desk.post(url_of("confirm", first), follow=True))
    refused = desk.post(url_of("reinstate", first), follow=True)
    assert "A session that is “Confirmed” cannot become “Planned”." in text_of(refused)
    first.refresh_from_db()
    assert first.status == Status.CONFIRMED


def test_held_session_is_not_cancelled(desk, cycle):
    session = make_session(cycle, status=Status.HELD)

    refused = desk.post(url_of("cancel", session), {"reason": ""})

    assert refused.status_code == 422
    assert "A session that is “Held” cannot become “Cancelled”." in text_of(refused)


# --- reminders of a cycle -------------------------------------------------------------------------------------------


def test_reminders_are_ticked_in_words(desk, cycle):
    url = reverse("admin:sessions_app_cycle_change", args=[cycle.pk])
    page = text_of(desk.get(url))
    for words in ("1 hour before", "1 day before", "3 days before", "1 week before", "2 weeks before"):
        assert words in page
    form = read_form_with_lists(desk.get(url))

    saved = desk.post(url, form | {"reminder_hours": ["2", "168"], "presenter_days": []})

    assert saved.status_code == 302, text_of(saved)
    cycle.refresh_from_db()
    assert (cycle.reminder_hours, cycle.presenter_days) == ([2, 168], [])
    refused = desk.post(url, form | {"reminder_hours": ["5"]})
    assert refused.status_code == 422


def read_form_with_lists(response: Any) -> dict[str, Any]:
    """The change form as it would be sent back unchanged."""
    form = response.context["adminform"].form
    values: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if hasattr(bound.field.widget, "widgets"):
            for at, part in enumerate(bound.field.widget.decompress(value)):
                values[f"{bound.name}_{at}"] = "" if part is None else str(part)
        elif value is not None:
            values[bound.name] = value
    for formset in response.context["inline_admin_formsets"]:
        for field in formset.formset.management_form:
            values[f"{formset.formset.prefix}-{field.name}"] = field.value()
    return values
