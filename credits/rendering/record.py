"""The facts inside the document they were drawn as: what an auditor's program reads instead of the page."""

from __future__ import annotations

import json

from django.utils.translation import gettext, override

from core.pdf.engine import Embedded
from credits.facts import CertificateFacts

NAME = "certificate.json"


def machine_copy(facts: CertificateFacts) -> Embedded:
    """The facts as `CertificateFacts.from_json` reads them back, dated as the certificate is."""
    with override(facts.language):
        description = gettext("The facts of this document, for programs")
    return Embedded(NAME, machine_bytes(facts), description, facts.issued_on)


def machine_bytes(facts: CertificateFacts) -> bytes:
    """The JSON itself, in UTF-8."""
    return json.dumps(facts.to_json(), ensure_ascii=False).encode()
