"""All that the portal holds about one person, put together from what each app's records say."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.personal import Choice, Kept, Section, personal_records
from core.templatetags.portal import eastern, eastern_date, quarter_hours, to_eastern
from participants.models import AccountMerge, User


def accounts_of(user: User) -> list[User]:
    """The account, and every account that was merged into it, directly or by way of another."""
    accounts, ids = [user], {user.pk}
    layer = {user.pk}
    while layer:
        merges = AccountMerge.objects.filter(kept__in=layer).exclude(gone__in=ids).select_related("gone")
        found = [merge.gone for merge in merges.order_by("merged_at", "pk")]
        accounts += found
        layer = {account.pk for account in found}
        ids |= layer
    return accounts


def sections_of(accounts: Iterable[User]) -> list[Section]:
    """What is held, heading by heading; what several apps or accounts tell under one heading stands together."""
    merged: dict[str, Section] = {}
    for part in personal_records():
        for account in accounts:
            for section in part.sections(account):
                known = merged.get(section.key)
                rows = known.rows + section.rows if known else section.rows
                merged[section.key] = replace(section, rows=rows)
    if changes := merged.pop("changes", None):
        newest_first = sorted(changes.rows, key=lambda row: row["when"], reverse=True)
        merged["changes"] = replace(changes, rows=newest_first)
    first = [merged.pop(key) for key in ("account", "profile") if key in merged]
    return [*first, *merged.values()]


def kept_of(accounts: Iterable[User]) -> list[Kept]:
    """What outlives an erasure."""
    return [kept for part in personal_records() for account in accounts for kept in part.kept(account)]


def removed_of(accounts: Iterable[User]) -> list[str]:
    """What an erasure removes at once, each phrase once: the account first, the mails last."""
    *upper, mails = personal_records()
    phrases = [
        phrase
        for part in [*reversed(upper), mails]
        for account in accounts
        for phrase in part.removed(account)
    ]
    return list(dict.fromkeys(phrases))


def for_machines(value: Any) -> Any:
    """A value as JSON has it: moments with their zone, figures as text that loses nothing, codes of choices."""
    match value:
        case Choice():
            return value.code
        case datetime():
            return to_eastern(value).isoformat()
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
    return value


def for_people(value: Any) -> str:
    """A value in the words of the active language."""
    match value:
        case None | "":
            return "–"
        case bool():
            return _("Yes") if value else _("No")
        case Choice():
            return value.words or "–"
        case datetime():
            return eastern(value)
        case date():
            return eastern_date(value)
        case Decimal():
            return quarter_hours(value)
    return str(value)
