"""What is wrong with a roster, in words that say what to do about it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import BadInputError
from sessions_app.rosters import RosterError, RosterProblem, RowProblem

FIELD_LABELS = {
    "email": gettext_lazy("Email address"),
    "name": gettext_lazy("Full name"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "category": gettext_lazy("Professional category"),
    "profession": gettext_lazy("Profession"),
    "licence_number": gettext_lazy("Licence number"),
    "practice_name": gettext_lazy("Practice"),
    "practice_city": gettext_lazy("City or town"),
    "language": gettext_lazy("Language"),
}

FILE_WORDS = {
    RosterProblem.EMPTY: gettext_lazy("There is nothing in this file. Choose the file that holds your list."),
    RosterProblem.NO_ROWS: gettext_lazy(
        "Below the line that names the columns there is nobody. Choose the file that holds your list."
    ),
    RosterProblem.NOT_A_TABLE: gettext_lazy(
        "This is neither a CSV file nor an Excel workbook (.xlsx). Open your list in a spreadsheet program, save it "
        "as one of the two, and choose that file."
    ),
    RosterProblem.OLD_EXCEL: gettext_lazy(
        "This is a workbook of an old version of Excel (.xls). Open it, save it as .xlsx, and choose that file."
    ),
    RosterProblem.PASSWORD: gettext_lazy(
        "This workbook is locked by a password. Save a copy without one, and choose that file."
    ),
    RosterProblem.ENCODING: gettext_lazy(
        "Some letters of this file cannot be read. Save it as “CSV UTF-8” or .xlsx, and choose that file."
    ),
    RosterProblem.TOO_LARGE: gettext_lazy("This is more than 5 MB. Split the list, and bring in each part."),
    RosterProblem.TOO_MANY_ROWS: gettext_lazy(
        "These are more than 10,000 people. Split the list, and bring in each part."
    ),
    RosterProblem.TOO_MANY_COLUMNS: gettext_lazy(
        "The file has more than %(detail)s columns. Keep those that a roster needs, and choose it again."
    ),
    RosterProblem.CELL_TOO_LONG: gettext_lazy(
        "In row %(detail)s, a cell is longer than a spreadsheet allows. Often a quotation mark was not closed there."
    ),
    RosterProblem.LONE_QUOTE: gettext_lazy(
        "In row %(detail)s, a quotation mark stands alone. Close it or take it away, and choose the file again."
    ),
    RosterProblem.NO_HEADER: gettext_lazy(
        "Row %(detail)s holds an address, but no row above it names the columns. Add a first row such as "
        "“Email, Name”, and choose the file again."
    ),
    RosterProblem.NO_EMAIL_COLUMN: gettext_lazy("Choose the column that holds the email addresses."),
    RosterProblem.COLUMN_TWICE: gettext_lazy(
        "The column “%(detail)s” is chosen twice. Choose another for one of the two."
    ),
}

ROW_WORDS = {
    RosterProblem.EMAIL_MISSING: gettext_lazy("There is no email address."),
    RosterProblem.EMAIL_INVALID: gettext_lazy("“%(detail)s” is not an email address."),
    RosterProblem.DUPLICATE_ROW: gettext_lazy("The same address stands in row %(detail)s."),
    RosterProblem.EXTRA_CELLS: gettext_lazy(
        "There are more cells than columns, from “%(detail)s” on. Put quotation marks around what holds a comma."
    ),
    RosterProblem.FORMULA: gettext_lazy(
        "%(field)s: “%(detail)s” looks like a formula. Write the value itself."
    ),
    RosterProblem.LINE_BREAK: gettext_lazy(
        "%(field)s: “%(detail)s” holds a line break. Write it on one line."
    ),
    RosterProblem.CONTROL_CHARACTER: gettext_lazy(
        "%(field)s: “%(detail)s” holds a character that cannot be shown. Type it again."
    ),
    RosterProblem.TOO_LONG: gettext_lazy("%(field)s: this is longer than %(detail)s characters."),
    RosterProblem.CATEGORY_UNKNOWN: gettext_lazy(
        "“%(detail)s” does not say which professional category. It stays open; the person chooses it."
    ),
    RosterProblem.PROFESSION_UNKNOWN: gettext_lazy(
        "“%(detail)s” is a profession the portal does not know. It stays open; the person chooses it."
    ),
    RosterProblem.PROFESSION_MISMATCH: gettext_lazy(
        "“%(detail)s” does not go with the category. The profession stays open; the person chooses it."
    ),
    RosterProblem.LANGUAGE_UNKNOWN: gettext_lazy("“%(detail)s” is not one of the portal's languages."),
}


def refusal(error: RosterError) -> BadInputError:
    """The whole file's problem as what the coordinator reads."""
    return BadInputError(_in_words(FILE_WORDS[error.problem], detail=error.detail))


def in_words(found: RowProblem) -> str:
    """A row's problem as what the coordinator reads."""
    return _in_words(ROW_WORDS[found.problem], detail=found.detail, field=_label(found.field))


def _in_words(words: object, **values: str) -> str:
    return str(words) % values


def _label(field: str) -> str:
    return str(FIELD_LABELS[field]) if field in FIELD_LABELS else _("The row")
