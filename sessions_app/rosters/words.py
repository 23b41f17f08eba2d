"""Categories, professions and languages as people write them, in English and French.

The values are those of participants.enums, which this pure module cannot import; a test holds them together.
"""

import re
from functools import lru_cache

from sessions_app.rosters.columns import plain

FAMILY_PHYSICIAN = "family_physician"
SPECIALIST = "specialist"
OTHER = "other"
CATEGORIES = frozenset({FAMILY_PHYSICIAN, SPECIALIST, OTHER})

MAX_WORDS = 200
INITIALS = re.compile(r"\b(\w) (?=\w\b)")
"""What is left of the dots in "G.P.": "g p"."""

# A whole cell, where a part of one would say too much or too little. A profession is "" where it stays open.
WHOLE: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("family", "md family", "family md", "famille", "fm", "fp", "gp", "mf"), (FAMILY_PHYSICIAN, "")),
    **dict.fromkeys(("pa", "ccpa", "pa c"), (OTHER, "physician_assistant")),
    **dict.fromkeys(("pt", "physio"), (OTHER, "physiotherapist")),
    **dict.fromkeys(("ot", "ergo"), (OTHER, "occupational_therapist")),
    **dict.fromkeys(("dc", "chiro"), (OTHER, "chiropractor")),
    **dict.fromkeys(("sw", "msw", "bsw", "rsw", "ts"), (OTHER, "social_worker")),
    **dict.fromkeys(("np", "np phc", "ip", "ips", "ipspl"), (OTHER, "nurse_practitioner")),
    **dict.fromkeys(("rp", "rp q", "crpo"), (OTHER, "psychotherapist")),
    **dict.fromkeys(("ia",), (OTHER, "registered_nurse")),
    **dict.fromkeys(("iaa", "ia aux"), (OTHER, "registered_practical_nurse")),
    **dict.fromkeys(("rd", "dtp"), (OTHER, "dietitian")),
    **dict.fromkeys(("rmt",), (OTHER, "massage_therapist")),
    **dict.fromkeys(("rm",), (OTHER, "midwife")),
    **dict.fromkeys(("dds", "dmd"), (OTHER, "dentist")),
    **dict.fromkeys(("rph", "pharm d", "pharmd", "bscphm"), (OTHER, "pharmacist")),
    **dict.fromkeys(("c psych",), (OTHER, "psychologist")),
    **dict.fromkeys(
        (
            "other health professional", "other health professionals", "other healthcare professional",
            "other health care professional", "allied health", "allied health professional", "interprofessional",
            "health professional", "non physician", "autre professionnel de la sante",
            "autre professionnel le de la sante", "autre professionnelle de la sante",
            "professionnel de la sante", "autres professionnels de la sante",
        ),
        (OTHER, ""),
    ),
    **dict.fromkeys(
        (
            "other", "other profession", "another health profession", "other health profession", "autre", "autres",
            "autre profession", "une autre profession de la sante",
        ),
        (OTHER, "other"),
    ),
    # The French label of the category; the profession's begins with "une".
    "autre profession de la sante": (OTHER, ""),
}  # fmt: skip

# A physician of which kind is not said.
ANY_PHYSICIAN = frozenset({"md", "physician", "doctor", "dr", "medecin", "docteur", "docteure"})

_INCLUSIVE = r"(?: \w{1,3})?"  # the second ending of "infirmier(ère)", "travailleur(se)"

# The first that is found within the cell decides: who is learning before what, nurses before their field of work.
WITHIN: tuple[tuple[re.Pattern[str], tuple[str, str]], ...] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"\bstudent|\betudiant|\bstagiaire|\bclinical clerk|\bclerkship", (OTHER, "student")),
        (r"\bresident(?! care)|\bpgy ?\d|\bpostgraduate trainee", (OTHER, "resident")),
        (
            r"\bphysicians?(?: s)? assistant|\badjoint\w*"
            + _INCLUSIVE
            + r"(?: adjoint\w*)? (?:au|du) medecin",
            (OTHER, "physician_assistant"),
        ),
        (
            r"\bnurse practitioner|\bnp\b|\brn ec\b|\binfirmi\w*" + _INCLUSIVE + r" praticien|\bipspl\b",
            (OTHER, "nurse_practitioner"),
        ),
        (
            r"\bpractical nurse|\brpn\b|\blpn\b|\binfirmi\w*"
            + _INCLUSIVE
            + r"(?: ou infirmi\w+)? auxiliaire",
            (OTHER, "registered_practical_nurse"),
        ),
        (
            r"\bregistered nurse|\brn\b|\bclinical nurse specialist|\binfirmi\w*"
            + _INCLUSIVE
            + r" (?:autorise|clinicien)",
            (OTHER, "registered_nurse"),
        ),
        (r"\bnurse|\bnursing|\binfirmi", (OTHER, "")),
        (r"\bpharmacy tech|\btechnicien\w*" + _INCLUSIVE + r" en pharmacie", (OTHER, "other")),
        (r"\bpharmacist|\bpharmacien", (OTHER, "pharmacist")),
        (r"\b(?:physio|occupational|ergo)\w*.* (?:assistant|aide)\b", (OTHER, "other")),
        (r"\bphysiotherap|\bphysical therap", (OTHER, "physiotherapist")),
        (r"\boccupational therap|\bergotherap", (OTHER, "occupational_therapist")),
        (r"\bmassage therap|\bmassotherap", (OTHER, "massage_therapist")),
        (r"\bchiropractor|\bchiropractic|\bchiropratic", (OTHER, "chiropractor")),
        (r"\bpsychotherap", (OTHER, "psychotherapist")),
        (r"\bpsychologist|\bpsychologue|\bpsychological associate", (OTHER, "psychologist")),
        (
            r"\bsocial work|\btravailleu\w*" + _INCLUSIVE + r" social|\btravail social",
            (OTHER, "social_worker"),
        ),
        (r"\bcounsell?or|\bconseiller|\bconseillere|\bintervenant", (OTHER, "counsellor")),
        (r"\bdentist", (OTHER, "dentist")),
        (r"\bdietit|\bdietic|\bdietetis|\bnutritionnist", (OTHER, "dietitian")),
        (r"\bkinesi", (OTHER, "kinesiologist")),
        (r"\bmidwi|\bsage ?s? femme|\bsages femmes", (OTHER, "midwife")),
        (
            (
                r"\bnaturopath|\bacupunct|\bosteopath|\brespiratory therap|\binhalotherap|\bparamedic|\bchiropod|"
                r"\bpodiatr|\boptometr|\bspeech|\borthophon|\bbehaviou?r analyst|\brecreation therap|\bathletic therap"
            ),
            (OTHER, "other"),
        ),
        (
            r"\bfamily (?:physician|medicine|doctor|practice|practitioner|dr|med)\b|\b(?:md|physician) family\b|"
            r"\bgeneral pract|\bgp\b|\bccfp\b|\bfcfp\b|\bmedecin\w*" + _INCLUSIVE + r" (?:de )?famil|"
            r"\bomnipratic|\bgeneraliste|\bprimary care (?:physician|doctor|md)",
            (FAMILY_PHYSICIAN, ""),
        ),
        (
            (
                r"\bspecialist|\bfrcp|\bfrcs|\ban(?:a)?esth|\bphysiatr|\bneurolog|\bneurosurg|\bneurochirurg|\bpsychiatr|"
                r"\brh?eumatolog|\brhumatolog|\borthop|\binternal med|\binternist|\bmedecine interne|\bsurge|"
                r"\bchirurg|\bpa?ediatri|\boncolog|\bgeriatri|\bgastroenterolog|\bcardiolog|\bendocrinolog|"
                r"\bgyn\w?ecolog|\bobstetri|\burolog|\bdermatolog|\bradiolog|\bpatholog|\bnephrolog|\brespirolog|"
                r"\bpneumolog|\bha?ematolog|\bo(?:phtalmolog|phthalmolog|torhino|tolaryng)|\binfectious dis|"
                r"\bphysical medicine|\bmedecine physique|\burgentologue"
            ),
            (SPECIALIST, ""),
        ),
    )
)

LANGUAGES: dict[str, str] = {
    **dict.fromkeys(("en", "eng", "english", "anglais", "anglaise", "e", "en ca", "ang", "an"), "en"),
    **dict.fromkeys(("fr", "fra", "fre", "french", "francais", "francaise", "f", "fr ca", "franco"), "fr"),
}


@lru_cache(maxsize=4096)
def profession(words: str) -> tuple[str, str] | None:
    """The category and the profession that a cell names, either "" where it says no more; None if it names none."""
    if len(words) > MAX_WORDS:
        return None
    said = INITIALS.sub(r"\1", plain(words))
    if said in WHOLE:
        return WHOLE[said]
    if said in ANY_PHYSICIAN:
        return "", ""
    return next((meaning for pattern, meaning in WITHIN if pattern.search(said)), None)


@lru_cache(maxsize=256)
def language(words: str) -> str:
    """The portal's language that a cell names, or "" for another, several or none."""
    return LANGUAGES.get(plain(words), "") if len(words) <= MAX_WORDS else ""
