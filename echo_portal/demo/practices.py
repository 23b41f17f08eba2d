"""Where the people of the demonstration work, worked out from who they are: the same person, the same practice."""

import re
from typing import Any

from participants.enums import PracticeSetting, PracticeType, Profession
from participants.licences import LICENCE_FORMATS, usual_college

_S, _T, _P = PracticeSetting, PracticeType, Profession

# The first three characters of a postal code of each place.
PLACES: dict[str, tuple[str, PracticeSetting]] = {
    "Ajax": ("L1S", _S.SUBURBAN),
    "Barrie": ("L4N", _S.URBAN),
    "Belleville": ("K8N", _S.URBAN),
    "Brampton": ("L6Z", _S.SUBURBAN),
    "Chatham": ("N7M", _S.URBAN),
    "Cornwall": ("K6H", _S.URBAN),
    "Dryden": ("P8N", _S.RURAL),
    "Elliot Lake": ("P5A", _S.RURAL),
    "Etobicoke": ("M9W", _S.SUBURBAN),
    "Fort Frances": ("P9A", _S.RURAL),
    "Guelph": ("N1H", _S.URBAN),
    "Hamilton": ("L8P", _S.URBAN),
    "Hawkesbury": ("K6A", _S.RURAL),
    "Hearst": ("P0L", _S.REMOTE),
    "Kapuskasing": ("P5N", _S.REMOTE),
    "Kenora": ("P9N", _S.RURAL),
    "Kingston": ("K7L", _S.URBAN),
    "Kitchener": ("N2G", _S.URBAN),
    "London": ("N6A", _S.URBAN),
    "Markham": ("L3R", _S.SUBURBAN),
    "Mississauga": ("L5B", _S.SUBURBAN),
    "Moosonee": ("P0L", _S.REMOTE),
    "North Bay": ("P1B", _S.URBAN),
    "Oakville": ("L6J", _S.SUBURBAN),
    "Ohsweken": ("N0A", _S.RURAL),
    "Orillia": ("L3V", _S.URBAN),
    "Orléans": ("K1C", _S.SUBURBAN),
    "Ottawa": ("K1N", _S.URBAN),
    "Peterborough": ("K9H", _S.URBAN),
    "Richmond Hill": ("L4C", _S.SUBURBAN),
    "Scarborough": ("M1B", _S.SUBURBAN),
    "St. Catharines": ("L2R", _S.URBAN),
    "Sudbury": ("P3E", _S.URBAN),
    "Thunder Bay": ("P7B", _S.URBAN),
    "Timmins": ("P4N", _S.RURAL),
    "Toronto": ("M6P", _S.URBAN),
    "Vaughan": ("L6A", _S.SUBURBAN),
    "Welland": ("L3B", _S.URBAN),
    "Windsor": ("N9A", _S.URBAN),
}

# What a practice's name says about it, the first match first.
KINDS: tuple[tuple[str, PracticeType], ...] = (
    ("Health Access|Northern Patients", _T.INDIGENOUS_HEALTH),
    ("Family Health", _T.FAMILY_HEALTH_TEAM),
    ("Community|Centre de santé", _T.COMMUNITY_HEALTH_CENTRE),
    ("Nursing Practice", _T.NURSE_LED_CLINIC),
    ("Grand River Nursing", _T.HOME_CARE),
    ("Addiction|Psychiatry|Psychology|Services du", _T.ADDICTION),
    ("Pharmacie|Drugs", _T.PHARMACY),
    ("Physio|Rehabilitation|Ergo|Chiro", _T.REHABILITATION),
    ("Anesthesia|Neurology|Physical Medicine|Médecine physique|Pain Clinic|rhumatologie", _T.HOSPITAL),
)
BY_PROFESSION: dict[str, PracticeType] = {
    "": _T.FAMILY_PRACTICE,
    _P.PHARMACIST: _T.PHARMACY,
    _P.NURSE_PRACTITIONER: _T.NURSE_LED_CLINIC,
}

SPECIALTIES: tuple[tuple[str, str], ...] = (
    ("Addiction", "Addiction medicine"),
    ("Psychiatry", "Psychiatry"),
    ("Anesthesia", "Anesthesiology"),
    ("Neurology", "Neurology"),
    ("rhumatologie", "Rhumatologie"),
    ("Médecine physique", "Médecine physique et réadaptation"),
    ("Physical Medicine", "Physical medicine and rehabilitation"),
    ("Pain Clinic", "Pain medicine"),
)


def practice_details(
    *, category: str, profession: str, practice: str, city: str, number: int
) -> dict[str, Any]:
    """The rest of a profile; `number` is the person's own and decides what nothing else does."""
    prefix, setting = PLACES[city]
    college = usual_college(category, profession)
    return {
        "college": college,
        "licence_number": _nobodys_number(college, number),
        "specialty": _first(SPECIALTIES, practice) or "",
        "practising_since": 1985 + number % 38,
        "practice_type": (_first(KINDS, practice) or BY_PROFESSION.get(profession, _T.OTHER)).value,
        "practice_setting": setting.value,
        "postal_prefix": prefix,
    }


def _first(table: tuple[tuple[str, Any], ...], practice: str) -> Any:
    return next((value for pattern, value in table if re.search(pattern, practice)), None)


def _nobodys_number(college: str, number: int) -> str:
    """A number in the college's format that begins with two zeros, as no real one does; without a college an X."""
    if college not in LICENCE_FORMATS:
        return f"X{number}"
    digits = iter(f"{number % 1000:03d}{number:07d}")
    example = LICENCE_FORMATS[college].example
    begins_at = next(at for at, character in enumerate(example) if character.isdigit())
    return "".join(
        "0"
        if character.isdigit() and at < begins_at + 2
        else next(digits)
        if character.isdigit()
        else character
        for at, character in enumerate(example)
    )
