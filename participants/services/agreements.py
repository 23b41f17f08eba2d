"""Agreeing: the texts in their versions, and each person's answers with their dates."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError
from participants.models import Agreement, AgreementAnswer, User


@transaction.atomic
def answer_agreements(*, user: User, by: User, answers: Mapping[int, bool], now: datetime) -> None:
    """Keep what `user` answered: agreement id → agreed or not. The same answer again keeps its first date.

    The participation agreement may be refused, or taken back: then no case and no session link is shown.
    Raises BadInputError for a text that is not published.
    """
    # The account's row is the lock: two devices at once leave one answer to each text.
    User.objects.select_for_update().get(pk=user.pk)
    texts = Agreement.objects.filter(pk__in=answers, published_at__isnull=False)
    if len(texts) != len(answers):
        raise BadInputError(_("One of these agreements is not in force. Reload the page."))
    kept = {answer.agreement_id: answer for answer in AgreementAnswer.objects.filter(user=user)}
    with audit.act("agreement.answer", by=by):
        for agreement in texts:
            is_given = answers[agreement.pk]
            answer = kept.get(agreement.pk)
            if answer is None:
                AgreementAnswer.objects.create(
                    user=user, agreement=agreement, is_given=is_given, answered_at=now
                )
            elif answer.is_given != is_given:
                answer.is_given, answer.answered_at = is_given, now
                answer.save(update_fields=["is_given", "answered_at"])


@transaction.atomic
def publish_agreement(*, agreement_id: int, by: User, now: datetime) -> Agreement:
    """Put a version into force: everybody is asked for it at their next log-in, and it can change no more.

    Publishing twice changes nothing.
    """
    agreement = Agreement.objects.select_for_update().get(pk=agreement_id)
    if agreement.published_at is None:
        with audit.act("agreement.publish", by=by):
            agreement.published_at = now
            agreement.save(update_fields=["published_at"])
    return agreement


@transaction.atomic
def next_agreement_version(*, agreement_id: int, by: User) -> Agreement:
    """A draft of the version after the latest, with the words of the one given; an open draft is returned as it is."""
    original = Agreement.objects.select_for_update().get(pk=agreement_id)
    # All versions of a kind are locked: two copies at once are one draft.
    latest = Agreement.objects.select_for_update().filter(kind=original.kind).order_by("-version")[0]
    if latest.published_at is None:
        return latest
    with audit.act("agreement.next-version", by=by):
        return Agreement.objects.create(
            kind=original.kind,
            version=latest.version + 1,
            title=original.title,
            title_fr=original.title_fr,
            text=original.text,
            text_fr=original.text_fr,
        )
