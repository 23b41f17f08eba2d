"""What may be kept as a case's content: known keys, known codes, text without control characters, nothing too long."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from cases.content.choices import PEG_TOP
from cases.content.sections import FIELDS, MEDICATION, CaseField, Kind
from core.errors import BadInputError

MAX_FIELD = 20_000
"""Characters in one field."""
MAX_SHORT = 500
"""Characters on one line."""
MAX_CASE = 60_000
"""Characters in all fields together."""
MAX_MEDICATIONS = 40
OLDEST = 89
"""Above it, the age is kept as OVER (rule 23)."""
OVER = "90+"

AMOUNT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")

Content = dict[str, Any]


def clean_text(text: str) -> str:
    """The text as it was typed, but for control characters, which are taken out, and newlines, which become one kind.

    Characters that are invisible or change direction stay: the screen reads through them and says so.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Cc are controls, Cs the halves of a pair: neither can be typed, and a database takes neither.
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"})


def age_of(years: int) -> str:
    """An age as it is kept (rule 23)."""
    return str(years) if years <= OLDEST else OVER


def tidy(raw: Mapping[str, Any]) -> Content:
    """The content that `raw` is, unanswered keys left out.

    Raises BadInputError for an unknown key or code, a value of another kind than its field's, and what is too long.
    """
    content: Content = {}
    for key, value in raw.items():
        if key not in FIELDS:
            raise _wrong()
        kept = _medications(value) if FIELDS[key].kind == Kind.MEDICATIONS else _tidied(FIELDS[key], value)
        if _is_answer(kept):
            content[key] = kept
    if characters(content) > MAX_CASE:
        raise BadInputError(too_long_words())
    return content


def characters(content: Mapping[str, Any]) -> int:
    """How long a case is, everything that was written counted."""
    rows = [content, *content.get("medications", [])]
    return sum(len(value) for row in rows for value in row.values() if isinstance(value, str))


def too_long_words() -> str:
    """What is said of a case that is too long as a whole."""
    return _(
        "The case is longer than %(limit)d characters, more than a session has time for. Shorten its longest parts; "
        "what you typed is still here."
    ) % {"limit": MAX_CASE}


def is_blank(row: Mapping[str, Any]) -> bool:
    """Whether a row of medications says nothing; when it is taken does not count alone."""
    return not any(str(value).strip() for key, value in row.items() if key != "when")


def is_amount(text: str) -> bool:
    """Whether `text` is an amount of a medication: a plain decimal number, below a million."""
    return AMOUNT.fullmatch(text) is not None


def _tidied(field: CaseField, value: Any) -> Any:
    match field.kind:
        case Kind.SHORT | Kind.TEXT:
            return _text(value, MAX_SHORT if field.kind == Kind.SHORT else MAX_FIELD)
        case Kind.AGE:
            return _age(value)
        case Kind.SCALE:
            return _scale(value)
        case Kind.AMOUNT:
            return _amount(value)
        case Kind.FLAG:
            if not isinstance(value, bool):
                raise _wrong()
            return value
        case Kind.CODES:
            return _codes(field, value)
    if value not in {"", *(code for code, _words in field.choices)}:
        raise _wrong()
    return value


def _text(value: Any, limit: int) -> str:
    if not isinstance(value, str):
        raise _wrong()
    # Before it is read: a hostile length costs nothing.
    if len(value) > 2 * limit or len(text := clean_text(value)) > limit:
        raise BadInputError(
            _("One of the texts is longer than %(limit)d characters. Shorten it, then save again.")
            % {"limit": limit}
        )
    return text if text.strip() else ""


def _age(value: Any) -> str:
    is_age = isinstance(value, str) and (
        value in {"", OVER} or (value.isascii() and value.isdecimal() and value == str(int(value[:3])))
    )
    if not is_age or (value not in {"", OVER} and int(value) > OLDEST):
        raise _wrong()
    return str(value)


def _scale(value: Any) -> int | None:
    # A bool is an int in Python, and no answer here.
    if value is not None and (
        isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= PEG_TOP
    ):
        raise _wrong()
    return value


def _amount(value: Any) -> str:
    if not isinstance(value, str) or (value and not is_amount(value)):
        raise _wrong()
    return value


def _codes(field: CaseField, value: Any) -> list[str]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise _wrong()
    known = [code for code, _words in field.choices]
    if any(code not in known for code in value):
        raise _wrong()
    # In the order of the form, each once: the same answer is the same content.
    return [code for code in known if code in value]


def _medications(value: Any) -> list[dict[str, str]]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > MAX_MEDICATIONS:
        raise _wrong()
    fields = {field.key: field for field in MEDICATION}
    rows = []
    for raw in value:
        if not isinstance(raw, Mapping) or not raw.keys() <= fields.keys():
            raise _wrong()
        row = {key: _tidied(fields[key], answer) for key, answer in raw.items()}
        if not is_blank(row):
            rows.append({key: answer for key, answer in row.items() if answer})
    return rows


def _is_answer(value: Any) -> bool:
    # 0 is an answer; in Python it equals False, which is none.
    return bool(value) or (value == 0 and value is not False)


def _wrong() -> BadInputError:
    return BadInputError(_("This cannot be kept as it was sent. Reload the page, then save again."))
