"""Attendance reports as platforms write them, for tests: for the cycle's first session, 2025-09-11, 12:30 to 14:00."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from participants.models import User
from sessions_app.models import AttendanceAlias, EchoSession
from sessions_app.reports import fold_name
from tests.clock import TORONTO
from tests.factories import make_cycle, make_enrolment, make_session, make_user

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "attendance"
HEADER = "Name (original name),Email,Join time,Leave time,Duration (minutes),Guest,In waiting room"


def zoom(*stays: tuple[str, str, str, str], day: str = "2025-09-11", meeting: str = "") -> str:
    """A detailed report of Zoom: (name, address, joined, left) a line, times as "12:30"."""
    block = (
        f"Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\n"
        f"{meeting},Rounds,{day} 12:00:00,{day} 14:30:00,host@echo.example,150,9\n\n"
        if meeting
        else ""
    )
    lines = [
        f'"{name}",{email},{day} {joined}:00,{day} {left}:00,1,Yes,No' for name, email, joined, left in stays
    ]
    return block + "\n".join([HEADER, *lines]) + "\n"


def shared_samples() -> dict[str, Any]:
    """What the shared samples must come to, by file; skips the test where they are not beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"no samples of attendance reports in {SHARED}")
    samples: dict[str, Any] = json.loads((SHARED / "expected.json").read_text(encoding="utf-8"))["files"]
    return samples


def shared_session(on: str, *, by: User) -> EchoSession:
    """A session on that day, 12:30 to 14:00, with everybody of the shared roster in its cycle."""
    day = date.fromisoformat(on)
    cycle = make_cycle(starts_on=day)
    session = make_session(cycle, starts_at=datetime(day.year, day.month, day.day, 12, 30, tzinfo=TORONTO))
    with (SHARED / "roster.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            user = make_user(row["email"], name=f"{row['first']} {row['last']}", has_agreed=False)
            make_enrolment(cycle, user)
            for written in filter(None, row["aliases"].split(";")):
                remember(user, written, by=by)
    return session


def remember(user: User, written: str, *, by: User) -> AttendanceAlias:
    """A name or an address that is remembered for somebody."""
    kinds = AttendanceAlias.Kind
    is_email = "@" in written
    return AttendanceAlias.objects.create(
        participant=user,
        kind=kinds.EMAIL if is_email else kinds.NAME,
        value=written.lower() if is_email else fold_name(written),
        written=written,
        remembered_by=by,
    )
