"""Change a program's own words for a mail, or go back to the portal's."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError
from outbox.placeholders import places, wrong_places
from participants.models import User
from sessions_app.models import MailWording, Program


@transaction.atomic
def word_mail(
    *,
    program_id: int,
    mail: str,
    language: str,
    subject: str,
    text: str,
    known: Collection[str],
    needed: Collection[str] = (),
    by: User,
) -> MailWording:
    """Keep the program's own words for `mail` (a template's path); the same words again change nothing.

    `known` are the places that this mail can fill, `needed` those without which it is of no use to its reader.
    Raises BadInputError for a place that is not known, or one that is missing.
    """
    subject, text = " ".join(subject.split()), text.replace("\r\n", "\n").strip()
    if not subject or not text:
        raise BadInputError(_("An email needs a subject and a text."))
    if wrong := wrong_places(f"{subject}\n{text}", known):
        raise BadInputError(
            _("Not known here: %(places)s. Known are: %(known)s.")
            % {"places": ", ".join(wrong), "known": ", ".join(f"{{{{ {name} }}}}" for name in known)}
        )
    if missing := [name for name in needed if name not in places(text)]:
        raise BadInputError(
            _("The text must hold %(places)s: without it the email is of no use.")
            % {"places": ", ".join(f"{{{{ {name} }}}}" for name in missing)}
        )
    # The program's row is the lock: two who save at once follow each other.
    Program.objects.select_for_update(no_key=True).get(pk=program_id)
    with audit.act("mail.word", by=by):
        wording = MailWording.objects.filter(program=program_id, mail=mail, language=language).first()
        if wording is None:
            return MailWording.objects.create(
                program_id=program_id, mail=mail, language=language, subject=subject, text=text
            )
        if (wording.subject, wording.text) != (subject, text):
            wording.subject, wording.text = subject, text
            wording.save(update_fields=["subject", "text"])
    return wording


@transaction.atomic
def reset_mail(*, program_id: int, mail: str, language: str, by: User) -> bool:
    """Go back to the portal's words; whether there were others."""
    with audit.act("mail.reset_words", by=by):
        count, _rows = MailWording.objects.filter(program=program_id, mail=mail, language=language).delete()
    return bool(count)
