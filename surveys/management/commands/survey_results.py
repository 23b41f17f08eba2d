"""Prints what the surveys of a cycle say."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sessions_app.models import Cycle
from surveys.models import Instrument
from surveys.results import CycleResults, Measure, as_json, cycle_results, session_evaluations


class Command(BaseCommand):
    help = (
        "Prints the results of a cycle's surveys: response rates, and each item and construct before and after. "
        "Figures of fewer than five people are left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cycle", help="The number of the cycle, or program-slug/name of the cycle.")
        parser.add_argument("--json", action="store_true", help="As JSON, for other programs.")
        parser.add_argument(
            "--compare",
            choices=[Instrument.Kind.POST.value, Instrument.Kind.FOLLOW_UP.value],
            default=Instrument.Kind.POST.value,
            help="What the pre-survey is compared with.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        cycle = _cycle(options["cycle"])
        results = cycle_results(cycle, compare=options["compare"])
        if options["json"]:
            values = as_json(results, session_evaluations(cycle))
            self.stdout.write(json.dumps(values, ensure_ascii=False, indent=2, allow_nan=False))
        else:
            self.stdout.write("\n".join(_lines(results)))


def _cycle(named: str) -> Cycle:
    cycles = Cycle.objects.select_related("program")
    slug, _slash, name = named.partition("/")
    found = (
        cycles.filter(pk=int(named)) if named.isdecimal() else cycles.filter(program__slug=slug, name=name)
    )
    cycle = found.first()
    if cycle is None:
        raise CommandError(f"No cycle {named!r}. Give its number, or program-slug/name of the cycle.")
    return cycle


def _lines(results: CycleResults) -> list[str]:
    lines = [str(results.cycle), "", "Submitted of those asked"]
    lines += [f"  {rate.kind}: {rate.submitted} of {rate.asked}" for rate in results.rates]
    for heading, measures in (("Items", results.items), ("Constructs", results.constructs)):
        lines += ["", heading, *(_line(one) for one in measures)]
    if results.unpaired:
        lines += ["", "Asked in different ranges, not compared: " + ", ".join(results.unpaired)]
    return lines


def _line(one: Measure) -> str:
    counted = f"  {one.key}: pre n = {one.n_pre}, post n = {one.n_post}, paired n = {one.n_paired}"
    figures = one.figures
    if figures is None:
        return f"{counted}; fewer than five pairs: not shown"
    if figures.t is None or figures.p is None or figures.dz is None:
        return f"{counted}; mean difference {figures.mean_difference:.2f}; not computable: nobody differs"
    p = "p < 0.001" if figures.p < 0.001 else f"p = {figures.p:.3f}"
    return (
        f"{counted}; mean difference {figures.mean_difference:.2f} "
        f"(95 % {figures.ci_low:.2f} to {figures.ci_high:.2f}), "
        f"t({figures.df}) = {figures.t:.2f}, {p}, dz {figures.dz:.2f}"
    )
