"""What an accreditor is handed about a cycle, written as one archive that is never whole in memory."""

from credits.exports.audit_pack import write_audit_pack

__all__ = ["write_audit_pack"]
