"""Certificates a second of CPU: the portal's way beside WeasyPrint used naively on the same page, in one run.

./script/with-services --test python benchmarks/certificates.py [COUNT]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

from core.pdf import engine  # noqa: E402  # after Django is set up
from credits.facts import CertificateFacts, CreditedSession  # noqa: E402
from credits.rendering import TEMPLATE_VERSION, render_certificate  # noqa: E402


def sample(number: int) -> CertificateFacts:
    """A certificate of twenty sessions; no two are alike."""
    first = date(2025, 9, 11)
    sessions = tuple(
        CreditedSession(first + timedelta(weeks=week), f"Topic {week + 1}", f"S-{week:03d}", Decimal("1.50"))
        for week in range(20)
    )
    return CertificateFacts(
        template_version=TEMPLATE_VERSION,
        language="en",
        document_title="Certificate of Attendance",
        number=f"ECHO-2026-{number:06d}",
        issued_on=date(2026, 3, 12),
        program_name="ECHO Ontario Chronic Pain & Opioid Stewardship",
        accredited_title="Chronic Pain & Opioid Stewardship",
        hubs=("University Health Network, Toronto", "Queen's University, Kingston"),
        participant_name=f"Zoë Tremblay-O’Neil {number}",
        cycle_name="Fall 2025",
        cycle_starts_on=first,
        cycle_ends_on=first + timedelta(weeks=19),
        place="Web conference",
        sessions=sessions,
        total_hours=Decimal("30.00"),
        amount=Decimal("60.00"),
        unit="credits",
        credit_name="Mainpro+",
        maximum=Decimal(160),
        accreditor="College of Family Physicians of Canada",
        statement="This group learning program is certified for up to 160 Mainpro+ credits.",
        physician_name="Dr. Ada Okonkwo",
        physician_title="Program director",
        signature_sha256="",
        verification_url=f"https://portal.example.ca/verify/{number:026d}/",
        supersedes="",
    )


def portal(facts: CertificateFacts) -> None:
    """As the workers draw: fonts and style shared by all certificates of a process."""
    render_certificate(facts, signature_png=None)


def naive(facts: CertificateFacts) -> None:
    """The same page, with fonts and style made anew for each document."""
    engine._engine_of.cache_clear()  # noqa: SLF001  # what is measured is that this is not done
    portal(facts)


def seconds(draw: Callable[[CertificateFacts], object], facts: CertificateFacts) -> float:
    """CPU seconds of one drawing."""
    start = time.process_time()
    draw(facts)
    return time.process_time() - start


def main() -> None:
    """Draw in turn, naive and portal, and print the medians and their ratio."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    ways: dict[str, Callable[[CertificateFacts], object]] = {
        "WeasyPrint, naive": naive,
        "portal": portal,
    }
    for way in ways.values():
        way(sample(0))
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(1, count + 1):
        for name, way in ways.items():
            spent[name].append(seconds(way, sample(number)))
    print(f"{count} certificates each, in turn; CPU of one process")
    for name, times in spent.items():
        middle = statistics.median(times)
        print(f"{name:20} {middle * 1000:7.0f} ms median  {1 / middle:6.1f} a second of CPU")
    ratios = [slow / fast for slow, fast in zip(*spent.values(), strict=True)]
    print(f"ratio naive : portal   {statistics.median(ratios):.2f} (median of pairs)")


if __name__ == "__main__":
    main()
