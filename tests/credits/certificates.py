"""Certificate facts for tests: a family physician's of 20 sessions, changed as the test needs."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageDraw

from credits.facts import CertificateFacts, CreditedSession
from credits.rendering import pdf_engine_missing, render_certificate

needs_engine = pytest.mark.skipif(bool(pdf_engine_missing()), reason="Pango is not installed")

FIRST_THURSDAY = date(2025, 9, 11)


def signature_png() -> bytes:
    """A stroke of ink on transparent paper, as a scanner's software would save it."""
    image = Image.new("RGBA", (640, 200), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([(20, 150), (200, 30), (320, 160), (600, 60)], fill=(20, 30, 90, 255), width=6)
    output = BytesIO()
    image.save(output, format="PNG")
    return output.getvalue()


SIGNATURE = signature_png()
SIGNATURE_SHA256 = hashlib.sha256(SIGNATURE).hexdigest()


def credited_sessions(count: int, hours: str = "1.5") -> tuple[CreditedSession, ...]:
    return tuple(
        CreditedSession(
            held_on=FIRST_THURSDAY + timedelta(weeks=index),
            title=f"Weekly topic {index + 1}: assessing pain",
            session_id=f"CERT-301234-{index + 1:03d}",
            hours=Decimal(hours),
        )
        for index in range(count)
    )


def certificate_facts(*, count: int = 20, hours: str = "1.5", **changes: Any) -> CertificateFacts:
    """A family physician's certificate at 2 credits an hour, up to 160, with `changes` to its fields."""
    sessions = changes.pop("sessions", credited_sessions(count, hours))
    total = sum((session.hours for session in sessions), Decimal(0))
    values: dict[str, Any] = {
        "template_version": "1",
        "language": "en",
        "document_title": "Certificate of participation",
        "number": "ECHO-2026-000123",
        "issued_on": date(2026, 3, 12),
        "program_name": "ECHO Ontario Chronic Pain & Opioid Stewardship",
        "accredited_title": "Chronic Pain and Opioid Stewardship Rounds",
        "hubs": ("University Health Network, Toronto", "Queen’s University, Kingston"),
        "participant_name": "Aïsha Lefebvre-O’Connor",
        "cycle_name": "Fall 2025",
        "cycle_starts_on": FIRST_THURSDAY,
        "cycle_ends_on": date(2026, 2, 26),
        "place": "web conference",
        "sessions": sessions,
        "total_hours": total,
        "amount": min(2 * total, Decimal(160)),
        "unit": "credits",
        "credit_name": "Mainpro+",
        "maximum": Decimal(160),
        "accreditor": "College of Family Physicians of Canada",
        "statement": "This Group Learning program has been certified by the College.",
        "physician_name": "Dr. Ada Okonkwo",
        "physician_title": "Accountable physician",
        "signature_sha256": SIGNATURE_SHA256,
        "verification_url": "https://portal.example.ca/verify/Jv2K8s0QmX4uT7yWc1RbNz/",
        "supersedes": "",
    }
    return CertificateFacts(**(values | changes))


def specialist_facts(**changes: Any) -> CertificateFacts:
    """A specialist's: hours as attended, up to 80 (rule 14)."""
    values: dict[str, Any] = {
        "amount": Decimal(30),
        "unit": "hours",
        "credit_name": "Section 3 (MOC)",
        "maximum": Decimal(80),
        "accreditor": "Royal College of Physicians and Surgeons of Canada",
        "statement": "This is an Accredited Self-Assessment Program (Section 3).",
    }
    return certificate_facts(**(values | changes))


def render(facts: CertificateFacts) -> bytes:
    """The certificate, with the signature if the facts name one."""
    return render_certificate(facts, signature_png=SIGNATURE if facts.signature_sha256 else None)
