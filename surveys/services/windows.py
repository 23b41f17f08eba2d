"""Windows: made by a program's plans, following the dates of the cycle, until somebody sets them by hand."""

import logging
from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError
from participants.models import User
from sessions_app.models import Cycle, EchoSession, Enrolment
from surveys.models import Instrument, Response, SurveyPlan, SurveyWindow, WindowExtension
from surveys.rules import Anchor, moment_of

logger = logging.getLogger(__name__)

FOLLOWED_FOR = timedelta(days=800)
"""Cycles that ended longer ago get no window any more."""


def tend_windows(*, now: datetime) -> int:
    """Make and move the windows of every cycle that has plans; returns how many were made or changed.

    A published cycle gets a window for each plan in use with a released instrument; a closed one only its follow-up. A
    window follows its cycle's and session's dates until a coordinator sets them (`is_adjusted`): its opening while that
    is ahead, its closing while that is ahead, and never to a moment that has passed. Running it again changes nothing.
    """
    cycles = Cycle.objects.filter(
        status__in=[Cycle.Status.PUBLISHED, Cycle.Status.CLOSED],
        ends_on__gte=timezone.localdate(now) - FOLLOWED_FOR,
        program__survey_plans__is_active=True,
    ).distinct()
    changed = 0
    for pk in cycles.order_by("pk").values_list("pk", flat=True):
        try:
            changed += tend_cycle(cycle_id=pk, now=now)
        except Exception:
            # One cycle must not keep the others from their surveys; it is tried again in the next round.
            logger.exception("The survey windows of cycle %s could not be tended.", pk)
    return changed


@transaction.atomic
def tend_cycle(*, cycle_id: int, now: datetime) -> int:
    """Make and move the windows of one cycle; returns how many were made or changed."""
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    plans = list(SurveyPlan.objects.filter(program=cycle.program_id, is_active=True))
    if cycle.status == Cycle.Status.CLOSED:
        plans = [plan for plan in plans if plan.kind == Instrument.Kind.FOLLOW_UP]
    newest = _newest_released(cycle.program_id)
    sessions = list(cycle.sessions.order_by("starts_at", "pk"))
    windows = {
        (window.instrument.kind, window.session_id): window
        for window in cycle.survey_windows.select_related("instrument")
    }
    changed = 0
    with audit.act("survey_window.tend", by=None):
        for plan in plans:
            instrument = newest.get(plan.kind)
            if instrument is None:
                continue
            for session in _about(plan, sessions):
                window = windows.get((plan.kind, session.pk if session else None))
                changed += _tend(
                    plan,
                    cycle,
                    session,
                    window=window,
                    instrument=instrument,
                    sessions=sessions,
                    now=now,
                )
    return changed


def _newest_released(program_id: int) -> dict[str, Instrument]:
    released = Instrument.objects.filter(program=program_id, is_released=True).order_by("version")
    return {instrument.kind: instrument for instrument in released}


def _about(plan: SurveyPlan, sessions: Iterable[EchoSession]) -> list[EchoSession | None]:
    return list(sessions) if plan.kind == Instrument.Kind.EVALUATION else [None]


def _tend(
    plan: SurveyPlan,
    cycle: Cycle,
    session: EchoSession | None,
    *,
    window: SurveyWindow | None,
    instrument: Instrument,
    sessions: list[EchoSession],
    now: datetime,
) -> int:
    if session is not None and session.status == EchoSession.Status.CANCELLED:
        return _withdraw(window, now=now)
    moments = anchors(cycle, sessions, session)
    opens_at = moment_of(plan.opens_from, plan.opens_days, moments)
    closes_at = moment_of(plan.closes_from, plan.closes_days, moments) if plan.closes_from else None
    if opens_at is None or (closes_at is not None and closes_at <= opens_at):
        return 0
    if window is None:
        # What would be over before anybody is asked is not made; what comes late opens now, so that all are invited.
        if closes_at is not None and closes_at <= now:
            return 0
        SurveyWindow.objects.create(
            cycle=cycle,
            instrument=instrument,
            session=session,
            opens_at=max(opens_at, now),
            closes_at=closes_at,
            reminder_days=plan.reminder_days,
        )
        return 1
    return _follow(window, instrument, opens_at=opens_at, closes_at=closes_at, now=now)


def _follow(
    window: SurveyWindow,
    instrument: Instrument,
    *,
    opens_at: datetime,
    closes_at: datetime | None,
    now: datetime,
) -> int:
    """Let a window follow its dates, and ask the newest version while nobody has seen the one before."""
    fields = []
    is_ahead = now < window.opens_at
    if not window.is_adjusted:
        if is_ahead and instrument.version > window.instrument.version:
            window.instrument = instrument
            fields.append("instrument")
        if is_ahead and now < opens_at != window.opens_at:
            window.opens_at = opens_at
            fields.append("opens_at")
        is_closed = window.closes_at is not None and window.closes_at <= now
        is_in_time = closes_at is None or closes_at > max(now, window.opens_at)
        if closes_at != window.closes_at and not is_closed and is_in_time:
            window.closes_at = closes_at
            fields.append("closes_at")
    if fields:
        window.save(update_fields=fields)
    return bool(fields)


def _withdraw(window: SurveyWindow | None, *, now: datetime) -> int:
    """A session that was cancelled is not evaluated: its window goes, or closes where somebody was asked or began."""
    if window is None or window.is_adjusted:
        return 0
    if not (window.responses.exists() or window.asks.exists() or window.extensions.exists()):
        window.delete()
        return 1
    if now <= window.opens_at or (window.closes_at is not None and window.closes_at <= now):
        return 0
    window.closes_at = now
    window.save(update_fields=["closes_at"])
    return 1


def anchors(
    cycle: Cycle, sessions: Iterable[EchoSession], session: EchoSession | None = None
) -> dict[Anchor, datetime]:
    """The moments that days are counted from, on Toronto clocks; without a session the last day stands for it."""
    zone = timezone.get_default_timezone()
    last_day = timezone.make_aware(datetime.combine(cycle.ends_on + timedelta(days=1), time.min), zone)
    held = [one.ends_at for one in sessions if one.status != EchoSession.Status.CANCELLED]
    moments = {
        Anchor.REGISTRATION: timezone.localtime(cycle.registration_opens_at, zone),
        Anchor.FIRST_DAY: timezone.make_aware(datetime.combine(cycle.starts_on, time.min), zone),
        Anchor.LAST_SESSION: timezone.localtime(max(held), zone) if held else last_day,
        Anchor.LAST_DAY: last_day,
    }
    if session is not None:
        moments[Anchor.SESSION] = timezone.localtime(session.ends_at, zone)
    return moments


@transaction.atomic
def extend_window(
    *, window_id: int, enrolment_id: int, until: datetime, reason: str, by: User, now: datetime
) -> WindowExtension:
    """Give one person until `until` to answer, with the reason; a second extension takes the place of the first.

    Raises BadInputError without a reason, for a moment that has passed or is no later than the survey's own closing,
    for a survey that never closes or has not opened, and for somebody who has answered or is not in the cycle.
    """
    window = SurveyWindow.objects.select_related("cycle").get(pk=window_id)
    enrolment = (
        Enrolment.objects.select_for_update(of=("self",))
        .filter(pk=enrolment_id, cycle=window.cycle_id, status=Enrolment.Status.APPROVED)
        .first()
    )
    if enrolment is None:
        raise BadInputError(_("This person is not in the survey’s cycle."))
    if not reason.strip():
        raise BadInputError(_("Say why this person gets more time: it is kept."))
    if window.closes_at is None:
        raise BadInputError(_("This survey stays open: nobody needs more time."))
    if until <= max(now, window.closes_at):
        raise BadInputError(_("Choose a date and time in the future, after the survey closes for everybody."))
    if Response.objects.filter(window=window, enrolment=enrolment, status=Response.Status.SUBMITTED).exists():
        raise BadInputError(_("This person has answered already."))
    values = {"closes_at": until, "reason": reason.strip(), "granted_at": now, "granted_by": by}
    with audit.act("survey.extend", by=by, reason=reason.strip()):
        extension, _is_new = WindowExtension.objects.update_or_create(
            window=window, enrolment=enrolment, defaults=values
        )
    return extension
