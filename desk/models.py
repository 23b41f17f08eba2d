"""What coordinators write to a group of people."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outbox.models import SUBJECT_LENGTH
from sessions_app.models import Cycle


class GroupMessage(models.Model):
    """A message as it was sent to a group of a cycle's people: a record that never changes.

    What became of each mail is the outbox's to tell.
    """

    class Audience(models.TextChoices):
        """Whom it is for; who that is, is looked up at the moment of sending (desk.audiences)."""

        PARTICIPANTS = "participants", _("All participants")
        APPLICANTS = "applicants", _("Applicants who wait for a decision")
        WAITING = "waiting", _("The waiting list")
        FAMILY_PHYSICIANS = "family_physicians", _("Participants: family physicians")
        SPECIALISTS = "specialists", _("Participants: specialist physicians")
        OTHERS = "others", _("Participants: other professionals")
        WITHOUT_PRE = "without_pre", _("Participants without the pre-survey")
        WITHOUT_POST = "without_post", _("Participants without the post-survey")
        WITHOUT_REFLECTION = "without_reflection", _("Participants without the reflection question")
        NOT_ELIGIBLE = "not_eligible", _("Participants who are not eligible for a certificate yet")
        NEVER_PRESENT = "never_present", _("Participants who have not attended any session yet")
        PRESENTERS = "presenters", _("Those who present in a session to come")
        HUB_TEAM = "hub_team", _("The hub’s team")

    cycle = models.ForeignKey(
        Cycle, on_delete=models.PROTECT, related_name="group_messages", verbose_name=_("cycle")
    )
    audience = models.CharField(_("to"), max_length=20, choices=Audience.choices)
    subject = models.CharField(_("subject"), max_length=SUBJECT_LENGTH)
    text = models.TextField(_("text"), max_length=10_000)
    subject_fr = models.CharField(_("subject in French"), max_length=SUBJECT_LENGTH, blank=True)
    text_fr = models.TextField(_("text in French"), max_length=10_000, blank=True)
    key = models.UUIDField(unique=True, editable=False)
    people = models.PositiveIntegerField(_("people"))
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("sent by")
    )

    class Meta:
        verbose_name = _("message to a group")
        verbose_name_plural = _("messages to groups")
        ordering: ClassVar = ["-sent_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(people__gte=1), name="desk_groupmessage_has_people"),
            models.CheckConstraint(
                condition=Q(subject_fr="", text_fr="") | (~Q(subject_fr="") & ~Q(text_fr="")),
                name="desk_groupmessage_french_is_whole",
            ),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="group_message_is_kept", operation=pgtrigger.Update)]
        permissions: ClassVar = [("send_groupmessage", _("Can write to a group of a cycle's people"))]

    def __str__(self) -> str:
        return self.subject
