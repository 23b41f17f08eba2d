"""Write to a group: once to each, whoever confirms it and however often."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import BadInputError, MoveRefusedError
from core.templatetags.portal import localized_text
from desk.audiences import Recipient, fingerprint, recipients
from desk.models import GroupMessage
from outbox.placeholders import wrong_places
from outbox.rendering import Rendered, render_words
from outbox.services import Letter, queue_mails
from participants.models import User
from sessions_app.models import Cycle

PLACES = {
    "name": gettext_lazy("how the person likes to be called"),
    "cycle": gettext_lazy("the name of the cycle"),
    "program": gettext_lazy("the name of the program"),
    "my_page": gettext_lazy("the address of the person’s page in this cycle"),
    "contact": gettext_lazy("the program’s email address"),
}
"""What may stand in a message as `{{ name }}`, with its meaning."""


def mail_key(message_id: int, account_id: int) -> str:
    """The key of one person's mail: queued once, however often it is asked for."""
    return f"message:{message_id}:{account_id}"


def words_for(
    person: Recipient, cycle: Cycle, *, subject: str, text: str, subject_fr: str, text_fr: str
) -> Rendered:
    """The message as `person` gets it: in their language, in English where it has no French."""
    language = person.language if person.language == "fr" and subject_fr else settings.LANGUAGE_CODE
    if language == "fr":
        subject, text = subject_fr, text_fr
    with translation.override(language):
        values = {
            "name": person.name,
            "cycle": localized_text(cycle, "name"),
            "program": localized_text(cycle.program, "name"),
            "my_page": settings.PORTAL_URL + reverse("credits:cycle-detail", args=[cycle.pk]),
            "contact": cycle.program.contact_email,
        }
    return render_words(subject, text, values, language=language)


@transaction.atomic
def send_group_message(
    *,
    cycle_id: int,
    audience: str,
    subject: str,
    text: str,
    subject_fr: str = "",
    text_fr: str = "",
    key: UUID,
    seen: str,
    by: User,
    now: datetime,
) -> GroupMessage:
    """Queue the message to everybody who is in the group now; the same `key` a second time changes nothing.

    `seen` is the `fingerprint` of those who were shown before it was confirmed. All mails are queued, or none: in one
    transaction and a fixed number of queries. Raises BadInputError for a place that is not known, MoveRefusedError
    where the group is empty or is no longer the one that was seen.
    """
    # The cycle's row is the lock: two confirmations at once follow each other.
    cycle = Cycle.objects.select_for_update(of=("self",)).select_related("program").get(pk=cycle_id)
    if sent := GroupMessage.objects.filter(key=key).first():
        return sent
    texts = {"subject": subject, "text": text, "subject_fr": subject_fr, "text_fr": text_fr}
    if wrong := [place for words in texts.values() for place in wrong_places(words, PLACES)]:
        raise BadInputError(_("Not known here: %(places)s") % {"places": ", ".join(wrong)})
    people = recipients(cycle, audience, now=now)
    if not people:
        raise MoveRefusedError(_("Nobody is in this group."))
    if fingerprint(people) != seen:
        raise MoveRefusedError(
            _("The group has changed since you looked: %(number)d people now. Look again, then send.")
            % {"number": len(people)}
        )
    message = GroupMessage.objects.create(
        cycle=cycle, audience=audience, key=key, people=len(people), sent_at=now, sent_by=by, **texts
    )
    queue_mails(
        [
            Letter(
                key=mail_key(message.pk, person.account_id),
                kind="message",
                to=person.email,
                language=person.language,
                words=words_for(person, cycle, **texts),
            )
            for person in people
        ]
    )
    return message
