"""What is written: instruments, windows, answers, requests to answer, pseudonyms."""

from surveys.services.answering import (
    AlreadySubmittedError,
    IncompleteError,
    NotOpenError,
    Saved,
    save_answers,
    submit_response,
)
from surveys.services.instruments import next_version
from surveys.services.pseudonyms import ensure_pseudonyms, look_up_pseudonym

__all__ = [
    "AlreadySubmittedError",
    "IncompleteError",
    "NotOpenError",
    "Saved",
    "ensure_pseudonyms",
    "look_up_pseudonym",
    "next_version",
    "save_answers",
    "submit_response",
]
