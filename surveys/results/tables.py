"""The results as people read them: tables and charts in the reader's language, words where there is no number."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core.templatetags.portal import labelled, localized
from participants.enums import Category
from surveys import rules
from surveys.models import Instrument
from surveys.results.analysis import ByGroup, CycleResults, Measure
from surveys.results.answers import Counts
from surveys.rules import QuestionKind
from surveys.statistics import Alpha, Paired, Reason

NOTHING = "–"

REASONS = {
    Reason.FEW: gettext_lazy("not computable: too few people"),
    Reason.NO_SPREAD: gettext_lazy("not computable: everyone alike"),
    Reason.NO_CHANGE: gettext_lazy("not computable: nobody changed"),
    Reason.FEW_ITEMS: gettext_lazy("not computable: a single item"),
    Reason.FEW_GROUPS: gettext_lazy("not computable: fewer than two groups are shown"),
}

BAND_NAMES = {
    "under_half": gettext_lazy("Under half of the sessions"),
    "half_to_80": gettext_lazy("Half of the sessions to under four fifths"),
    "from_80": gettext_lazy("Four fifths of the sessions or more"),
}


@dataclass(frozen=True, slots=True)
class Table:
    """For templates/_components/table.html; a cell may be safe markup."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    number_columns: tuple[int, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One item of a chart: where its mean stood before and stands after, across the picture."""

    label: str
    before_x: str
    after_x: str
    values: str
    text_y: int
    dot_y: int


@dataclass(frozen=True, slots=True)
class MoveChart:
    """The means of items of one scale, before and after, with the table of the same values."""

    low: str
    high: str
    moves: tuple[Move, ...]
    height: int
    table: Table


def number(value: float | None, places: int = 2) -> str:
    """`value` to `places` decimals, with the reader's decimal sign and a true minus; a dash for None."""
    if value is None:
        return NOTHING
    rounded = round(value, places) + 0.0  # -0.0 becomes 0.0
    return number_format(rounded, places, use_l10n=True).replace("-", "\N{MINUS SIGN}")


def p_value(p: float | None) -> str:
    """A p to three decimals, "< 0.001" below that; a dash for None."""
    if p is None:
        return NOTHING
    return f"<\N{NO-BREAK SPACE}{number(0.001, 3)}" if p < 0.001 else number(p, 3)


def percent(share: float | None) -> str:
    """A share from 0 to 1 in whole percent."""
    return NOTHING if share is None else f"{round(100 * share)}\N{NO-BREAK SPACE}%"


def after_word(compare: str) -> str:
    """What the later survey is called in a column's heading."""
    if compare == Instrument.Kind.FOLLOW_UP:
        return pgettext("survey", "Months later")
    return pgettext("survey", "After")


def not_shown() -> str:
    """What stands where a figure is suppressed."""
    return _("not shown (under 5)")


def rate_table(results: CycleResults) -> Table:
    """Submitted of those asked, survey by survey."""
    kinds = dict(Instrument.Kind.choices)
    return Table(
        _("Response rates"),
        (_("Survey"), _("Enrolled"), _("Submitted"), _("Share")),
        tuple((kinds[one.kind], one.asked, one.submitted, percent(one.share)) for one in results.rates),
        (2, 3, 4),
    )


def answered_table(results: CycleResults, measures: tuple[Measure, ...], caption: str) -> Table:
    """Everyone's answers then, and how many answered both times."""
    after = after_word(results.compare)
    before = pgettext("survey", "Before")
    rows = []
    for at, one in enumerate(measures, 1):
        rows.append(
            (
                name_of(one, at if one.question else None),
                one.n_pre,
                _spread(one.figures, "pre"),
                one.n_post,
                _spread(one.figures, "post"),
                one.n_paired,
            )
        )
    mean = _("mean (SD)")
    headings = (
        _("Item") if caption != _("Constructs") else _("Construct"),
        labelled(before, "n"),
        labelled(before, mean),
        labelled(after, "n"),
        labelled(after, mean),
        _("Pairs: n"),
    )
    return Table(caption, headings, tuple(rows), (2, 3, 4, 5, 6))


def change_table(measures: tuple[Measure, ...], caption: str, *, is_items: bool = True) -> Table:
    """The change of those who answered both times, and its tests."""
    rows = []
    for at, one in enumerate(measures, 1):
        figures = one.figures
        cells: tuple[Any, ...]
        if figures is None:
            cells = (_suppressed(one), *[NOTHING] * (6 if is_items else 5))
        else:
            cells = (
                difference(figures),
                number(figures.sd_difference),
                _student(figures),
                p_value(figures.p),
                *([p_value(one.p_holm)] if is_items else []),
                number(figures.dz),
                p_value(figures.wilcoxon.p),
            )
        rows.append((name_of(one, at if is_items else None), one.n_paired, *cells))
    headings = [
        _("Item") if is_items else _("Construct"),
        _("Pairs: n"),
        _("Mean difference (95 % CI)"),
        _("SD"),
        _("Paired t"),
        "p",
        *([_("p (Holm)")] if is_items else []),
        "dz",
        _("Wilcoxon p"),
    ]
    return Table(caption, tuple(headings), tuple(rows), tuple(range(2, len(headings) + 1)))


def alpha_table(results: CycleResults) -> Table:
    """Cronbach's α of each construct, before and after."""
    rows = tuple((name_of(one), _alpha(one.alpha_pre), _alpha(one.alpha_post)) for one in results.constructs)
    headings = (_("Construct"), pgettext("survey", "Before"), after_word(results.compare))
    return Table(_("Cronbach’s α (95 % CI)"), headings, rows, (2, 3))


def distribution_tables(results: CycleResults) -> list[Table]:
    """How many gave each answer of a scale: one table for the items of each scale."""
    scales: dict[tuple[int, ...], list[tuple[Any, ...]]] = {}
    before, after = pgettext("survey", "Before"), after_word(results.compare)
    for at, one in enumerate(results.items, 1):
        if not one.levels or len(one.levels) > 12:
            continue
        for when, counts, n in ((before, one.counts_pre, one.n_pre), (after, one.counts_post, one.n_post)):
            name = format_html("{} · {}", name_of(one, at), when)
            cells = counts if counts is not None else [NOTHING] * len(one.levels)
            scales.setdefault(one.levels, []).append((name, n, *cells))
    return [
        Table(
            _("Answers given from %(low)s to %(high)s") % {"low": levels[0], "high": levels[-1]}
            if levels != (0, 1)
            else _("Knowledge questions: 1 is a correct answer"),
            (_("Item"), "n", *(str(level) for level in levels)),
            tuple(rows),
            tuple(range(2, len(levels) + 3)),
        )
        for levels, rows in scales.items()
    ]


def choice_tables(counts: Iterable[Counts]) -> list[Table]:
    """The questions of choices, one table each."""
    kinds = dict(Instrument.Kind.choices)
    consent = {rules.YES: pgettext("consent", "Yes"), rules.NO: pgettext("consent", "No")}
    found = []
    for one in counts:
        words = consent if one.question.kind == QuestionKind.CONSENT else {}
        rows = tuple(
            (words.get(text, text), count, percent(count / one.n)) for text, count in one.counts or ()
        )
        note = "" if one.counts else _("Fewer than five people answered: not shown.")
        if one.question.kind == QuestionKind.MULTIPLE and one.counts:
            note = _("Several answers could be chosen.")
        found.append(
            Table(
                format_html("{} ({}, n = {})", localized(one.question, "text"), kinds[one.kind], one.n),
                (_("Answer"), _("People"), _("Share")),
                rows,
                (2, 3),
                note,
            )
        )
    return found


def group_table(results: CycleResults, by_group: ByGroup, names: dict[str, Any], heading: str) -> Table:
    """A construct's change in each group."""
    rows: list[tuple[Any, ...]] = []
    for row in by_group.rows:
        name = names.get(row.group) or _("Not stated")
        if row.figures is None:
            nobody = row.n == 0
            rows.append((name, "0" if nobody else NOTHING, NOTHING if nobody else _("not shown"), NOTHING))
        else:
            rows.append((name, row.n, difference(row.figures), number(row.figures.dz)))
    constructs = {one.key: one for one in results.constructs}
    return Table(
        name_of(constructs[by_group.measure]),
        (heading, _("Pairs: n"), _("Mean difference (95 % CI)"), "dz"),
        tuple(rows),
        (2, 3, 4),
        _compared(by_group),
    )


def category_tables(results: CycleResults) -> list[Table]:
    """Each construct's change by professional category."""
    names = dict(Category.choices)
    return [group_table(results, one, names, _("Professional category")) for one in results.by_category]


def attendance_tables(results: CycleResults) -> list[tuple[Table, str]]:
    """Each construct's change by sessions attended, and the correlation in a sentence."""
    found = []
    for one in results.by_attendance:
        told = ""
        if one.correlation is not None and one.correlation.rho is not None:
            told = _(
                "Spearman’s correlation of sessions attended and change: ρ = %(rho)s, p %(p)s, n = %(n)s."
            ) % {
                "rho": number(one.correlation.rho),
                "p": _compared_p(one.correlation.p),
                "n": one.correlation.n,
            }
        elif one.correlation is not None and one.correlation.reason is not None:
            told = _("Correlation of sessions attended and change: %(reason)s.") % {
                "reason": REASONS[one.correlation.reason]
            }
        found.append((group_table(results, one.bands, BAND_NAMES, _("Attended")), told))
    return found


def move_charts(results: CycleResults) -> list[MoveChart]:
    """The paired means of all items that have figures, a chart for each scale."""
    scales: dict[tuple[int, ...], list[tuple[int, Measure, Paired]]] = {}
    for at, one in enumerate(results.items, 1):
        if one.figures is not None and one.levels:
            scales.setdefault(one.levels, []).append((at, one, one.figures))
    return [_move_chart(results, levels, items) for levels, items in scales.items()]


def name_of(one: Measure, at: int | None = None) -> Any:
    """The item's or the construct's words, items with their number on this page."""
    words = (
        localized(one.question, "text")
        if one.question
        else localized(one.construct, "name")
        if one.construct
        else one.key
    )
    return format_html("{}. {}", at, words) if at else words


def difference(figures: Paired) -> str:
    """The mean difference with its interval: "1.40 (0.72 to 2.08)"."""
    mean = number(figures.mean_difference)
    if figures.ci_low is None:
        return mean
    return _("%(mean)s (%(low)s to %(high)s)") % {
        "mean": mean,
        "low": number(figures.ci_low),
        "high": number(figures.ci_high),
    }


def _move_chart(
    results: CycleResults, levels: tuple[int, ...], items: list[tuple[int, Measure, Paired]]
) -> MoveChart:
    low, high = levels[0], levels[-1]

    def across(mean: float | None) -> str:
        # The scale takes the picture from 12 to 70 % of its width; as text, for the comma of the reader's language.
        return f"{12 + 58 * ((mean or 0.0) - low) / (high - low or 1):.2f}%"

    moves, rows = [], []
    for place, (at, one, figures) in enumerate(items):
        before, after = number(figures.mean_pre_paired), number(figures.mean_post_paired)
        moves.append(
            Move(
                str(at),
                across(figures.mean_pre_paired),
                across(figures.mean_post_paired),
                f"{before} → {after}",
                32 * place + 51,
                32 * place + 46,
            )
        )
        rows.append((name_of(one, at), figures.n_paired, before, after, number(figures.mean_difference)))
    is_knowledge = levels == (0, 1)
    table = Table(
        _("Share of correct answers of those who answered both times")
        if is_knowledge
        else _("Means from %(low)s to %(high)s, of those who answered both times")
        % {"low": low, "high": high},
        (
            _("Item"),
            _("Pairs: n"),
            pgettext("survey", "Before"),
            after_word(results.compare),
            _("Mean difference"),
        ),
        tuple(rows),
        (2, 3, 4, 5),
    )
    return MoveChart(str(low), str(high), tuple(moves), 32 * len(items) + 36, table)


def _spread(figures: Paired | None, when: str) -> str:
    if figures is None:
        return NOTHING
    return f"{number(getattr(figures, f'mean_{when}'))} ({number(getattr(figures, f'sd_{when}'))})"


def _student(figures: Paired) -> str:
    if figures.t is None:
        return str(REASONS[figures.reason]) if figures.reason else NOTHING
    return f"t({figures.df}) = {number(figures.t)}"


def _alpha(alpha: Alpha | None) -> str:
    if alpha is None:
        return not_shown()
    if alpha.alpha is None:
        return str(REASONS[alpha.reason]) if alpha.reason else NOTHING
    interval = (
        ""
        if alpha.ci_low is None
        else _(" (%(low)s to %(high)s)") % {"low": number(alpha.ci_low), "high": number(alpha.ci_high)}
    )
    return f"{number(alpha.alpha)}{interval}, n = {alpha.n}"


def _suppressed(one: Measure) -> str:
    return _("not computable: its items have different scales") if one.is_mixed else not_shown()


def _compared(by_group: ByGroup) -> str:
    comparison = by_group.comparison
    if comparison is None:
        return _("Groups are compared where at least two are shown.")
    if comparison.h is None:
        return _("Kruskal–Wallis: %(reason)s.") % {
            "reason": REASONS[comparison.reason] if comparison.reason else NOTHING
        }
    return _("Kruskal–Wallis of the groups shown: H(%(df)s) = %(h)s, p %(p)s.") % {
        "df": comparison.df,
        "h": number(comparison.h),
        "p": _compared_p(comparison.p),
    }


def _compared_p(p: float | None) -> str:
    words = p_value(p)
    return words if words.startswith("<") else f"= {words}"
