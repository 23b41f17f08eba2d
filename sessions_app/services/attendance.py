"""Attendance: read from reports, or entered by a person who gives a reason."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.errors import BadInputError
from core.models import store_file
from participants.models import User
from sessions_app.models import Attendance, AttendanceReport, EchoSession, Enrolment
from sessions_app.reports import ReportError, ReportRow, read_report

MAX_REPORT_BYTES = 2 * 1024 * 1024

FILE_PROBLEMS = {
    "empty": gettext_lazy("The file is empty. Export the report again and choose that file."),
    "not_csv": gettext_lazy("This is not a CSV file. Export the report as CSV and choose that file."),
    "columns": gettext_lazy("The first line must name the columns, one of them “email” and one “minutes”."),
    "too_long": gettext_lazy("The file has too many lines. Split it, and import each part."),
}
ROW_PROBLEMS = {
    "short": gettext_lazy("The line has fewer columns than the first line."),
    "email": gettext_lazy("This is not an e-mail address."),
    "minutes": gettext_lazy("Minutes must be a whole number, 0 or more."),
    "twice": gettext_lazy("This address stands on an earlier line already."),
    "unknown": gettext_lazy("Nobody in this cycle has this address."),
}


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A line that can be written: who, how long, and what is on record (None: nothing)."""

    line: int
    enrolment: Enrolment
    minutes: int
    on_record: Attendance | None
    is_kept: bool
    """Whether what is on record stays: a person entered it, or a later report did."""

    @property
    def minutes_before(self) -> int | None:
        """The minutes on record."""
        return self.on_record.minutes if self.on_record else None

    @property
    def is_change(self) -> bool:
        """Whether importing writes this line."""
        return not self.is_kept and self.minutes != self.minutes_before


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that is refused, with the reason in words."""

    line: int
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a report would write, shown before anything is written."""

    report: AttendanceReport
    rows: list[PreviewRow]
    problems: list[Problem]

    @property
    def changes(self) -> int:
        """How many rows would be written or changed."""
        return sum(row.is_change for row in self.rows)


@transaction.atomic
def preview_report(
    *, session_id: int, filename: str, content: bytes, by: User, now: datetime
) -> AttendanceReport:
    """Keep a report as evidence and return it, ready to be looked at; no attendance is written.

    The same file for the same session is kept once. Raises BadInputError for a file that cannot be read.
    """
    session = EchoSession.objects.get(pk=session_id)
    if len(content) > MAX_REPORT_BYTES:
        raise BadInputError(_("The file is larger than 2 MB: that is not an attendance report."))
    _read(content, session)
    with audit.act("attendance.upload", by=by):
        report, _created = AttendanceReport.objects.get_or_create(
            session=session,
            file=store_file(content, content_type="text/csv"),
            defaults={"filename": filename[:200], "uploaded_at": now, "uploaded_by": by},
        )
    return report


def read_preview(report: AttendanceReport) -> Preview:
    """What the kept report says against who is in the cycle now."""
    rows, problems = _read(bytes(report.file.content), report.session)
    by_email = {
        enrolment.participant.email: enrolment
        for enrolment in report.session.cycle.enrolments.exclude(
            status__in=[Enrolment.Status.DECLINED]
        ).select_related("participant__profile")
    }
    on_record = {attendance.enrolment_id: attendance for attendance in report.session.attendances.all()}
    matched = []
    for row in rows:
        if enrolment := by_email.get(row.email):
            old = on_record.get(enrolment.pk)
            is_kept = old is not None and not _may_overwrite(report, old)
            matched.append(PreviewRow(row.line, enrolment, row.minutes, old, is_kept))
        else:
            problems.append(Problem(row.line, row.email, str(ROW_PROBLEMS["unknown"])))
    return Preview(report, matched, sorted(problems, key=lambda problem: problem.line))


def _may_overwrite(report: AttendanceReport, old: Attendance) -> bool:
    """A person's entry stays (rule 7); and a report imported before does not undo a later one (rule 5)."""
    if old.source == Attendance.Source.MANUAL:
        return False
    return report.applied_at is None or old.report_id == report.pk


@transaction.atomic
def apply_report(*, report_id: int, by: User, now: datetime) -> int:
    """Write the attendance of a report and return how many rows changed; applying it again changes nothing (rule 5).

    A number that a person entered by hand stays: whoever corrected it knew why (rule 7). So does what a later
    report said, when an earlier one is imported again.
    """
    session_id = AttendanceReport.objects.values_list("session_id", flat=True).get(pk=report_id)
    # One lock a session: two overlapping reports at once are written one after the other.
    EchoSession.objects.select_for_update().get(pk=session_id)
    report = (
        AttendanceReport.objects.select_for_update(of=("self",))
        .select_related("session__cycle", "file")
        .get(pk=report_id)
    )
    preview = read_preview(report)
    created, changed = [], []
    for row in preview.rows:
        if not row.is_change:
            continue
        old = row.on_record
        if old is None:
            created.append(
                Attendance(
                    enrolment=row.enrolment,
                    session=report.session,
                    minutes=row.minutes,
                    source=Attendance.Source.REPORT,
                    report=report,
                    recorded_at=now,
                    recorded_by=by,
                )
            )
        else:
            old.minutes, old.report = row.minutes, report
            old.recorded_at, old.recorded_by = now, by
            changed.append(old)
    with audit.act("attendance.import", by=by):
        Attendance.objects.bulk_create(created)
        Attendance.objects.bulk_update(changed, ["minutes", "report", "recorded_at", "recorded_by"])
        if report.applied_at is None:
            report.applied_at, report.applied_by = now, by
            report.save(update_fields=["applied_at", "applied_by"])
    return len(created) + len(changed)


@transaction.atomic
def record_attendance(
    *,
    enrolment_id: int,
    session_id: int,
    minutes: int,
    reason: str,
    by: User,
    now: datetime,
    is_guest: bool = False,
) -> Attendance:
    """Enter or correct minutes by hand. The audit trail keeps who, when, old and new value, and the reason (rule 7).

    Raises BadInputError without a reason, for minutes outside the session, or for a session of another cycle.
    """
    session = EchoSession.objects.select_for_update().get(pk=session_id)
    enrolment = Enrolment.objects.get(pk=enrolment_id)
    if not reason.strip():
        raise BadInputError(_("Say why this is entered by hand: an auditor will ask."))
    if not 0 <= minutes <= session.minutes:
        raise BadInputError(
            _("This session has %(minutes)d minutes: enter 0 to %(minutes)d.") % {"minutes": session.minutes}
        )
    if enrolment.cycle_id != session.cycle_id:
        raise BadInputError(_("This person is not in the cycle of this session."))
    with audit.act("attendance.record", by=by, reason=reason.strip()):
        attendance, _created = Attendance.objects.update_or_create(
            enrolment=enrolment,
            session=session,
            defaults={
                "minutes": minutes,
                "is_guest": is_guest,
                "source": Attendance.Source.MANUAL,
                "reason": reason.strip(),
                "recorded_at": now,
                "recorded_by": by,
            },
        )
    return attendance


def _read(content: bytes, session: EchoSession) -> tuple[list[ReportRow], list[Problem]]:
    try:
        rows, refused = read_report(content, session_minutes=session.minutes)
    except ReportError as error:
        raise BadInputError(str(FILE_PROBLEMS[error.code])) from error
    return rows, [Problem(row.line, row.value, str(ROW_PROBLEMS[row.code])) for row in refused]
