"""Cases in the administration: they are looked at, reviewed and scheduled here, and written by services alone."""

from cases.admin import hub, records, review

__all__ = ["hub", "records", "review"]
