"""What is written: instruments, windows, answers, requests to answer, pseudonyms."""

from surveys.services.answering import (
    AlreadySubmittedError,
    IncompleteError,
    NotOpenError,
    Saved,
    save_answers,
    submit_response,
)
from surveys.services.asking import ask_due, remind_now
from surveys.services.instruments import (
    duplicate_instrument,
    import_instrument,
    next_number,
    next_version,
    release_instrument,
    withdraw_release,
)
from surveys.services.pseudonyms import ensure_pseudonyms, look_up_pseudonym
from surveys.services.screening import screen_answers
from surveys.services.windows import extend_window, tend_windows

__all__ = [
    "AlreadySubmittedError",
    "IncompleteError",
    "NotOpenError",
    "Saved",
    "ask_due",
    "duplicate_instrument",
    "ensure_pseudonyms",
    "extend_window",
    "import_instrument",
    "look_up_pseudonym",
    "next_number",
    "next_version",
    "release_instrument",
    "remind_now",
    "save_answers",
    "screen_answers",
    "submit_response",
    "tend_windows",
    "withdraw_release",
]
