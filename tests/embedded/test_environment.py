import stat
from pathlib import Path

import pytest

from echo_portal.embedded.environment import (
    is_embedded_wanted,
    missing_services,
    portal_environment,
    secret_key,
)
from echo_portal.embedded.places import places_for

URLS = {"postgres": "postgres://echo@%2Frun/echo", "valkey": "redis+socket:///run/valkey.sock?virtual_host=0"}


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, True),
        ({"ECHO_ENV": "development"}, True),
        ({"ECHO_ENV": "test", "DATABASE_URL": "postgres://db/echo"}, True),
        ({"ECHO_ENV": "production"}, False),
        ({"DATABASE_URL": "postgres://db/echo"}, False),
        ({"DATABASE_URL_FILE": "/run/secrets/database_url"}, False),
    ],
)
def test_embedded_services_are_wanted_on_a_bare_machine_only(
    environment: dict[str, str], wanted: bool
) -> None:
    assert is_embedded_wanted(environment) is wanted


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({}, ["postgres", "valkey"]),
        ({"DATABASE_URL": "postgres://db/echo"}, ["valkey"]),
        ({"REDIS_URL_FILE": "/run/secrets/redis_url"}, ["postgres"]),
        ({"DATABASE_URL": "postgres://db/echo", "REDIS_URL": "redis://broker/0"}, []),
        ({"DATABASE_URL": ""}, ["postgres", "valkey"]),
    ],
)
def test_missing_services_are_those_without_an_address(
    environment: dict[str, str], missing: list[str]
) -> None:
    assert missing_services(environment) == missing


def test_portal_environment_fills_in_what_is_missing(tmp_path: Path) -> None:
    environment = portal_environment(
        {"PATH": "/bin"}, places=places_for(tmp_path), urls=URLS, smtp_port="2525"
    )

    assert environment["PATH"] == "/bin"
    assert environment["DATABASE_URL"] == URLS["postgres"]
    assert environment["REDIS_URL"] == URLS["valkey"]
    assert environment["ECHO_ENV"] == "development"
    assert (environment["SMTP_HOST"], environment["SMTP_PORT"]) == ("127.0.0.1", "2525")
    assert environment["SMTP_SECURITY"] == "none"
    assert environment["MAIL_CATCHER_DIR"] == str(tmp_path / "mail")
    assert len(environment["SECRET_KEY"]) >= 50


def test_portal_environment_leaves_what_is_set(tmp_path: Path) -> None:
    own = {
        "SECRET_KEY_FILE": "/run/secrets/key",
        "SMTP_HOST": "mail.example.ca",
        "SMTP_USER": "portal",
        "PORTAL_URL": "https://portal.example.ca",
    }

    environment = portal_environment(own, places=places_for(tmp_path), urls={}, smtp_port="2525")

    assert {name: environment[name] for name in own} == own
    assert not {"SECRET_KEY", "SMTP_PORT", "MAIL_CATCHER_DIR", "DATABASE_URL"} & set(environment)


def test_portal_environment_for_tests_is_one_for_tests(tmp_path: Path) -> None:
    given = {"ECHO_ENV": "development", "ECHO_VAR_DIR": "/elsewhere", "SMTP_USER": "somebody"}

    environment = portal_environment(given, places=places_for(tmp_path), urls=URLS, kind="test")

    assert environment["ECHO_ENV"] == "test"
    assert environment["ECHO_VAR_DIR"] == str(tmp_path)
    assert "SMTP_USER" not in environment


def test_secret_key_is_made_once_and_for_its_user_only(tmp_path: Path) -> None:
    path = tmp_path / "secret-key"

    first = secret_key(path)

    assert secret_key(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret_key(tmp_path / "another") != first


def test_secret_key_of_an_interrupted_start_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "secret-key"
    path.touch(0o600)

    assert secret_key(path) == secret_key(path) != ""
