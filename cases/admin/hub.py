"""The hub's team, its library of suggestions, and the letters it signed, without a word of them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.deidentification.findings import Finding
from cases.finding_texts import finding_words
from cases.models import HubMember, RecommendationLetter, SuggestedRecommendation
from cases.screening import IdentifiersFoundError, refuse_identifiers
from cases.services import release_letter
from core.admin import AuditedAdmin, ReadOnlyAdmin
from core.admin_lists import asks_first
from core.errors import DomainError
from core.templatetags.portal import labelled
from participants.models import User
from participants.requests import current_user


@admin.register(HubMember)
class HubMemberAdmin(AuditedAdmin):
    """Who answers the cases of a program, and who signs for the hub."""

    list_display = ["name", "program", "role", "title", "may_sign", "is_active"]
    list_filter = ["program", "role", "may_sign", "is_active"]
    list_select_related = ["program", "user__profile"]
    search_fields = ["user__email", "user__profile__legal_name"]

    @admin.display(description=gettext_lazy("person"), ordering="user__profile__legal_name")
    def name(self, member: HubMember) -> str:
        """The name as licensed, or the address."""
        return member.user.get_full_name()

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Only accounts that work in the administration: a second factor protects what the hub reads."""
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(is_staff=True, is_active=True).order_by("email")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: HubMember | None = None) -> list[str]:
        """Who it is stays: what somebody has written is signed with their name."""
        return ["program", "user"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody is deleted from the team; who leaves is no longer active."""
        return False


class SuggestionForm(forms.ModelForm[SuggestedRecommendation]):
    """A suggestion goes into letters about other patients: it names nobody."""

    def clean(self) -> dict[str, Any]:
        """What identifies is refused, as in every text about a case."""
        values = super().clean() or {}
        texts = {key: values[key] for key in ("text", "text_fr") if values.get(key)}
        try:
            self.asks = refuse_identifiers(texts)
        except IdentifiersFoundError as error:
            self.asks = {}
            for key, findings in error.findings.items():
                self.add_error(key, list(dict.fromkeys(_sentence(finding) for finding in findings)))
        return values


@admin.register(SuggestedRecommendation)
class SuggestedRecommendationAdmin(AuditedAdmin):
    """What the hub takes over into its recommendations."""

    form = SuggestionForm
    list_display = ["beginning", "heading", "program", "is_active", "added_at"]
    list_filter = ["program", "heading", "is_active"]
    list_select_related = ["program"]
    search_fields = ["text", "text_fr"]

    @admin.display(description=gettext_lazy("text"))
    def beginning(self, suggestion: SuggestedRecommendation) -> str:
        """Its first words."""
        return suggestion.text if len(suggestion.text) <= 80 else f"{suggestion.text[:80]}…"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep it, and say what the screen would have asked about."""
        super().save_model(request, obj, form, change)
        if form.asks:
            self.message_user(
                request,
                _("Kept. Look at it once more: something in it may identify somebody."),
                messages.WARNING,
            )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was offered once stays on record; it can be offered no longer."""
        return False


@admin.register(RecommendationLetter)
class RecommendationLetterAdmin(ReadOnlyAdmin):
    """Which letters were signed, and when the cycle sees them; what they say is read on their page."""

    list_display = ["case", "number", "signed_name", "signed_at", "visible_to_cycle_at"]
    list_filter = ["case__presenter__cycle"]
    list_select_related = ["case"]
    search_fields = ["case__echo_id"]
    exclude = ["opening", "items", "correction"]
    actions = ["release"]

    def has_release_permission(self, request: HttpRequest) -> bool:
        """Who may let a cycle see letters."""
        return request.user.has_perm("cases.change_recommendationletter")

    @admin.action(description=gettext_lazy("Let the cycle read it now"), permissions=["release"])
    @asks_first(gettext_lazy("The participants of the cycle can read these letters."))
    def release(self, request: HttpRequest, queryset: QuerySet[RecommendationLetter]) -> None:
        """Release the chosen letters; who of them is released already stays as they are."""
        done = 0
        for letter in queryset.order_by("signed_at", "pk"):
            try:
                release_letter(letter_id=letter.pk, by=current_user(request), now=timezone.now())
            except DomainError as error:
                self.message_user(request, labelled(letter, error), messages.ERROR)
            else:
                done += 1
        if done:
            self.message_user(
                request,
                ngettext(
                    "The cycle can read %(count)d letter.", "The cycle can read %(count)d letters.", done
                )
                % {"count": done},
                messages.SUCCESS,
            )


def _sentence(finding: Finding) -> str:
    words = finding_words(finding.kind, finding.reason)
    return f"{words.label}. {words.why} {words.instead}"
