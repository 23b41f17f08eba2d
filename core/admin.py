"""How the portal's records behave in the administration: recorded under the person's name, or not changeable."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from core import audit

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class AuditedAdmin(admin.ModelAdmin[Any]):
    """Reference data that coordinators edit: each save stands in the audit trail under their name."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show the form, or save it with its inlines as one deed."""
        if request.method != "POST":
            return super().changeform_view(request, *args, **kwargs)
        actor = cast("AbstractBaseUser", request.user)
        with transaction.atomic(), audit.act(f"admin.{self.opts.model_name}", by=actor):
            return super().changeform_view(request, *args, **kwargs)


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Records that are looked at here and written by services alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one."""
        return False
