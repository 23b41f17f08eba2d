"""The codebook: what each variable says, how it was asked, and how many have a value."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.templatetags.portal import localized_text
from surveys.exports.tables import Table
from surveys.exports.variables import Variable
from surveys.models import Instrument
from surveys.rules import plain


def codebook_rows(table: Table) -> Iterator[list[str | int]]:
    """A line of headings, then one for each variable."""
    yield [
        _("Variable"),
        _("Label"),
        _("Survey"),
        _("Key"),
        _("Kind"),
        _("Codes"),
        _("Range"),
        _("Unit"),
        _("Construct"),
        _("Objective"),
        _("Reverse-scored"),
        _("Correct answer"),
        _("Compared with"),
        _("Values"),
    ]
    pairs = _pairs(table)
    for at, variable in enumerate(table.variables):
        filled = sum(row[at] is not None for row in table.rows)
        yield [*_about(variable), pairs.get(variable.name, ""), filled]


def _about(variable: Variable) -> list[str | int]:
    codes = "; ".join(f"{code} = {words}" for code, words in variable.values)
    survey = str(Instrument.Kind(variable.survey).label) if variable.survey else ""
    question = variable.question
    if question is None:
        kind = _("Text") if variable.is_text else pgettext("kind of question", "Number")
        return [variable.name, variable.label, survey, "", kind, codes, "", "", "", "", "", ""]
    low, high = question.minimum, question.maximum
    correct = [code for code, choice in enumerate(question.choices.all(), 1) if choice.is_correct]
    return [
        variable.name,
        variable.label,
        survey,
        question.key,
        str(question.get_kind_display()),
        codes,
        f"{plain(low)}–{plain(high)}" if low is not None and high is not None else "",
        localized_text(question, "unit"),
        localized_text(question.construct, "name") if question.construct else "",
        question.objective.position if question.objective else "",
        _("yes, not turned here") if question.is_reversed else "",
        ", ".join(map(str, correct)) if not variable.choice else "",
    ]


def _pairs(table: Table) -> dict[str, str]:
    """Which variables of the other surveys ask the same."""
    by_key: dict[tuple[str, str], list[Variable]] = {}
    for variable in table.variables:
        if variable.question is not None:
            by_key.setdefault((variable.question.key, variable.choice), []).append(variable)
    return {
        variable.name: ", ".join(other.name for other in alike if other.survey != variable.survey)
        for alike in by_key.values()
        for variable in alike
    }
