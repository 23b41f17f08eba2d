"""Taking names out of what people wrote, before anybody lists or exports it (rule 32)."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.module_loading import import_string

from participants.models import User
from surveys.models import Answer, Response, ScreenedAnswer

ROUND = 100
"""Answers that are screened in one round of a worker."""


class Found(Protocol):
    """What the screen says of a text: `text[start:end]` is of a kind, e.g. "NAME"."""

    @property
    def start(self) -> int:
        """The first character."""

    @property
    def end(self) -> int:
        """The one after the last."""

    @property
    def kind(self) -> Any:
        """What it is."""


def screen_answers(*, now: datetime, limit: int = ROUND) -> int:
    """Screen up to `limit` submitted answers in words that nobody has screened yet; returns how many.

    What is found is replaced by its kind in brackets, the names of those in the cycle included. The answer itself
    stays as it was written. What two workers screen at once is kept once.
    """
    submitted = Answer.objects.filter(response__status=Response.Status.SUBMITTED).exclude(text="")
    waiting = submitted.filter(~Exists(ScreenedAnswer.objects.filter(answer=OuterRef("pk"))))
    answers = list(waiting.order_by("pk").values_list("pk", "text", "response__enrolment__cycle_id")[:limit])
    if not answers:
        return 0
    find: Callable[[str], Sequence[Found]] = import_string(settings.TEXT_SCREEN)
    names = {cycle: _names(cycle) for cycle in {cycle for _pk, _text, cycle in answers}}
    screened = []
    for pk, text, cycle in answers:
        masked, findings = mask(text, find(text), names[cycle])
        screened.append(ScreenedAnswer(answer_id=pk, text=masked, findings=findings, screened_at=now))
    with transaction.atomic():
        ScreenedAnswer.objects.bulk_create(screened, ignore_conflicts=True)
    return len(screened)


def mask(text: str, found: Iterable[Found], names: re.Pattern[str] | None) -> tuple[str, int]:
    """`text` with each finding replaced by its kind in brackets, and how many there were."""
    spans = [(one.start, one.end, str(getattr(one.kind, "value", one.kind)).lower()) for one in found]
    if names is not None:
        spans += [(match.start(), match.end(), "name") for match in names.finditer(text)]
    parts, at, count = [], 0, 0
    for start, end, kind in sorted(spans):
        if end <= at:
            continue
        parts += [text[at : max(start, at)], f"[{kind.replace('_', ' ')}]" if start >= at else ""]
        count += start >= at
        at = end
    return "".join([*parts, text[at:]]), count


def _names(cycle_id: int) -> re.Pattern[str] | None:
    """The full and the family names of those in a cycle, as whole words; None for nobody."""
    people = User.objects.filter(enrolments__cycle=cycle_id).select_related("profile")
    names = set()
    for user in people:
        profile = getattr(user, "profile", None)
        for name in (profile.legal_name, profile.preferred_name) if profile else ():
            words = name.split()
            names.add(name)
            # A given name alone may be a word, or a patient's; a family name with a capital is this person's.
            names.update(word for word in words[-1:] if len(word) > 2 and len(words) > 1)
    wanted = sorted((re.escape(name) for name in names if name.strip()), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(wanted)})(?!\w)") if wanted else None
