"""A mail server of the test's own, and short ways to queue a mail and to deliver what is due."""

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from outbox.models import OutgoingMail
from outbox.services import Delivered, deliver_due, queue_rendered_mail
from tests.outbox.relay import ScriptedRelay

NUMBERS = itertools.count(1)


@pytest.fixture
def mail_settings(settings):
    settings.SMTP_HOST = "127.0.0.1"
    settings.SMTP_PORT = 1
    settings.SMTP_USER = ""
    settings.SMTP_PASSWORD = ""
    settings.SMTP_SECURITY = "none"
    settings.SMTP_TIMEOUT_SECONDS = 5
    settings.DEFAULT_FROM_EMAIL = "ECHO Portal <portal@echo.example>"
    settings.PORTAL_URL = "http://localhost:8000"
    return settings


@pytest.fixture
def relay(mail_settings) -> Iterator[ScriptedRelay]:
    server = ScriptedRelay().start()
    mail_settings.SMTP_PORT = server.port
    yield server
    server.stop()


@pytest.fixture
def queue() -> Callable[..., OutgoingMail]:
    def queue_one(**changes: Any) -> OutgoingMail:
        number = next(NUMBERS)
        values: dict[str, Any] = {
            "key": f"test:{number}",
            "kind": "test",
            "to": f"person{number}@clinic.example",
            "subject": "Your session",
            "body_text": "See you on Thursday.\n",
            "language": "en",
        }
        return queue_rendered_mail(**{**values, **changes})

    return queue_one


@pytest.fixture
def deliver() -> Callable[..., Delivered]:
    def deliver_now(
        *, later: timedelta = timedelta(0), now: datetime | None = None, limit: int = 100
    ) -> Delivered:
        return deliver_due(now=(now or timezone.now()) + later, limit=limit)

    return deliver_now
