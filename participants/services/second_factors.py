"""Helping somebody who has lost the phone and the recovery codes."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import audit
from core.errors import NotAllowedError
from outbox.services import queue_mail
from participants.models import User


@transaction.atomic
def remove_second_factors(*, user: User, by: User, now: datetime) -> bool:
    """Take away everything that is asked of `user` besides the password, end their sessions, and tell them by mail.

    False when there was nothing to take away. Raises NotAllowedError for oneself, and for an account that works in the
    administration unless an administrator asks.
    """
    if user == by:
        raise NotAllowedError(_("Your own second factor is changed on your own account's page."))
    if (user.is_staff or user.is_superuser) and not by.is_superuser:
        raise NotAllowedError(
            _("Only an administrator can help somebody who has access to the administration.")
        )
    # The account's row is the lock: two at once write one mail.
    User.objects.select_for_update().get(pk=user.pk)
    with audit.act("second_factor.remove", by=by):
        removed, _each = Authenticator.objects.filter(user=user).delete()
    if not removed:
        return False
    for session in UserSession.objects.filter(user=user):
        session.end()
    profile = getattr(user, "profile", None)
    queue_mail(
        key=f"second-factor-removed:{user.pk}:{now.isoformat()}",
        kind="account",
        to=user.email,
        template="participants/mail/second_factor_removed",
        context={"name": user.get_short_name(), "url": settings.PORTAL_URL + reverse("mfa_index")},
        language=profile.language if profile else (get_language() or "en")[:2],
    )
    return True
