"""The cast, the same in every test: whoever reads a test knows who may see and do what."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation

from participants.enums import Category, Profession
from participants.models import User
from tests.emptying import empty_database
from tests.factories import give_second_factor, make_user
from tests.loops import no_loop_of_a_browser
from tests.migrated import put_roles_back
from tests.order import sort_slow_first
from tests.template import drop_template, make_template


# --- how a run is organised --------------------------------------------------------------------------------------
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests begin early."""
    sort_slow_first(items, root=config.rootpath.as_posix())


def pytest_collection_finish() -> None:
    """All that is loaded by now stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each worker which database they make together; its name is this run's own."""
    node.workerinput["template"] = _template_of_this_run()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The workers have copied it."""
    if getattr(session.config.option, "numprocesses", None) and not hasattr(session.config, "workerinput"):
        drop_template(_template_of_this_run())


def _template_of_this_run() -> str:
    return f"test_template_{os.getpid()}"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest,
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_keepdb: bool,
    django_db_blocker: Any,
) -> None:
    """A worker's database is a copy of one that all workers share."""
    name = getattr(request.config, "workerinput", {}).get("template")
    if name and not django_db_keepdb:
        with django_db_blocker.unblock():
            make_template(name)
        connection.settings_dict["TEST"]["TEMPLATE"] = name


@pytest.fixture(autouse=True, scope="session")
def _quick_emptying() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_database)
        yield


# --- the cast ----------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_loop_of_a_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """A browser keeps an event loop in its thread; what is tested without one finds none, as in the portal."""
    if "browser" in request.fixturenames:
        yield
        return
    with no_loop_of_a_browser():
        yield


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
