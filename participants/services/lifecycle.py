"""How accounts end: two of one person become one, or somebody asks to be erased."""

from collections.abc import Iterable
from datetime import date, datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError, MoveRefusedError, NotAllowedError
from core.personal import Kept, Moved, personal_records
from core.trail import blank_history
from outbox.records import forget_sent_mails
from outbox.services import queue_mail
from participants.holdings import accounts_of, kept_of
from participants.models import AccountEmail, AccountMerge, Erasure, Profile, User

MAX_REASON = 300


# --- merging --------------------------------------------------------------------------------------------------------


def why_not_this_account(account: User) -> str:
    """Why the account can be merged with no other, as a sentence; empty when it can."""
    if account.is_staff or account.is_superuser:
        return _(
            "%(email)s has access to the administration. Remove that access first, or keep the account "
            "separate."
        ) % {"email": account.email}
    if AccountMerge.objects.filter(gone=account).exists():
        return _("%(email)s was merged into another account already.") % {"email": account.email}
    if Erasure.objects.filter(user=account).exists():
        return _("%(email)s was erased at its owner's wish.") % {"email": account.email}
    return ""


def why_not_merge(*, kept: User, gone: User) -> str:
    """Why the two cannot be merged in this direction, as a sentence; empty when they can."""
    if kept.pk == gone.pk:
        return _("Choose another account: this is the same one.")
    if refusal := why_not_this_account(kept) or why_not_this_account(gone):
        return refusal
    refusals = (part.refuse_merge(kept=kept, gone=gone) for part in personal_records())
    return next((refusal for refusal in refusals if refusal), "")


@transaction.atomic
def merge_accounts(*, kept_id: int, gone_id: int, by: User, reason: str, now: datetime) -> AccountMerge:
    """Give everything that the account `gone_id` owns to `kept_id`, and record it. Merging twice merges once.

    What anybody decided or recorded as staff stays under the account that did it. The account that goes becomes an
    inactive shell; its addresses open the one that stays, and both addresses are told by mail.
    Raises BadInputError without a reason, and MoveRefusedError where `why_not_merge` names one.
    """
    reason = " ".join(reason.split())[:MAX_REASON]
    if not reason:
        raise BadInputError(
            _("Say how you know that both accounts are the same person's: an auditor will ask.")
        )
    accounts = _locked(kept_id, gone_id)
    done = AccountMerge.objects.filter(kept=kept_id, gone=gone_id).first()
    if done is not None:
        return done
    kept, gone = accounts[kept_id], accounts[gone_id]
    if refusal := why_not_merge(kept=kept, gone=gone):
        raise MoveRefusedError(refusal)
    gone_email, moved = gone.email, Moved()
    with audit.act("account.merge", by=by, reason=reason):
        for part in reversed(personal_records()):
            part.prepare_merge(kept=kept, gone=gone)
        for part in personal_records():
            part.merge(kept=kept, gone=gone, by=by, now=now, moved=moved)
        _make_shell(gone, email=f"merged-{gone.pk}@merged.invalid")
        merge = AccountMerge.objects.create(
            kept=kept,
            gone=gone,
            gone_email=gone_email,
            reason=reason,
            moved=moved.counts,
            merged_at=now,
            merged_by=by,
        )
        _tell_merged(merge)
    return merge


def _locked(*ids: int) -> dict[int, User]:
    """The accounts, their rows locked in the order of their ids.

    The lock lets others refer to the account: whoever applies to a cycle holds the cycle, which we lock next.
    """
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    accounts = {account.pk: account for account in rows}
    if missing := set(ids) - accounts.keys():
        raise BadInputError(_("There is no account number %(number)d.") % {"number": min(missing)})
    return accounts


def _make_shell(account: User, *, email: str) -> None:
    """Leave an account that nobody can log in to, so that what it once decided keeps its actor."""
    account.email, account.is_active, account.last_login = email, False, None
    account.set_unusable_password()
    account.save(update_fields=["email", "is_active", "last_login", "password"])


def _tell_merged(merge: AccountMerge) -> None:
    profile = Profile.objects.filter(user=merge.kept_id).first()
    for place, address in enumerate([merge.kept.email, merge.gone_email]):
        queue_mail(
            key=f"account-merged:{merge.pk}:{place}",
            kind="account",
            to=address,
            template="participants/mail/merged",
            context={
                "name": (profile.preferred_name or profile.legal_name) if profile else merge.kept.email,
                "kept_email": merge.kept.email,
                "gone_email": merge.gone_email,
                "url": settings.PORTAL_URL + reverse("participants:own-data"),
            },
            language=profile.language if profile else "en",
        )


# --- erasure --------------------------------------------------------------------------------------------------------


def records_end(kept: Iterable[Kept]) -> date | None:
    """Until when a person's name stays with records that must be kept; None when nothing must."""
    return max((record.until for record in kept if record.needs_name and record.until), default=None)


@transaction.atomic
def erase_account(*, user: User, by: User, now: datetime) -> Erasure:
    """Remove what the portal holds about `user`; what law or accreditation keeps stays until its time is over.

    The addresses hear of it in a last mail, which is forgotten when it is sent. Accounts that were merged into this
    one are erased with it. Erasing twice changes nothing.
    Raises NotAllowedError for whoever works in the administration: their decisions are part of other people's records,
    so the one who gave them their access takes it away first.
    """
    user = _locked(user.pk)[user.pk]
    done = Erasure.objects.filter(user=user).first()
    if done is not None:
        return done
    if user.is_staff or user.is_superuser:
        raise NotAllowedError(
            _("You have access to the administration. Ask whoever gave it to you to remove it first.")
        )
    if AccountMerge.objects.filter(gone=user).exists():
        raise MoveRefusedError(_("This account was merged into another one: that one can be erased."))
    accounts = accounts_of(user)
    kept_until = records_end(kept_of(accounts))
    with audit.act("account.erase", by=by):
        _tell_erased(user, accounts, kept_until=kept_until)
        for account in accounts:
            for part in personal_records():
                part.erase(user=account, now=now, is_kept=kept_until is not None)
            if kept_until is None:
                _finish(account)
        for account in accounts:
            _forget_addresses(account)
        return Erasure.objects.create(
            user=user,
            asked_at=now,
            kept_until=kept_until,
            finished_at=now if kept_until is None else None,
        )


def _forget_addresses(account: User) -> None:
    """The last step: the account's row and its history know no address any more."""
    if not account.email.endswith("@merged.invalid"):
        _make_shell(account, email=f"erased-{account.pk}@erased.invalid")
    EmailAddress.objects.filter(user=account).delete()
    blank_history(User, Q(pgh_obj=account.pk), email=account.email)
    blank_history(AccountEmail, Q(user=account.pk), email=account.email)


def _tell_erased(user: User, accounts: list[User], *, kept_until: date | None) -> None:
    profile = Profile.objects.filter(user=user).first()
    language = profile.language if profile else "en"
    with translation.override(language):
        kept = kept_of(accounts)
    queue_mail(
        key=f"account-erased:{user.pk}",
        kind="account",
        to=user.email,
        template="participants/mail/erased",
        context={
            "name": (profile.preferred_name or profile.legal_name) if profile else user.email,
            "kept": kept,
            "kept_until": kept_until,
            "url": settings.PORTAL_URL + reverse("core:privacy"),
        },
        language=language,
    )


def _finish(account: User) -> None:
    for part in personal_records():
        part.finish_erasure(user=account)


def finish_erasures(*, now: datetime) -> int:
    """Blank what was kept of people whose records' time is over, and forget the last mails to those who were erased.

    Returns how many people were finished; each is a transaction of its own. Running it twice changes nothing.
    """
    today = timezone.localdate(now)
    due = Erasure.objects.filter(finished_at__isnull=True, kept_until__lt=today).order_by("pk")
    finished = sum(_finish_erasure(pk, now=now) for pk in due.values_list("pk", flat=True))
    with transaction.atomic():
        forget_sent_mails()
    return finished


@transaction.atomic
def _finish_erasure(erasure_id: int, *, now: datetime) -> bool:
    erasure = Erasure.objects.select_for_update(of=("self",)).select_related("user").get(pk=erasure_id)
    if erasure.finished_at is not None:
        return False
    with audit.act("account.finish-erasure", by=None):
        for account in accounts_of(erasure.user):
            _finish(account)
        erasure.finished_at = now
        erasure.save(update_fields=["finished_at"])
    return True
