"""The cast, the same in every test: whoever reads a test knows who may see and do what."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.utils import translation

from participants.enums import Category, Profession
from participants.models import User
from tests.factories import give_second_factor, make_user
from tests.migrated import put_roles_back


@pytest.fixture(autouse=True)
def _english() -> None:
    """A page that was asked for in French leaves its language behind in the process."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def admin_user(admin_user: User) -> User:
    """As pytest-django makes it for `admin_client`, and with the second factor that staff must have."""
    give_second_factor(admin_user)
    return admin_user


@pytest.fixture
def coordinator(db) -> User:
    """Runs the program in the administration, with the role that a migration makes."""
    user = make_user("cora@echo.example", name="Cora Coordinator", is_staff=True)
    if not Group.objects.filter(name="Coordinators").exists():
        # A test with real transactions begins with an empty database.
        put_roles_back()
    user.groups.add(Group.objects.get(name="Coordinators"))
    return user


@pytest.fixture
def family_physician(db) -> User:
    return make_user("fatima@clinic.example", name="Fatima Al-Sayed, MD", preferred_name="Fatima")


@pytest.fixture
def specialist(db) -> User:
    return make_user("siobhan@hospital.example", name="Siobhán O’Brien", category=Category.SPECIALIST)


@pytest.fixture
def nurse_practitioner(db) -> User:
    return make_user(
        "noe@clinique.example",
        name="Noé Lefèbvre-Côté",
        category=Category.OTHER,
        profession=Profession.NURSE_PRACTITIONER,
        language="fr",
    )


@pytest.fixture
def outsider(db) -> User:
    """Has an account and a profile, and is in no cycle: must never see what is somebody else's."""
    return make_user("otto@elsewhere.example", name="Otto Outsider")
