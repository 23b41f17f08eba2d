"""Accounts and profiles in the administration."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from core.admin import AuditedAdmin
from participants.models import Profile, User


@admin.register(User)
class UserAdmin(AuditedAdmin):
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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Roles are a superuser's to give."""
        fixed = ["joined_at", "last_login"]
        return fixed if request.user.is_superuser else [*fixed, "is_staff", "groups"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An account is switched off, not deleted."""
        return False


@admin.register(Profile)
class ProfileAdmin(AuditedAdmin):
    """Professional profiles: a coordinator mends a name or a category here."""

    list_display = ["legal_name", "category", "profession", "licence_number", "practice_city", "account"]
    list_filter = ["category", "profession", "language"]
    search_fields = ["legal_name", "preferred_name", "user__email", "licence_number"]
    list_select_related = ["user"]
    ordering = ["legal_name"]
    exclude = ["user"]
    readonly_fields = ["account"]

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
