"""What the account's own records say to their owner, heading by heading."""

import json
from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.personal import Choice, Section, choice
from core.templatetags.portal import localized_text
from core.trail import changes, changes_section
from participants.models import (
    AccountEmail,
    AccountMerge,
    AgreementAnswer,
    CategoryRequest,
    Erasure,
    ParticipantView,
    Profile,
    User,
)

PROFILE_FIELDS = (
    "legal_name",
    "preferred_name",
    "category",
    "profession",
    "college",
    "licence_number",
    "specialty",
    "practising_since",
    "practice_name",
    "practice_type",
    "practice_setting",
    "practice_city",
    "postal_prefix",
    "language",
    "accessibility_needs",
)


def account_sections(user: User) -> Iterable[Section]:
    """In the order one would look for them."""
    yield Section(
        key="account",
        title=_("Account"),
        labels={
            "email": _("Email address"),
            "joined_at": _("Joined"),
            "last_login": _("Last log-in"),
            "is_active": _("Active"),
            "is_staff": _("Has access to the administration"),
            "roles": _("Roles"),
        },
        rows=[
            {
                "email": user.email,
                "joined_at": user.joined_at,
                "last_login": user.last_login,
                "is_active": user.is_active,
                "is_staff": user.is_staff,
                "roles": ", ".join(user.groups.order_by("name").values_list("name", flat=True)),
            }
        ],
    )
    yield _profile(user)
    yield Section(
        key="addresses",
        title=_("Email addresses"),
        labels={"email": _("Address"), "is_confirmed": _("Confirmed"), "is_primary": _("Primary")},
        rows=[
            {"email": address.email, "is_confirmed": address.verified, "is_primary": address.primary}
            for address in EmailAddress.objects.filter(user=user).order_by("pk")
        ],
    )
    yield _requests(user)
    yield _agreements(user)
    yield from _log_in(user)
    yield _looks(user)
    yield from _ends(user)
    owners = {user.pk}
    yield changes_section(
        [
            *changes(User, Q(pgh_obj=user.pk), fields=["email", "is_active", "is_staff"], owners=owners),
            *changes(AccountEmail, Q(user=user.pk), fields=["email", "verified", "primary"], owners=owners),
            *changes(Profile, Q(user=user.pk), fields=list(PROFILE_FIELDS), owners=owners),
        ]
    )


def _profile(user: User) -> Section:
    columns: dict[str, Any] = {name: Profile._meta.get_field(name) for name in PROFILE_FIELDS}
    return Section(
        key="profile",
        title=_("Profile"),
        labels={name: _capital(column) for name, column in columns.items()},
        rows=[
            {
                name: choice(profile, name) if column.choices else getattr(profile, name)
                for name, column in columns.items()
            }
            for profile in Profile.objects.filter(user=user)
        ],
    )


def _capital(field: Any) -> str:
    label = str(field.verbose_name)
    return label[:1].upper() + label[1:]


def _requests(user: User) -> Section:
    requests = CategoryRequest.objects.filter(profile__user=user).order_by("asked_at", "pk")
    return Section(
        key="category_requests",
        title=_("Requests for another category"),
        labels={
            "category": _("Professional category"),
            "profession": _("Profession"),
            "reason": _("Reason"),
            "status": _("Status"),
            "asked_at": _("Asked"),
            "decided_at": _("Decided"),
        },
        rows=[
            {
                "category": choice(request, "category"),
                "profession": choice(request, "profession"),
                "reason": request.reason,
                "status": choice(request, "status"),
                "asked_at": request.asked_at,
                "decided_at": request.decided_at,
            }
            for request in requests
        ],
    )


def _agreements(user: User) -> Section:
    answers = AgreementAnswer.objects.filter(user=user).select_related("agreement")
    return Section(
        key="agreements",
        title=_("Agreements and consents"),
        labels={
            "agreement": _("Agreement"),
            "version": _("Version"),
            "is_given": _("Agreed"),
            "answered_at": _("Answered"),
        },
        rows=[
            {
                "agreement": localized_text(answer.agreement, "title"),
                "version": answer.agreement.version,
                "is_given": answer.is_given,
                "answered_at": answer.answered_at,
            }
            for answer in answers.order_by("answered_at", "pk")
        ],
    )


def _log_in(user: User) -> Iterable[Section]:
    """How one gets in; the secrets themselves are never read out."""
    yield Section(
        key="second_factors",
        title=_("Second factors"),
        labels={
            "kind": _("Kind"),
            "name": _("Name"),
            "set_up_at": _("Set up"),
            "last_used_at": _("Last used"),
        },
        rows=[
            {
                "kind": Choice(factor.type, str(factor.get_type_display())),
                "name": factor.data.get("name", ""),
                "set_up_at": factor.created_at,
                "last_used_at": factor.last_used_at,
            }
            for factor in Authenticator.objects.filter(user=user).order_by("pk")
        ],
    )
    yield Section(
        key="linked_accounts",
        title=_("Accounts elsewhere that you log in with"),
        labels={
            "provider": _("Provider"),
            "uid": _("ID at the provider"),
            "linked_at": _("Linked"),
            "last_used_at": _("Last used"),
            "told": _("What the provider told"),
        },
        rows=[
            {
                "provider": linked.provider,
                "uid": linked.uid,
                "linked_at": linked.date_joined,
                "last_used_at": linked.last_login,
                "told": json.dumps(linked.extra_data, ensure_ascii=False, sort_keys=True),
            }
            for linked in SocialAccount.objects.filter(user=user).order_by("pk")
        ],
    )
    yield Section(
        key="sessions",
        title=_("Where you are logged in"),
        labels={
            "device": _("Device"),
            "ip": _("Network address"),
            "began_at": _("Logged in"),
            "last_seen_at": _("Last seen"),
        },
        rows=[
            {
                "device": session.user_agent,
                "ip": session.ip,
                "began_at": session.created_at,
                "last_seen_at": session.last_seen_at,
            }
            for session in UserSession.objects.filter(user=user).order_by("pk")
        ],
    )


def _looks(user: User) -> Section:
    """When support looked through this person's eyes, for what, and at how much."""
    views = ParticipantView.objects.filter(participant=user).annotate(count=Count("pages"))
    return Section(
        key="looks",
        title=_("When support saw the portal as you see it"),
        labels={
            "started_at": pgettext("look", "Began"),
            "ended_at": pgettext("look", "Ended"),
            "reason": _("Reason"),
            "pages": _("Pages looked at"),
        },
        rows=[
            {
                "started_at": view.started_at,
                "ended_at": view.ended_at,
                "reason": view.reason,
                "pages": view.count,
            }
            for view in views.order_by("started_at", "pk")
        ],
    )


def _ends(user: User) -> Iterable[Section]:
    yield Section(
        key="merges",
        title=_("Accounts merged into this one"),
        labels={
            "email": _("Its address"),
            "reason": _("Reason"),
            "merged_at": pgettext("accounts", "Merged"),
        },
        rows=[
            {"email": merge.gone_email, "reason": merge.reason, "merged_at": merge.merged_at}
            for merge in AccountMerge.objects.filter(kept=user).order_by("merged_at", "pk")
        ],
    )
    yield Section(
        key="erasure",
        title=_("Erasure"),
        labels={
            "asked_at": _("Asked"),
            "kept_until": _("Records kept until"),
            "finished_at": _("Finished"),
        },
        rows=[
            {
                "asked_at": erasure.asked_at,
                "kept_until": erasure.kept_until,
                "finished_at": erasure.finished_at,
            }
            for erasure in Erasure.objects.filter(user=user)
        ],
    )
