"""An accreditor's grant with its rule for each category, and the certificates issued under it."""

from credits.models.accreditation import Accreditation, CreditLine, SessionIdentifier
from credits.models.certificate import Certificate, CycleClosing, NumberSeries

__all__ = [
    "Accreditation",
    "Certificate",
    "CreditLine",
    "CycleClosing",
    "NumberSeries",
    "SessionIdentifier",
]
