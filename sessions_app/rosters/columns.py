"""Which column holds what, told from the header: English or French, in any order."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

FIELDS = (
    "email",
    "name",
    "first_name",
    "last_name",
    "category",
    "profession",
    "licence_number",
    "practice_name",
    "practice_city",
    "language",
)
"""What a roster can fill in; only the e-mail address is required."""

MAX_HEADER = 200

# The best first. Letters' case, accents, punctuation, the order of words and the words in NOISE do not matter.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "email": (
        "email", "email address", "courriel", "adresse courriel", "adresse email", "adresse electronique",
        "courrier electronique", "adresse courrier electronique", "mail", "mail address", "adresse mail", "mel",
        "login email", "contact email", "courriel contact",
    ),
    "name": (
        "full name", "legal name", "display name", "name", "names", "nom complet", "nom prenom", "nom legal",
        "noms", "nom", "contact name", "contact", "attendee", "registrant", "invitee", "person", "personne",
        "first last name", "first and last name", "name as licensed", "first name last name",
    ),
    "first_name": ("first name", "firstname", "given name", "given names", "first", "forename", "prenom", "prenoms"),
    "last_name": ("last name", "lastname", "surname", "family name", "last", "nom famille"),
    "category": (
        "category", "professional category", "category type", "credit category", "type", "member type",
        "categorie", "categorie professionnelle", "type professionnel",
    ),
    "profession": (
        "profession", "health profession", "occupation", "discipline", "designation", "professional designation",
        "professional role", "role", "job title", "position", "credentials", "specialty", "speciality",
        "profession sante", "titre professionnel", "fonction", "poste", "metier", "specialite", "titre emploi",
    ),
    "licence_number": (
        "licence number", "license number", "registration number", "college number", "college registration number",
        "professional licence number", "licence", "license", "reg number", "registration", "member number",
        "membership number", "cpso number", "cno number", "ocp number", "cpso", "cno", "ocp",
        "cpso registration number", "cno registration number", "ocp registration number", "cpso licence number",
        "cno licence number", "ocp licence number", "cpso cno number", "college licence number", "lic number",
        "numero permis", "permis", "permis exercice", "numero permis exercice", "numero inscription",
        "numero licence", "numero ordre", "numero membre", "numero ordre professionnel", "inscription ordre",
        "numero opo", "numero omco", "matricule",
    ),
    "practice_name": (
        "practice", "practice name", "clinic", "clinic name", "organization", "organisation", "organization name",
        "organisation name", "workplace", "employer", "practice site", "practice organization", "hospital", "site",
        "place work", "place practice", "institution", "affiliation", "company", "agency", "facility",
        "clinic organization", "clinique", "nom clinique", "cabinet", "organisme", "nom organisme", "etablissement",
        "nom etablissement", "lieu travail", "lieu exercice", "lieu pratique", "milieu travail", "milieu pratique",
        "employeur", "hopital", "pratique", "nom pratique",
    ),
    "practice_city": (
        "city", "practice city", "city town", "town", "municipality", "community", "city practice", "clinic city",
        "workplace city", "ville", "ville pratique", "ville exercice", "ville clinique", "municipalite", "localite",
    ),
    "language": (
        "language", "preferred language", "language preference", "correspondence language", "lang",
        "communication language", "langue", "langue preference", "langue preferee",
        "langue correspondance", "langue communication", "langue choix",
    ),
}  # fmt: skip

# These say nothing about what a column holds.
NOISE = frozenset(
    [
        "a", "an", "and", "as", "au", "aux", "cell", "d", "de", "des", "du", "e", "et", "for", "if", "is", "l", "la",
        "le", "les", "of", "or", "ou", "please", "s", "svp", "the", "this", "to", "un", "une", "votre", "vos", "your",
        "participant", "participante", "participants", "learner", "work", "business", "main", "primary", "required",
        "requis", "obligatoire", "optional", "facultatif", "applicable", "ontario",
    ]
)  # fmt: skip
SPELLINGS = {
    "license": "licence",
    "licensed": "licenced",
    "no": "number",
    "num": "number",
    "nbr": "number",
    "nr": "number",
    "numero": "number",
    "organisation": "organization",
    "emails": "email",
    "courriels": "courriel",
}
NUMBER_SIGN = re.compile(r"[#№]|\bn[°º]")
WORD = re.compile(r"[^\W_]+")


def plain(text: str) -> str:
    """Words without case, accents or punctuation: "N° d’inscription" is "number d inscription"."""
    text = NUMBER_SIGN.sub(" number ", text.casefold())
    letters = unicodedata.normalize("NFKD", text)
    return " ".join(WORD.findall("".join(letter for letter in letters if not unicodedata.combining(letter))))


def guess_mapping(headers: Sequence[str]) -> dict[str, int]:
    """The column of each field that a header names; of several that name it, the one that names it best.

    A field has one column and a column one field. French "Nom" beside "Prénom" is the family name.
    """
    mapping: dict[str, int] = {}
    for field in FIELDS:
        ranked = [
            (rank, at) for at, header in enumerate(headers) if (rank := _rank(field, header)) is not None
        ]
        if ranked:
            mapping[field] = min(ranked)[1]
    if "first_name" in mapping and "last_name" not in mapping and "name" in mapping:
        at = mapping["name"]
        if plain(headers[at]) in {"nom", "noms"}:
            mapping["last_name"] = mapping.pop("name")
    return {field: mapping[field] for field in FIELDS if field in mapping}


def unmapped(headers: Sequence[str], mapping: Mapping[str, int]) -> tuple[str, ...]:
    """The headers of the columns that no field uses; columns without a header are not named."""
    used = set(mapping.values())
    return tuple(header for at, header in enumerate(headers) if header.strip() and at not in used)


def names_email(header: str) -> bool:
    """Whether a header names the e-mail column."""
    return _rank("email", header) is not None


def _rank(field: str, header: str) -> int | None:
    return RANKS[field].get(_key(header)) if len(header) <= MAX_HEADER else None


def _key(phrase: str) -> frozenset[str]:
    words = f" {plain(phrase)} ".replace(" e mail ", " email ").split()
    telling = [SPELLINGS.get(word, word) for word in words]
    return frozenset(word for word in telling if word not in NOISE) or frozenset(telling)


RANKS: Mapping[str, Mapping[frozenset[str], int]] = {
    field: {_key(phrase): rank for rank, phrase in reversed(list(enumerate(phrases)))}
    for field, phrases in HEADERS.items()
}
