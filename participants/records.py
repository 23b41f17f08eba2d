"""What this app keeps about a person: the account and its addresses, the profile, agreements, and how one logs in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.personal import NOBODYS, Moved, PersonalRecords, Section, addresses_of
from core.trail import blank_history, blank_reasons, blank_words, drop_history, event_model
from participants.models import (
    AccountEmail,
    AccountMerge,
    AgreementAnswer,
    CategoryRequest,
    ParticipantView,
    Profile,
    User,
)
from participants.sections import account_sections

FORGOTTEN: dict[str, Any] = {
    "preferred_name": "",
    "specialty": "",
    "practising_since": None,
    "practice_name": "",
    "practice_type": "",
    "practice_setting": "",
    "practice_city": "",
    "postal_prefix": "",
    "accessibility_needs": "",
}
"""What of a profile no record needs; the rest says who attended, in which category, with which licence."""
NAMELESS: dict[str, Any] = {**FORGOTTEN, "legal_name": "–", "college": "", "licence_number": ""}
FILLED = (
    "preferred_name",
    "college",
    "licence_number",
    "specialty",
    "practising_since",
    "practice_name",
    "practice_type",
    "practice_setting",
    "practice_city",
    "postal_prefix",
    "accessibility_needs",
)
"""What a merge fills in where the profile that stays has nothing."""


class AccountRecords(PersonalRecords):
    """The account. Its last step, the row that stays as an empty shell, is the service's."""

    def addresses(self, user: AbstractBaseUser, *, ever: bool) -> set[str]:
        """Confirmed addresses and the one of the account, unless somebody else has proven one to be theirs since.

        An address that was only typed proves nothing: whoever types yours must not get to see your mails.
        """
        account = cast("User", user)
        own = EmailAddress.objects.filter(user=account, verified=True)
        found = {account.email, *own.values_list("email", flat=True)}
        if ever:
            was_own = event_model(AccountEmail).objects.filter(user=account.pk, verified=True)
            found.update(was_own.values_list("email", flat=True))
            found.update(event_model(User).objects.filter(pgh_obj=account.pk).values_list("email", flat=True))
        found = {address.lower() for address in found if not address.endswith(NOBODYS)}
        others = EmailAddress.objects.exclude(user=account).filter(verified=True, email__in=found)
        return (
            found
            - set(others.values_list("email", flat=True))
            - set(User.objects.exclude(pk=account.pk).filter(email__in=found).values_list("email", flat=True))
        )

    def sections(self, user: AbstractBaseUser) -> Iterable[Section]:
        """Everything of the account itself."""
        return account_sections(cast("User", user))

    # --- merge ----------------------------------------------------------------------------------------------------

    def merge(
        self,
        *,
        kept: AbstractBaseUser,
        gone: AbstractBaseUser,
        by: AbstractBaseUser,
        now: datetime,
        moved: Moved,
    ) -> None:
        """Profile, agreements and addresses; what opens the account that goes ends with it."""
        to, source, actor = cast("User", kept), cast("User", gone), cast("User", by)
        _merge_profiles(to, source, by=actor, now=now, moved=moved)
        _merge_agreements(to, source, moved=moved)
        _merge_addresses(to, source, moved=moved)
        moved.add("linked_accounts", SocialAccount.objects.filter(user=source).update(user=to))
        close_doors(source)

    # --- erasure --------------------------------------------------------------------------------------------------

    def removed(self, user: AbstractBaseUser) -> Iterable[str]:
        """In the order a person would look for it."""
        account = cast("User", user)
        if account.is_active:
            yield _("your email addresses and your password: you can no longer log in")
        if Profile.objects.filter(user=account).exists():
            yield _(
                "your preferred name, specialty, practice and its place, years of practice and accessibility needs"
            )
        if CategoryRequest.objects.filter(profile__user=account).exists():
            yield _("your requests for another professional category")
        if AgreementAnswer.objects.filter(user=account).exists():
            yield _("your answers to the agreements and consents")
        if Authenticator.objects.filter(user=account).exists():
            yield _("your second factors")
        if SocialAccount.objects.filter(user=account).exists():
            yield _("the link with an account elsewhere that you log in with")
        if UserSession.objects.filter(user=account).exists():
            yield _("the list of devices you are logged in on")
        if ParticipantView.objects.filter(participant=account).exists():
            yield _("the reasons for which support saw the portal as you see it")

    def erase(self, *, user: AbstractBaseUser, now: datetime, is_kept: bool) -> None:
        """Without records that need a name, the whole profile goes; else all of it that they do not need."""
        account = cast("User", user)
        names = set(Profile.objects.filter(user=account).values_list("legal_name", flat=True)) - {"–"}
        _forget_log(account, addresses_of(account, ever=True) | names)
        of_profile = Q(profile__user=account)
        requests = list(CategoryRequest.objects.filter(of_profile).values_list("pk", flat=True))
        CategoryRequest.objects.filter(pk__in=requests).delete()
        drop_history(CategoryRequest, Q(pgh_obj__in=requests))
        if is_kept:
            Profile.objects.filter(user=account).update(**FORGOTTEN)
            blank_history(Profile, Q(user=account.pk), **FORGOTTEN)
        else:
            Profile.objects.filter(user=account).delete()
            drop_history(Profile, Q(user=account.pk))
        AgreementAnswer.objects.filter(user=account).delete()
        drop_history(AgreementAnswer, Q(user=account.pk))
        _forget_merges(account)
        blank_words(ParticipantView, ParticipantView.objects.filter(participant=account), "reason")
        close_doors(account)

    def finish_erasure(self, *, user: AbstractBaseUser) -> None:
        """The name and the licence; category and profession stay, for without a name they are nobody's."""
        Profile.objects.filter(user=user.pk).update(**NAMELESS)
        blank_history(Profile, Q(user=user.pk), **NAMELESS)


def close_doors(account: User) -> None:
    """End every session, and remove second factors, links and roles: nothing opens this account any more."""
    for session in UserSession.objects.filter(user=account):
        session.end()
    UserSession.objects.filter(user=account).delete()
    Authenticator.objects.filter(user=account).delete()
    SocialAccount.objects.filter(user=account).delete()
    account.groups.clear()
    account.user_permissions.clear()


def _merge_profiles(kept: User, gone: User, *, by: User, now: datetime, moved: Moved) -> None:
    """The profile that stays wins; what it leaves open is filled in. Where there is none, the other one moves."""
    theirs = Profile.objects.filter(user=gone).first()
    if theirs is None:
        return
    own = Profile.objects.filter(user=kept).first()
    if own is None:
        theirs.user = kept
        theirs.save(update_fields=["user"])
        moved.add("profiles", 1)
        return
    filled = [name for name in FILLED if not getattr(own, name) and getattr(theirs, name)]
    for name in filled:
        setattr(own, name, getattr(theirs, name))
    if filled:
        own.save(update_fields=filled)
        moved.add("profile_fields", len(filled))
    requests = CategoryRequest.objects.filter(profile=theirs)
    if CategoryRequest.objects.filter(profile=own, status=CategoryRequest.Status.OPEN).exists():
        # One request is open at a time: that of the account that stays.
        requests.filter(status=CategoryRequest.Status.OPEN).update(
            status=CategoryRequest.Status.REFUSED, decided_at=now, decided_by=by
        )
    moved.add("category_requests", requests.update(profile=own))
    theirs.delete()


def _merge_agreements(kept: User, gone: User, *, moved: Moved) -> None:
    """The later answer to a text is the one that counts."""
    own = {answer.agreement_id: answer for answer in AgreementAnswer.objects.filter(user=kept)}
    for theirs in AgreementAnswer.objects.filter(user=gone).order_by("agreement_id"):
        mine = own.get(theirs.agreement_id)
        if mine is None:
            theirs.user = kept
            theirs.save(update_fields=["user"])
        else:
            later = theirs.answered_at > mine.answered_at
            theirs.delete()
            if not later:
                continue
            mine.is_given, mine.answered_at = theirs.is_given, theirs.answered_at
            mine.save(update_fields=["is_given", "answered_at"])
        moved.add("agreement_answers", 1)


def _merge_addresses(kept: User, gone: User, *, moved: Moved) -> None:
    """Every address becomes a further one of the account that stays, confirmed if it was: each opens it."""
    addresses = list(EmailAddress.objects.filter(user=gone).order_by("pk"))
    if gone.email not in {address.email for address in addresses}:
        addresses.append(EmailAddress(user=gone, email=gone.email))
    for address in addresses:
        own = EmailAddress.objects.filter(user=kept, email=address.email).first()
        if own is not None:
            is_proven = address.verified and not own.verified
            if address.pk:
                address.delete()
            if is_proven:
                own.verified = True
                own.save(update_fields=["verified"])
            continue
        address.user, address.primary = kept, False
        address.save()
        moved.add("addresses", 1)


def _forget_merges(account: User) -> None:
    """What a merge into this account tells of the other one's address, and what was written as its reason."""
    merges = AccountMerge.objects.filter(kept=account)
    for merge in merges:
        nobody = {"gone_email": f"merged-{merge.gone_id}@merged.invalid", "reason": "–"}
        AccountMerge.objects.filter(pk=merge.pk).update(**nobody)
        blank_history(AccountMerge, Q(pgh_obj=merge.pk), **nobody)
        blank_reasons(AccountMerge, Q(pgh_obj=merge.pk))


def _forget_log(account: User, words: set[str]) -> None:
    """The administration's own log names what was changed by its address or its name."""
    content = Q(content_type__app_label="participants", content_type__model="user", object_id=str(account.pk))
    named = Q()
    for word in words:
        named |= Q(object_repr__icontains=word) | Q(change_message__icontains=word)
    LogEntry.objects.filter(content | named).update(object_repr=pgettext("log", "erased"), change_message="")
