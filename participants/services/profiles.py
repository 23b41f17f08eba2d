"""Writes to professional profiles."""

from typing import Any

from django.db import transaction

from core import audit
from participants.models import Profile, User


@transaction.atomic
def save_profile(*, user: User, by: User, values: dict[str, Any]) -> Profile:
    """Create or change the profile of `user`. Running it twice with the same values changes nothing."""
    with audit.act("profile.save", by=by):
        # The account's row is locked, so that two first saves at once make one profile.
        User.objects.select_for_update().get(pk=user.pk)
        profile = Profile.objects.filter(user=user).first()
        if profile is None:
            return Profile.objects.create(user=user, **values)
        changed = [name for name, value in values.items() if getattr(profile, name) != value]
        for name in changed:
            setattr(profile, name, values[name])
        if changed:
            profile.save(update_fields=changed)
        return profile
