"""Accounts, profiles, requests for another category and agreements in the administration."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from core.admin import AuditedAdmin, ReadOnlyAdmin
from core.admin_lists import asks_first
from core.errors import DomainError
from core.templatetags.portal import localized_text
from participants.merge_admin import MergeableAdmin
from participants.models import Agreement, AgreementAnswer, CategoryRequest, Profile, User
from participants.requests import current_user
from participants.second_factor_admin import RecoverableAdmin
from participants.services import decide_category, next_agreement_version, publish_agreement
from participants.services.addresses import tell_address_changed
from participants.view_as_admin import ViewableAdmin

ROLES = (
    gettext_noop("Auditors"),
    gettext_noop("Coordinators"),
    gettext_noop("Evaluators"),
    gettext_noop("Hub specialists"),
    gettext_noop("Program directors"),
    gettext_noop("Pseudonym linkage"),
    gettext_noop("Support"),
)
"""The roles that migrations make, for the catalogue: in the database they have English names."""

# The provider of single sign-on is a setting, and people join their accounts to it themselves.
admin.site.unregister([SocialAccount, SocialApp, SocialToken])

# Secrets, and where people are logged in: each sees their own, on the pages of their account.
admin.site.unregister([Authenticator, UserSession])


@admin.register(User)
class UserAdmin(ViewableAdmin, RecoverableAdmin, MergeableAdmin, AuditedAdmin):
    """Accounts. Only a superuser hands out access to the administration; nobody deletes an account."""

    list_display = ["email", "name", "category", "is_active", "is_staff", "joined_at"]
    list_filter = ["is_staff", "is_active", "profile__category"]
    search_fields = ["email", "profile__legal_name", "profile__preferred_name"]
    list_select_related = ["profile"]
    ordering = ["email"]
    fields = ["email", "is_active", "is_staff", "groups", "joined_at", "last_login"]

    @admin.display(
        description=Profile._meta.get_field("legal_name").verbose_name, ordering="profile__legal_name"
    )
    def name(self, user: User) -> str:
        """The name as licensed."""
        profile = getattr(user, "profile", None)
        return profile.legal_name if profile else "–"

    @admin.display(description=Profile._meta.get_field("category").verbose_name, ordering="profile__category")
    def category(self, user: User) -> str:
        """The professional category."""
        profile = getattr(user, "profile", None)
        return str(profile.get_category_display()) if profile else "–"

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The groups are the portal's roles: boxes to tick, in the reader's language."""
        if db_field.name != "groups":
            return super().formfield_for_manytomany(db_field, request, **kwargs)
        kwargs["widget"] = forms.CheckboxSelectMultiple
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        field.label, field.help_text = _("Roles"), ""
        field.label_from_instance = lambda group: _(group.name)
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Roles are a superuser's to give, and the accounts of the staff a superuser's to change."""
        fixed = ["joined_at", "last_login"]
        if request.user.is_superuser:
            return fixed
        is_of_staff = obj is not None and (obj.is_staff or obj.is_superuser)
        return [*fixed, "is_staff", "groups", *(["email", "is_active"] if is_of_staff else [])]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save; both addresses are told of a new one, so that nobody loses an account unseen."""
        before = form.initial.get("email", "") if change and "email" in form.changed_data else ""
        super().save_model(request, obj, form, change)
        if before:
            tell_address_changed(obj, before=before, now=timezone.now())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An account is switched off, not deleted."""
        return False


@admin.register(Profile)
class ProfileAdmin(AuditedAdmin):
    """Professional profiles: a coordinator mends a name or a category here."""

    list_display = ["legal_name", "category", "profession", "licence_number", "practice_city", "account"]
    list_filter = ["category", "profession", "college", "practice_type", "practice_setting", "language"]
    search_fields = ["legal_name", "preferred_name", "user__email", "licence_number"]
    list_select_related = ["user"]
    ordering = ["legal_name"]
    readonly_fields = ["account"]
    fieldsets = [
        (None, {"fields": ["account", "legal_name", "preferred_name", "category", "profession"]}),
        (
            gettext_lazy("Licence and experience"),
            {"fields": ["college", "licence_number", "specialty", "practising_since"]},
        ),
        (
            gettext_lazy("Where they practise"),
            {
                "fields": [
                    "practice_name",
                    "practice_type",
                    "practice_setting",
                    "practice_city",
                    "postal_prefix",
                ]
            },
        ),
        # What somebody needs is read here and nowhere else: no list, no export.
        (gettext_lazy("Language and access"), {"fields": ["language", "accessibility_needs"]}),
    ]

    @admin.display(description=gettext_lazy("account"), ordering="user__email")
    def account(self, profile: Profile) -> str:
        """The account of this profile, linked."""
        url = reverse("admin:participants_user_change", args=[profile.user_id])
        return format_html('<a href="{}">{}</a>', url, profile.user.email)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People fill in their own."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A profile stays with its account."""
        return False


@admin.register(CategoryRequest)
class CategoryRequestAdmin(ReadOnlyAdmin):
    """Who has earned credit and asks for another category: granted or refused, and told by mail."""

    list_display = ["person", "now", "wanted", "reason", "status", "asked_at"]
    list_filter = ["status", "category"]
    search_fields = ["profile__legal_name", "profile__user__email"]
    list_select_related = ["profile"]
    actions = ["grant", "refuse"]

    @admin.display(description=gettext_lazy("name"), ordering="profile__legal_name")
    def person(self, request: CategoryRequest) -> str:
        """The name as licensed."""
        return request.profile.legal_name

    @admin.display(description=gettext_lazy("category now"), ordering="profile__category")
    def now(self, request: CategoryRequest) -> str:
        """What the person is counted as."""
        return _in_words(request.profile)

    @admin.display(description=gettext_lazy("asked for"), ordering="category")
    def wanted(self, request: CategoryRequest) -> str:
        """What the person wants to be counted as."""
        return _in_words(request)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Who may change requests decides them; nobody edits one."""
        return request.user.has_perm("participants.change_categoryrequest")

    @admin.action(
        description=gettext_lazy("Grant the chosen requests: the category changes"), permissions=["decide"]
    )
    @asks_first(gettext_lazy("Each earns in the category they asked for from now on, and is told by email."))
    def grant(self, request: HttpRequest, queryset: QuerySet[CategoryRequest]) -> None:
        """Change the categories, and tell their owners."""
        self._decide(request, queryset, CategoryRequest.Status.GRANTED)

    @admin.action(
        description=gettext_lazy("Refuse the chosen requests: the category stays"), permissions=["decide"]
    )
    @asks_first(gettext_lazy("Each keeps their category, and is told by email."))
    def refuse(self, request: HttpRequest, queryset: QuerySet[CategoryRequest]) -> None:
        """Leave the categories, and tell their owners."""
        self._decide(request, queryset, CategoryRequest.Status.REFUSED)

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[CategoryRequest], to: CategoryRequest.Status
    ) -> None:
        for asked in queryset:
            try:
                decide_category(request_id=asked.pk, to=to, by=current_user(request), now=timezone.now())
            except DomainError as error:
                self.message_user(request, f"{asked}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{asked}: {to.label}", messages.SUCCESS)


def _in_words(row: Profile | CategoryRequest) -> str:
    """Category, and profession where there is one."""
    return (
        f"{row.get_category_display()} ({row.get_profession_display()})"
        if row.profession
        else row.get_category_display()
    )


# --- agreements -------------------------------------------------------------------------------------------------
@admin.register(Agreement)
class AgreementAdmin(AuditedAdmin):
    """The texts in their versions. A draft is written here; published, everybody is asked, and it stays as it is."""

    list_display = ["name", "version", "published_at", "agreed", "not_agreed"]
    list_filter = ["kind"]
    fields = ["kind", "version", "title", "text", "title_fr", "text_fr", "published_at"]
    readonly_fields = ["kind", "version", "published_at"]
    actions = ["publish", "copy_to_next_version"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agreement]:
        """With how many said yes and no to each version."""
        queryset: QuerySet[Agreement] = super().get_queryset(request)
        return queryset.annotate(
            yes=Count("answers", filter=Q(answers__is_given=True)),
            no=Count("answers", filter=Q(answers__is_given=False)),
        )

    @admin.display(description=Agreement._meta.get_field("title").verbose_name, ordering="kind")
    def name(self, agreement: Agreement) -> str:
        """The title in the reader's language."""
        return localized_text(agreement, "title")

    @admin.display(description=gettext_lazy("agreed"), ordering="yes")
    def agreed(self, agreement: Any) -> int:
        """How many said yes."""
        return int(agreement.yes)

    @admin.display(description=gettext_lazy("did not agree"), ordering="no")
    def not_agreed(self, agreement: Any) -> int:
        """How many said no, or took their yes back."""
        return int(agreement.no)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A new version begins with the words of the one before, by the action."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was published is what people agreed to: it is read, not changed."""
        is_published = obj is not None and obj.published_at is not None
        return not is_published and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Versions stay on record."""
        return False

    @admin.action(
        description=gettext_lazy("Publish the chosen drafts: everybody is asked at the next log-in"),
        permissions=["change"],
    )
    @asks_first(
        gettext_lazy(
            "Everybody is asked at their next log-in. Anyone who has not agreed yet sees no link to a session."
        )
    )
    def publish(self, request: HttpRequest, queryset: QuerySet[Agreement]) -> None:
        """Put drafts into force."""
        for agreement in queryset:
            if agreement.published_at is not None:
                self.message_user(request, _("%s is published already.") % agreement, messages.WARNING)
                continue
            publish_agreement(agreement_id=agreement.pk, by=current_user(request), now=timezone.now())
            self.message_user(
                request,
                _("%s is in force: everybody is asked at the next log-in.") % agreement,
                messages.SUCCESS,
            )

    @admin.action(
        description=gettext_lazy("Make the next version of the chosen agreements, as a draft"),
        permissions=["change"],
    )
    def copy_to_next_version(self, request: HttpRequest, queryset: QuerySet[Agreement]) -> None:
        """Begin a draft with the words of the version chosen, unless one is open."""
        for agreement in queryset:
            draft = next_agreement_version(agreement_id=agreement.pk, by=current_user(request))
            url = reverse("admin:participants_agreement_change", args=[draft.pk])
            self.message_user(
                request, format_html('{} <a href="{}">{}</a>', _("The draft to edit:"), url, draft)
            )


@admin.register(AgreementAnswer)
class AgreementAnswerAdmin(ReadOnlyAdmin):
    """Who answered what and when; answers are people's own."""

    list_display = ["person", "agreement", "is_given", "answered_at"]
    list_filter = ["agreement__kind", "is_given"]
    search_fields = ["user__email", "user__profile__legal_name"]
    list_select_related = ["user__profile", "agreement"]

    @admin.display(description=gettext_lazy("name"), ordering="user__profile__legal_name")
    def person(self, answer: AgreementAnswer) -> str:
        """The name as licensed, or the address of an account without a profile."""
        return answer.user.get_full_name()
