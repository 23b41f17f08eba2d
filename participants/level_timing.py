"""Middleware: an answer that depends on whether an address has an account takes as long when it has none.

allauth gives both the same status and the same words. What is left is time: a row more to read, a mail more to write,
a password to hash. The adapter levels what costs most (participants/adapter.py); this levels the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HASHING_SECONDS = 1.0
"""For answers that hash a password: a quarter of a second on a quiet machine, half a second on a busy one."""
PLAIN_SECONDS = 0.3
"""For answers that hash none, and take a tenth of it."""

HASHING = frozenset({"account_signup", "account_login"})
ASKING = HASHING | {"account_reset_password", "account_request_login_code"}
"""Pages that are sent an address by somebody who need not own it."""
PENDING = ("account_login", "account_email_verification_code", "account_password_reset_verification")
"""allauth's keys in the session of somebody who was told that a code is on its way, whether or not there is one."""


class LevelTimingMiddleware:
    """Holds such answers back to a whole multiple of a fixed time after they began.

    A multiple, because a machine so busy that the first has passed shall not tell the difference either. Waiting
    costs a thread and no work; whoever gets in does not wait, because that cannot be hidden. The outermost but for
    what treats all requests alike, so that storing the session is levelled as well.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and wait where the time taken would tell something."""
        if not settings.LEVEL_ANSWERS:
            return self.get_response(request)
        began = time.monotonic()
        response = self.get_response(request)
        if step := _step(request):
            time.sleep((began - time.monotonic()) % step)
        return response


def _step(request: HttpRequest) -> float:
    """The seconds of whose multiple this answer takes; 0 where it tells nothing."""
    match = request.resolver_match
    name = match.view_name if match else ""
    if not name.startswith(("account_", "mfa_")) or request.user.is_authenticated:
        return 0
    if request.method == "POST" and name in ASKING:
        return HASHING_SECONDS if name in HASHING else PLAIN_SECONDS
    # Every page of an account reads who is on the way in, where somebody is.
    return PLAIN_SECONDS if any(key in request.session for key in PENDING) else 0
