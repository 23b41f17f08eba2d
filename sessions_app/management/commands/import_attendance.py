"""`manage.py import_attendance`: the report of one session, read, matched, and written unless it is a rehearsal."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import DomainError
from participants.models import User
from sessions_app.models import AttendanceReport, EchoSession
from sessions_app.reports import MAX_BYTES
from sessions_app.services import apply_report, preview_report
from sessions_app.services.attendance import Preview, preview_of_file, read_preview
from sessions_app.services.attendance.words import FILE_PROBLEMS


class _Refused(Exception):  # noqa: N818  # not an error of the program: what the report or the call is refused for
    """Why nothing was read or written, in words."""


@dataclass(frozen=True, slots=True)
class Result:
    """What is printed: minutes by address, suggestions and open names by the name on the report."""

    matched: Mapping[str, int] = field(default_factory=dict)
    suggested: Mapping[str, list[str]] = field(default_factory=dict)
    unmatched: Iterable[str] = ()
    warnings: Iterable[str] = ()
    error: str | None = None


class Command(BaseCommand):
    help = "Import the attendance report of a session: what needs no person is written, other names wait."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options; see help."""
        parser.add_argument("session_id", type=int, help="the number of the session")
        parser.add_argument("file", type=Path, help="the report, as the video platform exports it")
        parser.add_argument("--dry-run", action="store_true", help="read and match only; write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--by", metavar="EMAIL", help="the staff account that imports; needed to write")
        parser.add_argument(
            "--any-meeting",
            action="store_true",
            help="take the report although its meeting is not the one of the session's link",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, write unless it is a rehearsal, and print."""
        try:
            result = _import(
                **{name: options[name] for name in ("session_id", "file", "dry_run", "by", "any_meeting")}
            )
        except (_Refused, DomainError) as error:
            if not options["json"]:
                raise CommandError(str(error)) from error
            self._print_json(Result(error=str(error)))
            raise SystemExit(1) from error
        if options["json"]:
            self._print_json(result)
        else:
            self._print_words(result, is_rehearsal=options["dry_run"])

    def _print_json(self, result: Result) -> None:
        self.stdout.write(json.dumps(asdict(result), ensure_ascii=False, indent=1))

    def _print_words(self, result: Result, *, is_rehearsal: bool) -> None:
        for warning in result.warnings:
            self.stdout.write(f"Note: {warning}")
        for email, minutes in sorted(result.matched.items()):
            self.stdout.write(f"{minutes:4} min  {email}")
        for name, emails in result.suggested.items():
            self.stdout.write(f"   waits  {name}: perhaps {', '.join(emails)}")
        for name in result.unmatched:
            self.stdout.write(f"   waits  {name}")
        self.stdout.write("Nothing was written: a rehearsal." if is_rehearsal else "Written.")


def _import(*, session_id: int, file: Path, dry_run: bool, by: str | None, any_meeting: bool) -> Result:
    session = EchoSession.objects.select_related("cycle__program").filter(pk=session_id).first()
    if session is None:
        raise _Refused(f"There is no session with the number {session_id}.")
    actor = None if dry_run else _actor(by)
    content = _content(file)
    if actor is None:
        return _result(preview_of_file(session, content, any_meeting=any_meeting))
    now = timezone.now()
    kept = preview_report(
        session_id=session.pk,
        filename=file.name,
        content=content,
        by=actor,
        now=now,
        any_meeting=any_meeting,
    )
    report = AttendanceReport.objects.select_related("session__cycle__program").get(pk=kept.pk)
    preview = read_preview(report)
    apply_report(report_id=report.pk, by=actor, now=now)
    return _result(preview)


def _actor(email: str | None) -> User:
    """The account that the audit trail will name."""
    if not email:
        raise _Refused(
            "Say who imports with --by and the address of a staff account, or rehearse with --dry-run."
        )
    actor = User.objects.filter(email=email.strip().lower(), is_staff=True, is_active=True).first()
    if actor is None:
        raise _Refused(f"{email} is no active staff account.")
    return actor


def _content(file: Path) -> bytes:
    """The bytes of the file, read only if there are not too many."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise _Refused(str(FILE_PROBLEMS["too_large"]))
        return file.read_bytes()
    except OSError as error:
        raise _Refused(f"The file {file} cannot be read: {error.strerror}.") from error


def _result(preview: Preview) -> Result:
    members = preview.crowd.members
    suggested: dict[str, list[str]] = {}
    unmatched = []
    for name in preview.open_names:
        written = name.name or name.email
        emails = [members[suggestion.person].email for suggestion in name.suggestions]
        if emails:
            suggested[written] = [*dict.fromkeys((*suggested.get(written, ()), *emails))]
        else:
            unmatched.append(written)
    problems = [f"Line {problem.line}: {problem.value} – {problem.reason}" for problem in preview.problems]
    return Result(
        matched={row.member.email: row.minutes for row in preview.rows if row.how},
        suggested=suggested,
        unmatched=unmatched,
        warnings=[*preview.warnings, *problems],
    )
