"""Accreditations, certificates, ledgers, waivers and the closing of cycles in the administration."""

from credits.admin.accreditation import AccreditationAdmin
from credits.admin.certificates import CertificateAdmin
from credits.admin.closing import CycleClosingAdmin
from credits.admin.sessions import AccreditedSessionAdmin
from credits.admin.waivers import WaiverAdmin

__all__ = [
    "AccreditationAdmin",
    "AccreditedSessionAdmin",
    "CertificateAdmin",
    "CycleClosingAdmin",
    "WaiverAdmin",
]
