"""What is said about reports, lines and matches."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.templatetags.portal import long_day
from sessions_app.reports import ReportError, fold_name
from sessions_app.reports.suggestions import DEVICE_MARKS, DEVICES

FILE_PROBLEMS = {
    "empty": gettext_lazy("The file is empty. Export the report again and choose that file."),
    "too_large": gettext_lazy("The file is larger than 10 MB: that is not an attendance report."),
    "too_long": gettext_lazy("The file has too many lines. Split it, and import each part."),
    "not_csv": gettext_lazy("This is not a CSV file. Export the report as CSV and choose that file."),
    "no_columns": gettext_lazy(
        "No line of this file names its columns: a name or an email address, and times or minutes. Export the "
        "participants of the meeting, and choose that file."
    ),
    "not_attendance": gettext_lazy(
        "This is a report of something else: polls, registrations or questions. Export the participants of the "
        "meeting, and choose that file."
    ),
    "truncated": gettext_lazy(
        "The end of the file is missing. Export the report again and choose that file."
    ),
}
LINE_PROBLEMS = {
    "short": gettext_lazy("The line names nobody, or has fewer columns than the header."),
    "email": gettext_lazy("This is not an email address."),
    "minutes": gettext_lazy("This is not a number of minutes."),
    "time": gettext_lazy("The time cannot be read."),
    "left_before_joined": gettext_lazy("Left before joining: the line is not counted."),
    "no_end": gettext_lazy("When this person left is not said: counted to the end of the report."),
    "formula": gettext_lazy("The name looks like a formula: it is taken as text."),
    "too_long": gettext_lazy("The text is too long: it is cut."),
}


def file_problem(error: ReportError) -> str:
    """Why a file cannot be used, and what to do."""
    if error.code == "wrong_date":
        return _("This report is of %(day)s, not of this session. Nothing was imported.") % {
            "day": long_day(date.fromisoformat(error.detail))
        }
    return str(FILE_PROBLEMS[error.code])


HOW = {
    "email": gettext_lazy("by the address"),
    "alias": gettext_lazy("by a remembered name"),
    "name": gettext_lazy("by the name"),
    "decided": gettext_lazy("as somebody decided"),
}
"""How it is known whose a name on a report is."""
WHY = {
    "same_email": gettext_lazy("has this address"),
    "same_name": gettext_lazy("has this name"),
    "accents": gettext_lazy("the same name but for accents"),
    "order": gettext_lazy("the same words in another order"),
    "affiliation": gettext_lazy("the same name, with more beside it"),
    "original_name": gettext_lazy("the original name"),
    "nickname": gettext_lazy("a short form of the name"),
    "initial": gettext_lazy("the initial fits"),
    "similar": gettext_lazy("similar"),
    "surname": gettext_lazy("the same surname"),
}
"""Why somebody is suggested."""

ROOMS = {
    *("boardroom", "room", "conference", "meeting", "salle", "reunion", "conseil", "clinic", "clinique"),
    *("host", "admin", "in", "de", "du", "la", "unknown", "inconnu"),
}


def is_nobodys_name(name: str) -> bool:
    """Whether a name is that of a device, a telephone or a room: next week somebody else may bear it."""
    words = fold_name(name).split()
    is_marked = not DEVICE_MARKS.isdisjoint(words)
    return is_marked or all(word in DEVICES | ROOMS or any(map(str.isdigit, word)) for word in words)
