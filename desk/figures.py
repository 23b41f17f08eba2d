"""A cycle at a glance: who takes part, who has answered, who has earned a certificate, and where it stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.charts import BarChart, bar_chart
from core.templatetags.portal import localized_text, short_day
from credits.queries import Ledger
from credits.rules import Missing
from desk.work import CycleWork
from sessions_app.models import Cycle

LACKING = {
    Missing.ENROLMENT: gettext_lazy("Not enrolled"),
    Missing.PROFILE: gettext_lazy("No professional profile"),
    Missing.CREDIT: gettext_lazy("No credited session"),
    Missing.PRE_SURVEY: gettext_lazy("Pre-survey not answered"),
    Missing.POST_SURVEY: gettext_lazy("Post-survey not answered"),
    Missing.REFLECTION: gettext_lazy("Reflection not answered"),
}
"""What keeps people from their certificate, in the words of a chart."""
ALWAYS_SHOWN = (Missing.CREDIT, Missing.PRE_SURVEY, Missing.POST_SURVEY, Missing.REFLECTION)
"""What people miss; the others are shown only where somebody does."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and the same as a table, for _components/bar_chart.html."""

    id: str
    title: str
    description: str
    chart: BarChart
    headings: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Stat:
    """One large number with its words."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What stands at the right of the desk."""

    stats: list[Stat]
    charts: list[Chart]


def figures(work: CycleWork, ledgers: list[Ledger], *, now: datetime) -> Figures:
    """The numbers of the cycle from the ledgers of those who are in; a chart that would be empty is left out."""
    cycle, people = work.cycle, len(ledgers)
    eligible = sum(not ledger.missing for ledger in ledgers)
    held = [state for state in work.sessions if state.is_over(now=now)]
    stats = [
        Stat(
            _("participants"),
            f"{people}" if cycle.capacity is None else _of(people, cycle.capacity),
        ),
        Stat(_("sessions held"), _of(len(held), len(work.sessions))),
        Stat(_("eligible for a certificate"), _of(eligible, people)),
    ]
    if cycle.issued:
        stats.append(Stat(_("certificates issued"), f"{cycle.issued}"))
    charts = []
    if held:
        charts.append(_participation(work, people=people, now=now))
    if people:
        charts += [_surveys(ledgers), _eligibility(ledgers, eligible=eligible)]
    return Figures(stats, charts)


def _participation(work: CycleWork, *, people: int, now: datetime) -> Chart:
    held = [state for state in work.sessions if state.is_over(now=now)]
    days = [short_day(timezone.localdate(state.session.starts_at)) for state in held]
    present = [state.present for state in held]
    usual = round(sum(present) / len(present))
    return Chart(
        id="participation",
        title=_("Participation by session"),
        description=ngettext(
            "%(number)d participant on average, of %(people)d.",
            "%(number)d participants on average, of %(people)d.",
            usual,
        )
        % {"number": usual, "people": people},
        chart=bar_chart(zip(days, present, strict=True), whole=people),
        headings=[_("Session"), _("Topic"), _("Present")],
        rows=[
            [day, localized_text(state.session, "topic"), f"{state.present}"]
            for day, state in zip(days, held, strict=True)
        ],
    )


def _surveys(ledgers: list[Ledger]) -> Chart:
    """Who has answered what the certificate asks for; who was let off counts as answered by nobody."""
    gates = [
        (
            _("Pre-survey"),
            sum(one.gate.has_pre_survey and Missing.PRE_SURVEY not in one.waived for one in ledgers),
        ),
        (
            _("Post-survey"),
            sum(one.gate.has_post_survey and Missing.POST_SURVEY not in one.waived for one in ledgers),
        ),
        (
            _("Reflection question"),
            sum(one.gate.has_reflection and Missing.REFLECTION not in one.waived for one in ledgers),
        ),
    ]
    return Chart(
        id="responses",
        title=_("Surveys answered"),
        description=_("Of %(people)d participants.") % {"people": len(ledgers)},
        chart=bar_chart(gates, whole=len(ledgers)),
        headings=[_("Survey"), _("Have answered"), _("Rate")],
        rows=[[name, _of(count, len(ledgers)), _percent(count, len(ledgers))] for name, count in gates],
    )


def _eligibility(ledgers: list[Ledger], *, eligible: int) -> Chart:
    """Who would get a certificate today, and what the others miss; who misses several things counts for each."""
    found = Counter(name for ledger in ledgers for name in ledger.missing)
    rows = [(_("Eligible now"), eligible)]
    rows += [
        (str(words), found[name]) for name, words in LACKING.items() if found[name] or name in ALWAYS_SHOWN
    ]
    return Chart(
        id="eligibility",
        title=_("Eligible for a certificate"),
        description=_("Of %(people)d participants; anyone missing several things counts once for each.")
        % {"people": len(ledgers)},
        chart=bar_chart(rows, whole=len(ledgers)),
        headings=[_("State"), _("Participants")],
        rows=[[name, f"{count}"] for name, count in rows],
    )


def _of(part: int, whole: int) -> str:
    return _("%(part)d of %(whole)d") % {"part": part, "whole": whole}


def _percent(part: int, whole: int) -> str:
    return _("%(number)d%%") % {"number": round(100 * part / whole)} if whole else "–"


def numbers_url(cycle: Cycle) -> str:
    """Where all figures of the cycle are."""
    return f"{reverse('admin:sessions_app_program_numbers', args=[cycle.program_id])}?cycle={cycle.pk}"
