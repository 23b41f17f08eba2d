"""Another category after credit was earned: its owner asks, a coordinator decides, a mail says what."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError, MoveRefusedError
from outbox.services import queue_mail
from participants.models import CategoryRequest, Profile, User


@transaction.atomic
def ask_for_category(
    *, user: User, by: User, category: str, profession: str, reason: str, now: datetime
) -> CategoryRequest:
    """Ask for another category. Asking the same twice is asking once.

    Raises BadInputError without a reason or for the category one has, MoveRefusedError while another request is open:
    a coordinator who is about to grant one must not find that it became another.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise BadInputError(_("Say in a sentence why your category changes."))
    # The account's row is the lock: two windows at once ask once.
    User.objects.select_for_update().get(pk=user.pk)
    profile = Profile.objects.get(user=user)
    if profile.category == category:
        raise BadInputError(_("This is your category already."))
    waiting = CategoryRequest.objects.filter(profile=profile, status=CategoryRequest.Status.OPEN).first()
    if waiting is not None:
        if (waiting.category, waiting.profession) != (category, profession):
            raise MoveRefusedError(
                _("You have asked already: a coordinator decides about that request first.")
            )
        return waiting
    with audit.act("category.ask", by=by):
        return CategoryRequest.objects.create(
            profile=profile, category=category, profession=profession, reason=reason, asked_at=now
        )


@transaction.atomic
def decide_category(
    *, request_id: int, to: CategoryRequest.Status, by: User, now: datetime
) -> CategoryRequest:
    """Grant a request, which changes the profile, or refuse it; its owner is told by mail. Twice the same is once.

    Certificates that are issued keep what they say; what is not yet certified counts under the new category.
    """
    if to == CategoryRequest.Status.OPEN:
        raise BadInputError(_("A decision grants a request or refuses it."))
    owner_id = CategoryRequest.objects.values_list("profile__user_id", flat=True).get(pk=request_id)
    # The account before the request, as asking does.
    user = User.objects.select_for_update().get(pk=owner_id)
    request = CategoryRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    if request.status == to:
        return request
    if request.status != CategoryRequest.Status.OPEN:
        raise MoveRefusedError(_("This request is decided already."))
    profile = Profile.objects.get(pk=request.profile_id)
    with audit.act(f"category.{to.value}", by=by):
        request.status, request.decided_at, request.decided_by = to, now, by
        request.save(update_fields=["status", "decided_at", "decided_by"])
        if to == CategoryRequest.Status.GRANTED:
            profile.category, profile.profession = request.category, request.profession
            profile.save(update_fields=["category", "profession"])
        _tell(request, profile, user)
    return request


def _tell(request: CategoryRequest, profile: Profile, user: User) -> None:
    queue_mail(
        key=f"category-decided:{request.pk}",
        kind="profile",
        to=user.email,
        template="participants/mail/category_decided",
        context={
            "name": profile.preferred_name or profile.legal_name,
            "asked": request,
            "is_granted": request.status == CategoryRequest.Status.GRANTED,
            "url": settings.PORTAL_URL + reverse("participants:profile-edit"),
        },
        language=profile.language,
    )
