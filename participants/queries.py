"""Reads of agreements and profiles that pages, log-in and the floors above use."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, QuerySet

from core.personal import personal_records
from participants.models import Agreement, AgreementAnswer, User

KINDS = list(Agreement.Kind.values)


def current_agreements() -> list[Agreement]:
    """The version in force of each kind, the participation agreement first."""
    in_force = (
        Agreement.objects.filter(published_at__isnull=False).order_by("kind", "-version").distinct("kind")
    )
    return sorted(in_force, key=lambda agreement: KINDS.index(agreement.kind))


def unanswered_agreements(user: User) -> list[Agreement]:
    """The versions in force that `user` has not answered: new ones, or all of them for a new account."""
    answered = set(AgreementAnswer.objects.filter(user=user).values_list("agreement_id", flat=True))
    return [agreement for agreement in current_agreements() if agreement.pk not in answered]


def answers_in_force(user: User) -> list[AgreementAnswer]:
    """What `user` answered to the versions in force, the participation agreement first."""
    answers = {
        answer.agreement_id: answer
        for answer in AgreementAnswer.objects.filter(user=user).select_related("agreement")
    }
    return [answers[agreement.pk] for agreement in current_agreements() if agreement.pk in answers]


def has_agreed_to_participate(user: User) -> bool:
    """Whether `user` agreed to the participation agreement in force; without it no case and no session link.

    Where no agreement was ever published there is nothing to agree to.
    """
    in_force = (
        Agreement.objects.filter(kind=Agreement.Kind.PARTICIPATION, published_at__isnull=False)
        .order_by("-version")
        .annotate(is_agreed=Exists(_given(user)))
        .first()
    )
    return in_force is None or bool(in_force.is_agreed)


def users_agreed_to_participate(user_ids: Collection[int]) -> set[int]:
    """Of these accounts, those for which `has_agreed_to_participate` holds."""
    in_force = (
        Agreement.objects.filter(kind=Agreement.Kind.PARTICIPATION, published_at__isnull=False)
        .order_by("-version")
        .first()
    )
    if in_force is None:
        return set(user_ids)
    given = AgreementAnswer.objects.filter(agreement=in_force, user__in=user_ids, is_given=True)
    return set(given.values_list("user_id", flat=True))


def _given(user: User) -> QuerySet[AgreementAnswer]:
    return AgreementAnswer.objects.filter(user=user, agreement=OuterRef("pk"), is_given=True)


def is_category_fixed(user: User) -> bool:
    """Whether something was earned under the category of `user`: then a coordinator decides about another one."""
    return any(part.fixes_category(user) for part in personal_records())


def staff_account(email: str) -> User | None:
    """The active staff account with this address: who a command is run by."""
    return User.objects.filter(email=email.strip().lower(), is_staff=True, is_active=True).first()
