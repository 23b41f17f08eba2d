"""What the screen's findings mean, in words: what it is, why it was found, and what to write instead."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.deidentification.findings import Finding, Kind, Reason, Tier

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class FindingWords:
    """A finding in words; none of them is the case's."""

    label: "_StrPromise"
    why: "_StrPromise"
    instead: "_StrPromise"


LEAVE_OUT = _("Leave it out. The ECHO ID is all the name that the case needs.")

LABELS = {
    Kind.NAME: _("Name of a person"),
    Kind.DATE: _("Date"),
    Kind.AGE_OVER_89: _("Age over 89"),
    Kind.HEALTH_NUMBER: _("Health number"),
    Kind.SIN: _("Social insurance number"),
    Kind.PHONE: _("Phone or fax number"),
    Kind.EMAIL: _("Email address"),
    Kind.URL_IP: _("Web or network address"),
    Kind.POSTAL_CODE: _("Postal code"),
    Kind.ADDRESS: pgettext_lazy("where somebody lives", "Address"),
    Kind.FACILITY: _("Name of a clinic, hospital or other place of care or work"),
    Kind.PLACE: _("Name of a place"),
    Kind.MRN: _("Chart or record number"),
    Kind.LICENCE: _("Licence number"),
    Kind.DEVICE_ID: _("Serial number of a device"),
    Kind.OTHER_ID: _("Number that belongs to one person"),
}

INSTEAD = {
    Kind.NAME: _("Write who it is: “the patient”, “her sister”, “the family physician”."),
    Kind.DATE: _("Write the year alone, or how long ago: “in 2019”, “three weeks before the surgery”."),
    Kind.AGE_OVER_89: _("Write “90+”. So few people are this old that the age alone may show who it is."),
    Kind.HEALTH_NUMBER: LEAVE_OUT,
    Kind.SIN: LEAVE_OUT,
    Kind.PHONE: _("Leave it out. Nobody on the panel needs to call."),
    Kind.EMAIL: _("Leave it out. Nobody on the panel needs to write."),
    Kind.URL_IP: _("Leave it out, and name in words what it leads to: “the provincial guideline”."),
    Kind.POSTAL_CODE: _("Leave it out. If it matters, write what kind of place it is: “a rural community”."),
    Kind.ADDRESS: _("Leave it out. If it matters, write how the patient lives: “alone, in an apartment”."),
    Kind.FACILITY: _(
        "Write what kind of place it is: “a community hospital”, “a pain clinic”, “a warehouse”."
    ),
    Kind.PLACE: _("Write the province, or what kind of place it is: “a town in Northern Ontario”."),
    Kind.MRN: LEAVE_OUT,
    Kind.LICENCE: LEAVE_OUT,
    Kind.DEVICE_ID: _("Write what kind of device it is: “a spinal cord stimulator”."),
    Kind.OTHER_ID: _("Leave it out. Say in words what it stands for: “an open compensation claim”."),
}

WHY = {
    Reason.LABELLED: _("The words before it say what it is."),
    Reason.CHECK_DIGIT: _("Its digits add up as those of such a number do."),
    Reason.SHAPE: _("It is in the usual format for this kind of detail."),
    Reason.FINER_THAN_YEAR: _("Anything finer than a year helps to find out who it is."),
    Reason.TITLE: _("A title or a family relation is written next to it."),
    Reason.NAME_LIST: _("It is on a list of names that people have."),
    Reason.MODEL: _("It reads like one in this sentence."),
    Reason.REPEAT: _("The same words were found elsewhere in the case."),
    Reason.GAZETTEER: _("It is on a list of places."),
    Reason.HIDDEN_CHARACTERS: _("It is written with characters that hide what it says."),
}

TIERS = {
    Tier.STOP: pgettext_lazy("finding", "Must be changed"),
    Tier.CONFIRM: pgettext_lazy("finding", "Change or explain"),
}


def finding_words(kind: str, reason: str) -> FindingWords:
    """The words of a finding of this kind, found for this reason, in the reader's language.

    A kind or a reason that a stored finding has and the screen knows no more gets the most general words.
    """
    known = Kind(kind) if kind in set(Kind) else Kind.OTHER_ID
    why = Reason(reason) if reason in set(Reason) else Reason.SHAPE
    return FindingWords(label=LABELS[known], why=WHY[why], instead=INSTEAD[known])


def finding_label(finding: Finding) -> str:
    """What was found, in a word or two."""
    return str(finding_words(finding.kind, finding.reason).label)


def finding_sentence(finding: Finding) -> str:
    """What was found, why, and what to write instead."""
    words = finding_words(finding.kind, finding.reason)
    return f"{words.label}. {words.why} {words.instead}"
