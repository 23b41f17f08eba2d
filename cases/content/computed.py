"""The numbers that are computed from a case, each with its source and with what it cannot tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from cases.clinical.med import Dose, Med, daily_med
from cases.clinical.ort import Risk, ort_score
from cases.clinical.peg import WORST, peg_mean
from cases.clinical_texts import (
    MED_LIMITS,
    NOT_CALCULATED,
    OPIOID_NAMES,
    ORT_LIMITS,
    ORT_RANGE,
    ORT_SOURCE,
    PEG_LIMITS,
    PEG_SOURCE,
    med_flag_words,
    med_source,
    med_words,
    ort_words,
    plain_number,
)
from core.templatetags.portal import labelled

SEVERE = Decimal(90)
RISK_TONES = {Risk.LOW: "", Risk.MODERATE: "attention", Risk.HIGH: "problem"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A computed number in words.

    `flag` is what is to be noticed, with its `tone` (attention or problem); both are "" where there is nothing.
    `lines` are the parts it is made of, `limits` what it cannot tell.
    """

    key: str
    title: str
    value: str
    source: str
    limits: tuple[str, ...]
    lines: tuple[str, ...] = ()
    flag: str = ""
    tone: str = ""


def readings(content: Mapping[str, Any]) -> list[Reading]:
    """What can be computed from the content: MED of what is taken now, ORT, PEG; in the active language."""
    return [reading for reading in (_med(content), _ort(content), _peg(content)) if reading is not None]


def _med(content: Mapping[str, Any]) -> Reading | None:
    doses = [
        Dose(row["opioid"], Decimal(row["amount"]) if row.get("amount") else None)
        for row in content.get("medications", [])
        # What is not marked as tried before is taken now: a risk is rather shown than passed over.
        if row.get("opioid") and row.get("when") != "tried"
    ]
    if not doses:
        return None
    med = daily_med(doses)
    return Reading(
        key="med",
        title=_("Morphine equivalent dose (MED)"),
        value=med_words(med),
        source=med_source(),
        limits=tuple(str(limit) for limit in MED_LIMITS),
        lines=_med_lines(med),
        flag=med_flag_words(med),
        tone="" if med.flag is None else "problem" if med.flag >= SEVERE else "attention",
    )


def _med_lines(med: Med) -> tuple[str, ...]:
    lines = []
    for drug in med.per_drug:
        name = OPIOID_NAMES[drug.dose.code]
        if drug.why is not None:
            lines.append(labelled(name, NOT_CALCULATED[drug.why]))
            continue
        assert drug.med is not None  # without a reason why not, there is a number
        words = (
            _("%(drug)s: at least %(amount)s mg a day")
            if drug.at_least
            else _("%(drug)s: %(amount)s mg a day")
        )
        lines.append(words % {"drug": name, "amount": plain_number(drug.med)})
    return tuple(lines)


def _ort(content: Mapping[str, Any]) -> Reading | None:
    items = content.get("ort")
    if not items:
        return None
    ort = ort_score(items, sex=content.get("sex", ""))
    worst = ort.risks[1]
    limits = (*((ORT_RANGE,) if ort.is_range else ()), *ORT_LIMITS)
    return Reading(
        key="ort",
        title=_("Opioid Risk Tool (ORT)"),
        value=ort_words(ort),
        source=_("Source: %(source)s") % {"source": ORT_SOURCE},
        limits=tuple(str(limit) for limit in limits),
        tone=RISK_TONES[worst],
    )


def _peg(content: Mapping[str, Any]) -> Reading | None:
    mean = peg_mean(*(content.get(f"peg_{item}") for item in ("pain", "enjoyment", "activity")))
    if mean is None:
        return None
    return Reading(
        key="peg",
        title=_("PEG"),
        value=_("%(mean)s of %(worst)d") % {"mean": plain_number(mean), "worst": WORST},
        source=_("Source: %(source)s") % {"source": PEG_SOURCE},
        limits=tuple(str(limit) for limit in PEG_LIMITS),
    )
