"""What waits outside the cycles."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.duties.base import ATTENTION, Duty, list_of
from desk.duties.certificates import mails


def general_duties(*, undelivered: int, category_requests: int) -> Iterator[Duty]:
    """Mails that did not arrive, and people who say that they belong to another category."""
    yield from mails(undelivered)
    if category_requests:
        yield Duty(
            words=ngettext(
                "%(number)d person asks for another professional category",
                "%(number)d people ask for another professional category",
                category_requests,
            )
            % {"number": category_requests},
            detail=_("It decides which credits they earn."),
            url=list_of("participants_categoryrequest", status__exact="open"),
            action=_("Decide"),
            tone=ATTENTION,
            permission="participants.change_categoryrequest",
        )
