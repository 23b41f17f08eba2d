"""`manage.py import_attendance`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from participants.models import User
from sessions_app.models import Attendance, AttendanceReport, EchoSession, UnmatchedName
from sessions_app.reports import MAX_BYTES
from tests.factories import make_cycle, make_enrolment, make_user
from tests.history import audit_row
from tests.sessions_app.attendance import SHARED, shared_samples, shared_session, zoom

KEYS = ["matched", "suggested", "unmatched", "warnings", "error"]


@pytest.fixture
def session(db: None) -> EchoSession:
    return make_cycle(sessions=1).sessions.get()


@pytest.fixture
def report(tmp_path: Path, session: EchoSession) -> Path:
    """Ann by address, Robert by a nickname, a telephone, and a name that is a formula."""
    make_enrolment(session.cycle, make_user("ann@x.example", name="Ann Lee"))
    make_enrolment(session.cycle, make_user("rob@x.example", name="Robert MacDonald"))
    path = tmp_path / "report.csv"
    text = zoom(
        ("Somebody", "Ann@X.example", "12:00", "13:30"),
        ("Bob MacDonald", "", "12:30", "14:00"),
        ("iPhone", "", "12:30", "14:00"),
        ("=HYPERLINK(1)", "", "12:30", "14:00"),
        ("Early Bird", "", "12:00", "12:20"),
    )
    path.write_text(text, encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *args: Any) -> dict[str, Any]:
    """What the command prints as JSON, and whether it fails just when there is an error."""
    code = 0
    try:
        call_command("import_attendance", *map(str, args), "--json")
    except SystemExit as error:
        code = int(error.code or 0)
    printed: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert list(printed) == KEYS
    assert code == (1 if printed["error"] else 0)
    return printed


def test_rehearsal_prints_what_needs_no_person_and_what_does_and_writes_nothing(session, report, capsys):
    printed = run(capsys, session.pk, report, "--dry-run")

    assert printed["matched"] == {"ann@x.example": 60}
    assert printed["suggested"] == {"Bob MacDonald": ["rob@x.example"]}
    assert printed["unmatched"] == ["iPhone", "=HYPERLINK(1)"]
    assert any("formula" in warning for warning in printed["warnings"])
    assert printed["error"] is None
    assert not Attendance.objects.exists()
    assert not AttendanceReport.objects.exists()
    assert not UnmatchedName.objects.exists()


def test_import_writes_what_needs_no_person_and_lets_the_rest_wait(session, report, coordinator, capsys):
    rehearsed = run(capsys, session.pk, report, "--dry-run")

    assert run(capsys, session.pk, report, "--by", coordinator.email) == rehearsed

    attendance = session.attendances.get()
    assert (attendance.minutes, attendance.source) == (60, "report")
    assert audit_row(attendance, "insert") == ("attendance.import", coordinator.pk, "")
    waiting = UnmatchedName.objects.values_list("name", "minutes", "outcome")
    assert sorted(waiting) == [
        ("=HYPERLINK(1)", 90, "open"),
        ("Bob MacDonald", 90, "open"),
        ("iPhone", 90, "open"),
    ]
    assert run(capsys, session.pk, report, "--by", coordinator.email) == rehearsed
    assert run(capsys, session.pk, report, "--dry-run") == rehearsed
    assert (Attendance.objects.count(), UnmatchedName.objects.count()) == (1, 3)


def test_import_in_words(session, report, coordinator, capsys):
    call_command("import_attendance", str(session.pk), str(report), "--by", coordinator.email)

    printed = capsys.readouterr().out
    assert "60 min  ann@x.example" in printed
    assert "waits  Bob MacDonald: perhaps rob@x.example" in printed
    assert "Written." in printed
    with pytest.raises(CommandError, match="There is no session with the number 0"):
        call_command("import_attendance", "0", str(report), "--dry-run")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "The file is empty"),
        ("name,hours\nAnn,2\n", "No line of this file names its columns"),
        (
            zoom(("Ann", "ann@x.example", "12:30", "14:00"), day="2025-09-18"),
            "of Thursday, September 18, 2025",
        ),
        (zoom(("Ann", "ann@x.example", "12:30", "14:00"), meeting="99955550102"), "meeting 99955550102"),
        ("email,minutes\n" + "x" * MAX_BYTES, "larger than 10 MB"),
    ],
    ids=["empty", "columns", "another day", "another meeting", "too large"],
)
def test_refused_report_is_an_error_in_words_and_nothing_is_written(  # noqa: PLR0917  # fixtures
    session, coordinator, tmp_path, capsys, content, message
):
    EchoSession.objects.update(meeting_url="https://zoom.example/j/82455550102?pwd=x")
    path = tmp_path / "report.csv"
    path.write_text(content, encoding="utf-8")

    for options in (["--dry-run"], ["--by", coordinator.email]):
        printed = run(capsys, session.pk, path, *options)

        assert message in printed["error"]
        assert [printed[key] for key in KEYS[:4]] == [{}, {}, [], []]
    assert not AttendanceReport.objects.exists()


def test_a_file_of_100_mb_is_refused_before_it_is_read(session, tmp_path, capsys, monkeypatch):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("the file was read"))

    assert "larger than 10 MB" in run(capsys, session.pk, path, "--dry-run")["error"]


def test_another_meeting_can_be_meant(session, coordinator, tmp_path, capsys):
    make_enrolment(session.cycle, make_user("ann@x.example"))
    EchoSession.objects.update(meeting_url="https://zoom.example/j/82455550102")
    path = tmp_path / "report.csv"
    path.write_text(
        zoom(("Ann", "ann@x.example", "12:30", "14:00"), meeting="999 5555 0102"), encoding="utf-8"
    )

    printed = run(capsys, session.pk, path, "--by", coordinator.email, "--any-meeting")

    assert printed["matched"] == {"ann@x.example": 90}
    assert printed["warnings"] == [
        "The report is from a different meeting than the one this session's link leads to."
    ]
    assert session.attendances.get().minutes == 90


def test_writing_needs_a_staff_account_and_a_file_that_is_there(session, report, family_physician, capsys):
    assert "Say who imports" in run(capsys, session.pk, report)["error"]
    assert (
        "no active staff account" in run(capsys, session.pk, report, "--by", family_physician.email)["error"]
    )
    assert "no session with the number 0" in run(capsys, 0, report, "--dry-run")["error"]
    assert "cannot be read" in run(capsys, session.pk, report.parent / "no.csv", "--dry-run")["error"]
    assert "cannot be read" in run(capsys, session.pk, report.parent, "--dry-run")["error"]
    assert not Attendance.objects.exists()


# --- the shared samples ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(path.name for path in SHARED.glob("[0-9]*.csv")) or ["none"])
def test_each_shared_sample_comes_to_what_is_expected(name, coordinator: User, capsys):
    expected = shared_samples()[name]
    session = shared_session(expected["date"], by=coordinator)

    printed = run(capsys, session.pk, SHARED / name, "--dry-run")

    if expected["kind"] == "error":
        assert printed["error"]
        assert not printed["matched"]
        return
    assert printed["error"] is None
    want = expected["matched"]
    for email, minutes in printed["matched"].items():
        assert email in want, f"{email} needs a person"
        known = {want[email]["seconds"] // 60, want[email].get("seconds_email_rows_only", 0) // 60 or None}
        assert minutes in known, email
    sure = {email for email, row in want.items() if row["auto"] == "must" and row["seconds"] >= 60}
    assert sure <= printed["matched"].keys()
    for row in expected["must_reconcile"]:
        found = printed["suggested"].get(row["name"], [])
        assert row["name"] in {*printed["suggested"], *printed["unmatched"]}
        assert set(row["candidates"]) <= set(found), row["name"]


@pytest.mark.django_db
def test_shared_sample_imported_twice_leaves_one_result(coordinator: User, capsys):
    name, expected = (
        "02_zoom_detailed_header_block.csv",
        shared_samples()["02_zoom_detailed_header_block.csv"],
    )
    session = shared_session(expected["date"], by=coordinator)
    once = run(capsys, session.pk, SHARED / name, "--by", coordinator.email)
    before = list(Attendance.objects.order_by("pk").values())

    assert run(capsys, session.pk, SHARED / name, "--by", coordinator.email) == once

    assert list(Attendance.objects.order_by("pk").values()) == before
    minutes = {row.enrolment.participant.email: row.minutes for row in session.attendances.all()}
    assert minutes == {email: value for email, value in once["matched"].items() if value}
    assert UnmatchedName.objects.filter(outcome="open").count() == len(once["suggested"]) + len(
        once["unmatched"]
    )
