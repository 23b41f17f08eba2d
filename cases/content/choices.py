"""The answers of a case that are chosen and not written: their codes as they are kept, and their words."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Words: TypeAlias = "str | _StrPromise"
Choices: TypeAlias = "tuple[tuple[str, Words], ...]"

SEX: Choices = (
    ("female", pgettext_lazy("patient", "Female")),
    ("male", pgettext_lazy("patient", "Male")),
    ("intersex", pgettext_lazy("patient", "Intersex")),
    ("unknown", _("Not known, or not said")),
)
CHARACTER: Choices = (
    ("aching", pgettext_lazy("pain", "Aching")),
    ("burning", pgettext_lazy("pain", "Burning")),
    ("stabbing", pgettext_lazy("pain", "Stabbing")),
    ("shooting", pgettext_lazy("pain", "Shooting, electric")),
    ("throbbing", pgettext_lazy("pain", "Throbbing")),
    ("cramping", pgettext_lazy("pain", "Cramping")),
    ("tingling", pgettext_lazy("pain", "Tingling")),
    ("numb", pgettext_lazy("pain", "With numbness")),
    ("pressing", pgettext_lazy("pain", "Pressing, heavy")),
)
COURSE: Choices = (
    ("constant", pgettext_lazy("pain", "Constant")),
    ("intermittent", pgettext_lazy("pain", "Comes and goes")),
    ("flares", pgettext_lazy("pain", "Constant, with flares")),
    ("worsening", pgettext_lazy("pain", "Getting worse")),
    ("improving", pgettext_lazy("pain", "Getting better")),
)
WHEN: Choices = (
    ("now", pgettext_lazy("medication", "Taken now")),
    ("tried", pgettext_lazy("medication", "Tried before")),
)

SITES: tuple[tuple[Words, Choices], ...] = (
    (
        _("Head, neck and trunk"),
        (
            ("head", _("Head")),
            ("face", _("Face and jaw")),
            ("neck", _("Neck")),
            ("chest", _("Chest")),
            ("abdomen", _("Abdomen")),
            ("pelvis", _("Pelvis and genitals")),
        ),
    ),
    (
        _("Back"),
        (
            ("upper_back", _("Upper back")),
            ("middle_back", _("Middle back")),
            ("lower_back", _("Lower back")),
            ("buttock_left", _("Left buttock")),
            ("buttock_right", _("Right buttock")),
        ),
    ),
    (
        _("Left arm"),
        (
            ("shoulder_left", _("Left shoulder")),
            ("upper_arm_left", _("Left upper arm")),
            ("elbow_left", _("Left elbow")),
            ("forearm_left", _("Left forearm")),
            ("hand_left", _("Left wrist and hand")),
        ),
    ),
    (
        _("Right arm"),
        (
            ("shoulder_right", _("Right shoulder")),
            ("upper_arm_right", _("Right upper arm")),
            ("elbow_right", _("Right elbow")),
            ("forearm_right", _("Right forearm")),
            ("hand_right", _("Right wrist and hand")),
        ),
    ),
    (
        _("Left leg"),
        (
            ("hip_left", _("Left hip and groin")),
            ("thigh_left", _("Left thigh")),
            ("knee_left", _("Left knee")),
            ("lower_leg_left", _("Left lower leg")),
            ("foot_left", _("Left ankle and foot")),
        ),
    ),
    (
        _("Right leg"),
        (
            ("hip_right", _("Right hip and groin")),
            ("thigh_right", _("Right thigh")),
            ("knee_right", _("Right knee")),
            ("lower_leg_right", _("Right lower leg")),
            ("foot_right", _("Right ankle and foot")),
        ),
    ),
)
"""The regions of the body map, in groups; left and right are the patient's."""

SITE: Choices = tuple(choice for _group, choices in SITES for choice in choices)

PEG_TOP = 10
"""The three scales go from 0 to this."""
