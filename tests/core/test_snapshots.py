"""What is read in one snapshot is of one moment, whatever others write."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import InternalError

from core.snapshots import one_snapshot
from sessions_app.models import Hub
from tests.factories import make_hub
from tests.races import at_once


@pytest.mark.django_db(transaction=True)
def test_what_others_write_is_seen_afterwards():
    make_hub("One")

    with one_snapshot():
        before = Hub.objects.count()
        at_once([partial(make_hub, "Two")])
        assert Hub.objects.count() == before

    assert Hub.objects.count() == before + 1


@pytest.mark.django_db(transaction=True)
def test_snapshot_writes_nothing():
    with pytest.raises(InternalError, match="read-only transaction"), one_snapshot():
        make_hub()

    assert not Hub.objects.exists()


@pytest.mark.django_db
def test_transaction_that_has_begun_goes_on():
    with one_snapshot():
        make_hub("Three")

    assert Hub.objects.filter(name="Three").exists()
