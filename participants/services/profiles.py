"""Writes to professional profiles."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import MoveRefusedError
from participants.models import Profile, User
from participants.queries import is_category_fixed


@transaction.atomic
def save_profile(*, user: User, by: User, values: dict[str, Any]) -> Profile:
    """Create or change the profile of `user`. Running it twice with the same values changes nothing.

    Raises MoveRefusedError for another category once something was earned under this one: `ask_for_category`.
    """
    with audit.act("profile.save", by=by):
        # The account's row is locked, so that two first saves at once make one profile.
        User.objects.select_for_update().get(pk=user.pk)
        profile = Profile.objects.filter(user=user).first()
        if profile is None:
            return Profile.objects.create(user=user, **values)
        changed = [name for name, value in values.items() if getattr(profile, name) != value]
        # Another profession within the same category earns under the same credit line.
        if "category" in changed and is_category_fixed(user):
            raise MoveRefusedError(
                _("You have earned credit in your category. Ask a coordinator for another one.")
            )
        for name in changed:
            setattr(profile, name, values[name])
        if changed:
            profile.save(update_fields=changed)
        return profile
