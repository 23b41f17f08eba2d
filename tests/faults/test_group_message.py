"""A message to three thousand people while workers are killed (−9) and a tenth of SMTP fails: each gets it once."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from desk.audiences import fingerprint, recipients
from desk.message_progress import progress_of
from desk.services import send_group_message
from outbox.models import MailAttempt, OutgoingMail
from outbox.services.delivery import lease_seconds
from tests.desk.test_messages import TEXT, enrol_many
from tests.factories import make_cycle, make_user
from tests.faults.test_outbox_kill import kill, relay, start_worker
from tests.outbox.relay import DROP

__all__ = ["relay", "start_worker"]

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PEOPLE = 3000
KILLS = 6


@pytest.mark.timeout(700)  # three thousand letters, on a machine that may be doing much else
def test_message_to_three_thousand_survives_killed_workers_and_reaches_each_once(
    relay, start_worker, client
) -> None:
    cycle = make_cycle()
    enrol_many(cycle, PEOPLE)
    coordinator = make_user(is_staff=True)
    coordinator.is_superuser = True
    coordinator.save(update_fields=["is_superuser"])
    client.force_login(coordinator)
    values: dict[str, Any] = {
        **TEXT,
        "key": uuid4(),
        "by": coordinator,
        "now": timezone.now(),
        "cycle_id": cycle.pk,
    }
    seen = fingerprint(recipients(cycle, "participants", now=timezone.now()))
    message = send_group_message(**values, seen=seen)
    dice = random.Random(11)  # noqa: S311  # the same weather each time

    def weather(stage: str, _recipient: str) -> str | None:
        if stage != "end":
            return None
        return dice.choices([None, "451 later", DROP], [90, 9, 1])[0]

    relay.decide = weather
    workers = [start_worker(), start_worker()]
    deadline = time.monotonic() + 500
    kills, shown = 0, []
    while not progress_of(message).is_over:
        assert time.monotonic() < deadline, Counter(OutgoingMail.objects.values_list("status", flat=True))
        time.sleep(0.5)
        # The page answers all the while, and goes on growing.
        shown.append(client.get(f"/admin/messages/{message.pk}/progress/").context["progress"].sent)
        if kills < KILLS and len(relay.accepted) > kills * 400:
            kill(workers.pop(0))
            workers.append(start_worker())
            kills += 1
            # Confirmed once more meanwhile: nothing new.
            assert send_group_message(**values, seen=seen) == message
        now = timezone.now()
        OutgoingMail.objects.filter(status="retry").update(next_attempt_at=now)
        OutgoingMail.objects.filter(
            status="sending", leased_until__lt=now + timedelta(seconds=lease_seconds() - 2)
        ).update(leased_until=now - timedelta(seconds=1))
    for worker in workers:
        kill(worker)

    assert kills == KILLS
    assert shown == sorted(shown)
    assert len(set(shown)) > 3
    assert OutgoingMail.objects.count() == PEOPLE
    copies = Counter(received.recipient for received in relay.accepted)
    assert len(copies) == PEOPLE
    unsure = Counter(
        MailAttempt.objects.filter(outcome="ambiguous").values_list("mail__recipient", flat=True)
    )
    for recipient, count in copies.items():
        assert count - 1 <= unsure[recipient], recipient
    progress = progress_of(message)
    assert progress.sent + progress.undelivered == PEOPLE
    print(
        f"{PEOPLE} people, {kills} kills, {sum(copies.values()) - PEOPLE} second copies, each after a lost answer"
    )
