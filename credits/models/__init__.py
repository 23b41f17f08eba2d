"""An accreditor's grant with its rule for each category, the certificates issued under it, and what auditors get."""

from credits.models.accreditation import Accreditation, CreditLine, SessionIdentifier
from credits.models.audit_pack import AuditPack, AuditPackDownload, AuditPackPart
from credits.models.certificate import Certificate, CycleClosing, NumberSeries
from credits.models.closing import DryRun, Waiver
from credits.models.purge import Purge

__all__ = [
    "Accreditation",
    "AuditPack",
    "AuditPackDownload",
    "AuditPackPart",
    "Certificate",
    "CreditLine",
    "CycleClosing",
    "DryRun",
    "NumberSeries",
    "Purge",
    "SessionIdentifier",
    "Waiver",
]
