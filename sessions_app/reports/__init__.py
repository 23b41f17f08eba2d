"""Reading attendance reports, and saying whose the names in them are.

Bytes become a `Report` (`read_report`), its connections minutes by rule 4 (`minutes_of`), and its names people of the
cycle where nobody needs to decide, or suggestions where somebody must (`match_people`). Pure: nothing is written
here, and what is wrong comes as codes whose words are chosen above.
"""

from sessions_app.reports.files import MAX_BYTES, MAX_ROWS
from sessions_app.reports.intervals import merged, minutes_of, seconds_within
from sessions_app.reports.matching import Group, Match, Matches, Unmatched, match_people
from sessions_app.reports.names import fold_name
from sessions_app.reports.people import Person
from sessions_app.reports.reading import read_report
from sessions_app.reports.suggestions import REASONS, Suggestion
from sessions_app.reports.values import (
    ERROR_CODES,
    PROBLEM_CODES,
    Connection,
    Interval,
    Report,
    ReportError,
    ReportProblem,
)

__all__ = [
    "ERROR_CODES",
    "MAX_BYTES",
    "MAX_ROWS",
    "PROBLEM_CODES",
    "REASONS",
    "Connection",
    "Group",
    "Interval",
    "Match",
    "Matches",
    "Person",
    "Report",
    "ReportError",
    "ReportProblem",
    "Suggestion",
    "Unmatched",
    "fold_name",
    "match_people",
    "merged",
    "minutes_of",
    "read_report",
    "seconds_within",
]
