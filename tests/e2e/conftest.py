"""Chromium, a real Celery worker with beat, and a real SMTP server, all on this test's own database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from shutil import which
from time import monotonic, sleep
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from echo_portal.embedded.catcher import MailCatcher
from participants.models import User
from tests.migrated import put_agreements_back, put_roles_back

# Playwright runs an event loop in this thread; the tests' own queries are meant.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def wait_for(what: Callable[[], Any], *, seconds: float = 40, name: str = "") -> Any:
    """The first true answer of `what`; fails when none comes in time."""
    end = monotonic() + seconds
    while monotonic() < end:
        if found := what():
            return found
        sleep(0.2)
    raise AssertionError(f"{name or what} did not come true within {seconds} s")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium a worker process, from the system's packages; without its window it takes a third of the time."""
    program = next(filter(None, map(which, PROGRAMS)), None)
    if program is None:
        # On a machine that decides whether a change lands, a browser that is missing is a failure.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "no Chromium on this machine: install Debian's package chromium-headless-shell"
        )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@dataclass
class Visitor:
    """A person at a browser window: what its console complains about is a failure."""

    page: Page
    context: BrowserContext
    base: str
    complaints: list[str]

    def go(self, path: str) -> Page:
        """Open a page of the portal."""
        self.page.goto(self.base + path)
        return self.page


@pytest.fixture
def visit(browser: Browser, live_server: Any, transactional_db: None) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors: `visit(user, width=PHONE, dark=True, language="fr", javascript=False)`."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def make(
        user: User | None = None,
        *,
        size: dict[str, int] = DESK,
        dark: bool = False,
        language: str = "en",
        javascript: bool = True,
    ) -> Visitor:
        context = browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            color_scheme="dark" if dark else "light",
            locale=f"{language}-CA",
            timezone_id="America/Toronto",
            java_script_enabled=javascript,
            accept_downloads=True,
            reduced_motion="reduce",
        )
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
            )
        page = context.new_page()
        page.set_default_timeout(15_000)
        visitor = Visitor(page, context, live_server.url, [])

        def listen(message: ConsoleMessage) -> None:
            # Chromium reports a page that answers 404 or 422 as an error of its own; the status is tested elsewhere.
            if message.type == "error" and "Failed to load resource" not in message.text:
                visitor.complaints.append(message.text)

        page.on("console", listen)
        page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        visitors.append(visitor)
        return visitor

    yield make
    for context in contexts:
        context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture
def roles(transactional_db: None) -> None:
    """The roles a migration makes: a test with real transactions begins with an empty database."""
    put_roles_back()


@pytest.fixture
def agreements(transactional_db: None) -> None:
    """The agreements a migration puts in force."""
    put_agreements_back()


@dataclass
class Post:
    """The mail server's folder."""

    folder: Path

    def to(self, address: str, *, about: str = "") -> EmailMessage:
        """The newest mail to `address` whose subject holds `about`; waits for the worker to deliver it."""

        def find() -> EmailMessage | None:
            for path in sorted(self.folder.glob("*.eml"), reverse=True):
                mail = message_from_bytes(path.read_bytes(), policy=policy.default)
                assert isinstance(mail, EmailMessage)
                if mail["To"] == address and about in mail["Subject"]:
                    return mail
            return None

        found: EmailMessage = wait_for(find, name=f"mail to {address} about {about!r}")
        return found

    def count(self, address: str) -> int:
        """How many mails reached `address`."""
        mails = [
            message_from_bytes(path.read_bytes(), policy=policy.default) for path in self.folder.glob("*.eml")
        ]
        return sum(mail["To"] == address for mail in mails)


@contextmanager
def celery(*, environment: dict[str, str], schedule: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker with beat, in a process of its own."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "celery", "-A", "echo_portal", "worker", "--beat", "--pool=solo"),
            *("--loglevel=WARNING", f"--schedule={schedule}", "--without-gossip", "--without-mingle"),
        ],
        cwd=settings.BASE_DIR,
        env=os.environ | environment,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def post(tmp_path: Path, transactional_db: None) -> Iterator[Post]:
    """A worker that renders and delivers, and the mail server it delivers to."""
    folder = tmp_path / "mail"
    database = connection.settings_dict
    address, _mark, options = os.environ["DATABASE_URL"].partition("?")
    url = f"{address.rsplit('/', 1)[0]}/{database['NAME']}" + (f"?{options}" if options else "")
    with MailCatcher(folder) as catcher:
        environment = {
            "DATABASE_URL": url,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(catcher.port),
            "SMTP_SECURITY": "none",
            "POLL_SECONDS": "0.5",
        }
        with celery(environment=environment, schedule=tmp_path / "beat"):
            yield Post(folder)
