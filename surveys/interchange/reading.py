"""Reading an instrument from JSON: every field is checked, with the exact path of what is wrong."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from surveys import rules
from surveys.checks import WITH_CHOICES
from surveys.interchange.form import (
    ASKED_KINDS,
    KEY,
    MAX_BYTES,
    MAX_CHOICES,
    MAX_PROBLEMS,
    MAX_QUESTIONS,
    MAX_SECTIONS,
    SCALED,
    SCHEMA,
    TITLED,
    WORDED,
    Data,
    UnfitDataError,
    short,
)
from surveys.models import Choice, Construct, Instrument, Question, Section
from surveys.rules import HIGHEST, LOWEST, QuestionKind


def parsed(content: bytes) -> Any:
    """What the file holds, not checked yet. Raises BadInputError for what is no JSON, too long or too deep."""
    if len(content) > MAX_BYTES:
        raise UnfitDataError([_("The file is larger than 1 MB.")])
    try:
        return json.loads(
            content.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_such_number
        )
    except UnfitDataError:
        raise
    except RecursionError:
        raise UnfitDataError([_("The file is nested too deeply to be an instrument.")]) from None
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError):
            place = {"line": error.lineno, "column": error.colno}
            text = _("The file is not JSON: line %(line)d, column %(column)d cannot be read.") % place
        else:
            text = _("The file is not JSON in UTF-8.")
        raise UnfitDataError([text]) from None


def _once(pairs: list[tuple[str, Any]]) -> Data:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _value in pairs).most_common(1)[0][0]
        raise UnfitDataError([_("The field “%(name)s” stands twice in one place.") % {"name": short(twice)}])
    return found


def _no_such_number(_name: str) -> None:
    raise UnfitDataError([_("The file has a number that is none, such as NaN.")])


def checked(data: Any) -> Data:
    """The data with every field that may be left out filled in. Raises UnfitDataError with all that is wrong."""
    reader = _Reader()
    found = reader.instrument(data)
    if reader.problems:
        raise UnfitDataError(reader.problems[:MAX_PROBLEMS])
    return found


class _Reader:
    """Reads data piece by piece and gathers what is wrong with it; what is read is whole only without problems."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.keys: dict[str, str] = {}
        self.references: list[tuple[str, str, str]] = []
        self.constructs: set[str] = set()
        self.construct_uses: list[tuple[str, str]] = []

    def wrong(self, path: str, text: str) -> None:
        self.problems.append(f"{path}: {text}" if path else text)

    def record(self, path: str, value: Any, fields: Mapping[str, Callable[[str, Any], Any]]) -> Data:
        """An object with exactly `fields`; each reads its own value, None for one that is left out."""
        if not isinstance(value, dict):
            self.wrong(path, _("This is to be an object in braces."))
            return {}
        dot = f"{path}." if path else ""
        for name in value:
            if name not in fields:
                self.wrong(f"{dot}{short(name)}", _("There is no such field."))
        return {name: read(f"{dot}{name}", value.get(name)) for name, read in fields.items()}

    def rows(self, most: int, read: Callable[[str, Any], Data]) -> Callable[[str, Any], list[Data]]:
        def reading(path: str, value: Any) -> list[Data]:
            if value is None:
                return []
            if not isinstance(value, list):
                self.wrong(path, _("This is to be a list in brackets."))
                return []
            if len(value) > most:
                self.wrong(path, _("No more than %(most)d are possible here.") % {"most": most})
                return []
            return [read(f"{path}[{index}]", one) for index, one in enumerate(value)]

        return reading

    def words(self, model: Any, field: str, *, is_needed: bool = False) -> Callable[[str, Any], str]:
        longest = model._meta.get_field(field).max_length

        def reading(path: str, value: Any) -> str:
            if value is None and not is_needed:
                return ""
            if not isinstance(value, str):
                self.wrong(path, _("This is to be text in quotation marks."))
                return ""
            if is_needed and not value.strip():
                self.wrong(path, _("This cannot be left empty."))
            if longest is not None and len(value) > longest:
                self.wrong(path, _("No more than %(most)d characters fit here.") % {"most": longest})
            if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
                self.wrong(path, _("This has a character that cannot be kept."))
            return value

        return reading

    def texts(self, model: Any, names: tuple[str, ...]) -> dict[str, Callable[[str, Any], Any]]:
        """Readers of fields with words; the first one is needed."""
        return {name: self.words(model, name, is_needed=name == names[0]) for name in names}

    def key(self, path: str, value: Any) -> str:
        if not isinstance(value, str) or not KEY.match(value) or len(value) > 50:
            text = _(
                "A key has up to 50 small letters, digits, hyphens and underscores, and begins with a letter."
            )
            self.wrong(path, text)
            return ""
        return value

    def question_key(self, path: str, value: Any) -> str:
        key = self.key(path, value)
        if key in self.keys and key:
            self.wrong(
                path, _("The key “%(key)s” is taken by %(path)s.") % {"key": key, "path": self.keys[key]}
            )
        self.keys.setdefault(key, path.removesuffix(".key"))
        return key

    def one_of(self, known: list[str]) -> Callable[[str, Any], str]:
        def reading(path: str, value: Any) -> str:
            if not isinstance(value, str) or value not in known:
                self.wrong(path, _("This is to be one of %(known)s.") % {"known": ", ".join(known)})
                return ""
            return value

        return reading

    def flag(self, default: bool) -> Callable[[str, Any], bool]:
        def reading(path: str, value: Any) -> bool:
            if value is not None and not isinstance(value, bool):
                self.wrong(path, _("This is to be true or false."))
            return default if value is None else bool(value)

        return reading

    def number(self, path: str, value: Any) -> int | float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= 10**8:
            self.wrong(path, _("This is to be a number below 100,000,000."))
            return None
        if Decimal(str(value)) != round(Decimal(str(value)), 2):
            self.wrong(path, _("A number has no more than two decimals."))
            return None
        return int(value) if value == int(value) else value

    def whole(self, low: int, high: int, default: int | None) -> Callable[[str, Any], int | None]:
        def reading(path: str, value: Any) -> int | None:
            if value is None:
                return default
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                text = _("This is to be a whole number from %(low)d to %(high)d.")
                self.wrong(path, text % {"low": low, "high": high})
                return default
            return value

        return reading

    def construct_use(self, path: str, value: Any) -> str | None:
        if value is None:
            return None
        key = self.key(path, value)
        if key:
            self.construct_uses.append((path, key))
        return key

    def construct(self, path: str, value: Any) -> Data:
        found = self.record(path, value, {"key": self.key, **self.texts(Construct, ("name", "name_fr"))})
        key = found.get("key", "")
        if key and key in self.constructs:
            self.wrong(f"{path}.key", _("The key “%(key)s” stands here twice.") % {"key": key})
        self.constructs.add(key)
        return found

    def condition(self, path: str, value: Any) -> Data | None:
        if value is None:
            return None
        return self.record(path, value, {"question": self.key, "answers": self.answers}) or None

    def answers(self, path: str, value: Any) -> list[str]:
        if not isinstance(value, list) or not value:
            self.wrong(path, _("A condition needs a question and the answers that fulfil it."))
            return []
        if not all(isinstance(one, str) and re.fullmatch(r"[a-z0-9_-]{1,50}", one) for one in value):
            self.wrong(path, _("These are to be keys of choices, or numbers of a scale in quotation marks."))
            return []
        return value

    def choice(self, path: str, value: Any) -> Data:
        fields = {
            "key": self.key,
            **self.texts(Choice, ("text", "text_fr")),
            "is_correct": self.flag(False),
            "is_exclusive": self.flag(False),
        }
        return self.record(path, value, fields)

    def item_fields(self) -> dict[str, Callable[[str, Any], Any]]:
        return {
            "key": self.question_key,
            **self.texts(Question, WORDED),
            "is_required": self.flag(True),
            "construct": self.construct_use,
            "objective": self.whole(0, 32767, None),
            "is_reversed": self.flag(False),
        }

    def item(self, path: str, value: Any) -> Data:
        return self.record(path, value, self.item_fields())

    def question(self, path: str, value: Any) -> Data:
        fields = {
            "kind": self.one_of(ASKED_KINDS),
            **self.item_fields(),
            "minimum": self.number,
            "maximum": self.number,
            "places": self.whole(0, 2, 0),
            **{name: self.words(Question, name) for name in SCALED},
            "shown_if": self.condition,
            "is_research_consent": self.flag(False),
            "choices": self.rows(MAX_CHOICES, self.choice),
            "items": self.rows(MAX_CHOICES, self.item),
        }
        found = self.record(path, value, fields)
        if found:
            self.question_as_a_whole(path, found)
        return found

    def question_as_a_whole(self, path: str, found: Data) -> None:
        kind, low, high = found["kind"], found["minimum"], found["maximum"]
        if kind in rules.SCALES:
            is_whole = isinstance(low, int) and isinstance(high, int)
            if not is_whole or not LOWEST <= low < high <= HIGHEST or found["places"]:
                self.wrong(path, _("A scale needs a lowest and a highest whole number, from 0 to 10."))
        elif low is not None and high is not None and low >= high:
            self.wrong(path, _("The lowest number is not below the highest."))
        if found["is_research_consent"] and kind != QuestionKind.CONSENT:
            self.wrong(f"{path}.is_research_consent", _("Only a consent can be the consent to research."))
        if found["choices"] and kind not in WITH_CHOICES:
            self.wrong(f"{path}.choices", _("Only a question of one or several choices has choices."))
        if found["items"] and kind != QuestionKind.MATRIX:
            self.wrong(f"{path}.items", _("An item belongs to a matrix, and nothing else does."))
        keys: set[str] = set()
        for index, choice in enumerate(found["choices"]):
            key = choice.get("key", "")
            if key and key in keys:
                where = f"{path}.choices[{index}].key"
                self.wrong(where, _("The key “%(key)s” stands here twice.") % {"key": key})
            keys.add(key)
        if found["shown_if"]:
            self.references.append((f"{path}.shown_if.question", found["key"], found["shown_if"]["question"]))

    def section(self, path: str, value: Any) -> Data:
        fields = {
            **self.texts(Section, TITLED),
            "questions": self.rows(MAX_QUESTIONS, self.question),
        }
        return self.record(path, value, fields)

    def instrument(self, data: Any) -> Data:
        found = self.record(
            "",
            data,
            {
                "schema": self.schema,
                "kind": self.one_of([str(kind) for kind in Instrument.Kind.values]),
                **self.texts(Instrument, TITLED),
                "constructs": self.rows(MAX_CHOICES, self.construct),
                "sections": self.rows(MAX_SECTIONS, self.section),
            },
        )
        if len(self.keys) > MAX_QUESTIONS:
            text = _("No more than %(most)d are possible here.") % {"most": MAX_QUESTIONS}
            self.wrong("sections", text)
        for path, own, other in self.references:
            if other and other == own:
                self.wrong(path, _("A question cannot decide whether it is shown itself."))
            elif other and other not in self.keys:
                self.wrong(path, _("There is no question with the key “%(key)s”.") % {"key": other})
        for path, key in self.construct_uses:
            if key not in self.constructs:
                self.wrong(path, _("There is no construct with the key “%(key)s”.") % {"key": key})
        return found

    def schema(self, path: str, value: Any) -> int:
        if value != SCHEMA or isinstance(value, bool):
            self.wrong(
                path, _("This is to be %(schema)d, the one form that is known here.") % {"schema": SCHEMA}
            )
        return SCHEMA
