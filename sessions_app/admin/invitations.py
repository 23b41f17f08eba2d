"""Inviting people to a cycle, and what became of each invitation."""

import csv
from datetime import date
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin import ReadOnlyAdmin
from core.admin_lists import asks_first
from core.errors import DomainError
from core.templatetags.portal import is_french
from participants.requests import current_user
from sessions_app.invitation_forms import ColumnsForm, PastedForm, RosterForm, TermsForm
from sessions_app.invitation_queries import Fate, with_fate
from sessions_app.models import Cycle, Invitation, Roster
from sessions_app.scope import limited
from sessions_app.services import (
    apply_roster,
    extend_invitations,
    invite_pasted,
    map_roster,
    read_roster,
    remind,
    revoke_invitations,
    upload_roster,
)
from sessions_app.services.invitations import Assessment, assess, is_joinable, read_pasted

SHOWN = 100
"""Rows of each kind that a preview writes out; the counts tell the rest."""
# Data, not words of the interface: the importer knows these headers in both languages, whatever the labels become.
SAMPLES = {
    "en": (
        ("Email", "Full name", "Category", "Profession", "Licence number", "Practice", "City", "Language"),
        ("ann.lee@clinic.example", "Ann Lee", "Family physician", "", "123456", "Lakeside", "Kingston", "English"),
        (
            "noe.cote@clinique.example", "Noé Côté", "Other health professional", "Nurse practitioner", "",
            "Clinique du Lac", "Ottawa", "French",
        ),
    ),
    "fr": (
        ("Courriel", "Nom complet", "Catégorie", "Profession", "Numéro de permis", "Clinique", "Ville", "Langue"),
        ("ann.lee@clinic.example", "Ann Lee", "Médecin de famille", "", "123456", "Lakeside", "Kingston", "Anglais"),
        (
            "noe.cote@clinique.example", "Noé Côté", "Autre professionnel de la santé", "Infirmier praticien", "",
            "Clinique du Lac", "Ottawa", "Français",
        ),
    ),
}  # fmt: skip


class FateFilter(admin.SimpleListFilter):
    """What became of the invitation."""

    title = gettext_lazy("what became of it")
    parameter_name = "fate"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        """All that can become of one."""
        return [(value, str(label)) for value, label in Fate.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The chosen ones."""
        return queryset.filter(fate=self.value()) if self.value() else queryset


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Invitations: sent from a cycle's page, and followed here."""

    list_display = ["email", "name", "cycle_name", "what_became", "works_until"]
    list_filter = [FateFilter, "cycle", "is_preapproved"]
    search_fields = ["email", "name"]
    list_select_related = ["cycle"]
    date_hierarchy = "invited_at"
    actions = ["remind", "extend", "revoke"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Invitations with what became of them, told by the database."""
        return with_fate(super().get_queryset(request), now=timezone.now())

    @admin.display(description=gettext_lazy("cycle"), ordering="cycle")
    def cycle_name(self, invitation: Invitation) -> str:
        """The cycle, without its program."""
        return invitation.cycle.name

    @admin.display(description=gettext_lazy("what became of it"), ordering="fate")
    def what_became(self, invitation: Any) -> str:
        """The fate in words."""
        return str(Fate(invitation.fate).label)

    @admin.display(description=gettext_lazy("link works until"), ordering="expires_at")
    def works_until(self, invitation: Invitation) -> date:
        """The day the link expires."""
        return timezone.localdate(invitation.expires_at)

    def has_invite_permission(self, request: HttpRequest) -> bool:
        """Who may add invitations invites."""
        return request.user.has_perm("sessions_app.add_invitation")

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Who may change invitations reminds and takes back."""
        return request.user.has_perm("sessions_app.change_invitation")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, with a way to invite more people."""
        cycles = limited(Cycle.objects.all(), request.user, "program").filter(
            status=Cycle.Status.PUBLISHED, ends_on__gte=timezone.localdate()
        )
        if chosen := request.GET.get("cycle__id__exact", ""):
            cycles = cycles.filter(pk=chosen) if chosen.isdecimal() else cycles.none()
        joinable = list(cycles.select_related("program")[:3]) if self.has_invite_permission(request) else []
        context = {"joinable": joinable, "title": _("Invitations"), **(extra_context or {})}
        return super().changelist_view(request, context)

    # --- actions ------------------------------------------------------------------------------------------------
    @admin.action(
        description=gettext_lazy("Remind those who have not applied (once a day at most)"),
        permissions=["manage"],
    )
    @asks_first(gettext_lazy("Each who has not applied yet is reminded by email."))
    def remind(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Remind the chosen."""
        done = remind(invitation_ids=_ids(queryset), by=current_user(request), now=timezone.now())
        self._say(
            request,
            done,
            ngettext("%d person is reminded by email.", "%d people are reminded by email.", done),
            _(
                "Nobody was reminded: those you chose have applied, were written to within a day, or have a link "
                "that works no more."
            ),
        )

    @admin.action(description=gettext_lazy("Let the links work for 30 days from now"), permissions=["manage"])
    def extend(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Prolong the chosen."""
        done = extend_invitations(invitation_ids=_ids(queryset), by=current_user(request), now=timezone.now())
        self._say(
            request,
            done,
            ngettext("%d link works for 30 days from now.", "%d links work for 30 days from now.", done),
            _(
                "Nothing to extend: those you chose have applied, had their invitations withdrawn, or have "
                "a link that works longer."
            ),
        )

    @admin.action(description=gettext_lazy("Withdraw: the link stops working"), permissions=["manage"])
    @asks_first(gettext_lazy("Their links no longer work."))
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Take the chosen back."""
        done = revoke_invitations(invitation_ids=_ids(queryset), by=current_user(request), now=timezone.now())
        self._say(
            request,
            done,
            ngettext("%d invitation is withdrawn.", "%d invitations are withdrawn.", done),
            _(
                "Nothing to withdraw: those you chose have applied, or their invitations were withdrawn "
                "before."
            ),
        )

    def _say(self, request: HttpRequest, done: int, words: str, nothing: str) -> None:
        if done:
            self.message_user(request, words % done, messages.SUCCESS)
        else:
            self.message_user(request, nothing, messages.WARNING)

    # --- inviting -----------------------------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        """The pages that invite, beside the usual ones."""
        wrap = self.admin_site.admin_view
        return [
            path("cycle/<int:pk>/", wrap(self.invite_view), name="sessions_app_cycle_invite"),
            path("sample/", wrap(self.sample_view), name="sessions_app_invitation_sample"),
            path("roster/<int:pk>/", wrap(self.roster_view), name="sessions_app_roster_check"),
            *super().get_urls(),
        ]

    def sample_view(self, request: HttpRequest) -> HttpResponse:
        """A roster to fill in, in the reader's language; spreadsheets take it for UTF-8."""
        self._require(request)
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="roster.csv"'
        response.write("\ufeff")
        csv.writer(response).writerows(SAMPLES["fr" if is_french() else "en"])
        return response

    def invite_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Two ways to invite people to a cycle: a file, or pasted addresses, which are looked at here."""
        self._require(request)
        cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=pk)
        is_post, sent = request.method == "POST", request.POST.get("way", "")
        upload = RosterForm(request.POST, request.FILES) if is_post and sent == "file" else RosterForm()
        pasted = PastedForm(request.POST if is_post and sent in {"check", "invite"} else None)
        terms = TermsForm(request.POST if is_post and sent == "invite" else None)
        people: Assessment | None = None
        now = timezone.now()
        if upload.is_bound and upload.is_valid():
            file = upload.cleaned_data["file"]
            keep = partial(upload_roster, cycle_id=cycle.pk, filename=file.name or "", content=file.read())
            if roster := _tried(upload, "file", partial(keep, by=current_user(request), now=now)):
                return redirect("admin:sessions_app_roster_check", pk=roster.pk)
        if pasted.is_bound and pasted.is_valid():
            text = pasted.cleaned_data["addresses"]
            rows = _tried(pasted, "addresses", partial(read_pasted, text))
            if rows:
                people = Assessment(assess(cycle, rows, now=now))
            elif rows is not None:
                pasted.add_error("addresses", pasted.fields["addresses"].error_messages["required"])
            if people and terms.is_bound and terms.is_valid():
                deed = partial(invite_pasted, cycle_id=cycle.pk, text=text, by=current_user(request), now=now)
                invited = _tried(terms, None, partial(deed, **terms.cleaned_data))
                if invited is not None:
                    return self._invited(request, cycle, invited)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Invite people"),
            "opts": self.opts,
            "cycle": cycle,
            "is_joinable": is_joinable(cycle, now=now),
            "upload": upload,
            "pasted": pasted,
            "terms": terms,
            "people": people,
            "shown": SHOWN,
            "shown_slice": f":{SHOWN}",
            "rosters": cycle.rosters.select_related("uploaded_by")[:10],
        }
        is_refused = any(form.is_bound and form.errors for form in (upload, pasted, terms))
        return TemplateResponse(
            request, "admin/sessions_app/invite.html", context, status=422 if is_refused else 200
        )

    def roster_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What a roster says, and which column is what; confirming invites."""
        self._require(request)
        roster = get_object_or_404(Roster.objects.select_related("cycle__program", "file"), pk=pk)
        now = timezone.now()
        preview = read_roster(roster, now=now)
        is_post, sent = request.method == "POST", request.POST.get("way", "")
        columns = ColumnsForm(
            request.POST if is_post and sent == "columns" else None,
            headers=preview.headers,
            mapping=roster.mapping,
        )
        terms = TermsForm(request.POST if is_post and sent == "invite" else None)
        if columns.is_bound and columns.is_valid():
            deed = partial(map_roster, roster_id=roster.pk, mapping=columns.mapping())
            if _tried(columns, None, partial(deed, by=current_user(request))):
                return redirect("admin:sessions_app_roster_check", pk=roster.pk)
        if terms.is_bound and terms.is_valid():
            apply = partial(apply_roster, roster_id=roster.pk, by=current_user(request), now=now)
            invited = _tried(terms, None, partial(apply, **terms.cleaned_data))
            if invited is not None:
                return self._invited(request, roster.cycle, invited)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Check the roster before anybody is invited"),
            "opts": self.opts,
            "cycle": roster.cycle,
            "roster": roster,
            "is_joinable": is_joinable(roster.cycle, now=now),
            "preview": preview,
            "people": preview.people,
            "columns": columns,
            "terms": terms,
            "shown": SHOWN,
            "shown_slice": f":{SHOWN}",
        }
        is_refused = any(form.is_bound and form.errors for form in (columns, terms))
        return TemplateResponse(
            request, "admin/sessions_app/roster_check.html", context, status=422 if is_refused else 200
        )

    def _invited(self, request: HttpRequest, cycle: Cycle, invited: int) -> HttpResponse:
        self._say(
            request,
            invited,
            ngettext(
                "%d person is invited. The email goes out within minutes.",
                "%d people are invited. The emails go out within minutes.",
                invited,
            ),
            _("Nobody was invited: those on the list are invited, or in the cycle, already."),
        )
        url = reverse("admin:sessions_app_invitation_changelist")
        return redirect(f"{url}?cycle__id__exact={cycle.pk}")

    def _require(self, request: HttpRequest) -> None:
        if not self.has_invite_permission(request):
            raise PermissionDenied


@admin.register(Roster)
class RosterAdmin(ReadOnlyAdmin):
    """The rosters that were handed in."""

    list_display = [
        "filename",
        "cycle_name",
        "uploaded_at",
        "uploaded_by",
        "applied_at",
        "people",
        "check_link",
    ]
    list_filter = ["cycle"]
    list_select_related = ["cycle", "uploaded_by"]
    exclude = ["file", "mapping"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rosters with how many they invited."""
        rosters: QuerySet[Roster] = super().get_queryset(request)
        return rosters.annotate(invited=Count("invitations"))

    @admin.display(description=gettext_lazy("cycle"), ordering="cycle")
    def cycle_name(self, roster: Roster) -> str:
        """The cycle, without its program."""
        return roster.cycle.name

    @admin.display(description=gettext_lazy("people invited"), ordering="invited")
    def people(self, roster: Any) -> int:
        """How many invitations came of it."""
        return int(roster.invited)

    @admin.display(description=gettext_lazy("roster"))
    def check_link(self, roster: Roster) -> str:
        """Where it is looked at."""
        url = reverse("admin:sessions_app_roster_check", args=[roster.pk])
        return format_html('<a href="{}">{}</a>', url, _("Look at it"))


def _ids(queryset: QuerySet[Invitation]) -> list[int]:
    return list(queryset.values_list("pk", flat=True))


def _tried(form: BaseForm, field: str | None, deed: Any) -> Any:
    """What `deed` returns; None when it refuses, whose words stand at the form then."""
    try:
        return deed()
    except DomainError as error:
        form.add_error(field, str(error))
        return None
