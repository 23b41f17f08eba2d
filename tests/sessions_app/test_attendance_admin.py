"""The coordinator's pages about who was there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from participants.models import User
from sessions_app.models import (
    Attendance,
    AttendanceAlias,
    AttendanceReport,
    EchoSession,
    Enrolment,
)
from sessions_app.reports import MAX_BYTES
from sessions_app.services import apply_report, record_attendance
from tests.clock import toronto
from tests.factories import make_attendance, make_cycle, make_enrolment, make_session, make_user
from tests.history import audit_row
from tests.sessions_app.attendance import remember, zoom

NOW = toronto(2025, 9, 20, 10)
NAMES = "admin:sessions_app_unmatchedname_changelist"
ALIASES = "admin:sessions_app_attendancealias_changelist"


@pytest.fixture
def desk(client: Client, coordinator: User) -> Client:
    client.force_login(coordinator)
    return client


@pytest.fixture
def session(db: None) -> EchoSession:
    return make_cycle(sessions=2).sessions.all()[0]


@pytest.fixture
def people(session: EchoSession) -> dict[str, Enrolment]:
    names = {"ann": "Ann Lee", "rob": "Robert MacDonald", "cy": "Cy Côté"}
    return {
        key: make_enrolment(session.cycle, make_user(f"{key}@x.example", name=name))
        for key, name in names.items()
    }


REPORT = zoom(
    ("Ann Lee", "ann@x.example", "12:30", "14:00"),
    ("Bob MacDonald", "", "12:30", "13:00"),
    ("=cmd|'/c calc'!A1", "", "12:30", "14:00"),
    ("Cy Côté", "", "08:00", "09:00"),
)


def url(name: str, *args: int) -> str:
    return reverse(f"admin:sessions_app_echosession_{name}", args=args)


def corrections_url(enrolment: Enrolment) -> str:
    return reverse("admin:sessions_app_enrolment_attendance", args=[enrolment.pk])


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def hand_in(desk: Client, session: EchoSession, content: str | bytes, **data: str) -> Any:
    content = content.encode() if isinstance(content, str) else content
    return desk.post(url("import", session.pk), {"file": SimpleUploadedFile("report.csv", content), **data})


def field(page: Any, name: str, what: str) -> str:
    """What the form calls a field about the name on a report."""
    form = page.context["form"]
    return next(f"{at}-{what}" for at, each in form.names.items() if name in (each.name, each.email))


def sent(page: Any) -> dict[str, Any]:
    """The form as it is sent when nothing is touched."""
    form = page.context["form"]
    values = {form.add_prefix(name): form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, False, [])}


def minutes(session: EchoSession) -> dict[str, int]:
    return {row.enrolment.participant.email.split("@")[0]: row.minutes for row in session.attendances.all()}


# --- importing ------------------------------------------------------------------------------------------------------


def test_report_is_handed_in_checked_decided_and_imported(desk, session, people, coordinator):
    handed_in = hand_in(desk, session, REPORT)

    report = AttendanceReport.objects.get()
    assert handed_in["Location"] == url("preview", session.pk, report.pk)
    page = desk.get(handed_in["Location"])
    seen = text_of(page)
    assert "2 names are not clear" in seen
    assert "Bob MacDonald · 30 minutes" in seen
    assert "Robert MacDonald · rob@x.example · a short form of the name" in seen
    assert "=cmd|&#x27;/c calc&#x27;!A1 · 90 minutes" in seen
    assert "The name looks like a formula: it is taken as text." in seen
    assert "1 person was there 1 was there long enough" in seen
    assert "1 is on the report without time in the session." in seen
    assert "Ann Lee ann@x.example 90 yes by the address new" in seen
    assert "Cy Côté cy@x.example 0 no by the name –" in seen
    assert "Import 1 attendance" in seen
    assert not Attendance.objects.exists()

    rob = str(people["rob"].pk)
    done = desk.post(
        handed_in["Location"], {**sent(page), field(page, "Bob MacDonald", "people"): [rob]}, follow=True
    )

    assert "2 attendances were written." in text_of(done)
    assert "1 name waits to be matched." in text_of(done)
    assert minutes(session) == {"ann": 90, "rob": 30}
    assert AttendanceAlias.objects.get().written == "Bob MacDonald"
    again = desk.get(handed_in["Location"])
    assert "the same" in text_of(again)
    assert "1 name is not clear" in text_of(again)
    rest = desk.post(
        handed_in["Location"], {**sent(again), field(again, "=cmd|'/c calc'!A1", "nobody"): "on"}
    )
    assert rest.status_code == 302
    last = text_of(desk.get(handed_in["Location"]))
    assert "This report is imported, and there is nothing left to decide." in last
    assert "Import the report" not in last


def test_somebody_else_is_found_by_address_or_name_and_several_share_a_screen(desk, session, people):
    page = desk.get(hand_in(desk, session, REPORT)["Location"])
    other = field(page, "=cmd|'/c calc'!A1", "other")

    desk.post(page.request["PATH_INFO"], {**sent(page), other: " ROB@x.example ; cy cote"})

    assert minutes(session) == {"ann": 90, "rob": 90, "cy": 90}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"other": "Nobody Known"}, "Nobody in this cycle is called “Nobody Known”."),
        ({"other": "no@x.example"}, "Nobody in this cycle is called “no@x.example”."),
        (
            {"other": "Ann Lee"},
            "Several people are called “Ann Lee”. Enter the email address: ann@x.example, ann2@",
        ),
        ({"other": "rob@x.example", "nobody": "on"}, "Choose people or nobody, not both."),
    ],
)
def test_decision_that_is_not_clear_is_given_back(desk, session, people, values, message):
    make_enrolment(session.cycle, make_user("ann2@x.example", name="Ann Lee"))
    page = desk.get(hand_in(desk, session, REPORT)["Location"])
    written = {field(page, "Bob MacDonald", what): value for what, value in values.items()}

    refused = desk.post(page.request["PATH_INFO"], {**sent(page), **written})

    assert refused.status_code == 422
    assert "<title>Error: " in refused.content.decode()
    assert message in text_of(refused)
    assert values["other"] in refused.content.decode()
    assert not Attendance.objects.exists()
    assert not AttendanceReport.objects.get().applied_at


def test_foreign_and_forged_people_are_refused(desk, session, people):
    stranger = make_enrolment(make_cycle(session.cycle.program))
    page = desk.get(hand_in(desk, session, REPORT)["Location"])

    refused = desk.post(
        page.request["PATH_INFO"], {**sent(page), field(page, "Bob MacDonald", "people"): [str(stranger.pk)]}
    )

    assert refused.status_code == 422
    assert not Attendance.objects.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7", "This is not a CSV file."),
        (zoom(("Ann", "", "12:30", "14:00"), day="2025-09-18"), "of Thursday, September 18, 2025"),
        (b"x" * (MAX_BYTES + 1), "larger than 10 MB"),
    ],
    ids=["empty", "PDF", "another day", "too large"],
)
def test_bad_file_is_told_and_nothing_is_kept(desk, session, content, message):
    refused = hand_in(desk, session, content)

    assert refused.status_code == 422
    assert message in text_of(refused)
    assert not AttendanceReport.objects.exists()


def test_report_of_another_meeting_is_taken_when_it_is_meant(desk, session, people):
    EchoSession.objects.update(meeting_url="https://zoom.example/j/82455550102")
    content = zoom(("Ann", "ann@x.example", "12:30", "14:00"), meeting="99955550102")

    assert "right meeting" not in text_of(desk.get(url("import", session.pk)))
    refused = hand_in(desk, session, content)
    assert refused.status_code == 422
    assert "This report is of meeting 99955550102; this session’s" in text_of(refused).replace("&#x27;", "’")
    assert "It is the right meeting all the same" in text_of(refused)
    assert not AttendanceReport.objects.exists()

    taken = hand_in(desk, session, content, any_meeting="on")
    assert taken.status_code == 302
    assert "a different meeting" in text_of(desk.get(taken["Location"]))


def test_pages_of_other_sessions_reports_and_of_nothing_are_404(desk, session, people):
    hand_in(desk, session, REPORT)
    report = AttendanceReport.objects.get()
    other = session.cycle.sessions.exclude(pk=session.pk).get()

    for address in (
        url("preview", other.pk, report.pk),
        url("import", 0),
        url("names", 0),
        url("roll_call", 0),
        reverse("admin:sessions_app_enrolment_attendance", args=[0]),
    ):
        assert desk.get(address).status_code == 404
        assert desk.post(address).status_code == 404


def addresses(session: EchoSession, people: dict[str, Enrolment], report: AttendanceReport) -> list[str]:
    return [
        url("import", session.pk),
        url("preview", session.pk, report.pk),
        url("names", session.pk),
        url("roll_call", session.pk),
        corrections_url(people["ann"]),
    ]


def test_pages_are_for_those_who_may_write_attendance(client, desk, session, people, family_physician):
    hand_in(desk, session, REPORT)
    pages = addresses(session, people, AttendanceReport.objects.get())
    assert {desk.get(page).status_code for page in pages} == {200}

    client.force_login(family_physician)
    assert {client.get(page).status_code for page in pages} == {302}
    client.force_login(make_user(is_staff=True))
    assert {client.get(page).status_code for page in pages} == {403}
    assert {client.post(page).status_code for page in pages} == {403}
    client.logout()
    assert {client.get(page).status_code for page in pages} == {302}
    assert not Attendance.objects.exists()


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert look(client, address).status_code == 200
    return len(captured)


def look(client: Client, address: str):
    """As who comes from the same list: without a query, its filters were taken away."""
    return client.get(address, headers={"Referer": f"http://testserver{address.partition('?')[0]}"})


def test_pages_take_as_many_queries_for_twenty_people_as_for_three(desk, session, people, coordinator):
    hand_in(desk, session, REPORT)
    report = AttendanceReport.objects.get()
    apply_report(report_id=report.pk, by=coordinator, now=NOW)
    pages = [
        *addresses(session, people, report),
        reverse(NAMES),
        f"{reverse(NAMES)}?outcome=all",
        reverse(ALIASES),
    ]
    remember(people["ann"].participant, "Annie", by=coordinator)
    for page in pages:
        look(desk, page)
    few = [queries(desk, page) for page in pages]

    stays = []
    for at in range(20):
        enrolment = make_enrolment(session.cycle, make_user(name=f"Person Number {at}"))
        remember(enrolment.participant, f"Other {at}", by=coordinator)
        stays += [(f"P{at}", enrolment.participant.email, "12:30", "14:00"), (f"Q{at}", "", "12:30", "14:00")]
        make_attendance(people["ann"], make_session(session.cycle, week=-2 - at), minutes=at)
    hand_in(desk, session, zoom(*stays))
    more = AttendanceReport.objects.exclude(pk=report.pk).get()
    apply_report(report_id=more.pk, by=coordinator, now=NOW)

    many = [queries(desk, page) for page in pages]
    assert many == few
    assert max(many) <= 20


# --- names that wait ------------------------------------------------------------------------------------------------


def test_names_wait_in_a_list_and_are_settled_on_their_sessions_page(desk, session, people, coordinator):
    hand_in(desk, session, REPORT)
    apply_report(report_id=AttendanceReport.objects.get().pk, by=coordinator, now=NOW)
    listed = desk.get(reverse(NAMES))
    assert "Bob MacDonald" in text_of(listed)
    assert f'href="{url("names", session.pk)}"' in listed.content.decode()

    page = desk.get(url("names", session.pk))
    chosen = {field(page, "Bob MacDonald", "people"): [str(people["rob"].pk)]}
    done = desk.post(url("names", session.pk), {**sent(page), **chosen}, follow=True)

    assert "1 attendance was written." in text_of(done)
    assert minutes(session) == {"ann": 90, "rob": 30}
    assert "Bob MacDonald" not in text_of(desk.get(url("names", session.pk)))
    assert "Bob MacDonald" not in text_of(desk.get(reverse(NAMES)))
    assert "Robert MacDonald" in text_of(desk.get(f"{reverse(NAMES)}?outcome=given"))

    # Decided anew: somebody else's decision in between is not written over unseen.
    everything = f"{url('names', session.pk)}?all=1"
    page = desk.get(everything)
    people_field = field(page, "Bob MacDonald", "people")
    assert sent(page)[people_field] == [str(people["rob"].pk)]
    other_field = people_field.replace("people", "other")
    emptied = {name: value for name, value in sent(page).items() if name != people_field}
    refused = desk.post(everything, emptied)
    assert refused.status_code == 422
    assert "Say whose name it is" in text_of(refused)
    stale = {
        **emptied,
        field(page, "Bob MacDonald", "seen"): "",
        other_field: "cy@x.example",
    }
    assert "has decided about “Bob MacDonald” meanwhile" in text_of(desk.post(everything, stale))
    anew = {**emptied, other_field: "cy@x.example"}
    assert desk.post(everything, anew).status_code == 302
    assert minutes(session) == {"ann": 90, "rob": 0, "cy": 30}


def test_names_decided_about_cannot_be_sent_twice_with_effect(desk, session, people, coordinator):
    hand_in(desk, session, REPORT)
    apply_report(report_id=AttendanceReport.objects.get().pk, by=coordinator, now=NOW)
    page = desk.get(url("names", session.pk))
    chosen = {**sent(page), field(page, "Bob MacDonald", "people"): [str(people["rob"].pk)]}
    desk.post(url("names", session.pk), chosen)

    again = desk.post(url("names", session.pk), chosen, follow=True)

    assert "Nothing was changed" in text_of(again)
    assert minutes(session) == {"ann": 90, "rob": 30}


def test_remembered_names_are_forgotten_by_an_action(desk, session, people, coordinator):
    alias = remember(people["ann"].participant, "Annie", by=coordinator)
    remember(people["cy"].participant, "Cyclist", by=coordinator)

    done = desk.post(reverse(ALIASES), {"action": "forget", "_selected_action": [alias.pk]}, follow=True)

    assert "1 name is forgotten." in text_of(done)
    assert [left.written for left in AttendanceAlias.objects.all()] == ["Cyclist"]
    assert audit_row(alias, "delete") == ("attendance.forget", coordinator.pk, "")


# --- roll call ------------------------------------------------------------------------------------------------------


@pytest.fixture
def on_roll(session: EchoSession, people: dict[str, Enrolment]) -> Callable[[str, str], str]:
    return lambda what, who: f"{what}-{people[who].pk}-{session.pk}"


def test_roll_is_called_on_one_page(desk, session, people, coordinator, on_roll):
    make_attendance(people["rob"], session, minutes=40)
    make_enrolment(session.cycle, make_user(name="Waiting Wanda"), status="applied")
    page = desk.get(url("roll_call", session.pk))
    seen = text_of(page)
    assert seen.index("Ann Lee") < seen.index("Cy Côté") < seen.index("Robert MacDonald")
    assert "Waiting Wanda" not in seen
    assert "40 minutes · Entered by a person" in seen
    assert sent(page)["reason"] == "Roll call"

    values = {**sent(page), on_roll("all", "ann"): "on", on_roll("minutes", "rob"): "55"}
    done = desk.post(url("roll_call", session.pk), values, follow=True)

    assert "2 attendances were written." in text_of(done)
    assert minutes(session) == {"ann": 90, "rob": 55}
    attendance = session.attendances.get(enrolment=people["ann"])
    assert (attendance.source, attendance.reason) == ("manual", "Roll call")
    assert audit_row(attendance, "insert") == ("attendance.roll_call", coordinator.pk, "Roll call")
    unchanged = desk.get(url("roll_call", session.pk))
    assert sent(unchanged)[on_roll("all", "ann")] is True
    assert "Nothing was changed" in text_of(
        desk.post(url("roll_call", session.pk), sent(unchanged), follow=True)
    )


def test_roll_begins_with_everybody_ticked_who_has_no_minutes(desk, session, people, on_roll):
    make_attendance(people["rob"], session, minutes=40)

    page = desk.get(f"{url('roll_call', session.pk)}?all=1")
    desk.post(url("roll_call", session.pk), {**sent(page), on_roll("minutes", "cy"): "10"})

    assert minutes(session) == {"ann": 90, "cy": 10, "rob": 40}


@pytest.mark.parametrize(
    ("before", "box", "number", "after"),
    [
        (None, False, "", None),
        (None, True, "", 90),
        (None, False, "0", 0),
        (None, True, "30", 30),
        (90, True, "", 90),
        (90, False, "", "Enter 0 for somebody who was not there."),
        (90, True, "45", 45),
        (90, False, "45", 45),
        (60, True, "60", 90),
        (60, False, "60", 60),
        (60, False, "", "Enter 0 for somebody who was not there."),
        (60, True, "", 90),
        (60, False, "91", "less than or equal to 90"),
        (60, False, "-1", "greater than or equal to 0"),
        (60, False, "an hour", "Enter a whole number."),
    ],
)
def test_box_and_minutes_of_the_roll(desk, session, people, on_roll, before, box, number, after):  # noqa: PLR0917  # table
    if before is not None:
        make_attendance(people["ann"], session, minutes=before)
    page = desk.get(url("roll_call", session.pk))
    values = {name: value for name, value in sent(page).items() if not name.startswith(("all", "minutes"))}
    values |= {on_roll("minutes", "ann"): number} | ({on_roll("all", "ann"): "on"} if box else {})

    answer = desk.post(url("roll_call", session.pk), values)

    if isinstance(after, str):
        assert answer.status_code == 422
        assert after in text_of(answer)
        after = before
    else:
        assert answer.status_code == 302
    assert minutes(session) == ({} if after is None else {"ann": after})


def test_roll_shows_what_somebody_else_wrote_meanwhile_and_keeps_what_was_entered(
    desk, session, people, coordinator, on_roll
):
    page = desk.get(url("roll_call", session.pk))
    record_attendance(
        enrolment_id=people["ann"].pk,
        session_id=session.pk,
        minutes=20,
        reason="Seen.",
        by=coordinator,
        now=NOW,
    )
    values = {**sent(page), on_roll("minutes", "ann"): "70", on_roll("minutes", "cy"): "80"}

    refused = desk.post(url("roll_call", session.pk), values)

    assert refused.status_code == 422
    assert "Somebody has changed what is marked below meanwhile." in text_of(refused)
    assert "20 minutes are on record now." in text_of(refused)
    assert minutes(session) == {"ann": 20}
    kept = sent(refused)
    assert (kept[on_roll("minutes", "ann")], kept[on_roll("minutes", "cy")]) == ("70", "80")
    assert desk.post(url("roll_call", session.pk), kept).status_code == 302
    assert minutes(session) == {"ann": 70, "cy": 80}


def test_roll_needs_a_reason_and_a_session_that_has_begun(desk, session, people, on_roll):
    page = desk.get(url("roll_call", session.pk))
    refused = desk.post(
        url("roll_call", session.pk), {**sent(page), on_roll("all", "ann"): "on", "reason": " "}
    )
    assert refused.status_code == 422
    assert not Attendance.objects.exists()

    to_come = make_session(session.cycle, starts_at=toronto(2199, 1, 3, 12, 30), status="planned")
    assert "The session has not begun yet" in text_of(desk.get(url("roll_call", to_come.pk)))
    place = f"all-{people['ann'].pk}-{to_come.pk}"
    refused = desk.post(url("roll_call", to_come.pk), {place: "on", "reason": "Roll call"})
    assert refused.status_code == 422
    assert not Attendance.objects.exists()


# --- corrections ----------------------------------------------------------------------------------------------------


def test_one_persons_sessions_are_corrected_with_one_reason(desk, session, people, coordinator):
    second = session.cycle.sessions.exclude(pk=session.pk).get()
    ann = people["ann"]
    make_attendance(ann, session, minutes=20, reason="Typed wrong.")
    change = reverse("admin:sessions_app_enrolment_change", args=[ann.pk])
    assert f'href="{corrections_url(ann)}"' in desk.get(change).content.decode()
    page = desk.get(corrections_url(ann))
    assert "Attendance of Ann Lee" in text_of(page)
    assert "20 minutes · Entered by a person · Typed wrong." in text_of(page)

    values = {
        **sent(page),
        f"minutes-{ann.pk}-{session.pk}": "85",
        f"guest-{ann.pk}-{session.pk}": "on",
        f"all-{ann.pk}-{second.pk}": "on",
        "reason": "The chair confirms.",
    }
    done = desk.post(corrections_url(ann), values, follow=True)

    assert "2 attendances were written." in text_of(done)
    rows = ann.attendances.order_by("session__starts_at").values_list(
        "minutes", "is_guest", "source", "reason"
    )
    assert list(rows) == [
        (85, True, "manual", "The chair confirms."),
        (90, False, "manual", "The chair confirms."),
    ]
    attendance = ann.attendances.get(session=session)
    assert audit_row(attendance, "update") == ("attendance.correct", coordinator.pk, "The chair confirms.")


def test_corrections_need_a_reason_and_minutes_beside_a_guest(desk, session, people):
    ann = people["ann"]
    page = desk.get(corrections_url(ann))

    refused = desk.post(corrections_url(ann), {**sent(page), f"guest-{ann.pk}-{session.pk}": "on"})

    assert refused.status_code == 422
    assert "Enter the minutes of the guest." in text_of(refused)
    assert "This field is required." in text_of(refused)
    assert not Attendance.objects.exists()


def test_sessions_to_come_cancelled_and_of_other_cycles_are_not_on_the_page_of_corrections(
    desk, session, people
):
    make_session(session.cycle, starts_at=toronto(2199, 1, 3, 12, 30), status="planned", topic="To come")
    make_session(session.cycle, week=3, status="cancelled", topic="Called off")
    make_session(make_cycle(session.cycle.program), topic="Elsewhere")

    seen = text_of(desk.get(corrections_url(people["ann"])))

    assert "Topic 1" in seen
    assert not [topic for topic in ("To come", "Called off", "Elsewhere") if topic in seen]
