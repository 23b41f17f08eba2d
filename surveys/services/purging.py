"""Deleting what was answered in a cycle whose records need not be kept any more."""

from datetime import datetime

from django.db.models import Q

from core.trail import blank_reasons, drop_history
from sessions_app.models import Cycle
from surveys.models import Answer, Response, ScreenedAnswer, SurveyWindow

AT_ONCE = 1000
"""Responses whose answers are deleted at once."""


def delete_responses(cycle: Cycle, *, now: datetime) -> dict[str, int]:
    """Delete the cycle's responses with their answers, and returns how many of each; no survey of it stays open.

    Their part of the audit trail goes too. Call inside a transaction and an act, once nobody may ask for the records
    (`core.retention`): the database refuses it earlier.
    """
    of_cycle = Q(enrolment__cycle=cycle)
    # Who has no response any more must not be asked for one.
    still_open = Q(closes_at=None) | Q(closes_at__gt=now)
    SurveyWindow.objects.filter(still_open, cycle=cycle, opens_at__lt=now).update(closes_at=now)
    responses = list(Response.objects.filter(of_cycle).values_list("pk", flat=True))
    answers = 0
    for start in range(0, len(responses), AT_ONCE):
        some = responses[start : start + AT_ONCE]
        ScreenedAnswer.objects.filter(answer__response__in=some).delete()
        answers += Answer.objects.filter(response__in=some).delete()[0]
        Response.objects.filter(pk__in=some).delete()
    blank_reasons(Response, of_cycle)
    drop_history(Response, of_cycle)
    return {"responses": len(responses), "answers": answers}
