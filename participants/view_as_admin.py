"""Support looks at the portal as a participant sees it, from the account's page."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import ReadOnlyAdmin
from core.errors import DomainError
from core.forms import PortalFormMixin
from participants.models import ParticipantView, User, ViewedPage
from participants.requests import current_user
from participants.services.viewing import start_view

if TYPE_CHECKING:
    Base = admin.ModelAdmin[User]
else:
    Base = object

SESSION_KEY = "participant_view"


class ReasonForm(PortalFormMixin, forms.Form):
    """Why somebody looks."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=200,
        help_text=gettext_lazy("Stays on record, with each page that you open."),
    )


class ViewableAdmin(Base):
    """Adds the page to the accounts' administration."""

    def get_urls(self) -> list[URLPattern]:
        """The page beside the usual ones."""
        view = self.admin_site.admin_view(self.view_as_view)
        return [path("<int:pk>/view-as/", view, name="participants_user_view_as"), *super().get_urls()]

    def view_as_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the reason, then lead to the participant's home."""
        if not request.user.has_perm("participants.view_as_participant"):
            raise PermissionDenied
        person = get_object_or_404(User.objects.select_related("profile"), pk=pk)
        form = ReasonForm(request.POST or None)
        if not self.admin_site.may_view_as(request, person):  # type: ignore[attr-defined]
            text = _(
                "This person is also in a program that you do not work for. Ask somebody who works for all."
            )
            self.message_user(request, text, messages.ERROR)
            return redirect("admin:participants_user_change", person.pk)
        if form.is_bound and form.is_valid():
            try:
                view = start_view(
                    participant_id=person.pk,
                    reason=form.cleaned_data["reason"],
                    by=current_user(request),
                    now=timezone.now(),
                )
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                request.session[SESSION_KEY] = view.pk
                return redirect("credits:home")
        context = {
            **self.admin_site.each_context(request),
            "title": _("See the portal as a participant"),
            "subtitle": person.get_full_name(),
            "opts": self.opts,
            "person": person,
            "form": form,
        }
        return TemplateResponse(request, "admin/participants/view_as.html", context)


class ViewedPageInline(admin.TabularInline[ViewedPage, ParticipantView]):
    """The pages that were looked at."""

    model = ViewedPage
    extra = 0
    fields = ("viewed_at", "page")
    readonly_fields = ("viewed_at", "page")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Written by the portal alone."""
        return False


@admin.register(ParticipantView)
class ParticipantViewAdmin(ReadOnlyAdmin):
    """Who looked at whose pages, when and why."""

    list_display = ["started_at", "viewer", "participant", "reason", "ended_at"]
    list_select_related = ["viewer", "participant"]
    search_fields = ["viewer__email", "participant__email"]
    inlines = [ViewedPageInline]
