"""The words of the clinical tools: names, units, sources, and what each number cannot tell."""

from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cases.clinical.med import TABLE_DATE, Med, NotCalculated, Unit
from cases.clinical.ort import Ort, Risk

OPIOID_NAMES = {
    "morphine": gettext_lazy("Morphine"),
    "codeine": gettext_lazy("Codeine"),
    "oxycodone": gettext_lazy("Oxycodone"),
    "hydromorphone": gettext_lazy("Hydromorphone"),
    "meperidine": gettext_lazy("Meperidine"),
    "fentanyl_patch": gettext_lazy("Fentanyl patch"),
    "tapentadol": gettext_lazy("Tapentadol"),
    "tramadol": gettext_lazy("Tramadol"),
    "methadone": gettext_lazy("Methadone"),
    "buprenorphine": gettext_lazy("Buprenorphine"),
    "buprenorphine_patch": gettext_lazy("Buprenorphine patch"),
}

UNITS = {
    Unit.MG_PER_DAY: gettext_lazy("mg a day"),
    Unit.MCG_PER_HOUR: gettext_lazy("mcg an hour"),
}

NOT_CALCULATED = {
    NotCalculated.NO_FACTOR: gettext_lazy("Not calculated: the source gives no reliable factor."),
    NotCalculated.NO_DOSE: gettext_lazy("Not calculated: no dose is stated."),
    NotCalculated.BELOW_TABLE: gettext_lazy(
        "Not calculated: the source begins with the patch of 25 mcg an hour."
    ),
}

ORT_ITEMS = {
    "family_alcohol": gettext_lazy("Family history of substance use: alcohol"),
    "family_illegal": gettext_lazy("Family history of substance use: illegal drugs"),
    "family_prescription": gettext_lazy("Family history of substance use: prescription drugs"),
    "personal_alcohol": gettext_lazy("Personal history of substance use: alcohol"),
    "personal_illegal": gettext_lazy("Personal history of substance use: illegal drugs"),
    "personal_prescription": gettext_lazy("Personal history of substance use: prescription drugs"),
    "age_16_45": gettext_lazy("Age from 16 to 45"),
    "sexual_abuse": gettext_lazy("Sexual abuse before adolescence"),
    "psychiatric": gettext_lazy(
        "Attention deficit disorder, obsessive-compulsive disorder, bipolar disorder or schizophrenia"
    ),
    "depression": gettext_lazy("Depression"),
}

RISKS = {
    Risk.LOW: pgettext_lazy("risk", "low"),
    Risk.MODERATE: pgettext_lazy("risk", "moderate"),
    Risk.HIGH: pgettext_lazy("risk", "high"),
}

MED_LIMITS = (
    gettext_lazy("It is an estimate: published factors differ, and people differ more."),
    gettext_lazy(
        "It is not a dose to switch to: cross-tolerance is incomplete, so a new opioid is started "
        "at a lower dose."
    ),
    gettext_lazy(
        "It does not know of doses taken beyond the prescription, of kidneys or liver, or of sedatives taken with it."
    ),
)

ORT_LIMITS = (
    gettext_lazy("It was made for adults before a first opioid, and from what they say about themselves."),
    gettext_lazy(
        "Later studies found that it predicts poorly: a low score does not mean that there is no risk."
    ),
    gettext_lazy("It says how closely to follow somebody, not whom to refuse treatment."),
)
ORT_RANGE = gettext_lazy(
    "The tool has points for female and for male patients only. Both scores are shown, as a range."
)

PEG_LIMITS = (
    gettext_lazy("It is how the last week felt to the patient, and says nothing about the cause."),
    gettext_lazy(
        "One score says little: compare it with earlier ones. A change of 30% is commonly held to matter."
    ),
)

ORT_SOURCE = "Webster LR, Webster RM. Pain Med 2005;6(6):432-42."
PEG_SOURCE = "Krebs EE et al. J Gen Intern Med 2009;24(6):733-8."


def med_source() -> str:
    """Where the factors and the flags are from, with the date of the table."""
    return _(
        "Factors: Canadian Guideline for Safe and Effective Use of Opioids for Chronic Non-Cancer Pain, "
        "Appendix B-8.1 (National Opioid Use Guideline Group, %(date)s). Flags at 50 and 90 mg: CMAJ 2017;189:E659-66."
    ) % {"date": date_format(TABLE_DATE, "DATE_FORMAT")}


def plain_number(value: Decimal) -> str:
    """A number as it is read: 36.00 as 36, with the language's decimal sign."""
    return number_format(f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}")


def med_words(med: Med) -> str:
    """The total in a sentence: "120 mg a day", "At least 90 mg a day" or "Not calculated"."""
    if med.total is None:
        return _("Not calculated")
    amount = plain_number(med.total)
    if med.at_least:
        return _("At least %(amount)s mg of morphine a day") % {"amount": amount}
    return _("%(amount)s mg of morphine a day") % {"amount": amount}


def med_flag_words(med: Med) -> str:
    """What the flag says; empty without one."""
    if med.flag is None:
        return ""
    return _("This is at or above %(flag)s mg of morphine a day.") % {"flag": plain_number(med.flag)}


def ort_words(ort: Ort) -> str:
    """The score in a sentence: "5: moderate risk", or as a range."""
    low, high = (RISKS[risk] for risk in ort.risks)
    if not ort.is_range:
        return _("%(score)d: %(risk)s risk") % {"score": ort.low, "risk": low}
    if low == high:
        return _("%(low)d to %(high)d: %(risk)s risk") % {"low": ort.low, "high": ort.high, "risk": low}
    return _("%(low)d to %(high)d: %(risk)s to %(high_risk)s risk") % {
        "low": ort.low,
        "high": ort.high,
        "risk": low,
        "high_risk": high,
    }
