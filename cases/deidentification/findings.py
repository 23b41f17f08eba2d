"""What the screen says of a text: where, what kind of identifier, how serious, and why."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of identifier, as PHIPA and common de-identification practice list them (product rules 24 and 33)."""

    NAME = "NAME"
    DATE = "DATE"
    AGE_OVER_89 = "AGE_OVER_89"
    HEALTH_NUMBER = "HEALTH_NUMBER"
    SIN = "SIN"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    URL_IP = "URL_IP"
    POSTAL_CODE = "POSTAL_CODE"
    ADDRESS = "ADDRESS"
    FACILITY = "FACILITY"
    PLACE = "PLACE"
    MRN = "MRN"
    LICENCE = "LICENCE"
    DEVICE_ID = "DEVICE_ID"
    OTHER_ID = "OTHER_ID"


class Tier(StrEnum):
    """How serious a finding is."""

    STOP = "stop"
    """Must be changed before the case can be handed in."""
    CONFIRM = "confirm"
    """To be changed, or explained: why it identifies nobody."""


class Reason(StrEnum):
    """Why something was found; `cases.finding_texts` puts it into words, in both languages."""

    LABELLED = "labelled"
    """A label before it says what it is ("HCN", "DOB", "chart no.")."""
    CHECK_DIGIT = "check_digit"
    """Its check digit is right."""
    SHAPE = "shape"
    """It is written as such a thing is written."""
    FINER_THAN_YEAR = "finer_than_year"
    """A date finer than a year."""
    TITLE = "title"
    """A title or a relation stands with it ("Mrs.", "her husband")."""
    NAME_LIST = "name_list"
    """It is on a list of names."""
    MODEL = "model"
    """A statistical model reads it as such."""
    REPEAT = "repeat"
    """It was found elsewhere in the case."""
    GAZETTEER = "gazetteer"
    """It is on a list of places."""
    HIDDEN_CHARACTERS = "hidden_characters"
    """It was written with characters that hide what it says."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """An identifier in a text: `text[start:end]`, half-open, in characters of the text as it was given."""

    start: int
    end: int
    kind: Kind
    tier: Tier
    reason: Reason
