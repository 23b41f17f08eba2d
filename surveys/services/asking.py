"""Asking: an invitation when a survey opens, reminders to those who have not answered, never after (rule 30)."""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import audit
from core.errors import BadInputError
from outbox.models import OutgoingMail
from outbox.services import Letter, queue_mails, withdraw_mails
from participants.models import User
from sessions_app.models import Cycle, Enrolment
from surveys.answer_page import survey_title
from surveys.asking_queries import Standing, standings
from surveys.models import Instrument, Response, SurveyAsk, SurveyWindow, WindowExtension
from surveys.rules import JOINING_DAYS, due_step

logger = logging.getLogger(__name__)

BATCH = 500
"""People whose mails are rendered and queued at a time."""

Due = dict[int, list[tuple[SurveyWindow, Standing, str]]]
"""By enrolment what is due: the survey, where the person stands, and the step."""


def ask_due(*, now: datetime) -> int:
    """Write to everybody to whom an invitation or a reminder is due; returns how many mails were queued.

    Each step is asked once of each person however often this runs (rules.due_step says which is due), and what is due
    to one person at one time comes in one mail. Whoever has answered, has left or whose time is over is not written to.
    """
    local = timezone.localtime(now)
    cycles = Cycle.objects.filter(
        Q(survey_windows__closes_at__isnull=True)
        | Q(survey_windows__closes_at__gt=now)
        | Q(survey_windows__extensions__closes_at__gt=now)
        | Q(survey_windows__instrument__kind=Instrument.Kind.PRE, enrolments__in=_joined_lately(now)),
        survey_windows__opens_at__lte=now,
        status__in=[Cycle.Status.PUBLISHED, Cycle.Status.CLOSED],
    ).distinct()
    asked = 0
    for pk in cycles.order_by("pk").values_list("pk", flat=True):
        try:
            asked += _ask_cycle(pk, now=local)
        except Exception:
            # One cycle must not keep the others' people waiting; it is tried again in the next round.
            logger.exception("The people of cycle %s could not be asked to answer.", pk)
    return asked


@transaction.atomic
def _ask_cycle(cycle_id: int, *, now: datetime) -> int:
    # The cycle's row is the lock: two workers at once ask one after the other, and the second finds nothing due.
    cycle = (
        Cycle.objects.select_for_update(of=("self",), no_key=True).select_related("program").get(pk=cycle_id)
    )
    due: Due = {}
    for window in _windows(cycle, now=now):
        for standing in standings(window):
            step = _due(window, standing, now=now)
            if step is not None:
                due.setdefault(standing.enrolment.pk, []).append((window, standing, step))
    return _write_to_all(cycle, due, by=None, now=now)


def _windows(cycle: Cycle, *, now: datetime) -> list[SurveyWindow]:
    windows = cycle.survey_windows.filter(opens_at__lte=now).select_related("instrument", "session", "cycle")
    extended = set(
        WindowExtension.objects.filter(window__cycle=cycle, closes_at__gt=now).values_list(
            "window", flat=True
        )
    )
    is_joined = _joined_lately(now).filter(cycle=cycle).exists()
    # A survey nobody can be due is not looked at; who joins late is asked a pre-survey that has closed for the others.
    return [
        window
        for window in windows
        if window.closes_at is None
        or window.closes_at > now
        or window.pk in extended
        or (is_joined and window.instrument.kind == Instrument.Kind.PRE)
    ]


def _joined_lately(now: datetime) -> QuerySet[Enrolment]:
    """Who may still have days for a pre-survey that has closed for the others; a day more, for the clock's changes."""
    since = now - timedelta(days=JOINING_DAYS + 1)
    return Enrolment.objects.filter(
        Q(decided_at__gt=since) | Q(decided_at__isnull=True, applied_at__gt=since),
        status=Enrolment.Status.APPROVED,
    )


def _due(window: SurveyWindow, standing: Standing, *, now: datetime) -> str | None:
    if standing.is_submitted:
        return None
    step = due_step(
        opens_at=timezone.localtime(window.opens_at),
        closes_at=standing.closes_at,
        asked_from=standing.asked_from,
        reminder_days=window.reminder_days,
        now=now,
    )
    return None if step in {ask.step for ask in standing.asks} else step


def remind_now(
    *, window_id: int, enrolment_ids: Collection[int] | None = None, by: User, now: datetime
) -> int:
    """Write by hand to those who have not answered (or to those of `enrolment_ids`); returns how many mails.

    Nobody is written to by hand twice a day, after having answered, or after the survey closed for them. Raises
    BadInputError when the survey is open for nobody.
    """
    local = timezone.localtime(now)
    with transaction.atomic():
        window = SurveyWindow.objects.select_related("instrument", "session").get(pk=window_id)
        cycle = (
            Cycle.objects.select_for_update(of=("self",), no_key=True)
            .select_related("program")
            .get(pk=window.cycle_id)
        )
        window.cycle = cycle
        people = standings(window)
        if not any(one.is_open(window, now=now) for one in people):
            raise BadInputError(_("This survey is open for nobody now: there is nothing to remind of."))
        step = f"hand-{local:%Y-%m-%d}"
        due: Due = {
            one.enrolment.pk: [(window, one, step)]
            for one in people
            if not one.is_submitted
            and one.is_open(window, now=now)
            and step not in {ask.step for ask in one.asks}
            and (enrolment_ids is None or one.enrolment.pk in enrolment_ids)
        }
        return _write_to_all(cycle, due, by=by, now=local)


def _write_to_all(cycle: Cycle, due: Due, *, by: User | None, now: datetime) -> int:
    people = list(due.items())
    return sum(
        _write_to(cycle, dict(people[at : at + BATCH]), by=by, now=now) for at in range(0, len(people), BATCH)
    )


def _write_to(cycle: Cycle, due: Due, *, by: User | None, now: datetime) -> int:
    """Keep that these people are asked, and queue one mail to each."""
    due = _still_unanswered(due)
    asks, letters, keys = [], [], {}
    for enrolment_id, what in due.items():
        enrolment = what[0][1].enrolment
        key = f"survey:{enrolment_id}:" + "+".join(f"{window.pk}.{step}" for window, _one, step in what)
        keys[enrolment_id] = key[:200]
        letters.append(_letter(cycle, enrolment, what, key=keys[enrolment_id]))
        asks += [
            SurveyAsk(window=window, enrolment=enrolment, step=step, asked_at=now, asked_by=by)
            for window, _one, step in what
        ]
    with audit.act("survey.remind" if by else "survey.ask", by=by):
        count = queue_mails(letters)
        mails = dict(OutgoingMail.objects.filter(key__in=keys.values()).values_list("key", "pk"))
        for ask in asks:
            ask.mail_id = mails.get(keys[ask.enrolment_id])
        SurveyAsk.objects.bulk_create(asks, batch_size=1000)
    return count


def _still_unanswered(due: Due) -> Due:
    """What is left once nobody can submit any more before this is written: the enrolment's row is the lock of both."""
    there = set(
        Enrolment.objects.select_for_update(no_key=True)
        .filter(pk__in=due, status=Enrolment.Status.APPROVED)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    answered = set(
        Response.objects.filter(enrolment__in=due, status=Response.Status.SUBMITTED).values_list(
            "enrolment", "window"
        )
    )
    left = {
        pk: [one for one in what if (pk, one[0].pk) not in answered]
        for pk, what in due.items()
        if pk in there
    }
    return {pk: what for pk, what in left.items() if what}


def _letter(
    cycle: Cycle, enrolment: Enrolment, what: Sequence[tuple[SurveyWindow, Standing, str]], *, key: str
) -> Letter:
    user = enrolment.participant
    profile = getattr(user, "profile", None)
    language = profile.language if profile else settings.LANGUAGE_CODE
    with override(language):
        surveys: list[dict[str, Any]] = [
            {
                "title": survey_title(window),
                "closes_at": one.closes_at,
                "url": settings.PORTAL_URL + reverse("surveys:response-edit", args=[window.pk]),
                "is_begun": one.response is not None,
            }
            for window, one, _step in what
        ]
    # Whoever was not written to before, late or by hand, is invited: "reminder" would be a riddle.
    is_reminder = all(one.asks for _window, one, _step in what)
    kinds = {window.instrument.kind for window, _one, _step in what}
    return Letter(
        key=key,
        kind="survey",
        to=user.email,
        template="surveys/mail/reminder" if is_reminder else "surveys/mail/invitation",
        context={
            "name": user.get_short_name(),
            "program": cycle.program,
            "surveys": surveys,
            "is_for_credit": bool(kinds & {"pre", "post", "reflection"}),
        },
        language=language,
    )


def withdraw_reminders(response: Response) -> int:
    """Take back what still waits in the outbox about a survey that has just been answered; returns how many mails.

    A mail that names another survey as well goes all the same while that one is unanswered.
    """
    asks = SurveyAsk.objects.filter(window=response.window_id, enrolment=response.enrolment_id)
    mails = set(asks.exclude(mail=None).values_list("mail", flat=True))
    if not mails:
        return 0
    answered = Response.objects.filter(
        enrolment=response.enrolment_id, status=Response.Status.SUBMITTED
    ).values("window")
    still = SurveyAsk.objects.filter(mail__in=mails).exclude(window__in=answered)
    return withdraw_mails(mail_ids=mails - set(still.values_list("mail", flat=True)))
