"""Inviting a full roster: handed in, looked at, applied, mailed, listed. One person in three has an account.

    ./script/with-services --test python benchmarks/invitations.py [PEOPLE]

Writes into the throwaway database of --test.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

from django.core.management import call_command  # noqa: E402  # after Django is set up
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from participants.models import User  # noqa: E402
from sessions_app.invitation_queries import with_fate  # noqa: E402
from sessions_app.models import Invitation  # noqa: E402
from sessions_app.services import (  # noqa: E402
    apply_roster,
    read_roster,
    remind_due,
    revoke_invitations,
    send_invitations,
    upload_roster,
)
from tests.factories import make_cycle, make_user  # noqa: E402


def timed(what: str, deed: Callable[[], Any]) -> Any:
    """Do it, and print what it took."""
    asked: Counter[str] = Counter()

    def count(execute: Any, *args: Any) -> Any:
        asked["queries"] += 1
        return execute(*args)

    with connection.execute_wrapper(count):
        start = time.perf_counter()
        result = deed()
        spent = time.perf_counter() - start
    people = f"{result:7}" if isinstance(result, int) else ""
    print(f"{what:<40} {spent:7.2f} s {asked['queries']:7} queries {people}")
    return result


def main(people: int) -> None:
    """One after the other, as a coordinator and the workers do it."""
    call_command("migrate", verbosity=0)
    now, today = timezone.now(), timezone.localdate()
    cycle = make_cycle(starts_on=today, ends_on=today + timedelta(days=90))
    by = make_user(is_staff=True)
    User.objects.bulk_create(User(email=f"p{number}@clinic.example") for number in range(0, people, 3))
    rows = "".join(
        f"p{number}@clinic.example,Élise Côté-{number},RN,{100_000 + number},Clinic {number % 300},Kingston,fr\n"
        for number in range(people)
    )
    content = ("Email,Name,Profession,CNO number,Clinic,City,Language\n" + rows).encode()
    roster = timed(
        "upload_roster",
        lambda: upload_roster(cycle_id=cycle.pk, filename="roster.csv", content=content, by=by, now=now),
    )
    timed("read_roster (the preview)", lambda: len(read_roster(roster, now=now).people.invitable))
    timed("apply_roster", lambda: apply_roster(roster_id=roster.pk, by=by, now=now))
    timed("apply_roster again", lambda: apply_roster(roster_id=roster.pk, by=by, now=now))

    def send_all() -> int:
        done = 0
        while sent := send_invitations(now=now):
            done += sent
        return done

    timed("send_invitations, one batch of 200", lambda: send_invitations(now=now))
    timed("send_invitations, the rest", send_all)
    invitations = with_fate(Invitation.objects.all(), now=now)
    timed("a page of the list", lambda: len(invitations.select_related("cycle")[:100]))
    timed("the list by fate, counted", lambda: invitations.filter(fate="mailed").count())
    ids = list(Invitation.objects.values_list("pk", flat=True))
    later = now + timedelta(days=8)
    timed("remind_due", lambda: remind_due(now=later))
    timed("send_invitations, nothing to send", lambda: send_invitations(now=now + timedelta(days=60)))
    timed("revoke all", lambda: revoke_invitations(invitation_ids=ids, by=by, now=later))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
