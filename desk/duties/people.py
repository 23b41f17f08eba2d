"""Applications, cases and surveys: what people wait for, or are waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.templatetags.portal import eastern_date, short_day
from desk.duties.base import ATTENTION, INFORMATION, PROBLEM, Duty, few, list_of
from desk.work import ANSWER_DAYS, CycleWork
from sessions_app.models import Enrolment
from surveys.models import Instrument


def people(work: CycleWork) -> Iterator[Duty]:
    """Who waits for a place."""
    cycle = work.cycle
    if cycle.applied:
        yield Duty(
            words=ngettext(
                "%(number)d application waits for a decision",
                "%(number)d applications wait for a decision",
                cycle.applied,
            )
            % {"number": cycle.applied},
            detail=_("The longest since %(day)s.") % {"day": eastern_date(cycle.applied_since)},
            url=list_of(
                "sessions_app_enrolment", cycle__id__exact=cycle.pk, status__exact=Enrolment.Status.APPLIED
            ),
            action=_("Decide"),
            tone=ATTENTION,
            permission="sessions_app.change_enrolment",
        )


def cases(work: CycleWork) -> Iterator[Duty]:
    """Presenters without a case, and cases by what they wait for."""
    cycle = work.cycle
    desk = f"{reverse('admin:cases_casesubmission_desk')}?{urlencode({'cycle': cycle.pk})}"
    if work.without_case:
        people = [
            f"{slot.enrolment.participant.get_full_name()}, {short_day(timezone.localdate(slot.session.starts_at))}"
            for slot in work.without_case
            if slot.enrolment is not None
        ]
        yield Duty(
            words=ngettext(
                "%(number)d presenter has not handed in a case",
                "%(number)d presenters have not handed in a case",
                len(people),
            )
            % {"number": len(people)},
            detail=few(people),
            url=reverse("admin:sessions_app_cycle_presenters", args=[cycle.pk]),
            action=_("See the presenters"),
            tone=ATTENTION,
            permission="sessions_app.view_presenterslot",
        )
    waiting: list[tuple[int, Callable[[int], str], str, str]] = [
        (
            cycle.to_review,
            lambda number: ngettext(
                "%(number)d case waits to be reviewed", "%(number)d cases wait to be reviewed", number
            ),
            pgettext("do it", "Review"),
            ATTENTION,
        ),
        (
            cycle.to_reschedule,
            lambda number: ngettext(
                "%(number)d case lost its session", "%(number)d cases lost their session", number
            ),
            _("Give it a session"),
            PROBLEM,
        ),
        (
            cycle.to_schedule,
            lambda number: ngettext(
                "%(number)d approved case has no session", "%(number)d approved cases have no session", number
            ),
            _("Give it a session"),
            ATTENTION,
        ),
        (
            cycle.to_mark,
            lambda number: ngettext(
                "%(number)d case’s session is over: was it presented?",
                "The sessions of %(number)d cases are over: were they presented?",
                number,
            ),
            _("Say so"),
            ATTENTION,
        ),
        (
            cycle.unanswered,
            lambda number: ngettext(
                "%(number)d case was presented more than %(days)d days ago and has no letter",
                "%(number)d cases were presented more than %(days)d days ago and have no letter",
                number,
            ),
            _("See the cases"),
            ATTENTION,
        ),
    ]
    for number, words, action, tone in waiting:
        if number:
            yield Duty(
                words=words(number) % {"number": number, "days": ANSWER_DAYS},
                detail="",
                url=desk,
                action=action,
                tone=tone,
                permission="cases.review_casesubmission",
            )


def surveys(work: CycleWork, *, now: datetime) -> Iterator[Duty]:
    """Open surveys that some have not answered; the evaluations of sessions together."""
    evaluations = []
    for state in work.surveys:
        if not state.open or not state.is_open(now=now):
            continue
        if state.window.instrument.kind == Instrument.Kind.EVALUATION:
            evaluations.append(state)
            continue
        until = state.window.closes_at
        yield Duty(
            words=ngettext(
                "%(survey)s: %(number)d of %(asked)d has not answered",
                "%(survey)s: %(number)d of %(asked)d have not answered",
                state.open,
            )
            % {
                "survey": state.window.instrument.get_kind_display(),
                "number": state.open,
                "asked": state.asked,
            },
            detail=_("Open until %(day)s.") % {"day": eastern_date(until)} if until else "",
            url=reverse("admin:surveys_surveywindow_people", args=[state.window.pk]),
            action=_("Remind them"),
            tone=INFORMATION,
            permission="surveys.change_surveywindow",
        )
    if evaluations:
        yield Duty(
            words=ngettext(
                "%(number)d session evaluation is open",
                "%(number)d session evaluations are open",
                len(evaluations),
            )
            % {"number": len(evaluations)},
            detail=few(
                [
                    _("%(day)s: %(answered)d of %(asked)d answered")
                    % {
                        "day": short_day(timezone.localdate(state.window.session.starts_at)),
                        "answered": state.answered,
                        "asked": state.asked,
                    }
                    for state in evaluations
                    if state.window.session is not None
                ]
            ),
            url=list_of(
                "surveys_surveywindow", cycle__id__exact=work.cycle.pk, instrument__kind__exact="evaluation"
            ),
            action=_("See who has not answered"),
            tone=INFORMATION,
            permission="surveys.change_surveywindow",
        )
