"""The administration's help for somebody who has lost the phone and the recovery codes."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from participants.models import User
from participants.requests import current_user
from participants.services.second_factors import remove_second_factors

if TYPE_CHECKING:
    Base = admin.ModelAdmin[User]
else:
    Base = object


class RecoverableAdmin(Base):
    """Adds the action to the list of accounts."""

    actions: Any = ("remove_second_factor",)

    @admin.action(
        description=gettext_lazy("Lost phone: remove the second factor (first make sure who is asking)"),
        permissions=["change"],
    )
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Each of the chosen accounts logs in with its password or a mailed code, until a new one is set up."""
        for user in queryset.select_related("profile"):
            try:
                is_removed = remove_second_factors(user=user, by=current_user(request), now=timezone.now())
            except DomainError as error:
                self.message_user(request, f"{user}: {error}", messages.ERROR)
            else:
                said = _("The second factor is removed.") if is_removed else _("There was no second factor.")
                self.message_user(request, f"{user}: {said}", messages.SUCCESS)
