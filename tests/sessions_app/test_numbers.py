"""A program's numbers against a small world that was counted by hand."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from participants.enums import Category
from participants.models import Profile, User
from participants.services import erase_account
from sessions_app.models import Cycle, EchoSession, Enrolment, Program
from sessions_app.numbers import Figures, attended_sessions, program_numbers
from sessions_app.regions import Region, region_of
from tests.clock import toronto
from tests.factories import (
    make_attendance,
    make_cycle,
    make_enrolment,
    make_program,
    make_report,
    make_session,
    make_user,
)

NOW = toronto(2026, 3, 1, 12)
"""Fall is over; Winter has had two of its three sessions."""


@pytest.mark.parametrize(
    ("prefix", "region"),
    [
        ("K7L", Region.EAST),
        ("L4N", Region.CENTRAL),
        ("M5G", Region.TORONTO),
        ("n6a", Region.SOUTHWEST),
        (" P7B", Region.NORTH),
        ("H2X", Region.OUTSIDE),
        ("V", Region.OUTSIDE),
        ("", Region.NOT_STATED),
        ("  ", Region.NOT_STATED),
    ],
)
def test_region_is_that_of_the_postal_codes_first_letter(prefix, region):
    assert region_of(prefix) == region


@pytest.fixture
def program(db: None) -> Program:
    """Fall has 2 sessions that count of 3; Winter 2 of 3.

    ann   (family physician, K, rural, Étoile Clinic/Kingston):  Fall 1, Fall 2, Winter 1   3 instances
    bo    (specialist, M, urban, "ÉTOILE clinic"/" KINGSTON "):  Fall 1 by report            1
    cleo  (nurse, H, nothing else stated):                       Fall 2, withdrawn since    1
    dan   (nurse, P, remote, Étoile Clinic/Timmins):             Winter 1, Winter 2 (1 min)  2
    eve   (family physician): a guest, and 0 minutes: never counted.
    """
    program = make_program(slug="pain", name="Pain")
    fall = make_cycle(program, name="Fall", name_fr="Automne", sessions=2)
    winter = make_cycle(program, name="Winter", starts_on=toronto(2026, 1, 8).date(), sessions=2)
    cancelled = make_session(fall, week=5, status=EchoSession.Status.CANCELLED)
    ahead = make_session(winter, starts_at=NOW + timedelta(hours=1), status=EchoSession.Status.CONFIRMED)
    fall_1, fall_2, _cancelled = fall.sessions.order_by("starts_at")
    winter_1, winter_2, _ahead = winter.sessions.order_by("starts_at")

    ann = make_user(
        "ann@clinic.example",
        postal_prefix="K7L",
        practice_setting="rural",
        practice_name="Étoile Clinic",
        practice_city="Kingston",
    )
    bo = make_user(
        category=Category.SPECIALIST,
        postal_prefix="M5G",
        practice_setting="urban",
        practice_name="ÉTOILE clinic ",
        practice_city=" KINGSTON",
    )
    cleo = make_user("cleo@clinic.example", category=Category.OTHER, postal_prefix="H2X")
    dan = make_user(
        category=Category.OTHER,
        postal_prefix="P4N",
        practice_setting="remote",
        practice_name="Étoile Clinic",
        practice_city="Timmins",
    )
    eve = make_user(practice_name="Eve's", practice_city="Ottawa", postal_prefix="K1A")
    in_fall = {user: make_enrolment(fall, user) for user in (ann, bo, eve)}
    in_fall[cleo] = make_enrolment(fall, cleo, status=Enrolment.Status.WITHDRAWN)
    in_winter = {user: make_enrolment(winter, user) for user in (ann, dan, eve)}
    for user, session, minutes in [
        (ann, fall_1, 90),
        (ann, fall_2, 20),
        (cleo, fall_2, 90),
        (ann, cancelled, 90),
        (eve, fall_1, 0),
    ]:
        make_attendance(in_fall[user], session, minutes=minutes)
    make_attendance(in_fall[bo], fall_1, minutes=80, report=make_report(fall_1))
    for user, session, minutes in [
        (ann, winter_1, 90),
        (dan, winter_1, 90),
        (dan, winter_2, 1),
        (ann, ahead, 90),
    ]:
        make_attendance(in_winter[user], session, minutes=minutes)
    make_attendance(in_winter[eve], winter_1, is_guest=True)

    # Of another program: never counted here.
    other = make_cycle(sessions=1)
    make_attendance(make_enrolment(other, ann), other.sessions.get())
    return program


def main(figures: Figures) -> tuple[int, ...]:
    return (
        figures.sessions,
        figures.instances,
        figures.people,
        figures.sites,
        figures.people_without_site,
    )


def shares(rows: Any) -> dict[str, tuple[int, int]]:
    """(people, instances) by value, of those who are there."""
    return {str(row.value): (row.people, row.instances) for row in rows if row.people or row.instances}


def test_numbers_are_those_counted_by_hand(program):
    numbers = program_numbers(program, now=NOW)

    assert [figures.cycle and figures.cycle.name for figures in (numbers.total, *numbers.cycles)] == [
        None,
        "Fall",
        "Winter",
    ]
    fall, winter = numbers.cycles
    # Ann and Bo share a site, however it is written; cleo states none.
    assert main(fall) == (2, 4, 3, 1, 1)
    assert main(winter) == (2, 3, 2, 2, 0)
    # Ann is in both cycles, and one person.
    assert main(numbers.total) == (4, 7, 4, 2, 1)


def test_breakdowns_are_those_counted_by_hand(program):
    numbers = program_numbers(program, now=NOW)
    fall, winter = numbers.cycles

    assert shares(numbers.total.categories) == {
        "family_physician": (1, 3),
        "specialist": (1, 1),
        "other": (2, 3),
    }
    assert shares(fall.categories) == {"family_physician": (1, 2), "specialist": (1, 1), "other": (1, 1)}
    assert shares(winter.categories) == {"family_physician": (1, 1), "other": (1, 2)}
    assert shares(numbers.total.regions) == {
        "east": (1, 3),
        "toronto": (1, 1),
        "north": (1, 2),
        "outside": (1, 1),
    }
    assert shares(numbers.total.settings) == {
        "urban": (1, 1),
        "rural": (1, 3),
        "remote": (1, 2),
        "": (1, 1),
    }
    # Where nobody is, is said as well: a region without anybody is news.
    assert [str(share.value) for share in winter.regions] == [
        "east",
        "central",
        "toronto",
        "southwest",
        "north",
        "outside",
        "",
    ]


def test_letters_outside_ontario_add_up(program):
    fall = program.cycles.get(name="Fall")
    for prefix in ("V6B", "J8X"):
        enrolment = make_enrolment(fall, make_user(postal_prefix=prefix))
        make_attendance(enrolment, fall.sessions.earliest("starts_at"))

    assert shares(program_numbers(program, now=NOW).total.regions)["outside"] == (3, 3)


def test_each_breakdown_adds_up_to_the_whole(program):
    numbers = program_numbers(program, now=NOW)

    for figures in (numbers.total, *numbers.cycles):
        for rows in (figures.categories, figures.regions, figures.settings):
            assert sum(row.people for row in rows) == figures.people
            assert sum(row.instances for row in rows) == figures.instances


def test_who_is_erased_stays_a_number_and_states_nothing(program, coordinator):
    ann = User.objects.get(email="ann@clinic.example")
    erase_account(user=ann, by=ann, now=NOW)

    total = program_numbers(program, now=NOW).total

    # Bo keeps the site; what Ann stated is gone with her.
    assert main(total) == (4, 7, 4, 2, 2)
    assert shares(total.regions)[""] == (1, 3)
    assert shares(total.settings)[""] == (2, 4)


def test_who_has_no_profile_states_nothing(program):
    cleo = User.objects.get(email="cleo@clinic.example")
    Profile.objects.filter(user=cleo).delete()

    total = program_numbers(program, now=NOW).total

    assert main(total) == (4, 7, 4, 2, 1)
    assert shares(total.categories)[""] == (1, 1)
    assert shares(total.regions)[""] == (1, 1)


def test_sessions_of_a_cycle_have_how_many_were_there(program):
    winter = program.cycles.get(name="Winter")

    # The guest is not counted, the session that is still ahead neither.
    assert [session.present for session in attended_sessions(winter, now=NOW)] == [2, 1]


@pytest.mark.parametrize("kind", ["no cycle", "no session", "nobody"])
def test_numbers_of_nothing_are_nothing(db, kind):
    program = make_program()
    if kind != "no cycle":
        make_cycle(program, sessions=2 if kind == "nobody" else 0)

    numbers = program_numbers(program, now=NOW)

    assert main(numbers.total) == (2 if kind == "nobody" else 0, 0, 0, 0, 0)
    assert shares(numbers.total.categories) == {}


# --- the page ---------------------------------------------------------------------------------------------------------


def page_of(program: Program, suffix: str = "") -> str:
    return reverse("admin:sessions_app_program_numbers", args=[program.pk]) + suffix


def file_of(program: Program) -> str:
    return reverse("admin:sessions_app_program_numbers_csv", args=[program.pk])


def read(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    from sessions_app.admin import numbers

    class Then:
        now = staticmethod(lambda: NOW)

    monkeypatch.setattr(numbers, "timezone", Then)


def test_page_shows_the_whole_program(client, program, coordinator, today):
    client.force_login(coordinator)

    response = client.get(page_of(program))

    page = unescape(response.content.decode())
    assert [(item["value"], item["label"]) for item in response.context["stats"]] == [
        (4, "sessions held"),
        (7, "instances of participation"),
        (4, "individuals"),
        (2, "sites"),
    ]
    assert "1 individual has not stated where they practise" in page
    assert 'width="75.00%"' in page
    assert f'href="?cycle={program.cycles.get(name="Winter").pk}">Winter</a>' in page
    assert file_of(program) in page
    assert "Southwest (N)" in page
    assert "What is counted" in page


def test_page_shows_one_cycle_session_by_session(client, program, coordinator, today):
    client.force_login(coordinator)
    winter = program.cycles.get(name="Winter")

    response = client.get(page_of(program, f"?cycle={winter.pk}"))

    assert [item["value"] for item in response.context["stats"]] == [2, 3, 2, 2]
    assert [row[1:] for row in response.context["chart"]["rows"]] == [["Topic 1", 2], ["Topic 2", 1]]
    assert "Thursday, January 8, 2026" in response.content.decode()


@pytest.mark.parametrize("chosen", ["0", "x", "-1", "foreign"])
def test_page_of_a_cycle_that_is_not_the_programs_does_not_exist(client, program, coordinator, chosen):
    client.force_login(coordinator)
    if chosen == "foreign":
        chosen = str(make_cycle().pk)

    assert client.get(page_of(program, f"?cycle={chosen}")).status_code == 404


def test_page_of_a_new_program_says_what_comes_first(client, db, coordinator):
    client.force_login(coordinator)
    program = make_program()
    assert "This program has no cycle yet." in client.get(page_of(program)).content.decode()

    make_cycle(program)
    page = client.get(page_of(program)).content.decode()
    assert "No session has been held yet." in page
    assert "<svg role" not in page


def test_page_and_file_are_for_staff_who_may_see_attendance(client, program, family_physician, coordinator):
    bare = make_user(is_staff=True)
    for url in (page_of(program), file_of(program)):
        client.logout()
        assert client.get(url).status_code == 302
        client.force_login(family_physician)
        assert client.get(url).status_code == 302
        client.force_login(bare)
        assert client.get(url).status_code == 403
        client.force_login(coordinator)
        assert client.get(url).status_code == 200
        assert client.get(url.replace(f"/{program.pk}/", "/0/")).status_code == 404


def test_program_leads_to_its_numbers(client, program, coordinator):
    client.force_login(coordinator)

    for url in (
        reverse("admin:sessions_app_program_changelist"),
        reverse("admin:sessions_app_program_change", args=[program.pk]),
    ):
        assert page_of(program) in client.get(url).content.decode()


@pytest.mark.parametrize("what", ["page", "cycle", "file"])
def test_queries_stay_the_same_whatever_the_size(client, program, coordinator, what):
    client.force_login(coordinator)
    fall = program.cycles.get(name="Fall")
    url = {
        "page": page_of(program),
        "cycle": page_of(program, f"?cycle={fall.pk}"),
        "file": file_of(program),
    }[what]

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    # The first request of a session notes when it was seen.
    count()
    few = count()
    for number in range(3):
        cycle = make_cycle(program, sessions=3) if number else fall
        for _person in range(4):
            enrolment = make_enrolment(cycle)
            for session in cycle.sessions.exclude(status="cancelled"):
                make_attendance(enrolment, session)
    assert count() == few
    assert few <= 10


# --- the file ---------------------------------------------------------------------------------------------------------


def test_file_has_the_numbers_of_all_cycles_and_of_each(client, program, coordinator, today):
    client.force_login(coordinator)

    header, *rows = read(client.get(file_of(program)))

    assert header[:5] == ["Cycle", "First day", "Last day", "Breakdown", "Group"]
    # A total, and 4 categories, 7 regions, 5 settings with "not stated" in each.
    assert len(rows) == 3 * (1 + 4 + 7 + 5)
    assert rows[0] == ["All cycles", "", "", "All", "All", "4", "7", "4", "2", "1"]
    assert ["Winter", "2026-01-08", "2026-01-15", "All", "All", "2", "3", "2", "2", "0"] in rows
    assert ["Fall", "2025-09-11", "2025-09-18", "Region", "Outside Ontario", "", "1", "1", "", ""] in rows


def test_file_holds_no_formula(client, program, coordinator, today):
    client.force_login(coordinator)
    Cycle.objects.filter(name="Fall").update(name='=HYPERLINK("https://evil.example")')

    names = {row[0] for row in read(client.get(file_of(program)))[1:]}

    assert names == {"All cycles", "Winter", '\'=HYPERLINK("https://evil.example")'}


def test_file_speaks_french_to_who_does(client, program, coordinator, today):
    client.force_login(coordinator)

    response = client.get(file_of(program), headers={"Accept-Language": "fr"})

    header, *rows = read(response)
    assert "Séances" in header
    assert "Automne" in {row[0] for row in rows}
    assert "Médecin de famille" in {row[4] for row in rows}
    assert response["Content-Disposition"] == 'attachment; filename="pain-numbers.csv"'


def test_numbers_are_those_of_now(client, program, coordinator):
    client.force_login(coordinator)

    # Long after NOW, the third session of winter is over as well: what was written for it counts.
    assert timezone.now() > NOW + timedelta(days=1)
    assert client.get(page_of(program)).context["figures"].instances == 8
