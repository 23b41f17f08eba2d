from __future__ import annotations

import hashlib
from functools import partial

import pytest

from core.models import StoredFile, store_file
from tests.database import refused_by, write
from tests.races import THREADS, at_once


@pytest.mark.django_db
def test_store_file_keeps_the_content_under_its_hash():
    stored = store_file(b"minutes", content_type="text/csv")

    assert stored.sha256 == hashlib.sha256(b"minutes").hexdigest()
    assert (stored.size, stored.content_type, bytes(stored.content)) == (7, "text/csv", b"minutes")


@pytest.mark.django_db
def test_store_file_keeps_the_same_content_once():
    first = store_file(b"minutes", content_type="text/csv")

    assert store_file(b"minutes", content_type="text/csv") == first
    assert store_file(b"Minutes", content_type="text/csv") != first
    assert StoredFile.objects.count() == 2


@pytest.mark.django_db
def test_stored_file_exists_once_for_each_hash():
    stored = store_file(b"minutes", content_type="text/csv")

    with refused_by("core_storedfile_sha256_key"):
        StoredFile.objects.create(sha256=stored.sha256, content_type="text/csv", size=0, content=b"")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes", [{"content": b"forged"}, {"sha256": "0" * 64}, {"content_type": "text/html"}, {"size": 1}]
)
def test_stored_file_is_immutable(changes):
    stored = store_file(b"minutes", content_type="text/csv")

    with refused_by("stored_file_is_immutable"):
        write(stored, **changes)


@pytest.mark.django_db(transaction=True)
def test_one_content_stored_twenty_times_at_once_is_stored_once():
    results = at_once([partial(store_file, b"minutes", content_type="text/csv")] * THREADS)

    assert {stored.pk for stored in results} == {StoredFile.objects.get().pk}
