"""The settings that the embedded services stand for, as environment variables for echo_portal/settings.py."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from echo_portal.embedded.places import Places
from echo_portal.embedded.postgres import Postgres
from echo_portal.embedded.valkey import Valkey

VARIABLES = {Postgres.name: "DATABASE_URL", Valkey.name: "REDIS_URL"}
# The "discard" port, where nothing listens: mail stays queued until a server runs.
NO_SMTP_PORT = "9"


def has(environment: Mapping[str, str], name: str) -> bool:
    """Whether a setting is given, itself or as a file (NAME_FILE)."""
    return bool(environment.get(name) or environment.get(f"{name}_FILE"))


def is_embedded_wanted(environment: Mapping[str, str]) -> bool:
    """Whether a command may bring its own services.

    Never in production, nor where the database is named without saying what kind of environment this is.
    """
    if kind := environment.get("ECHO_ENV"):
        return kind in {"development", "test"}
    return not has(environment, "DATABASE_URL")


def missing_services(environment: Mapping[str, str]) -> list[str]:
    """The services that nobody has named an address for."""
    return [service for service, variable in VARIABLES.items() if not has(environment, variable)]


def portal_environment(
    environment: Mapping[str, str],
    *,
    places: Places,
    urls: Mapping[str, str],
    kind: str = "development",
    portal_url: str = "http://localhost:8000",
    smtp_port: str = NO_SMTP_PORT,
) -> dict[str, str]:
    """`environment` with every setting that a portal on this machine lacks. What is set stays as it is."""
    wanted = {VARIABLES[service]: url for service, url in urls.items()}
    wanted |= {"PORTAL_URL": portal_url, "STATIC_ROOT": str(places.static)}
    if not has(environment, "SECRET_KEY"):
        wanted["SECRET_KEY"] = secret_key(places.var / "secret-key")
    if not has(environment, "SMTP_HOST"):
        # All of them together: the catcher's port would be wrong for another mail server.
        environment = {name: value for name, value in environment.items() if not name.startswith("SMTP_")}
        wanted |= {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": smtp_port, "SMTP_SECURITY": "none"}
        wanted["MAIL_CATCHER_DIR"] = str(places.mail)
    given = {name: value for name, value in environment.items() if value or name not in wanted}
    # Throwaway services are for tests, whatever environment the caller's shell is set up for.
    return wanted | given | {"ECHO_ENV": kind, "ECHO_VAR_DIR": str(places.var)}


def secret_key(path: Path) -> str:
    """This checkout's own secret key, made once and readable only by its user."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if key := path.read_text(encoding="utf-8").strip():
            return key
        descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC)
    key = secrets.token_urlsafe(64)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(key + "\n")
    return key
