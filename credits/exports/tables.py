"""The tables of an audit pack: what they are called, their columns, and their rows one after the other.

Times are those of Toronto with their distance from UTC, so that one table can be read beside another. No table holds
an answer to a survey, a text of a case or the key of an address.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Model, Q, QuerySet, Window
from django.db.models.functions import Lag
from django.utils import timezone

from core.trail import event_model
from credits.exports.names import safe_name
from credits.models import Accreditation, CreditLine, SessionIdentifier, Waiver
from sessions_app.models import (
    Attendance,
    AttendanceReport,
    Cycle,
    EchoSession,
    Enrolment,
    SessionObjective,
    Speaker,
    UnmatchedName,
)
from surveys.models import Response

CHUNK = 2000
"""Rows that the database hands over at once."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file of the pack: column → where its value is found, in the order of the columns."""

    name: str
    columns: dict[str, str]
    rows: Callable[[Cycle], QuerySet[Any]]

    def read(self, cycle: Cycle) -> Iterator[list[Any]]:
        """The rows as cells, as the database hands them over."""
        values = self.rows(cycle).values_list(*self.columns.values())
        return map(cells, values.iterator(chunk_size=CHUNK))


def cells(row: Iterable[Any]) -> list[Any]:
    """The values as they stand in the file."""
    return [_cell(value) for value in row]


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value


def accreditations(cycle: Cycle) -> QuerySet[Accreditation]:
    """The grants that cover a day of the cycle, and those under which it has certificates."""
    covers = Q(program=cycle.program_id, valid_from__lte=cycle.ends_on, valid_to__gte=cycle.starts_on)
    used = Accreditation.objects.filter(certificates__enrolment__cycle=cycle).values("pk")
    return Accreditation.objects.filter(covers | Q(pk__in=used)).order_by("valid_from", "pk")


def report_path(pk: int, filename: str) -> str:
    """Where the report stands in the pack. Its number comes first: names are people's, and may be the same."""
    return f"attendance/reports/{pk}-{safe_name(filename)}"


def _of_cycle(model: type[Model], path: str, *order: str) -> Callable[[Cycle], QuerySet[Any]]:
    return lambda cycle: model._default_manager.filter(**{path: cycle}).order_by(*order)


def _changes_of_attendance(cycle: Cycle) -> QuerySet[Any]:
    """What was changed or removed after it was first written, from the audit trail (rule 7)."""

    def before(column: str) -> Window:
        return Window(Lag(column), partition_by=F("pgh_obj_id"), order_by=F("pgh_id").asc())

    events = event_model(Attendance).objects.filter(session__cycle=cycle)
    found: QuerySet[Any] = (
        events.annotate(minutes_before=before("minutes"), was_guest=before("is_guest"))
        # The first event of a row has none before it: it is the row's beginning, not a change.
        .filter(minutes_before__isnull=False)
        .order_by("pgh_id")
    )
    return found


PERSON = {
    "enrolment_id": "enrolment_id",
    "name": "enrolment__participant__profile__legal_name",
    "email": "enrolment__participant__email",
}

TABLES = (
    Table(
        "roster.csv",
        {
            "enrolment_id": "pk",
            "name": "participant__profile__legal_name",
            "email": "participant__email",
            "category": "participant__profile__category",
            "profession": "participant__profile__profession",
            "college": "participant__profile__college",
            "licence_number": "participant__profile__licence_number",
            "status": "status",
            "applied_at": "applied_at",
            "enrolled_on": "enrolled_on",
            "decided_at": "decided_at",
            "decided_by": "decided_by__email",
        },
        _of_cycle(Enrolment, "cycle", "pk"),
    ),
    Table(
        "sessions/sessions.csv",
        {
            "session_id": "pk",
            "starts_at": "starts_at",
            "ends_at": "ends_at",
            "topic": "topic",
            "topic_fr": "topic_fr",
            "status": "status",
            "hub": "hub__name",
        },
        _of_cycle(EchoSession, "cycle", "starts_at", "pk"),
    ),
    Table(
        "sessions/objectives.csv",
        {
            "session_id": "session_id",
            "objective": "objective__text",
            "objective_fr": "objective__text_fr",
        },
        _of_cycle(
            SessionObjective, "session__cycle", "session__starts_at", "session", "objective__position", "pk"
        ),
    ),
    Table(
        "sessions/disclosures.csv",
        {
            "session_id": "session_id",
            "session_starts_at": "session__starts_at",
            "speaker": "name",
            "affiliation": "affiliation",
            "disclosure": "disclosure",
            "declared": "disclosure_text",
            "declared_fr": "disclosure_text_fr",
        },
        _of_cycle(Speaker, "session__cycle", "session__starts_at", "session", "position", "pk"),
    ),
    Table(
        "attendance/attendance.csv",
        {
            "session_id": "session_id",
            "session_starts_at": "session__starts_at",
            **PERSON,
            "minutes": "minutes",
            "as_guest": "is_guest",
            "source": "source",
            "report_id": "report_id",
            "reason": "reason",
            "recorded_at": "recorded_at",
            "recorded_by": "recorded_by__email",
        },
        _of_cycle(Attendance, "session__cycle", "session__starts_at", "session", "enrolment", "pk"),
    ),
    Table(
        "attendance/changes.csv",
        {
            "changed_at": "pgh_created_at",
            "change": "pgh_label",
            "session_id": "session_id",
            "enrolment_id": "enrolment_id",
            "minutes_before": "minutes_before",
            "minutes": "minutes",
            "as_guest_before": "was_guest",
            "as_guest": "is_guest",
            "source": "source",
            "reason": "reason",
            "recorded_by": "recorded_by__email",
        },
        _changes_of_attendance,
    ),
    Table(
        "attendance/names-on-reports.csv",
        {
            "report_id": "report_id",
            "name_on_report": "name",
            "email_on_report": "email",
            "minutes": "minutes",
            "outcome": "outcome",
            "given_to_enrolment_id": "given__enrolment_id",
            "decided_at": "decided_at",
            "decided_by": "decided_by__email",
        },
        _of_cycle(
            UnmatchedName, "report__session__cycle", "report", "name", "email", "pk", "given__enrolment_id"
        ),
    ),
    Table(
        "surveys/completion.csv",
        {
            "survey": "window__instrument__kind",
            "title": "window__instrument__title",
            "version": "window__instrument__version",
            "session_id": "window__session_id",
            **PERSON,
            "submitted_at": "submitted_at",
        },
        lambda cycle: Response.objects.filter(window__cycle=cycle, status=Response.Status.SUBMITTED).order_by(
            "window", "enrolment"
        ),
    ),
    Table(
        "surveys/waivers.csv",
        {
            **PERSON,
            "condition": "condition",
            "reason": "reason",
            "state": "status",
            "asked_at": "asked_at",
            "asked_by": "asked_by__email",
            "decided_at": "decided_at",
            "decided_by": "decided_by__email",
        },
        _of_cycle(Waiver, "enrolment__cycle", "enrolment", "pk"),
    ),
    Table(
        "accreditation/accreditations.csv",
        {
            "accreditation_id": "pk",
            "accreditor": "accreditor",
            "title_as_accredited": "accredited_title",
            "title_as_accredited_fr": "accredited_title_fr",
            "activity_id": "activity_id",
            "valid_from": "valid_from",
            "valid_to": "valid_to",
            "accountable_physician": "physician_name",
            "physician_title": "physician_title",
            "signature_sha256": "signature__sha256",
        },
        accreditations,
    ),
    Table(
        "accreditation/credit-lines.csv",
        {
            "accreditation_id": "accreditation_id",
            "category": "category",
            "unit": "unit",
            "per_hour": "per_hour",
            "at_most": "cap",
            "credit_name": "credit_name",
            "document_title": "document_title",
            "statement": "statement",
            "statement_fr": "statement_fr",
        },
        lambda cycle: CreditLine.objects.filter(accreditation__in=accreditations(cycle)).order_by(
            "accreditation", "category"
        ),
    ),
    Table(
        "accreditation/session-ids.csv",
        {
            "accreditation_id": "accreditation_id",
            "session_id": "session_id",
            "session_starts_at": "session__starts_at",
            "accreditors_id": "identifier",
        },
        _of_cycle(SessionIdentifier, "session__cycle", "accreditation", "session__starts_at", "session"),
    ),
)

REPORT_COLUMNS = {
    "report_id": "pk",
    "session_id": "session_id",
    "file_name": "filename",
    "sha256": "file__sha256",
    "bytes": "file__size",
    "uploaded_at": "uploaded_at",
    "uploaded_by": "uploaded_by__email",
    "applied_at": "applied_at",
    "applied_by": "applied_by__email",
}


def reports(cycle: Cycle) -> QuerySet[AttendanceReport]:
    """The reports handed in for the cycle's sessions."""
    return AttendanceReport.objects.filter(session__cycle=cycle).order_by("pk")
