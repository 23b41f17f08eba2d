"""Reads of surveys that are used more than once."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from sessions_app.models import Enrolment
from surveys.models import Answer, Instrument, Response, SurveyWindow

GATE_KINDS = (Instrument.Kind.PRE, Instrument.Kind.POST, Instrument.Kind.REFLECTION)
"""The instruments without which no certificate is issued (rule 13)."""


@dataclass(frozen=True, slots=True)
class SurveyState:
    """Where one person stands with one survey of the cycle."""

    window: SurveyWindow
    response: Response | None
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
    """Every survey of the enrolment's cycle, in the order they open, with this person's state (2 queries)."""
    windows = SurveyWindow.objects.filter(cycle_id=enrolment.cycle_id).select_related("instrument")
    responses = {response.window_id: response for response in enrolment.responses.all()}
    return [
        SurveyState(
            window=window,
            response=responses.get(window.pk),
            is_open=window.is_open(now=now),
            is_ahead=now < window.opens_at,
        )
        for window in windows
    ]


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
