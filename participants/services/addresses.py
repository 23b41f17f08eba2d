"""Telling people that somebody of the program changed the address of their account."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language

from core.personal import NOBODYS
from outbox.services import queue_mail
from participants.models import User


@transaction.atomic
def tell_address_changed(user: User, *, before: str, now: datetime) -> None:
    """Write to the address that the account had and to the one it has: nobody loses an account unseen.

    Not to the made-up address of an account that was merged or erased.
    """
    if before == user.email:
        return
    profile = getattr(user, "profile", None)
    for place, address in enumerate((before, user.email)):
        if address.endswith(NOBODYS):
            continue
        queue_mail(
            key=f"address-changed:{user.pk}:{now.isoformat()}:{place}",
            kind="account",
            to=address,
            template="participants/mail/address_changed",
            context={
                "name": user.get_short_name(),
                "before": before,
                "after": user.email,
                "url": settings.PORTAL_URL + reverse("account_email"),
            },
            language=profile.language if profile else (get_language() or "en")[:2],
        )
