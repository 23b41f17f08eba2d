"""A portal of its own for one run: fresh database, broker, mail server, worker and beat, gone when it ends."""

import io
import logging
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection

from core.errors import DomainError
from echo_portal.embedded import processes
from echo_portal.embedded.errors import EmbeddedError
from echo_portal.embedded.run import throwaway_services
from echo_portal.environment import env

POLL_SECONDS = "1"
# Set anew for the run, whatever the caller's environment says.
REPLACED = ("DATABASE_URL", "REDIS_URL", "SMTP_", "MAIL_CATCHER_DIR")


class SandboxError(DomainError):
    """A run cannot be prepared here; the message says what to do."""


@contextmanager
def sandbox(out: Path, *, is_kept: bool) -> Iterator[tuple[dict[str, str], str]]:
    """The environment of a portal with an empty database, and the database's name.

    Mails arrive in `out`/mail over real SMTP; the logs are in `out`/log. Raises SandboxError.
    """
    mail, logs = out / "mail", out / "log"
    for folder in (mail, logs):
        folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        name = stack.enter_context(_fresh_database(is_kept=is_kept))
        environment = {
            **_without_replaced(os.environ),
            "DATABASE_URL": _url_of(name),
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(stack.enter_context(_mail_server(mail))),
            "SMTP_SECURITY": "none",
            "POLL_SECONDS": POLL_SECONDS,
        }
        try:
            # With the database named, only the broker is missing: it is started for this run alone.
            environment = stack.enter_context(throwaway_services(environment))
        except EmbeddedError as error:
            raise SandboxError(str(error)) from error
        celery = ["-m", "celery", "-A", "echo_portal"]
        worker = [*celery, "worker", "--loglevel", "INFO", "--concurrency", "2"]
        alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        # The worker starts while the tables are made: it gets its first task only after that.
        stack.enter_context(_program("worker", [*worker, *alone], environment, logs))
        # Certificates are made in French too.
        call_command("compile_catalogues", stdout=io.StringIO())
        _migrate(environment, logs / "migrate.log")
        # In memory: a run has nothing to remember from the one before.
        schedule = ["--scheduler", "celery.beat:Scheduler", "--pidfile", ""]
        stack.enter_context(_program("beat", [*celery, "beat", *schedule], environment, logs))
        yield environment, name


def run_inside(environment: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Run a management command of the portal that `environment` describes; returns its exit code."""
    process = processes.start(
        [sys.executable, "manage.py", *arguments],
        environment={**environment, "LOG_LEVEL": "WARNING", "PYTHONUNBUFFERED": "1"},
        # In our session, so that a Ctrl-C at the terminal ends it too.
        own_session=False,
        cwd=settings.BASE_DIR,
    )
    try:
        return process.wait()
    finally:
        processes.stop(process)


@contextmanager
def _fresh_database(*, is_kept: bool) -> Iterator[str]:
    name = f"echo_demo_{secrets.token_hex(4)}"
    quoted = connection.ops.quote_name(name)
    try:
        with connection.cursor() as cursor:
            # From template0, which nobody is ever connected to: a connection to a template blocks its copying.
            cursor.execute(f"CREATE DATABASE {quoted} TEMPLATE template0")
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        raise SandboxError(
            f"The run needs a database of its own, and it could not be made ({reason}): let DATABASE_URL name a user "
            "that may create databases, or unset it to use the portal's own PostgreSQL."
        ) from error
    # The run may outlast an idle connection; a new one drops the database.
    connection.close()
    try:
        yield name
    finally:
        if not is_kept:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")


@contextmanager
def _mail_server(folder: Path) -> Iterator[int]:
    try:
        from echo_portal.embedded.catcher import MailCatcher  # noqa: PLC0415  # comes with the embedded packages only
    except ImportError as error:
        raise SandboxError(
            "The run needs a mail server of its own: install the packages of requirements-embedded.txt, "
            "or use ./script/manage, which does."
        ) from error
    # It would tell every command of every connection.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    with MailCatcher(folder) as catcher:
        yield catcher.port


def _migrate(environment: Mapping[str, str], log: Path) -> None:
    with log.open("wb") as output:
        process = processes.start(
            [sys.executable, "manage.py", "migrate", "--no-input"],
            environment=environment,
            output=output,
            cwd=settings.BASE_DIR,
        )
        try:
            code = process.wait()
        finally:
            processes.stop(process)
    if code:
        raise SandboxError(f"The fresh database could not be migrated; the reason is in {log}.")


@contextmanager
def _program(
    name: str, arguments: Sequence[str], environment: Mapping[str, str], logs: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with (logs / f"{name}.log").open("wb") as output:
        process = processes.start(
            [sys.executable, *arguments],
            environment=environment,
            output=output,
            # Should we be killed, the worker need not finish what nobody waits for.
            death_signal=signal.SIGQUIT,
            cwd=settings.BASE_DIR,
        )
        try:
            yield process
        finally:
            processes.stop(process)


def _without_replaced(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(REPLACED)}


def _url_of(database: str) -> str:
    """The configured DATABASE_URL with another database: same server, same user."""
    parts = urlsplit(env("DATABASE_URL"))
    return urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))
