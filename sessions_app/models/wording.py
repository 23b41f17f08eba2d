"""A program's own words for the mails that the portal sends in its name."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from outbox.models import SUBJECT_LENGTH
from sessions_app.models.program import Program


@pghistory.track()
class MailWording(models.Model):
    """The subject and the text of one mail in one language, with places (outbox.placeholders).

    Without it the portal's own words stand.
    """

    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, related_name="mail_wordings", verbose_name=_("program")
    )
    mail = models.CharField(_("email"), max_length=100, help_text=_("The template it replaces."))
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=SUBJECT_LENGTH)
    text = models.TextField(_("text"), max_length=20_000)

    class Meta:
        verbose_name = _("wording of an email")
        verbose_name_plural = _("wordings of emails")
        ordering = ["program", "mail", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "mail", "language"], name="sessions_app_mailwording_once"
            ),
            models.CheckConstraint(
                condition=Q(language__in=[code for code, _name in settings.LANGUAGES]),
                name="sessions_app_mailwording_language_known",
            ),
            models.CheckConstraint(
                condition=~Q(subject__regex=r"^\s*$") & ~Q(text__regex=r"^\s*$"),
                name="sessions_app_mailwording_says_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mail} ({self.language})"
