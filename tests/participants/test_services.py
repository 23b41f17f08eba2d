from __future__ import annotations

from functools import partial

import pytest
from django.db import IntegrityError, transaction

from participants.enums import Category, Profession
from participants.models import Profile, User
from participants.services import save_profile
from tests.history import audit_row, events
from tests.races import THREADS, at_once

VALUES = {"legal_name": "Ann O’Neil", "category": Category.OTHER, "profession": Profession.PHARMACIST}


@pytest.fixture
def account(db) -> User:
    return User.objects.create_user("ann@pharmacy.example")


def test_save_profile_makes_one_and_says_who(account):
    profile = save_profile(user=account, by=account, values=VALUES)

    assert (profile.user, profile.legal_name, profile.language) == (account, "Ann O’Neil", "en")
    assert audit_row(profile, "insert") == ("profile.save", account.pk, "")


def test_save_profile_changes_what_differs_and_keeps_the_old_on_record(account, coordinator):
    save_profile(user=account, by=account, values=VALUES)

    profile = save_profile(user=account, by=coordinator, values=VALUES | {"legal_name": "Ann Roy"})

    profile.refresh_from_db()
    assert (profile.legal_name, profile.profession) == ("Ann Roy", "pharmacist")
    assert [event.legal_name for event in events(profile)] == ["Ann O’Neil", "Ann Roy"]
    assert audit_row(profile, "update") == ("profile.save", coordinator.pk, "")


def test_save_profile_twice_changes_nothing(account):
    for _time in range(2):
        profile = save_profile(user=account, by=account, values=VALUES)

    assert Profile.objects.count() == 1
    assert events(profile).count() == 1


def test_save_profile_refuses_what_the_database_refuses(account):
    with pytest.raises(IntegrityError, match="profession_only_for_other"), transaction.atomic():
        save_profile(user=account, by=account, values=VALUES | {"category": Category.SPECIALIST})

    assert not Profile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_first_saves_at_once_make_one_profile():
    account = User.objects.create_user("ann@pharmacy.example")

    results = at_once([partial(save_profile, user=account, by=account, values=VALUES)] * THREADS)

    assert {profile.pk for profile in results} == {Profile.objects.get().pk}
