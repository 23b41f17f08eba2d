"""Certificates of people who do not exist, as a cycle's end would bring them: to look at, and to measure with."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from credits.facts import CertificateFacts, CreditedSession, Language
from credits.models.certificate import TOKEN_ALPHABET, TOKEN_LENGTH
from credits.rendering import TEMPLATE_VERSION

_SESSIONS = 20
_FIRST = date(2025, 9, 11)

_GIVEN = (
    "Amélie", "Noah", "Chloé", "Liam", "Zoë", "Fiona", "Olivier", "Priya", "Mehdi", "Siobhán", "Björn", "Inès",
    "Kwame", "Aroha", "Jean-François", "Wyatt", "Thảo", "Łucja", "José", "Margaret Anne", "Đorđe", "Ayşe",
)  # fmt: skip
_FAMILY = (
    "Tremblay", "Singh", "O’Connor", "Lefebvre", "MacDonald", "Nguyễn", "Côté", "Okonkwo", "Patel", "Van der Waal",
    "St-Onge", "Kowalczyk", "García López", "Åkesson", "Öztürk", "Smith", "Whiteduck", "Fitzgerald-Flynn", "Avery",
)  # fmt: skip
# One person in a hundred writes a name in another script than these.
_OTHER_SCRIPTS = (
    "Олександра Шевченко", "Ἀλέξανδρος Παπαδόπουλος", "د. فاطمة الزهراء محمد", "ד״ר יעל כהן", "李小龍", "山田 さくら",
    "김민준", "ᐊᓕᓯ ᐅᖃᓕᖅ", "प्रिया शर्मा", "தமிழ்ச்செல்வி", "Sk̲wx̲wú7mesh", "አበበ ቢቂላ",
)  # fmt: skip
_ONE_IN = 100

_TITLES: dict[Language, tuple[str, ...]] = {
    "en": (
        "Assessing chronic pain", "Opioid use disorder: first contact", "Tapering together",
        "Neuropathic pain", "Fibromyalgia", "Sleep, mood and pain", "Pain in older adults",
        "Buprenorphine: starting low in primary care, and what to tell the person and the family",
        "Movement as medicine", "Headache", "Indigenous ways of healing", "Naloxone at hand",
    ),
    "fr": (
        "Évaluer la douleur chronique", "Trouble lié à l’usage d’opioïdes : premier contact", "Réduire ensemble",
        "Douleur neuropathique", "Fibromyalgie", "Sommeil, humeur et douleur", "La douleur chez les aînés",
        "La buprénorphine : commencer doucement en soins primaires, et quoi dire à la personne et à ses proches",
        "Le mouvement comme remède", "Céphalées", "Approches autochtones de la guérison", "La naloxone à portée",
    ),
}  # fmt: skip


def samples(count: int, *, language: Language | None = None, seed: int = 0) -> Iterator[CertificateFacts]:
    """`count` certificates, the same for the same `seed`: other people, other sessions, three kinds of credit.

    Without a `language`, three in ten are French.
    """
    chance = random.Random(seed)  # noqa: S311  # people who do not exist, the same each time
    for serial in range(1, count + 1):
        yield _sample(serial, chance, language or chance.choices(("en", "fr"), (7, 3))[0])


def _sample(serial: int, chance: random.Random, language: Language) -> CertificateFacts:
    attended = tuple(session for session in _season(language) if chance.random() < 0.75)
    sessions = attended or _season(language)[:1]
    hours = sum((session.hours for session in sessions), Decimal(0))
    name = (
        chance.choice(_OTHER_SCRIPTS)
        if chance.randrange(_ONE_IN) == 0
        else f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}"
    )
    token = "".join(chance.choice(TOKEN_ALPHABET) for _position in range(TOKEN_LENGTH))
    return replace(
        _granted(_common(language), chance.choice(("physician", "specialist", "other")), hours, sessions),
        number=f"ECHO-2026-{serial:06d}",
        participant_name=name,
        verification_url=f"https://portal.example.ca/verify/{token}/",
    )


def _granted(
    common: CertificateFacts, category: str, hours: Decimal, sessions: tuple[CreditedSession, ...]
) -> CertificateFacts:
    """What a person of this category is granted: credits to a family physician, hours to anybody else."""
    granted = replace(common, sessions=sessions, total_hours=hours, amount=hours)
    if category == "specialist":
        return granted
    if category == "physician":
        return replace(
            granted,
            amount=2 * hours,
            unit="credits",
            credit_name="Mainpro+",
            maximum=Decimal(160),
            accreditor="College of Family Physicians of Canada",
            statement="This Group Learning program has been certified by the College of Family Physicians of Canada.",
        )
    is_french = common.language == "fr"
    return replace(
        granted,
        credit_name="formation continue" if is_french else "continuing education",
        accreditor="ECHO Ontario",
        statement="",
    )


@cache
def _season(language: Language) -> tuple[CreditedSession, ...]:
    titles = _TITLES[language]
    return tuple(
        CreditedSession(
            held_on=_FIRST + timedelta(weeks=week),
            title=titles[week % len(titles)],
            session_id=f"CERT-{301234 + week}-001",
            hours=Decimal("1.5"),
        )
        for week in range(_SESSIONS)
    )


@cache
def _common(language: Language) -> CertificateFacts:
    is_french = language == "fr"
    season = _season(language)
    return CertificateFacts(
        template_version=TEMPLATE_VERSION,
        language=language,
        document_title="Certificat de participation" if is_french else "Certificate of participation",
        number="ECHO-2026-000000",
        issued_on=date(2026, 3, 12),
        program_name="ECHO Ontario Douleur chronique" if is_french else "ECHO Ontario Chronic Pain",
        accredited_title=(
            "Douleur chronique et usage judicieux des opioïdes"
            if is_french
            else "Chronic Pain & Opioid Stewardship"
        ),
        hubs=("University Health Network, Toronto", "Queen’s University, Kingston"),
        participant_name="-",
        cycle_name="Automne 2025" if is_french else "Fall 2025",
        cycle_starts_on=season[0].held_on,
        cycle_ends_on=season[-1].held_on,
        place="conférence web" if is_french else "web conference",
        sessions=season[:1],
        total_hours=season[0].hours,
        amount=season[0].hours,
        unit="hours",
        credit_name="Section 3 (MOC)",
        maximum=Decimal(80),
        accreditor="Royal College of Physicians and Surgeons of Canada",
        statement="This is an Accredited Self-Assessment Program (Section 3).",
        physician_name="Dr. Ada Okonkwo",
        physician_title="Program director",
        signature_sha256="",
        verification_url="https://portal.example.ca/verify/-/",
        supersedes="",
    )
