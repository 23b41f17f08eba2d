"""How people come to a cycle: its own questions, offers of freed places, invitations, and the personal calendar."""

import secrets
from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import StoredFile
from core.templatetags.portal import labelled
from participants.enums import Category, Profession
from sessions_app.models.cycle import REFUSE_WITHOUT_PLACE, Cycle, Enrolment

MAX_ANSWER = 2000
"""Characters of an answer on an application."""


def new_feed_token() -> str:
    """An unguessable address of a calendar: 128 bits."""
    return secrets.token_urlsafe(16)


@pghistory.track()
class CycleQuestion(models.Model):
    """A question that a cycle asks its applicants."""

    class Kind(models.TextChoices):
        """How it is answered."""

        TEXT = "text", _("Text")
        YES_NO = "yes_no", _("Yes or no")

    cycle = models.ForeignKey(
        Cycle, on_delete=models.CASCADE, related_name="questions", verbose_name=_("cycle")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    key = models.SlugField(
        _("key"), max_length=50, help_text=_("Finds the answer somebody gave in an earlier cycle.")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.TEXT)
    text = models.CharField(_("question"), max_length=300)
    text_fr = models.CharField(_("question in French"), max_length=300, blank=True)
    is_required = models.BooleanField(_("required"), default=False)
    is_asked_once = models.BooleanField(
        _("asked once"),
        default=False,
        help_text=_("Who answered it in an earlier cycle of the program is not asked again."),
    )

    class Meta:
        verbose_name = _("question to applicants")
        verbose_name_plural = _("questions to applicants")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "key"], name="sessions_app_cyclequestion_key_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["text", "yes_no"]), name="sessions_app_cyclequestion_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_yes_no(self) -> bool:
        """Whether it is answered with yes or no."""
        return self.kind == self.Kind.YES_NO


@pghistory.track()
class ApplicationAnswer(models.Model):
    """What an applicant answered; yes and no are kept as "yes" and "no"."""

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.CASCADE, related_name="application_answers", verbose_name=_("enrolment")
    )
    question = models.ForeignKey(
        CycleQuestion, on_delete=models.PROTECT, related_name="answers", verbose_name=_("question")
    )
    text = models.TextField(_("answer"), max_length=MAX_ANSWER)

    class Meta:
        verbose_name = _("answer on an application")
        verbose_name_plural = _("answers on applications")
        ordering = ["question__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "question"], name="sessions_app_applicationanswer_once"
            )
        ]

    def __str__(self) -> str:
        return self.text


@pghistory.track()
class PlaceOffer(models.Model):
    """A freed place, held for one person of the waiting list until they answer or the time is up."""

    class Outcome(models.TextChoices):
        """Open, then one of the others for ever."""

        OPEN = "open", pgettext_lazy("offer", "Open")
        ACCEPTED = "accepted", pgettext_lazy("offer", "Accepted")
        DECLINED = "declined", pgettext_lazy("offer", "Declined")
        LAPSED = "lapsed", pgettext_lazy("offer", "Lapsed")

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, related_name="offers", verbose_name=_("enrolment")
    )
    offered_at = models.DateTimeField(_("offered"))
    expires_at = models.DateTimeField(_("held until"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    answered_at = models.DateTimeField(_("answered or lapsed"), null=True)

    class Meta:
        verbose_name = _("offer of a place")
        verbose_name_plural = _("offers of places")
        ordering = ["-offered_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(outcome="open"), name="sessions_app_placeoffer_one_open"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("offered_at")), name="sessions_app_placeoffer_expires_later"
            ),
            models.CheckConstraint(
                condition=Q(outcome="open", answered_at__isnull=True)
                | Q(outcome__in=["accepted", "declined", "lapsed"], answered_at__isnull=False),
                name="sessions_app_placeoffer_answered_has_time",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(
                name="placeoffer_moves",
                field="outcome",
                transitions=[("open", "accepted"), ("open", "declined"), ("open", "lapsed")],
            ),
            pgtrigger.Trigger(
                name="placeoffer_has_a_place",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__outcome="open"),
                declare=[("places", "integer"), ("taken", "integer")],
                func=REFUSE_WITHOUT_PLACE.format(
                    cycle="(SELECT cycle_id FROM sessions_app_enrolment WHERE id = NEW.enrolment_id)",
                    enrolment="NEW.enrolment_id",
                ),
            ),
        ]

    def __str__(self) -> str:
        return labelled(self.enrolment, self.get_outcome_display())


@pghistory.track()
class Roster(models.Model):
    """A list of people as it was handed in; read first, mapped and previewed, and written only when confirmed."""

    cycle = models.ForeignKey(
        Cycle, on_delete=models.PROTECT, related_name="rosters", verbose_name=_("cycle")
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file"))
    filename = models.CharField(_("file name"), max_length=200)
    mapping = models.JSONField(
        _("columns"), default=dict, help_text=_("Which column, counted from 0, holds which field.")
    )
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    applied_at = models.DateTimeField(pgettext_lazy("report", "applied"), null=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("applied by"),
    )

    class Meta:
        verbose_name = _("roster")
        verbose_name_plural = _("rosters")
        ordering = ["-uploaded_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "file"], name="sessions_app_roster_file_once"),
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True, applied_by__isnull=True)
                | Q(applied_at__isnull=False, applied_by__isnull=False),
                name="sessions_app_roster_applied_has_actor",
            ),
        ]

    def __str__(self) -> str:
        return self.filename


@pghistory.track()
class Invitation(models.Model):
    """One address invited to one cycle. Its link is signed, expires, and opens a sign-up with what is known filled in.

    The link is not stored: it is made from the row's number and the portal's secret whenever a mail needs it.
    """

    cycle = models.ForeignKey(
        Cycle, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("cycle")
    )
    email = models.EmailField(_("email address"), max_length=254)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("account"),
        help_text=_("Whom the address belonged to already, or who signed up with the link."),
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    category = models.CharField(
        _("professional category"), max_length=20, choices=Category.choices, blank=True
    )
    profession = models.CharField(_("profession"), max_length=30, choices=Profession.choices, blank=True)
    licence_number = models.CharField(_("licence number"), max_length=30, blank=True)
    practice_name = models.CharField(_("practice"), max_length=200, blank=True)
    practice_city = models.CharField(_("city or town"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="en")
    is_preapproved = models.BooleanField(
        _("approved in advance"),
        default=False,
        help_text=_("The application is approved by itself while there are places."),
    )
    roster = models.ForeignKey(
        Roster,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("roster"),
    )
    invited_at = models.DateTimeField(_("invited"), default=timezone.now)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("invited by")
    )
    expires_at = models.DateTimeField(_("link expires"))
    mailed_at = models.DateTimeField(
        _("emailed"), null=True, help_text=_("When the email was queued; a worker does that.")
    )
    reminders = models.PositiveSmallIntegerField(_("reminders sent"), default=0)
    reminded_at = models.DateTimeField(_("last reminded"), null=True)
    opened_at = models.DateTimeField(_("link first opened"), null=True)
    revoked_at = models.DateTimeField(_("withdrawn on"), null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-invited_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "email"],
                condition=Q(revoked_at__isnull=True),
                name="sessions_app_invitation_once",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("invited_at")), name="sessions_app_invitation_expires_later"
            ),
            models.CheckConstraint(
                condition=~Q(name__regex=r"[\r\n]"), name="sessions_app_invitation_name_one_line"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="sessions_app_invitation_unsent",
                condition=Q(mailed_at__isnull=True, revoked_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.email


@pghistory.track(exclude=["token"])
class CalendarFeed(models.Model):
    """A person's calendar behind a secret address, which they can exchange for a new one."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="calendar_feed",
        verbose_name=_("account"),
    )
    token = models.CharField(max_length=30, unique=True, default=new_feed_token, editable=False)
    made_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return f"{self.user}"
