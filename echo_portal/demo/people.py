"""People who do not exist, with the names that Ontario really has: accents, apostrophes, hyphens, many scripts."""

import random
from dataclasses import dataclass
from typing import Any

from echo_portal.demo.practices import practice_details
from participants.enums import Category, Profession

DOMAIN = "example.org"

# What some of them ask for, by the first part of their address.
NEEDS = {
    "zoe.muller": "Live captions, please: I hear with one ear only.",
    "g.st-onge": "Les diapositives à l’avance, en gros caractères, s’il vous plaît.",
}

FAMILY, SPECIALIST, OTHER = Category.FAMILY_PHYSICIAN, Category.SPECIALIST, Category.OTHER
_P = Profession


@dataclass(frozen=True, slots=True)
class Person:
    """A participant: the account's address, and the profile."""

    email: str
    legal_name: str
    preferred_name: str
    category: Category
    profession: str
    city: str
    practice: str
    language: str
    number: int

    @property
    def profile(self) -> dict[str, Any]:
        """The values of the profile."""
        return {
            "legal_name": self.legal_name,
            "preferred_name": self.preferred_name,
            "category": self.category.value,
            "profession": self.profession,
            "practice_name": self.practice,
            "practice_city": self.city,
            "language": self.language,
            "accessibility_needs": NEEDS.get(self.email.partition("@")[0], ""),
            **practice_details(
                category=self.category.value,
                profession=self.profession,
                practice=self.practice,
                city=self.city,
                number=self.number,
            ),
        }


def _person(  # noqa: PLR0917  # a row of the table below
    local: str,
    name: str,
    preferred: str,
    kind: Category | Profession,
    city: str,
    practice: str,
    language: str = "en",
) -> Person:
    is_category = isinstance(kind, Category)
    number = sum(ord(character) * (at + 7) for at, character in enumerate(local + name)) % 90_000 + 10_000
    return Person(
        email=f"{local}@{DOMAIN}",
        legal_name=name,
        preferred_name=preferred,
        category=Category(kind) if is_category else OTHER,
        profession="" if is_category else kind.value,
        city=city,
        practice=practice,
        language=language,
        number=number,
    )


FAMILY_PHYSICIAN_LOGIN = _person(
    "physician",
    "Siobhán O'Shaughnessy-Clarke",
    "Siobhán",
    FAMILY,
    "Peterborough",
    "Riverbend Family Practice",
)
SPECIALIST_LOGIN = _person(
    "specialist",
    "Théodore N'Diaye-Lacasse",
    "Théo",
    SPECIALIST,
    "Ottawa",
    "Clinique de rhumatologie Rideau",
    "fr",
)
NURSE_LOGIN = _person(
    "nurse",
    "Waaseyaa Moonias",
    "",
    _P.NURSE_PRACTITIONER,
    "Thunder Bay",
    "Sleeping Giant Health Access Centre",
)

PEOPLE: tuple[Person, ...] = (
    FAMILY_PHYSICIAN_LOGIN,
    SPECIALIST_LOGIN,
    NURSE_LOGIN,
    _person(
        "m.desrosiers", "Maëlle Desrosiers-Tremblay", "", FAMILY, "Hawkesbury", "Équipe des Deux Rives", "fr"
    ),
    _person("jf.belanger", "Jean-François Bélanger", "Jeff", FAMILY, "Sudbury", "Clinique du Lac-Nord", "fr"),
    _person("huong.nguyen", "Nguyễn Thị Hương", "Hương", FAMILY, "Mississauga", "Creditview Medical Group"),
    _person("xiuying.li", "李秀英", "Xiuying", FAMILY, "Markham", "Unionville Family Health"),
    _person("mohammed.alhasan", "محمد الحسن", "Mohammed", FAMILY, "London", "Thames Valley Walk-in"),
    _person("oksana.shevchuk", "Оксана Шевчук", "Oksana", FAMILY, "Toronto", "Bloor West Family Practice"),
    _person("eleni.p", "Ελένη Παπαδοπούλου", "Eleni", FAMILY, "Toronto", "Danforth Community Clinic"),
    _person("minji.kim", "김민지", "Minji", FAMILY, "Vaughan", "Maple Health Centre"),
    _person("kavitha.s", "கவிதா சிவராஜா", "Kavitha", FAMILY, "Scarborough", "Rouge Hill Family Doctors"),
    _person("zoe.muller", "Zoë Müller-D'Angelo", "", FAMILY, "Kitchener", "Grand River Family Medicine"),
    _person(
        "joao.goncalves", "João Gonçalves da Conceição", "", FAMILY, "Toronto", "Dufferin Medical Associates"
    ),
    _person("xaawo.cabdi", "Xaawo Cabdi Maxamed", "", FAMILY, "Etobicoke", "Humber Community Health"),
    _person("lukasz.w", "Łukasz Wiśniewski", "", FAMILY, "Hamilton", "Escarpment Family Health Team"),
    _person(
        "m.charbonneau",
        "Marie-Ève Charbonneau-L'Heureux",
        "",
        FAMILY,
        "Timmins",
        "Clinique Abitibi-Nord",
        "fr",
    ),
    _person("harpreet.gill", "ਹਰਪ੍ਰੀਤ ਕੌਰ ਗਿੱਲ", "Harpreet", FAMILY, "Brampton", "Heart Lake Family Practice"),
    _person("adebayo", "Adébáyọ̀ Ọláwálé-Smith", "Bayo", FAMILY, "Ajax", "Durham Lakeshore Medical"),
    _person("g.st-onge", "Guylaine St-Onge", "", FAMILY, "Cornwall", "Clinique Saint-Laurent", "fr"),
    _person(
        "shirin.rezaei", "شیرین رضایی", "Shirin", SPECIALIST, "Richmond Hill", "Yonge Street Pain Clinic"
    ),
    _person("soren.k", "Søren Kjærgaard", "", SPECIALIST, "Guelph", "Royal City Anesthesia"),
    _person("david.benami", "דוד בן־עמי", "David", SPECIALIST, "Toronto", "Midtown Physical Medicine"),
    _person("ipek.ozturk", "İpek Çağlayan Öztürk", "", SPECIALIST, "Windsor", "Border City Psychiatry"),
    _person("anjali.sharma", "अंजलि शर्मा", "Anjali", SPECIALIST, "Oakville", "Lakeshore Neurology"),
    _person(
        "f.thibodeau", "Félix-Antoine Thibodeau", "", SPECIALIST, "Orléans", "Médecine physique Orléans", "fr"
    ),
    _person(
        "w.vanderwesthuizen",
        "Wilhelmina Bartholomea van der Westhuizen-Featherstonehaugh",
        "Mina",
        SPECIALIST,
        "Kingston",
        "Limestone Addiction Medicine",
    ),
    _person("ani.nutaraq", "ᐊᓂ ᓄᑕᕋᖅ", "Ani", _P.REGISTERED_NURSE, "Ottawa", "Northern Patients' House"),
    _person(
        "karonhiawi", "Karonhiá:wi Bomberry-Hill", "", _P.REGISTERED_NURSE, "Ohsweken", "Grand River Nursing"
    ),
    _person("tenzin", "Tenzin", "", _P.REGISTERED_PRACTICAL_NURSE, "Toronto", "Parkdale Community Clinic"),
    _person(
        "paivi.h", "Päivi Hämäläinen", "", _P.NURSE_PRACTITIONER, "Thunder Bay", "Bay Street Nursing Practice"
    ),
    _person(
        "c.delossantos",
        "Ma. Cristina de los Santos-Bautista",
        "Tina",
        _P.PHARMACIST,
        "Mississauga",
        "Port Drugs",
    ),
    _person(
        "n.ouellette", "Noémie Ouellette", "", _P.PHARMACIST, "Kapuskasing", "Pharmacie de la Rivière", "fr"
    ),
    _person(
        "thorunn", "Þórunn Guðmundsdóttir", "Thora", _P.PHYSIOTHERAPIST, "Barrie", "Kempenfelt Physiotherapy"
    ),
    _person(
        "mj.nunez",
        "María José Núñez Peña",
        "Majo",
        _P.PHYSIOTHERAPIST,
        "Hamilton",
        "Steel City Rehabilitation",
    ),
    _person(
        "l.dionne", "Loïc Dionne-Ngoma", "", _P.OCCUPATIONAL_THERAPIST, "Ottawa", "Ergothérapie Vanier", "fr"
    ),
    _person(
        "c.macgillivray", "Catrìona MacGillivray", "", _P.PSYCHOLOGIST, "Guelph", "Speed River Psychology"
    ),
    _person(
        "e.lafrance",
        "Esperanza Lafrance-Ríos",
        "",
        _P.SOCIAL_WORKER,
        "North Bay",
        "Services du Nipissing",
        "fr",
    ),
    _person("ao.brien", "Aodhán Ó Briain", "", _P.CHIROPRACTOR, "St. Catharines", "Garden City Chiropractic"),
    _person(
        "g.petit",
        "Gaëlle Petit-Homme",
        "",
        _P.PHYSICIAN_ASSISTANT,
        "Welland",
        "Centre de santé du Canal",
        "fr",
    ),
)

# For cycles with more people than the forty above.
GIVEN = (
    "Amélie", "Björn", "Chloé", "Dìonise", "Émile", "Fátima", "Gwenaëlle", "Håkon", "Inès", "Jiří", "Keziah", "Léa",
    "Mbali", "Ngozi", "Ólafur", "Padmé", "Quỳnh", "Renée", "Søndre", "Tānia", "Uğur", "Véronique", "Waleed", "Xóchitl",
    "Yılmaz", "Zdeněk",
)  # fmt: skip
FAMILY_NAMES = (
    "Abd-el-Nour", "Beauséjour", "Castañeda", "D'Souza", "Étienne", "Fitz-Gérald", "Großmann", "Håkansson", "Işık",
    "Jørgensen", "Kováč", "L'Écuyer", "Mac an Bhaird", "Nwachukwu", "O'Driscoll", "Przybyła", "Quirós", "Răducanu",
    "Saint-Amour", "Trần", "Uí Néill", "Vasić", "Wójcik", "Xu-Lévesque", "Ybañez", "Zúñiga",
)  # fmt: skip
CITIES = (
    "Belleville",
    "Chatham",
    "Dryden",
    "Elliot Lake",
    "Fort Frances",
    "Hearst",
    "Kenora",
    "Moosonee",
    "Orillia",
)


def some_people(count: int, rng: random.Random) -> list[Person]:
    """`count` different people of all three categories, mixed by `rng`: the forty first, then more like them."""
    pool = [*PEOPLE, *(_another(number, rng) for number in range(len(PEOPLE) + 1, count + 1))]
    groups = {category: [person for person in pool if person.category == category] for category in Category}
    for group in groups.values():
        rng.shuffle(group)
    chosen: list[Person] = []
    while len(chosen) < count:
        for category in (FAMILY, OTHER, SPECIALIST, FAMILY, OTHER, FAMILY):
            if groups[category] and len(chosen) < count:
                chosen.append(groups[category].pop())
    return chosen


def _another(number: int, rng: random.Random) -> Person:
    kinds: tuple[Category | Profession, ...] = (
        FAMILY,
        _P.NURSE_PRACTITIONER,
        FAMILY,
        SPECIALIST,
        _P.PHARMACIST,
    )
    return _person(
        f"participant{number:04d}",
        f"{rng.choice(GIVEN)} {rng.choice(FAMILY_NAMES)}",
        "",
        kinds[number % len(kinds)],
        rng.choice(CITIES),
        "",
        "fr" if number % 4 == 0 else "en",
    )
