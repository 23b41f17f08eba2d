"""Recording who read what of a case."""

from datetime import datetime, timedelta

from cases.models import CaseReading, CaseSubmission, CaseVersion
from participants.models import User

ONE_READING = timedelta(minutes=1)
"""A page that is drawn anew within this time, after a save or a reload, is still the same reading."""


def record_reading(
    *, case: CaseSubmission, what: str, reader: User, now: datetime, version: CaseVersion | None = None
) -> CaseReading | None:
    """Record that `reader` is shown the page `what` (CaseReading.What) of a case at `now`; returns the new row.

    `version` is what they are shown, without it the one handed in last. None comes back, and nothing is recorded,
    for an author who looks at their own draft, and where the same reading is less than a minute old.
    """
    version = version or case.version
    if version is None:
        return None
    same = CaseReading.objects.filter(case=case, version=version, what=what, reader=reader)
    if same.filter(read_at__gt=now - ONE_READING, read_at__lte=now).exists():
        return None
    return CaseReading.objects.create(case=case, version=version, what=what, reader=reader, read_at=now)
