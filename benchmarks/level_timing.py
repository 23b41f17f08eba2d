"""Whether the time of an answer tells that an address has an account: four forms, four kinds of account, one table.

    ./script/with-services --test python benchmarks/level_timing.py [ROUNDS]

Each round asks for an address without an account and for one of each kind, in a new order. "Work" is what the answer
takes by itself, "answer" what it takes as the portal gives it; the ratio is to an address without an account. Exits
with 1 when an answer is not within 10 %. Writes into the throwaway database of --test.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "echo_portal.settings")

import django

django.setup()

from allauth.account.models import EmailAddress  # noqa: E402  # after Django is set up
from django.core.management import call_command  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.urls import reverse  # noqa: E402

from tests.factories import make_user  # noqa: E402

WITHIN = 0.10
PASSWORD = "a long enough phrase 42"  # noqa: S105  # of people who do not exist
FORMS: dict[str, Callable[[str], dict[str, str]]] = {
    "account_signup": lambda email: {"email": email, "password1": PASSWORD},
    "account_login": lambda email: {"login": email, "password": "not the password 42"},
    "account_reset_password": lambda email: {"email": email},
    "account_request_login_code": lambda email: {"email": email},
}
NOBODY = "no account"
KINDS = (NOBODY, "account", "not confirmed", "no password", "not active")


def make_accounts() -> dict[str, str]:
    """One account of each kind; their addresses are as long as those of nobody."""
    addresses = {}
    for number, kind in enumerate(KINDS[1:]):
        email = f"kind{number:08}@clinic.example"
        user = make_user(email, password=None if kind == "no password" else PASSWORD)
        if kind == "not active":
            user.is_active = False
            user.save(update_fields=["is_active"])
        EmailAddress.objects.create(user=user, email=email, verified=kind != "not confirmed", primary=True)
        addresses[kind] = email
    return addresses


def seconds(form: str, email: str) -> float:
    """How long the answer to one address takes, in a browser of its own."""
    client = Client()
    start = time.perf_counter()
    response = client.post(reverse(form), FORMS[form](email))
    spent = time.perf_counter() - start
    expected = 422 if form == "account_login" else 302
    if response.status_code != expected:
        raise SystemExit(f"{form} answered {response.status_code}, not {expected}")
    return spent


def measure(form: str, accounts: dict[str, str], rounds: int) -> dict[str, float]:
    """Median seconds of each kind."""
    spent: dict[str, list[float]] = defaultdict(list)
    for number in range(-1, rounds):
        for kind in random.sample(KINDS, len(KINDS)):
            # Every address without an account is a new one: a sign-up makes the account.
            email = accounts.get(kind) or f"b{random.randrange(10**11):011}@clinic.example"  # noqa: S311
            taken = seconds(form, email)
            if number >= 0:
                spent[kind].append(taken)
    return {kind: median(values) for kind, values in spent.items()}


def main() -> None:
    """Measure every form and print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    call_command("migrate", verbosity=0)
    logging.disable(logging.CRITICAL)
    accounts = make_accounts()
    all_level = True
    print(f"Medians of {rounds} rounds, in milliseconds")
    print(f"{'form':28}{'address':15}{'work':>6}{'ratio':>7}{'answer':>8}{'ratio':>7}  within {WITHIN:.0%}")
    for form in FORMS:
        with override_settings(LEVEL_ANSWERS=False):
            work = measure(form, accounts, rounds)
        with override_settings(LEVEL_ANSWERS=True):
            answer = measure(form, accounts, rounds)
        for kind in KINDS:
            ratio = answer[kind] / answer[NOBODY]
            is_level = abs(ratio - 1) <= WITHIN
            all_level = all_level and is_level
            print(
                f"{form:28}{kind:15}{work[kind] * 1000:6.0f}{work[kind] / work[NOBODY]:7.2f}"
                f"{answer[kind] * 1000:8.0f}{ratio:7.3f}  {'yes' if is_level else 'NO'}",
                flush=True,
            )
    sys.exit(0 if all_level else 1)


if __name__ == "__main__":
    main()
