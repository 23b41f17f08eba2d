"""The results as plain values for JSON: numbers, text and null; suppressed and not computable figures are null."""

from dataclasses import asdict
from typing import Any

from surveys.results.analysis import ByGroup, CycleResults, Measure
from surveys.results.evaluations import Evaluations


def as_json(results: CycleResults, evaluations: Evaluations) -> dict[str, Any]:
    """What `manage.py survey_results CYCLE --json` prints. Differences are later − earlier of the same people."""
    return {
        "cycle": results.cycle.name,
        "program": results.cycle.program.slug,
        "compared": ["pre", results.compare],
        "minimum_shown": 5,
        "response_rates": [
            {"survey": rate.kind, "asked": rate.asked, "submitted": rate.submitted, "share": rate.share}
            for rate in results.rates
        ],
        "items": [_measure(one) for one in results.items],
        "constructs": [_measure(one) for one in results.constructs],
        "not_paired": list(results.unpaired),
        "by_category": [_groups(one) for one in results.by_category],
        "by_attendance": [
            {
                "correlation": asdict(one.correlation) if one.correlation else None,
                **_groups(one.bands),
            }
            for one in results.by_attendance
        ],
        "evaluations": {
            "attended": evaluations.attended,
            "submitted": evaluations.submitted,
            "means": _means(evaluations.means),
            "sessions": [
                {
                    "date": row.session.held_on.date().isoformat(),
                    "topic": row.session.topic,
                    "attended": row.attended,
                    "submitted": row.submitted,
                    "means": _means(row.means),
                }
                for row in evaluations.sessions
            ],
        },
    }


def _measure(one: Measure) -> dict[str, Any]:
    return {
        "key": one.key,
        "text": one.question.text if one.question else one.construct.name if one.construct else "",
        "construct": one.construct.key if one.construct else None,
        "n_pre": one.n_pre,
        "n_post": one.n_post,
        "n_paired": one.n_paired,
        "is_suppressed": one.figures is None,
        "figures": asdict(one.figures) if one.figures else None,
        "p_holm": one.p_holm,
        "levels": list(one.levels),
        "counts_pre": list(one.counts_pre) if one.counts_pre else None,
        "counts_post": list(one.counts_post) if one.counts_post else None,
        "alpha_pre": asdict(one.alpha_pre) if one.alpha_pre else None,
        "alpha_post": asdict(one.alpha_post) if one.alpha_post else None,
    }


def _groups(one: ByGroup) -> dict[str, Any]:
    return {
        "measure": one.measure,
        "groups": [
            {
                "group": row.group,
                "n_paired": row.n,
                "is_suppressed": row.figures is None,
                "figures": asdict(row.figures) if row.figures else None,
            }
            for row in one.rows
        ],
        "comparison": asdict(one.comparison) if one.comparison else None,
    }


def _means(means: dict[str, tuple[int, float] | None]) -> dict[str, Any]:
    return {key: {"n": one[0], "mean": one[1]} if one else None for key, one in means.items()}
