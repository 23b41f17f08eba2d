"""Finding the other account of a person: by what was typed, or by what looks alike."""

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from participants.models import Profile, User

TITLES = frozenset(
    {"dr", "dre", "prof", "md", "np", "rn", "rpn", "phd", "msc", "bsc", "ccfp", "frcpc", "mme", "mr", "ms"}
)
ALIKE = 0.86
"""How much of two names must agree: Noe Lefebvre Cote and Noé Lefèbvre-Côté do, Anna Lee and Hanna Levy do not."""
LIMIT = 10


@dataclass(frozen=True, slots=True)
class Twin:
    """An account that may be the same person's, and what speaks for it."""

    account: User
    why: str


def mergeable() -> QuerySet[User]:
    """Accounts that are still somebody's, with their profiles."""
    return User.objects.filter(merged_by__isnull=True, erasure__isnull=True).select_related("profile")


def found_by(words: str, *, among: QuerySet[User], besides: User) -> list[User]:
    """Those of `among` by an address, a name or a licence number, or a part of one."""
    words = " ".join(words.split())
    if not words:
        return []
    match = (
        Q(email__icontains=words)
        | Q(emailaddress__email__icontains=words)
        | Q(profile__legal_name__icontains=words)
        | Q(profile__preferred_name__icontains=words)
        | Q(profile__licence_number__iexact=words)
    )
    found = mergeable().filter(match, pk__in=among).exclude(pk=besides.pk)
    return list(found.order_by("email").distinct()[: 2 * LIMIT])


def likely_twins(account: User, *, among: QuerySet[User]) -> list[Twin]:
    """Those of `among` with the same licence number, then those with a name alike."""
    profile = Profile.objects.filter(user=account).first()
    if profile is None:
        return []
    why: dict[int, str] = {}
    others = Profile.objects.exclude(user=account).filter(user__in=among)
    if profile.licence_number:
        same = others.filter(licence_number__iexact=profile.licence_number)
        why |= dict.fromkeys(same.values_list("user_id", flat=True), _("The same licence number"))
    name = plain_name(profile.legal_name)
    for user_id, legal_name in others.values_list("user_id", "legal_name"):
        if user_id not in why and is_alike(name, plain_name(legal_name)):
            why[user_id] = _("A similar name")
    accounts = {user.pk: user for user in mergeable().filter(pk__in=why)}
    return [Twin(accounts[pk], reason) for pk, reason in why.items() if pk in accounts][:LIMIT]


def plain_name(name: str) -> str:
    """The words of a name without accents, titles and case, in alphabetical order: whoever types it last first, too."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = re.findall(r"[^\W\d_]+", plain)
    return " ".join(sorted(word for word in words if word not in TITLES))


def is_alike(one: str, other: str) -> bool:
    """Whether two plain names could be one person's."""
    if not one or not other:
        return False
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    # The cheap bounds first: a program has thousands of names.
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE
