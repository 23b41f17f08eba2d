"""What a professional profile chooses from: categories, professions, colleges, kinds of practice."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Category(models.TextChoices):
    """Decides which credit line applies to a person (product rule 9)."""

    FAMILY_PHYSICIAN = "family_physician", _("Family physician")
    SPECIALIST = "specialist", _("Specialist physician")
    OTHER = "other", _("Other health professional")


class Profession(models.TextChoices):
    """What a person of the category `other` is."""

    NURSE_PRACTITIONER = "nurse_practitioner", _("Nurse practitioner")
    REGISTERED_NURSE = "registered_nurse", _("Registered nurse")
    REGISTERED_PRACTICAL_NURSE = "registered_practical_nurse", _("Registered practical nurse")
    PHARMACIST = "pharmacist", _("Pharmacist")
    PHYSIOTHERAPIST = "physiotherapist", _("Physiotherapist")
    OCCUPATIONAL_THERAPIST = "occupational_therapist", _("Occupational therapist")
    CHIROPRACTOR = "chiropractor", _("Chiropractor")
    PSYCHOLOGIST = "psychologist", _("Psychologist")
    SOCIAL_WORKER = "social_worker", _("Social worker")
    PSYCHOTHERAPIST = "psychotherapist", _("Registered psychotherapist")
    COUNSELLOR = "counsellor", _("Addiction or mental health counsellor")
    DENTIST = "dentist", _("Dentist")
    DIETITIAN = "dietitian", _("Dietitian")
    KINESIOLOGIST = "kinesiologist", _("Kinesiologist")
    MASSAGE_THERAPIST = "massage_therapist", _("Massage therapist")
    MIDWIFE = "midwife", _("Midwife")
    PHYSICIAN_ASSISTANT = "physician_assistant", _("Physician assistant")
    RESIDENT = "resident", _("Medical resident")
    STUDENT = "student", _("Student of a health profession")
    OTHER = "other", pgettext_lazy("profession", "Another health profession")


class College(models.TextChoices):
    """Ontario's regulators whose members take part; what their licence numbers look like is in licences.py."""

    CPSO = "cpso", _("College of Physicians and Surgeons of Ontario (CPSO)")
    CNO = "cno", _("College of Nurses of Ontario (CNO)")
    OCP = "ocp", _("Ontario College of Pharmacists (OCP)")
    CPO = "cpo_physio", _("College of Physiotherapists of Ontario (CPO)")
    COTO = "coto", _("College of Occupational Therapists of Ontario (COTO)")
    CCO = "cco", _("College of Chiropractors of Ontario (CCO)")
    CPBAO = "cpbao", _("College of Psychologists and Behaviour Analysts of Ontario (CPBAO)")
    OCSWSSW = "ocswssw", _("Ontario College of Social Workers and Social Service Workers (OCSWSSW)")
    CRPO = "crpo", _("College of Registered Psychotherapists of Ontario (CRPO)")
    RCDSO = "rcdso", _("Royal College of Dental Surgeons of Ontario (RCDSO)")
    CDO = "cdo", _("College of Dietitians of Ontario (CDO)")
    COKO = "coko", _("College of Kinesiologists of Ontario (COKO)")
    CMTO = "cmto", _("College of Massage Therapists of Ontario (CMTO)")
    CMO = "cmo", _("College of Midwives of Ontario (CMO)")
    CONO = "cono", _("College of Naturopaths of Ontario (CONO)")
    CTCMPAO = (
        "ctcmpao",
        _("College of Traditional Chinese Medicine Practitioners and Acupuncturists of Ontario"),
    )
    OTHER = "other", pgettext_lazy("college", "Another regulator")
    NONE = "none", pgettext_lazy("college", "None: I am not licensed (for example, a student)")


class PracticeType(models.TextChoices):
    """Where a participant works."""

    FAMILY_PRACTICE = "family_practice", _("Family practice")
    FAMILY_HEALTH_TEAM = "family_health_team", _("Family health team or organization")
    COMMUNITY_HEALTH_CENTRE = "community_health_centre", _("Community health centre")
    NURSE_LED_CLINIC = "nurse_led_clinic", _("Nurse practitioner-led clinic")
    INDIGENOUS_HEALTH = "indigenous_health", _("Indigenous health organization")
    HOSPITAL = "hospital", _("Hospital")
    PHARMACY = "pharmacy", _("Pharmacy")
    REHABILITATION = "rehabilitation", _("Rehabilitation or allied health clinic")
    ADDICTION = "addiction", _("Addiction or mental health service")
    LONG_TERM_CARE = "long_term_care", _("Long-term care")
    HOME_CARE = "home_care", _("Home and community care")
    CORRECTIONAL = "correctional", _("Correctional facility")
    ACADEMIC = "academic", _("University or college")
    OTHER = "other", pgettext_lazy("practice", "Other")


class PracticeSetting(models.TextChoices):
    """What surrounds the practice."""

    URBAN = "urban", _("Urban")
    SUBURBAN = "suburban", _("Suburban")
    RURAL = "rural", _("Rural")
    REMOTE = "remote", _("Remote")
