"""How the portal's records behave in the administration: recorded under the person's name, or not changeable."""

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst

from core import audit
from core.admin_history import HistoryTab
from core.admin_lists import ListTools

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = object


class LimitedRawId(ForeignKeyRawIdWidget):
    """A record by its number: says what it is only where it may be chosen."""

    rows: Any

    def label_and_url_for_value(self, value: Any) -> tuple[str, str]:
        """The record's name and its page; nothing for one that is another program's."""
        try:
            is_offered = self.rows.filter(pk=value).exists()
        except (ValueError, TypeError, ValidationError):
            is_offered = False
        return super().label_and_url_for_value(value) if is_offered else ("", "")


class LimitedChoices(AnyAdmin):
    """For an administration or an inline: only rows of their programs can be chosen."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The field with its limited choice, by name or by number."""
        kwargs["queryset"] = rows = self._offered(db_field, request, kwargs.get("queryset"))
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and type(field.widget) is ForeignKeyRawIdWidget:
            field.widget = LimitedRawId(db_field.remote_field, self.admin_site, using=kwargs.get("using"))
            field.widget.rows = rows
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """As above."""
        kwargs["queryset"] = self._offered(db_field, request, kwargs.get("queryset"))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _offered(self, db_field: Any, request: HttpRequest, rows: Any) -> Any:
        if rows is None:
            rows = db_field.remote_field.model._default_manager.all()
        return self._limited(request, rows)

    def _limited(self, request: HttpRequest, rows: Any) -> Any:
        limit = getattr(self.admin_site, "limit", None)
        return limit(request, rows) if limit else rows


class PortalAdmin(LimitedChoices, HistoryTab, ListTools, admin.ModelAdmin[Any]):
    """What every record and list of the portal has: its history, kept filters, saved searches, exports.

    The site says which rows somebody may see (`limit`), only those of the programs they work for, and whether they may
    write what all programs share (`may_write`).
    """

    @property
    def media(self) -> forms.Media:
        """The scripts of a change form; those that spell out an address only where one is spelled out."""
        spells = bool(self.prepopulated_fields) or any(inline.prepopulated_fields for inline in self.inlines)
        smallest = "" if settings.DEBUG else ".min"
        scripts = [
            f"vendor/jquery/jquery{smallest}.js",
            "jquery.init.js",
            "core.js",
            "admin/RelatedObjectLookups.js",
        ]
        if spells:
            # Four fifths of what a change form would load.
            scripts += ["urlify.js", "prepopulate.js", f"vendor/xregexp/xregexp{smallest}.js"]
        return forms.Media(js=[f"admin/js/{path}" for path in scripts])

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """A record's page is headed by what it is; below stands which one."""
        if context.get("original") is not None:
            context["title"] = capfirst(self.opts.verbose_name)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> Any:
        """The rows that belong to the programs of who asks."""
        return self._limited(request, super().get_queryset(request))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Whether a list may be narrowed by `lookup`: by what it shows or filters by, and by a record's number.

        A list that is narrowed tells what stands in a column, letter by letter: a password's hash, a code, a case.
        """
        allowed = {"pk", self.opts.pk.name, self.date_hierarchy, *self.get_list_display(request)}
        for one in self.get_list_filter(request):
            field = one[0] if isinstance(one, (tuple, list)) else one
            allowed.add(field if isinstance(field, str) else getattr(field, "parameter_name", None))
        is_known = any(
            lookup == one or lookup.startswith(f"{one}__") for one in allowed if isinstance(one, str)
        )
        return is_known and bool(super().lookup_allowed(lookup, value, request))

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Whether they have the permission, and may write what all programs share, if this is shared."""
        may_add = getattr(self.admin_site, "may_add", None)
        is_open = may_add(request, self.model) if may_add else True
        return is_open and bool(super().has_add_permission(request, *args))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As above."""
        return self._may_write(request) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As above."""
        return self._may_write(request) and bool(super().has_delete_permission(request, obj))

    def _may_write(self, request: HttpRequest) -> bool:
        may_write = getattr(self.admin_site, "may_write", None)
        return may_write(request, self.model) if may_write else True


class AuditedAdmin(PortalAdmin):
    """Reference data that coordinators edit: each save stands in the audit trail under their name."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show the form, or save it with its inlines as one deed."""
        if request.method != "POST":
            return super().changeform_view(request, *args, **kwargs)
        actor = cast("AbstractBaseUser", request.user)
        with transaction.atomic(), audit.act(f"admin.{self.opts.model_name}", by=actor):
            return super().changeform_view(request, *args, **kwargs)


class ReadOnlyAdmin(PortalAdmin):
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
