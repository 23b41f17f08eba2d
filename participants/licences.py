"""Ontario's regulatory colleges, and what their registration numbers look like. Pure.

A number that looks odd is only ever a reason to ask once more: nobody is refused for it, so the formats are wide.

What is known, in 2026. No college publishes the format of its numbers. Sample records of the province's provider
registry show six digits for physicians (CPSO) and pharmacists (OCP) and seven for nurses (CNO); numbers given out
early are shorter, and newer ones of nurses are longer or carry letters. Massage therapists' begin with letters (CMTO).
All the other lengths are assumptions, made wide on purpose. The CPSO regulates physician assistants since 1 April 2025
(its own announcement); that their numbers look like physicians' is an assumption.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class College(StrEnum):
    """The regulators, by the values of participants.enums.College, which gives them their names."""

    CPSO = "cpso"
    CNO = "cno"
    OCP = "ocp"
    CPO = "cpo_physio"
    COTO = "coto"
    CCO = "cco"
    CPBAO = "cpbao"
    OCSWSSW = "ocswssw"
    CRPO = "crpo"
    RCDSO = "rcdso"
    CDO = "cdo"
    COKO = "coko"
    CMTO = "cmto"
    CMO = "cmo"
    CONO = "cono"
    CTCMPAO = "ctcmpao"
    OTHER = "other"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class LicenceFormat:
    """`pattern` matches a whole number, in capitals and without blanks or dashes; `example` is nobody's."""

    pattern: re.Pattern[str]
    example: str


def _format(pattern: str, example: str) -> LicenceFormat:
    return LicenceFormat(re.compile(pattern), example)


LICENCE_FORMATS: Mapping[str, LicenceFormat] = {
    College.CPSO: _format(r"\d{4,6}", "123456"),
    College.CNO: _format(r"\d{7,8}|[A-Z]{1,2}\d{5,7}", "12345678"),
    College.OCP: _format(r"\d{4,6}", "123456"),
    College.CPO: _format(r"\d{4,6}", "12345"),
    College.COTO: _format(r"[A-Z]{0,2}\d{4,8}", "G1234567"),
    College.CCO: _format(r"\d{3,5}", "1234"),
    College.CPBAO: _format(r"[A-Z]{0,3}\d{3,6}", "1234"),
    College.OCSWSSW: _format(r"\d{5,7}", "123456"),
    College.CRPO: _format(r"\d{3,6}", "1234"),
    College.RCDSO: _format(r"\d{4,6}", "12345"),
    College.CDO: _format(r"\d{3,5}", "1234"),
    College.COKO: _format(r"\d{3,6}", "12345"),
    College.CMTO: _format(r"[A-Z]{1,2}\d{2,4}", "A123"),
    College.CMO: _format(r"\d{2,5}", "1234"),
    College.CONO: _format(r"\d{2,5}", "1234"),
    College.CTCMPAO: _format(r"\d{3,6}", "1234"),
}

# What people write before the number, in capitals.
PREFIX = re.compile(
    r"(?:(?:CPSO|CNO|OCP|OPO|CPO|COTO|CCO|CPBAO|OCSWSSW|CRPO|RCDSO|CDO|COKO|CKO|CMTO|CMO|CONO|CTCMPAO|"
    r"MD|RN|RPN|NP|PA|REGISTRATION|REG|LICENCE|LICENSE|LIC|MEMBER|COLLEGE|NUMBER|NUM|NO|PERMIS|DE|NUMÉRO|NUMERO|ID)"
    r"(?![^\W\d_])|N[º°]|#)[\s.:#–—-]*"
)
BETWEEN = re.compile(r"[\s.–—‑-]+")

COLLEGES: Mapping[str, str] = {
    "nurse_practitioner": College.CNO,
    "registered_nurse": College.CNO,
    "registered_practical_nurse": College.CNO,
    "pharmacist": College.OCP,
    "physiotherapist": College.CPO,
    "occupational_therapist": College.COTO,
    "chiropractor": College.CCO,
    "psychologist": College.CPBAO,
    "social_worker": College.OCSWSSW,
    "psychotherapist": College.CRPO,
    "dentist": College.RCDSO,
    "dietitian": College.CDO,
    "kinesiologist": College.COKO,
    "massage_therapist": College.CMTO,
    "midwife": College.CMO,
    # The CPSO regulates physician assistants since 1 April 2025, and gives residents their certificates.
    "physician_assistant": College.CPSO,
    "resident": College.CPSO,
    "student": College.NONE,
}
"""The college of a profession of the category `other`; counsellors and others can belong to any or to none."""


def usual_college(category: str, profession: str) -> str:
    """The college that somebody of the category and profession most likely belongs to, or ""."""
    if category in {"family_physician", "specialist"}:
        return College.CPSO
    return str(COLLEGES.get(profession, "")) if category == "other" else ""


def looks_like(college: str, number: str) -> bool | None:
    """Whether a number has the college's format; None where none is known or nothing was written.

    Small letters, blanks, dashes and what people write in front ("CPSO # 123456") do not matter.
    """
    known = LICENCE_FORMATS.get(college)
    written = number.upper().strip()
    if known is None or not written:
        return None
    bare = written
    while prefix := PREFIX.match(bare):
        bare = bare[prefix.end() :]
    return any(known.pattern.fullmatch(BETWEEN.sub("", digits)) is not None for digits in (written, bare))
