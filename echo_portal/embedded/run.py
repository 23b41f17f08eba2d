"""Commands with services: a command's own for its duration, or those of this checkout that already run."""

import os
import secrets
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from echo_portal.embedded import processes
from echo_portal.embedded.environment import (
    NO_SMTP_PORT,
    is_embedded_wanted,
    missing_services,
    portal_environment,
)
from echo_portal.embedded.errors import EmbeddedError
from echo_portal.embedded.locks import FileLock
from echo_portal.embedded.places import CHECKOUT, Places, places_for, var_folder
from echo_portal.embedded.services import Services, read_json


def server_lock(places: Places) -> FileLock:
    """Held by this checkout's supervisor while it runs."""
    return FileLock(places.run / "server.lock")


def server_state(places: Places) -> dict[str, str]:
    """What the running supervisor says of itself (`url`, `smtp_port`, `pid`); empty when none runs."""
    return read_json(places.run / "server.json") if server_lock(places).is_held_elsewhere() else {}


@contextmanager
def shared_services(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The environment for a command; this checkout's services run at least until the block ends."""
    if not is_embedded_wanted(environment):
        yield dict(environment)
        return
    services = Services(missing_services(environment), var_folder()).acquire()
    try:
        server = server_state(services.places)
        yield portal_environment(
            environment,
            places=services.places,
            urls=services.urls,
            kind=environment.get("ECHO_ENV") or "development",
            portal_url=server.get("url", "http://localhost:8000"),
            smtp_port=server.get("smtp_port", NO_SMTP_PORT),
        )
    finally:
        services.release()


@contextmanager
def throwaway_services(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The environment for tests; its services are new and empty, and are gone when the block has ended."""
    sets = var_folder() / "test"
    try:
        sets.mkdir(parents=True, exist_ok=True)
    except PermissionError as error:
        raise EmbeddedError(f"The folder {sets} cannot be made: {error.strerror}.") from error
    services = Services(
        missing_services(environment), sets / f"{os.getpid()}-{secrets.token_hex(3)}", throwaway=True
    )
    try:
        # One at a time, so that nobody takes a set that is just being made for an abandoned one.
        with FileLock(sets / ".lock"):
            remove_abandoned(sets)
            services.acquire()
        yield portal_environment(
            environment,
            places=services.places,
            urls=services.urls,
            kind="test",
            portal_url="http://localhost",
        )
    finally:
        services.release(wait_seconds=20)
        services.remove()


def remove_abandoned(sets: Path) -> None:
    """Remove the throwaway sets whose command was killed; one in use has a keeper or a user that lives."""
    for var in sets.iterdir():
        if not var.is_dir():
            continue
        places = places_for(var)
        locks = [FileLock(path) for path in (*places.run.glob("*.users"), *places.run.glob("*.keeper"))]
        try:
            if all(lock.try_hold() for lock in locks):
                for folder in (*places.outside, var):
                    shutil.rmtree(folder, ignore_errors=True)
        finally:
            for lock in locks:
                lock.release()


def run(command: Sequence[str], *, throwaway: bool) -> int:
    """Run the command with services and return its exit code."""
    if not command:
        raise EmbeddedError("Name the command to run: script/with-services [--test] COMMAND …")
    with (throwaway_services if throwaway else shared_services)(os.environ) as environment:
        try:
            process = processes.start(
                command,
                environment={"DJANGO_SETTINGS_MODULE": "echo_portal.settings"} | environment,
                own_session=False,
                cwd=CHECKOUT,
            )
        except OSError as error:
            raise EmbeddedError(f"{command[0]} cannot be run: {error.strerror}.") from error
        # A Ctrl-C reaches the command too, from the terminal; it decides what to do, and we wait.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        code = process.wait()
    # As a shell reports a command that was ended by a signal.
    return 128 - code if code < 0 else code


@contextmanager
def enter_shared_services() -> Iterator[None]:
    """For manage.py: `shared_services` with its environment put into this process."""
    with shared_services(os.environ) as environment:
        for name in set(os.environ) - set(environment):
            del os.environ[name]
        os.environ.update(environment)
        yield
