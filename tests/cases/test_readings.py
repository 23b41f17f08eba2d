"""Who read what of a case, and when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import CaseReading, CaseSubmission
from cases.services import record_reading
from tests.clock import toronto
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db

NOW = toronto(2025, 9, 22, 9)


def test_reading_is_recorded_once_a_minute_for_each_reader_and_page() -> None:
    case = make_case(status=CaseSubmission.Status.APPROVED)
    one, other = make_user(), make_user()
    what = CaseReading.What
    for reader, page, seconds in [
        (one, what.CASE, 0),
        (one, what.CASE, 59),
        (one, what.CASE, 60),
        (one, what.SUMMARY, 60),
        (other, what.CASE, 60),
    ]:
        record_reading(case=case, what=page, reader=reader, now=NOW + timedelta(seconds=seconds))

    rows = CaseReading.objects.order_by("read_at", "pk").values_list("reader", "what", "version")
    assert list(rows) == [
        (one.pk, "case", case.version_id),
        (one.pk, "case", case.version_id),
        (one.pk, "summary", case.version_id),
        (other.pk, "case", case.version_id),
    ]


def test_reading_ones_own_draft_is_not_recorded() -> None:
    case = make_case()

    assert (
        record_reading(case=case, what=CaseReading.What.CASE, reader=case.presenter.participant, now=NOW)
        is None
    )
    assert not CaseReading.objects.exists()
