"""The code of a check-in: on the slide for half a minute, then another. Nothing of it is stored."""

from datetime import datetime

from django.utils.crypto import constant_time_compare, salted_hmac

WINDOW_SECONDS = 30
"""How long a code stays on the slide."""
PROOF_SECONDS = 15 * 60
"""How long who has shown a valid code may take to log in and confirm."""
DIGITS = 6


def code_at(session_id: int, *, now: datetime) -> str:
    """The six digits that the slide of the session shows at `now`; nobody can compute them without the portal's key."""
    return _code(session_id, _window(now))


def is_code(session_id: int, code: str, *, now: datetime) -> bool:
    """Whether `code` is on the slide at `now`, or was in the window before: people type, and clocks differ."""
    window = _window(now)
    # Both are always compared, so that the time taken says nothing.
    found = [constant_time_compare(code, _code(session_id, each)) for each in (window, window - 1)]
    return any(found)


def typed(code: str) -> str:
    """A code as it is compared: the gaps that help to read it are left out."""
    return "".join(code.split()).replace("-", "")


def seconds_left(now: datetime) -> int:
    """In how many seconds the slide shows another code: 1 to WINDOW_SECONDS."""
    return WINDOW_SECONDS - int(now.timestamp()) % WINDOW_SECONDS


def _window(now: datetime) -> int:
    return int(now.timestamp()) // WINDOW_SECONDS


def _code(session_id: int, window: int) -> str:
    keyed = salted_hmac("sessions_app.check_in", f"{session_id}:{window}", algorithm="sha256")
    return f"{int.from_bytes(keyed.digest()) % 10**DIGITS:0{DIGITS}}"
