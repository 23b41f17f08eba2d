"""Reads of surveys that are used more than once."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from sessions_app.models import Enrolment
from surveys import rules
from surveys.models import Answer, Instrument, Question, Response, SurveyWindow, WindowExtension

GATE_KINDS = (Instrument.Kind.PRE, Instrument.Kind.POST, Instrument.Kind.REFLECTION)
"""The instruments without which no certificate is issued (rule 13)."""


@dataclass(frozen=True, slots=True)
class SurveyState:
    """Where one person stands with one survey of the cycle."""

    window: SurveyWindow
    response: Response | None
    closes_at: datetime | None
    is_open: bool
    is_ahead: bool

    @property
    def is_submitted(self) -> bool:
        """Whether it has been answered."""
        return self.response is not None and self.response.status == Response.Status.SUBMITTED

    @property
    def is_started(self) -> bool:
        """Whether a draft is kept."""
        return self.response is not None and not self.is_submitted


def survey_states(enrolment: Enrolment, *, now: datetime) -> list[SurveyState]:
    """Every survey of the enrolment's cycle, in the order they open, with this person's state (3 queries)."""
    windows = SurveyWindow.objects.filter(cycle_id=enrolment.cycle_id).select_related("instrument", "session")
    responses = {response.window_id: response for response in enrolment.responses.all()}
    extensions = dict(enrolment.survey_extensions.values_list("window_id", "closes_at"))
    states = []
    for window in windows:
        closes_at = closing_for(window, enrolment, extended_to=extensions.get(window.pk))
        states.append(
            SurveyState(
                window=window,
                response=responses.get(window.pk),
                closes_at=closes_at,
                is_open=window.opens_at <= now and (closes_at is None or now < closes_at),
                is_ahead=now < window.opens_at,
            )
        )
    return states


def closing_for(
    window: SurveyWindow, enrolment: Enrolment, *, extended_to: datetime | None
) -> datetime | None:
    """When the survey closes for this person; None is never.

    The latest of its closing, an extension and, for a pre-survey, JOINING_DAYS after somebody joined: without it there
    is no certificate (rule 13), and who may still join may still answer.
    """
    if window.closes_at is None:
        return None
    moments = [window.closes_at, extended_to]
    if window.instrument.kind == Instrument.Kind.PRE:
        moments.append(rules.days_after(timezone.localtime(joined_at(enrolment)), rules.JOINING_DAYS))
    return max(moment for moment in moments if moment is not None)


def closing_time(window: SurveyWindow, enrolment: Enrolment) -> datetime | None:
    """`closing_for` with the person's extension (1 query)."""
    extension = WindowExtension.objects.filter(window=window, enrolment=enrolment).first()
    return closing_for(window, enrolment, extended_to=extension.closes_at if extension else None)


def joined_at(enrolment: Enrolment) -> datetime:
    """When somebody came into the cycle: the decision, or the application where nobody decided."""
    return enrolment.decided_at or enrolment.applied_at


def asked_questions(instrument_id: int) -> list[Question]:
    """The questions of an instrument in the order they are asked, with section and choices (2 queries)."""
    questions = Question.objects.filter(instrument_id=instrument_id).select_related("section", "matrix")
    return list(questions.prefetch_related("choices"))


def has_responses(instrument_id: int) -> bool:
    """Whether somebody has begun to answer an instrument, which freezes it (rule 28)."""
    return Response.objects.filter(window__instrument=instrument_id).exists()


def submitted_gate_responses() -> QuerySet[Response]:
    """The submitted responses that the gate of the certificate asks for; a reflection must say something (rule 13)."""
    has_words = Exists(Answer.objects.filter(response=OuterRef("pk")).exclude(text=""))
    return Response.objects.filter(
        ~Q(window__instrument__kind=Instrument.Kind.REFLECTION) | has_words,
        status=Response.Status.SUBMITTED,
        window__instrument__kind__in=GATE_KINDS,
    )


def submitted_kinds(cycle_id: int) -> dict[int, set[str]]:
    """For each enrolment of the cycle the kinds of survey it has submitted (1 query)."""
    kinds: dict[int, set[str]] = {}
    rows = submitted_gate_responses().filter(enrolment__cycle_id=cycle_id)
    for enrolment_id, kind in rows.values_list("enrolment_id", "window__instrument__kind"):
        kinds.setdefault(enrolment_id, set()).add(kind)
    return kinds
