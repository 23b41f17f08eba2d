"""What a cycle's surveys say: loaded set-based, computed by surveys.statistics, with small groups suppressed."""

from surveys.results.analysis import (
    MINIMUM,
    ByGroup,
    CycleResults,
    Dose,
    GroupRow,
    Measure,
    Rate,
    cycle_results,
)
from surveys.results.answers import Counts, OpenAnswers, choice_counts, open_answers
from surveys.results.as_json import as_json
from surveys.results.evaluations import Evaluation, Evaluations, session_evaluations

__all__ = [
    "MINIMUM",
    "ByGroup",
    "Counts",
    "CycleResults",
    "Dose",
    "Evaluation",
    "Evaluations",
    "GroupRow",
    "Measure",
    "OpenAnswers",
    "Rate",
    "as_json",
    "choice_counts",
    "cycle_results",
    "open_answers",
    "session_evaluations",
]
