"""The three kinds of professional that credits are counted for, and the professions within them."""

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
    PHYSICIAN_ASSISTANT = "physician_assistant", _("Physician assistant")
    RESIDENT = "resident", _("Medical resident")
    STUDENT = "student", _("Student of a health profession")
    OTHER = "other", pgettext_lazy("profession", "Another health profession")
