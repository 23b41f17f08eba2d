"""Merging two accounts of one person in the administration, and the records of merges and erasures."""

from itertools import groupby
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
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.admin import PortalAdmin, ReadOnlyAdmin
from core.errors import DomainError
from core.forms import PortalFormMixin
from core.templatetags.portal import eastern, eastern_date
from participants.holdings import accounts_of, sections_of
from participants.models import AccountMerge, Erasure, User
from participants.requests import current_user
from participants.services import merge_accounts, why_not_merge
from participants.services.lifecycle import MAX_REASON, why_not_this_account
from participants.twins import found_by, likely_twins

if TYPE_CHECKING:
    Base = PortalAdmin
else:
    Base = object

MOVED = {
    "enrolments": gettext_lazy("enrolments"),
    "enrolments_joined": gettext_lazy("enrolments in the same cycle, joined"),
    "attendances": gettext_lazy("attendances"),
    "application_answers": gettext_lazy("answers on applications"),
    "responses": gettext_lazy("surveys"),
    "survey_extensions": gettext_lazy("extensions of surveys"),
    "pseudonyms": gettext_lazy("pseudonyms"),
    "case_readings": gettext_lazy("readings of cases"),
    "recommendations": gettext_lazy("recommendations"),
    "hub_memberships": gettext_lazy("memberships of hubs"),
    "cases": gettext_lazy("cases"),
    "certificates": gettext_lazy("certificates"),
    "invitations": gettext_lazy("invitations"),
    "slots": gettext_lazy("presenter slots"),
    "names_on_reports": gettext_lazy("names on reports"),
    "aliases": gettext_lazy("remembered names"),
    "calendars": gettext_lazy("calendars"),
    "profiles": gettext_lazy("profiles"),
    "profile_fields": gettext_lazy("fields of the profile, filled in"),
    "category_requests": gettext_lazy("requests for another category"),
    "agreement_answers": gettext_lazy("answers to agreements"),
    "addresses": gettext_lazy("addresses"),
    "linked_accounts": gettext_lazy("links with accounts elsewhere"),
}
"""What a merge counts, in words."""


def called(account: User) -> str:
    """Name and address; without a profile the address is all there is."""
    name = account.get_full_name()
    return account.email if name == account.email else f"{name}, {account.email}"


class MergeForm(PortalFormMixin, forms.Form):
    """Which account stays, and how one knows that both are one person's."""

    kept = forms.ChoiceField(
        label=gettext_lazy("Account that stays"),
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "This account’s password is the one used to log in. Its profile wins where the two differ."
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MAX_REASON,
        help_text=gettext_lazy(
            "How you know that both are the same person's. Kept on record; an auditor will ask."
        ),
    )

    def __init__(self, *args: Any, accounts: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.fields["kept"]
        assert isinstance(kept, forms.ChoiceField)
        kept.choices = [(str(account.pk), called(account)) for account in accounts]


class MergeableAdmin(Base):
    """Adds "Merge with another account…" to the page of an account."""

    change_form_template = "admin/participants/user_change.html"

    def get_urls(self) -> list[URLPattern]:
        """The merge beside the usual pages."""
        view = self.admin_site.admin_view(self.merge_view)
        return [path("<int:pk>/merge/", view, name="participants_user_merge"), *super().get_urls()]

    def merge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Choose the other account; then look at both side by side, choose which stays, and merge."""
        if not request.user.has_perm("participants.add_accountmerge"):
            raise PermissionDenied
        account = get_object_or_404(User.objects.select_related("profile"), pk=pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Merge two accounts"),
            "opts": self.opts,
            "account": account,
        }
        # Only accounts that who asks may see: a merge gives the one everything of the other.
        among = self._limited(request, User.objects.all())
        if other_id := request.GET.get("with", ""):
            other = among.select_related("profile").filter(
                pk=int(other_id) if other_id.isascii() and other_id.isdigit() and len(other_id) < 18 else 0
            )
            return self._confirm(request, account, get_object_or_404(other), context)
        words = request.GET.get("q", "")
        context |= {
            "words": words,
            "called": called(account),
            "found": [_in_line(other) for other in found_by(words, among=among, besides=account)],
            "twins": [
                (why, [_in_line(twin.account) for twin in twins])
                for why, twins in groupby(likely_twins(account, among=among), key=lambda twin: twin.why)
            ],
            "refusal": why_not_this_account(account),
        }
        return TemplateResponse(request, "admin/participants/merge_choose.html", context)

    def _confirm(
        self, request: HttpRequest, account: User, other: User, context: dict[str, Any]
    ) -> HttpResponse:
        pair = [account, other]
        refusals = {
            str(kept.pk): why_not_merge(kept=kept, gone=gone) for kept, gone in (pair, reversed(pair))
        }
        open_ways = [one for one in pair if not refusals[str(one.pk)]]
        form = MergeForm(request.POST if request.method == "POST" else None, accounts=open_ways)
        if request.method == "POST" and form.is_valid():
            kept = next(one for one in pair if str(one.pk) == form.cleaned_data["kept"])
            gone = other if kept == account else account
            try:
                merge = merge_accounts(
                    kept_id=kept.pk,
                    gone_id=gone.pk,
                    by=current_user(request),
                    reason=form.cleaned_data["reason"],
                    now=timezone.now(),
                )
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                self.message_user(
                    request,
                    _("%(gone)s was merged into this account.") % {"gone": merge.gone_email},
                    messages.SUCCESS,
                )
                return redirect("admin:participants_user_change", kept.pk)
        context |= {
            "other": other,
            "rows": _side_by_side(account, other),
            "form": form if open_ways else None,
            "refusals": list(dict.fromkeys(refusal for refusal in refusals.values() if refusal)),
        }
        return TemplateResponse(
            request, "admin/participants/merge_confirm.html", context, status=422 if form.errors else 200
        )


def _in_line(account: User) -> tuple[int, str, str, str]:
    """An account as a line of a table: number, name and address, licence, since when."""
    profile = getattr(account, "profile", None)
    licence = profile.licence_number if profile else ""
    return account.pk, called(account), licence or "–", eastern_date(account.joined_at)


def _side_by_side(*pair: User) -> list[tuple[str, list[str]]]:
    """What each of the two is and has, line by line."""
    profiles = [getattr(account, "profile", None) for account in pair]
    rows = [
        (_("Email address"), [account.email for account in pair]),
        (_("Name as licensed"), [profile.legal_name if profile else "–" for profile in profiles]),
        (
            _("Professional category"),
            [str(profile.get_category_display()) if profile else "–" for profile in profiles],
        ),
        (
            _("Licence number"),
            [(profile.licence_number or "–") if profile else "–" for profile in profiles],
        ),
        (_("Joined"), [eastern(account.joined_at) for account in pair]),
        (
            _("Last log-in"),
            [eastern(account.last_login) if account.last_login else "–" for account in pair],
        ),
    ]
    held = [{section.key: section for section in sections_of(accounts_of(account))} for account in pair]
    for key, section in held[0].items():
        counts = [len(one[key].rows) for one in held]
        if key not in {"account", "profile", "changes"} and any(counts):
            rows.append((section.title, [str(count) for count in counts]))
    return rows


@admin.register(AccountMerge)
class AccountMergeAdmin(ReadOnlyAdmin):
    """Which accounts were merged, by whom and why. A merge begins on the page of an account."""

    list_display = ["gone_email", "kept", "reason", "merged_at", "merged_by"]
    search_fields = ["gone_email", "kept__email", "kept__profile__legal_name"]
    list_select_related = ["kept", "merged_by"]
    date_hierarchy = "merged_at"
    fields = ["kept", "gone", "gone_email", "reason", "what_moved", "merged_at", "merged_by"]

    @admin.display(description=gettext_lazy("what moved"))
    def what_moved(self, merge: AccountMerge) -> str:
        """The counts in words."""
        return ", ".join(f"{MOVED.get(what, what)}: {count}" for what, count in merge.moved.items()) or "–"


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    """Who asked to be erased, and until when records of theirs are kept."""

    list_display = ["user", "name", "asked_at", "kept_until", "finished_at"]
    list_select_related = ["user__profile"]
    date_hierarchy = "asked_at"

    @admin.display(description=pgettext_lazy("person", "name"))
    def name(self, erasure: Erasure) -> str:
        """The name that is kept with the records, as long as it is."""
        profile = getattr(erasure.user, "profile", None)
        return profile.legal_name if profile else "–"
