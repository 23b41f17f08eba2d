"""A report handed in, looked at, and written: alone what is certain, and what a person decided."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import audit
from core.errors import BadInputError, MoveRefusedError
from core.models import store_file
from participants.models import User
from sessions_app.models import Attendance, AttendanceReport, EchoSession
from sessions_app.reports import MAX_BYTES, Report
from sessions_app.services.attendance import counting
from sessions_app.services.attendance.counting import OpenName, ReadReport
from sessions_app.services.attendance.naming import Decision, Name, record_decisions, sync_open_names
from sessions_app.services.attendance.people import Crowd, Member, crowd_of
from sessions_app.services.attendance.undermining import names_of, undermined
from sessions_app.services.attendance.words import FILE_PROBLEMS, HOW, LINE_PROBLEMS
from sessions_app.services.sessions import mark_held

MEETING_IN_LINK = re.compile(r"/(?:j|w|s|wc/join)/(\d{9,12})(?!\d)")


class OtherMeetingError(BadInputError):
    """The report is of another meeting than the session's link leads to; somebody may know better."""


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A person whose minutes the report tells: how it is known, what would be on record, and what is."""

    member: Member
    minutes: int
    how: str
    on_record: Attendance | None
    is_change: bool
    counts: bool
    """Whether the program's attendance policy gives hours for these minutes."""

    @property
    def minutes_before(self) -> int | None:
        """The minutes on record."""
        return self.on_record.minutes if self.on_record else None

    @property
    def is_by_hand(self) -> bool:
        """Whether a person entered what is on record: it stays (rule 7)."""
        return self.on_record is not None and self.on_record.source == Attendance.Source.MANUAL


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that is refused or remarkable, in words."""

    line: int
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a report would write, shown before anything is written."""

    report: AttendanceReport
    rows: list[PreviewRow]
    open_names: list[OpenName]
    problems: list[Problem]
    warnings: list[str]
    crowd: Crowd

    @property
    def changes(self) -> int:
        """How many rows would be written or changed."""
        return sum(row.is_change for row in self.rows)


@transaction.atomic
def preview_report(
    *,
    session_id: int,
    filename: str,
    content: bytes,
    by: User,
    now: datetime,
    any_meeting: bool = False,
) -> AttendanceReport:
    """Keep a report as evidence and return it, ready to be looked at; no attendance is written.

    The same file for the same session is kept once. Raises BadInputError for a file that cannot be used or is of
    another day; OtherMeetingError for one of another meeting than the session's link, unless `any_meeting` is right;
    MoveRefusedError for a cancelled session.
    """
    session = EchoSession.objects.get(pk=session_id)
    require_use(session, content, any_meeting=any_meeting)
    with audit.act("attendance.upload", by=by):
        report, _created = AttendanceReport.objects.get_or_create(
            session=session,
            file=store_file(content, content_type="text/csv"),
            defaults={"filename": filename[:200], "uploaded_at": now, "uploaded_by": by},
        )
    return report


def require_use(session: EchoSession, content: bytes, *, any_meeting: bool) -> Report:
    """The report in `content`, if it can be used for this session. Raises as `preview_report` does."""
    if session.status == EchoSession.Status.CANCELLED:
        raise MoveRefusedError(_("This session is cancelled. Reinstate it first if it took place after all."))
    if len(content) > MAX_BYTES:
        raise BadInputError(str(FILE_PROBLEMS["too_large"]))
    report = counting.read(content, session)
    expected = MEETING_IN_LINK.search(session.meeting_url)
    if expected and report.meeting_id and report.meeting_id != expected[1] and not any_meeting:
        raise OtherMeetingError(
            _("This report is of meeting %(theirs)s; this session's link leads to meeting %(ours)s.")
            % {"theirs": report.meeting_id, "ours": expected[1]}
        )
    return report


def read_preview(report: AttendanceReport) -> Preview:
    """What the kept report, with those imported before, says against who is in the cycle now.

    Raises BadInputError where the session has been moved to another day since.
    """
    return _preview(report, counting.read_all(report.session, also=report.pk))


def preview_of_file(session: EchoSession, content: bytes, *, any_meeting: bool = False) -> Preview:
    """The preview of a report that is not kept: a rehearsal. Raises as `preview_report` does."""
    read = require_use(session, content, any_meeting=any_meeting)
    kept = AttendanceReport.objects.filter(session=session, file__sha256=sha256(content).hexdigest()).first()
    if kept is not None:
        kept.session = session
        return read_preview(kept)
    unsaved = AttendanceReport(pk=0, session=session)
    return _preview(unsaved, [*counting.read_all(session), (unsaved.pk, read)])


def _preview(report: AttendanceReport, reports: Iterable[tuple[int, Report]]) -> Preview:
    """The preview of `report` among `reports`, those imported before."""
    session = report.session
    crowd = crowd_of(session.cycle_id)
    found = counting.match_all(reports, crowd)
    counted = counting.count(session, found, decided=counting.decisions_on_record(session))
    this = next(each for each in found if each.pk == report.pk)
    on_record = {attendance.enrolment_id: attendance for attendance in session.attendances.all()}
    wanted = counting.changes(counted, on_record)
    rows = [
        PreviewRow(
            member=crowd.members[enrolment_id],
            minutes=credit.minutes,
            how=str(HOW[credit.hows[report.pk]]) if report.pk in credit.hows else "",
            on_record=on_record.get(enrolment_id),
            is_change=enrolment_id in wanted,
            counts=counts(session, credit.minutes),
        )
        for enrolment_id, credit in counted.credited.items()
        if report.pk in credit.hows or enrolment_id in wanted
    ]
    return Preview(
        report=report,
        rows=sorted(rows, key=lambda row: (row.minutes == 0, row.member.name.casefold(), row.member.email)),
        open_names=[name for name in counted.open_names if name.report_id == report.pk],
        problems=[
            Problem(problem.line, problem.value, str(LINE_PROBLEMS[problem.code]))
            for problem in this.report.problems
        ],
        warnings=_warnings(session, this, rows),
        crowd=crowd,
    )


def counts(session: EchoSession, minutes: int) -> bool:
    """Whether the program's policy gives hours for these minutes (rule 8); what is earned, the ledger decides."""
    program = session.cycle.program
    if program.attendance_policy == program.AttendancePolicy.PRO_RATA:
        return minutes >= 15
    return minutes > 0 and minutes * 100 >= program.attendance_threshold * session.minutes


def _warnings(session: EchoSession, this: ReadReport, rows: Sequence[PreviewRow]) -> list[str]:
    """What is odd about a report and does not forbid it."""
    said = []
    if this.report.held_on is None:
        said.append(
            _("The report does not say of which day it is. Make sure that it is the one of this session.")
        )
    absent = sum(row.minutes == 0 for row in rows)
    if absent and absent * 2 > len(rows):
        said.append(
            ngettext(
                "%(count)d of %(all)d person has no time between the session's start and end. Are its times right?",
                "%(count)d of %(all)d people have no time between the session's start and end. Are its times right?",
                len(rows),
            )
            % {"count": absent, "all": len(rows)}
        )
    expected = MEETING_IN_LINK.search(session.meeting_url)
    if expected and this.report.meeting_id and this.report.meeting_id != expected[1]:
        said.append(_("The report is from a different meeting than the one this session's link leads to."))
    return said


@transaction.atomic
def apply_report(*, report_id: int, by: User, now: datetime, decisions: Sequence[Decision] = ()) -> int:
    """Write the attendance of a report and return how many rows changed; applying it again changes nothing (rule 5).

    `decisions` say whose some of its names are; names without one wait to be matched. A number that a person entered
    by hand stays: whoever corrected it knew why (rule 7). Raises BadInputError for a decision about somebody who is
    not in the cycle, or about a name that somebody else has decided otherwise meanwhile.
    """
    session_id = AttendanceReport.objects.values_list("session_id", flat=True).get(pk=report_id)
    # One lock a session: two overlapping reports at once are written one after the other.
    session = lock_session(session_id)
    report = AttendanceReport.objects.get(pk=report_id)
    with audit.act("attendance.import", by=by):
        if report.applied_at is None:
            report.applied_at, report.applied_by = now, by
            report.save(update_fields=["applied_at", "applied_by"])
        return recount(session, decisions=decisions, by=by, now=now, also=report.pk)


@transaction.atomic
def settle_names(*, session_id: int, decisions: Sequence[Decision], by: User, now: datetime) -> int:
    """Decide whose names on a session's imported reports are, or decide anew; returns how many minutes changed.

    Raises as `apply_report` does.
    """
    session = lock_session(session_id)
    with audit.act("attendance.settle", by=by):
        return recount(session, decisions=decisions, by=by, now=now)


def lock_session(session_id: int) -> EchoSession:
    """The session, locked: whoever writes its attendance comes alone."""
    return EchoSession.objects.select_for_update(of=("self",)).get(pk=session_id)


def recount(
    session: EchoSession,
    *,
    decisions: Sequence[Decision],
    by: User,
    now: datetime,
    also: int | None = None,
) -> int:
    """Record the decisions, count all reports anew, and write what differs; the session is locked.

    `also` is a report that must be readable; those imported earlier count as far as they still are.
    """
    reports = counting.read_all(session, also=also)
    crowd = crowd_of(session.cycle_id)
    found = counting.match_all(reports, crowd)
    decided = counting.decisions_on_record(session)
    released: frozenset[int] = frozenset()
    first, asked = found, set[Name]()
    if decisions:
        asked = names_of(counting.count(session, found, decided=decided).open_names)
        groups = {(each.pk, group.key): group for each in found for group in each.groups}
        outcome = record_decisions(
            session, decisions, groups=groups, crowd=crowd, decided=decided, by=by, now=now
        )
        asked |= outcome.decided.keys() - decided.keys()
        decided, released = decided | outcome.decided, outcome.released
        if outcome.is_more_known:
            # What is remembered now may name people on the session's other reports.
            found = counting.match_all(reports, crowd_of(session.cycle_id))
    counted = counting.count(session, found, decided=decided)
    on_record = {attendance.enrolment_id: attendance for attendance in session.attendances.all()}
    if asked:
        released |= undermined(asked, counted, on_record, reports=first, crowd=crowd)
    wanted = counting.changes(counted, on_record, released=released)
    written = counting.write(session, wanted, on_record, by=by, now=now) if wanted else 0
    sync_open_names(session, counted.open_names, reports={each.pk for each in found})
    if written and session.starts_at <= now:
        mark_held(session=session, by=by)
    return written
