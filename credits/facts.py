"""What a certificate says, as plain values: the frozen inputs a certificate is drawn from.

Standard library only, so that the facts stored with a certificate can be read back by anything, for as long
as the record must be kept (product.md, rules 15 and 16).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Self, cast, get_args, get_origin, get_type_hints

Language = Literal["en", "fr"]
Unit = Literal["credits", "hours"]

# str(Decimal) may write an exponent, and Decimal() reads "NaN" and "1_0"; a stored figure is plain digits.
_PLAIN_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
# PostgreSQL's jsonb refuses NUL, and a lone surrogate has no UTF-8: neither can be stored or printed.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class FactsError(ValueError):
    """Facts that are incomplete, malformed or contradict themselves. The message names the field."""


class _Facts:
    """Checks and JSON for the frozen dataclasses of this module; the field's type says how it is read."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for name, hint in _hints(type(self)).items():
            _check(hint, getattr(self, name), name)

    def to_json(self) -> dict[str, Any]:
        """The facts as JSON-ready values: decimals as plain digits, dates as YYYY-MM-DD, tuples as lists."""
        return {name: _written(getattr(self, name)) for name in _hints(type(self))}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """The facts written by `to_json`. Raises FactsError for a missing, unknown or malformed key."""
        if not isinstance(data, Mapping):
            raise FactsError(f"{cls.__name__} must be an object, not {type(data).__name__}.")
        hints = _hints(cls)
        if missing := [name for name in hints if name not in data]:
            raise FactsError(f"{cls.__name__} lacks {', '.join(missing)}.")
        if unknown := sorted(str(key) for key in data if key not in hints):
            raise FactsError(f"{cls.__name__} does not know {', '.join(unknown)}.")
        return cls(**{name: _read(hint, data[name], name) for name, hint in hints.items()})


_HINTS: dict[type[_Facts], dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class CreditedSession(_Facts):
    """One session that counts: its date, title, accreditor's session ID and credited hours."""

    held_on: date
    title: str
    session_id: str
    hours: Decimal


@dataclass(frozen=True, slots=True)
class CertificateFacts(_Facts):
    """Everything one certificate prints (product.md, rule 15).

    `amount` is what this certificate grants, in `unit`: a family physician's credits, or the hours of anybody
    else; never both (rule 14). `credit_name` is the bare name of what is granted, without its unit:
    "Mainpro+", "Section 3 (MOC)", "continuing education". `maximum` is in the same unit. `signature_sha256`
    and `supersedes` are empty when there is none.

    Raises FactsError for facts that contradict themselves: hours that do not add up to `total_hours`, an
    amount above `maximum`, or hours granted beyond those attended.
    """

    template_version: str
    language: Language
    document_title: str
    number: str
    issued_on: date
    program_name: str
    accredited_title: str
    hubs: tuple[str, ...]
    participant_name: str
    cycle_name: str
    cycle_starts_on: date
    cycle_ends_on: date
    place: str
    sessions: tuple[CreditedSession, ...]
    total_hours: Decimal
    amount: Decimal
    unit: Unit
    credit_name: str
    maximum: Decimal
    accreditor: str
    statement: str
    physician_name: str
    physician_title: str
    signature_sha256: str
    verification_url: str
    supersedes: str

    def __post_init__(self) -> None:
        _Facts.__post_init__(self)
        for name in ("number", "document_title", "participant_name"):
            if not getattr(self, name).strip():
                raise FactsError(f"{name} is blank.")
        if self.cycle_ends_on < self.cycle_starts_on:
            raise FactsError("cycle_ends_on is before cycle_starts_on.")
        if self.total_hours != sum(session.hours for session in self.sessions):
            raise FactsError("total_hours is not the sum of the sessions' hours.")
        if self.amount > self.maximum:
            raise FactsError("amount is above maximum.")
        if self.unit == "hours" and self.amount > self.total_hours:
            raise FactsError("amount is above total_hours: hours are granted as attended, never multiplied.")
        if self.signature_sha256 and not _SHA256.fullmatch(self.signature_sha256):
            raise FactsError("signature_sha256 is not the hexadecimal SHA-256 of an image.")
        if not self.verification_url.startswith(("https://", "http://")):
            raise FactsError("verification_url is not a web address.")


def _hints(facts_type: type[_Facts]) -> dict[str, Any]:
    """The fields and their types, read once: resolving the annotations costs more than the checks."""
    if facts_type not in _HINTS:
        hints = get_type_hints(facts_type)
        _HINTS[facts_type] = {field.name: hints[field.name] for field in fields(cast("Any", facts_type))}
    return _HINTS[facts_type]


def _check(hint: Any, value: object, name: str) -> None:
    """Refuse a value its field's type does not allow; a datetime is no date, and -0 no figure."""
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise FactsError(f"{name} must be one of {', '.join(get_args(hint))}.")
    elif get_origin(hint) is tuple:
        if not isinstance(value, tuple):
            raise FactsError(f"{name} must be a tuple.")
        for item in value:
            _check(get_args(hint)[0], item, name)
    elif type(value) is not hint:
        raise FactsError(f"{name} must be a {hint.__name__}, not {type(value).__name__}.")
    elif isinstance(value, Decimal) and (not value.is_finite() or value.is_signed()):
        raise FactsError(f"{name} must be a finite figure of zero or more.")
    elif isinstance(value, str) and _UNSTORABLE.search(value):
        raise FactsError(f"{name} holds a character that cannot be stored.")


def _written(value: object) -> Any:
    match value:
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case tuple():
            return [_written(item) for item in value]
        case _Facts():
            return value.to_json()
    return value


def _read(hint: Any, value: object, name: str) -> Any:
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise FactsError(f"{name} must be a list.")
        return tuple(_read(get_args(hint)[0], item, name) for item in value)
    if isinstance(hint, type) and issubclass(hint, _Facts):
        return hint.from_json(value)
    if not isinstance(value, str):
        raise FactsError(f"{name} must be text, not {type(value).__name__}.")
    if hint is Decimal:
        if not _PLAIN_DECIMAL.fullmatch(value):
            raise FactsError(f"{name} must be written in digits, such as 1.5.")
        return Decimal(value)
    if hint is date:
        return _read_date(value, name)
    return value


def _read_date(value: str, name: str) -> date:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    # fromisoformat also reads 20260312 and 2026-W11-4, which to_json never writes.
    if day is None or day.isoformat() != value:
        raise FactsError(f"{name} must be a date written YYYY-MM-DD.")
    return day
