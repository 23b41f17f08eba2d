"""What a case is made of: its sections, why each is asked, and its fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from cases.clinical_texts import OPIOID_NAMES, ORT_ITEMS
from cases.content.choices import CHARACTER, COURSE, SEX, SITE, WHEN, Choices, Words


class Kind(StrEnum):
    """How a field is answered."""

    AGE = "age"
    """Years as digits, "90+" above 89 (rule 23)."""
    CHOICE = "choice"
    CODES = "codes"
    """Any number of its choices."""
    SCALE = "scale"
    """A whole number from 0 to 10."""
    FLAG = "flag"
    SHORT = "short"
    """A few words on one line."""
    TEXT = "text"
    MEDICATIONS = "medications"
    """Rows, each with the fields of MEDICATION."""
    AMOUNT = "amount"
    """A decimal number, as a string."""

    @property
    def is_written(self) -> bool:
        """Whether it is free text, which the screen reads."""
        return self in {Kind.SHORT, Kind.TEXT}


@dataclass(frozen=True, slots=True)
class CaseField:
    """One field; `is_required` is about handing in, since a draft may have gaps."""

    key: str
    kind: Kind
    label: Words
    help: Words = ""
    choices: Choices = ()
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form, and why it is asked."""

    key: str
    title: Words
    why: Words
    fields: tuple[CaseField, ...]


MEDICATION: tuple[CaseField, ...] = (
    CaseField("name", Kind.SHORT, _("Medication"), _("The generic name is enough.")),
    CaseField("when", Kind.CHOICE, _("When"), choices=WHEN),
    CaseField(
        "dose", Kind.SHORT, _("Dose, and for how long"), _("For example “20 mg three times a day, 2 years”.")
    ),
    CaseField(
        "opioid",
        Kind.CHOICE,
        _("If it is an opioid: which one"),
        _("The morphine equivalent dose is computed from this and the amount."),
        tuple(OPIOID_NAMES.items()),
    ),
    CaseField(
        "amount",
        Kind.AMOUNT,
        _("If it is an opioid: the whole amount a day"),
        _("In mg a day; for a patch in micrograms an hour."),
    ),
    CaseField("effect", Kind.SHORT, _("Effect")),
    CaseField("side_effects", Kind.SHORT, _("Side effects, or why it was stopped")),
)
"""The fields of one row of "medications"."""

SECTIONS: tuple[Section, ...] = (
    Section(
        "patient",
        _("The patient"),
        _(
            "Age and sex change which diagnoses are likely and how risks are counted. Nothing that names the patient "
            "is asked for: please write no name, birth date, address or number anywhere in the form."
        ),
        (
            CaseField(
                "age",
                Kind.AGE,
                _("Age in years"),
                _("Above 89 it is kept as “90+”, since so few people are that old."),
                is_required=True,
            ),
            CaseField(
                "sex",
                Kind.CHOICE,
                _("Sex"),
                _("As it was recorded at birth: the Opioid Risk Tool counts by it."),
                SEX,
                is_required=True,
            ),
            CaseField(
                "gender", Kind.SHORT, _("Gender"), _("In the patient's own words, where it matters to them.")
            ),
        ),
    ),
    Section(
        "pain",
        _("The pain"),
        _(
            "How the pain began, where it is and what it feels like tell the panel what kind of pain it may be."
        ),
        (
            CaseField(
                "onset",
                Kind.TEXT,
                _("How and when it began"),
                _("A year or “six years ago” is enough; a full date would identify."),
            ),
            CaseField(
                "pain_history",
                Kind.TEXT,
                _("Pain history"),
                _("What happened since, what makes it better or worse, and how it is now."),
                is_required=True,
            ),
            CaseField("sites", Kind.CODES, _("Where it hurts"), choices=SITE),
            CaseField(
                "site_notes",
                Kind.TEXT,
                _("More about where it hurts"),
                _("For example where it spreads to, or that it is deep or on the skin."),
            ),
            CaseField("character", Kind.CODES, _("What it feels like"), choices=CHARACTER),
            CaseField("course", Kind.CHOICE, _("Course"), choices=COURSE),
        ),
    ),
    Section(
        "function",
        _("Function"),
        _(
            "What the pain keeps the patient from doing matters more to most plans than its strength. The three "
            "numbers of the PEG show later whether a plan has helped. They are about the last week."
        ),
        (
            CaseField("peg_pain", Kind.SCALE, _("Pain on average")),
            CaseField("peg_enjoyment", Kind.SCALE, _("How much the pain got in the way of enjoying life")),
            CaseField("peg_activity", Kind.SCALE, _("How much the pain got in the way of general activity")),
            CaseField(
                "function",
                Kind.TEXT,
                _("A usual day"),
                _("Walking, sitting, work, chores, hobbies: what is possible and what is not."),
            ),
        ),
    ),
    Section(
        "diagnoses",
        _("Diagnoses"),
        _("What is known already, and what else has to be considered when a treatment is chosen."),
        (
            CaseField(
                "diagnoses", Kind.TEXT, _("Pain diagnoses"), _("Those that are made, and those you suspect.")
            ),
            CaseField(
                "comorbidities",
                Kind.TEXT,
                _("Other conditions"),
                _("Kidney, liver, heart and lungs above all: they limit what may be prescribed."),
            ),
        ),
    ),
    Section(
        "medications",
        _("Medications"),
        _(
            "The panel will not suggest again what has failed, and the morphine equivalent dose shows where an opioid "
            "becomes risky."
        ),
        (
            CaseField(
                "medications",
                Kind.MEDICATIONS,
                _("Medications now and tried"),
                is_required=True,
            ),
            CaseField("no_medications", Kind.FLAG, _("The patient takes no medication and has tried none")),
        ),
    ),
    Section(
        "risk",
        _("Opioid risk"),
        _(
            "It helps to decide how closely opioid treatment should be monitored. Leave it empty if "
            "opioids are not being considered; a risk is no reason to withhold care."
        ),
        (
            CaseField(
                "ort",
                Kind.CODES,
                _("Opioid Risk Tool: what applies to the patient"),
                choices=tuple(ORT_ITEMS.items()),
            ),
            CaseField(
                "urine_drug_screens",
                Kind.TEXT,
                _("Urine drug screens"),
                _("What was expected, what was found, and in which year or month of treatment."),
            ),
            CaseField(
                "substance_use",
                Kind.TEXT,
                _("Substance use"),
                _("Alcohol, cannabis, tobacco and others: now and earlier."),
            ),
        ),
    ),
    Section(
        "mind",
        _("Mental health and sleep"),
        _("Mood, trauma and sleep change how pain is felt, and are treated along with it."),
        (
            CaseField(
                "mental_health", Kind.TEXT, _("Mental health"), _("Diagnoses, scores of scales, treatment.")
            ),
            CaseField(
                "sleep",
                Kind.TEXT,
                _("Sleep"),
                _("How long, how often interrupted, apnea known or suspected."),
            ),
        ),
    ),
    Section(
        "social",
        _("Social situation"),
        _("Work, money, home and people decide which advice can be followed."),
        (
            CaseField(
                "social",
                Kind.TEXT,
                _("Social situation"),
                _(
                    "In general words: “works in a trade”, “lives with a partner”. No employer, town or names."
                ),
            ),
        ),
    ),
    Section(
        "investigations",
        _("Images and reports"),
        _(
            "No file can be attached. Images, letters and reports carry names and numbers in their margins and their "
            "hidden data, where nobody sees them. Your own words tell the panel what it needs to know."
        ),
        (
            CaseField(
                "investigations",
                Kind.TEXT,
                _("Investigations, in your own words"),
                _(
                    "Write what was done, in which year, and what it showed; for example “MRI of the lumbar spine, "
                    "2023: disc bulge at L4-L5 touching the left L5 root, no stenosis”. Of a report, copy the "
                    "conclusion and leave out its heading, dates and signatures. Of a photograph, describe place, "
                    "size, colour and shape."
                ),
            ),
        ),
    ),
    Section(
        "treatments",
        _("Treatments tried"),
        _("It shows the panel what has been done besides medication, and what has not been tried yet."),
        (
            CaseField(
                "treatments",
                Kind.TEXT,
                _("Treatments tried"),
                _(
                    "Exercise, physiotherapy, psychology, injections, surgery, self-management: how long, and what "
                    "it did."
                ),
            ),
        ),
    ),
    Section(
        "questions",
        _("Goals and questions"),
        _("The panel answers what you ask. One clear question brings a better answer than a general one."),
        (
            CaseField(
                "goals",
                Kind.TEXT,
                _("The patient's goals"),
                _("What the patient would like to be able to do."),
            ),
            CaseField("question_1", Kind.TEXT, _("First question for the panel"), is_required=True),
            CaseField("question_2", Kind.TEXT, _("Second question")),
            CaseField("question_3", Kind.TEXT, _("Third question")),
        ),
    ),
)

FIELDS: dict[str, CaseField] = {field.key: field for section in SECTIONS for field in section.fields}
"""Every field of a case, in the order of the form."""
