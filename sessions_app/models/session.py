"""A session: its speakers, its materials, who presents a case in it, and what its people are told."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import StoredFile
from sessions_app.models.cycle import Cycle, Enrolment
from sessions_app.models.program import Hub, Objective
from sessions_app.states import SESSION_MOVES, SessionStatus


@pghistory.track()
class EchoSession(models.Model):
    """One weekly session: a lecture, then a case."""

    class Status(models.TextChoices):
        """See states.SESSION_MOVES."""

        PLANNED = SessionStatus.PLANNED.value, _("Planned")
        CONFIRMED = SessionStatus.CONFIRMED.value, _("Confirmed")
        CANCELLED = SessionStatus.CANCELLED.value, _("Cancelled")
        HELD = SessionStatus.HELD.value, _("Held")

    cycle = models.ForeignKey(
        Cycle, on_delete=models.PROTECT, related_name="sessions", verbose_name=_("cycle")
    )
    hub = models.ForeignKey(
        Hub, on_delete=models.PROTECT, related_name="sessions", null=True, blank=True, verbose_name=_("hub")
    )
    topic = models.CharField(_("topic"), max_length=200)
    topic_fr = models.CharField(_("topic in French"), max_length=200, blank=True)
    summary = models.TextField(
        _("what it is about"),
        blank=True,
        max_length=2000,
        help_text=_("A few sentences for the session's page."),
    )
    summary_fr = models.TextField(_("what it is about, in French"), blank=True, max_length=2000)
    objectives = models.ManyToManyField(
        Objective,
        through="SessionObjective",
        related_name="sessions",
        blank=True,
        verbose_name=_("objectives it serves"),
    )
    starts_at = models.DateTimeField(_("starts"), help_text=_("Toronto time."))
    ends_at = models.DateTimeField(_("ends"), help_text=_("Toronto time."))
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PLANNED, editable=False
    )
    meeting_url = models.URLField(
        _("meeting link"), blank=True, help_text=_("Seen only by people who are enrolled.")
    )
    calendar_uid = models.UUIDField(_("calendar UID"), default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(_("calendar sequence"), default=0, editable=False)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["starts_at", "pk"]
        constraints = [
            # Checked when a statement ends, not row by row: a whole season moves by a week in one.
            models.UniqueConstraint(
                fields=["cycle", "starts_at"],
                name="sessions_app_echosession_start_once",
                deferrable=models.Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="sessions_app_echosession_ends_after_start",
                violation_error_message=_("The session ends before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__lte=F("starts_at") + timedelta(hours=12)),
                name="sessions_app_echosession_half_a_day_at_most",
                violation_error_message=_("A session lasts half a day at most."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in SessionStatus]),
                name="sessions_app_echosession_status_known",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(
                name="session_moves",
                field="status",
                transitions=sorted((str(old), str(new)) for old, new in SESSION_MOVES),
            ),
            # Rule 3. Calendars know a session by its UID, and take a change only with a greater sequence.
            pgtrigger.ReadOnly(name="session_keeps_its_uid", fields=["calendar_uid"]),
            pgtrigger.Trigger(
                name="session_raises_its_sequence",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "starts_at", "ends_at", "status", "topic", "topic_fr", "meeting_url", "hub"
                ),
                func="NEW.sequence = GREATEST(NEW.sequence, OLD.sequence + 1); RETURN NEW;",
            ),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.starts_at):%Y-%m-%d} {self.topic}"

    @property
    def minutes(self) -> int:
        """How long the session lasts."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def held_on(self) -> "datetime":
        """The session's start in Toronto time."""
        return timezone.localtime(self.starts_at)


@pghistory.track()
class SessionObjective(models.Model):
    """An objective of the program that a session serves."""

    session = models.ForeignKey(EchoSession, on_delete=models.CASCADE, related_name="session_objectives")
    objective = models.ForeignKey(
        Objective, on_delete=models.CASCADE, related_name="session_objectives", verbose_name=_("objective")
    )

    class Meta:
        verbose_name = _("objective of the session")
        verbose_name_plural = _("objectives of the session")
        ordering = ["objective__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "objective"], name="sessions_app_sessionobjective_once"
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="session_serves_its_own_program",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM sessions_app_objective objective
                        JOIN sessions_app_cycle cycle ON cycle.program_id = objective.program_id
                        JOIN sessions_app_echosession session ON session.cycle_id = cycle.id
                        WHERE objective.id = NEW.objective_id AND session.id = NEW.session_id
                    ) THEN
                        RAISE EXCEPTION 'An objective of another program.' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return str(self.objective)


@pghistory.track()
class Speaker(models.Model):
    """Who gives the lecture, and whether they have disclosed what may bias it."""

    class Disclosure(models.TextChoices):
        """What an accreditor asks of everybody who teaches; until it is answered, it is missing."""

        MISSING = "missing", pgettext_lazy("disclosure", "Missing")
        NONE = "none", pgettext_lazy("disclosure", "Nothing to disclose")
        DECLARED = "declared", pgettext_lazy("disclosure", "Relationships declared")

    session = models.ForeignKey(
        EchoSession, on_delete=models.CASCADE, related_name="speakers", verbose_name=_("session")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    name = models.CharField(_("name"), max_length=200)
    affiliation = models.CharField(_("affiliation"), max_length=200, blank=True)
    affiliation_fr = models.CharField(_("affiliation in French"), max_length=200, blank=True)
    disclosure = models.CharField(
        _("conflict-of-interest disclosure"),
        max_length=10,
        choices=Disclosure.choices,
        default=Disclosure.MISSING,
    )
    disclosure_text = models.TextField(
        _("relationships declared"), max_length=1000, blank=True, help_text=_("Shown on the session's page.")
    )
    disclosure_text_fr = models.TextField(_("relationships declared, in French"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("speaker")
        verbose_name_plural = _("speakers")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(disclosure__in=["missing", "none"])
                | (Q(disclosure="declared") & ~Q(disclosure_text__regex=r"^\s*$")),
                name="sessions_app_speaker_declared_has_text",
                violation_error_message=_("Write down the relationships that were declared."),
            )
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Material(models.Model):
    """Something to read, before or after: a link or a file, seen only by the enrolled."""

    session = models.ForeignKey(
        EchoSession, on_delete=models.CASCADE, related_name="materials", verbose_name=_("session")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    title = models.CharField(_("title"), max_length=200)
    title_fr = models.CharField(_("title in French"), max_length=200, blank=True)
    url = models.URLField(_("link"), blank=True, max_length=500)
    file = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("file"),
    )
    filename = models.CharField(_("file name"), max_length=200, blank=True, editable=False)
    added_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(file__isnull=True, filename="") & ~Q(url=""))
                | (Q(file__isnull=False, url="") & ~Q(filename="")),
                name="sessions_app_material_link_or_file",
                violation_error_message=_("Give a link or a file, one of the two."),
            ),
            models.CheckConstraint(
                condition=~Q(filename__regex=r"[[:cntrl:]/\\]"),
                name="sessions_app_material_filename_plain",
            ),
        ]

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class PresenterSlot(models.Model):
    """A place for one case in a session: free, or one person's."""

    session = models.ForeignKey(
        EchoSession, on_delete=models.CASCADE, related_name="slots", verbose_name=_("session")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    enrolment = models.ForeignKey(
        Enrolment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="slots",
        verbose_name=_("presenter"),
    )
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)

    class Meta:
        verbose_name = _("presenter slot")
        verbose_name_plural = _("presenter slots")
        ordering = ["session", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "position"], name="sessions_app_presenterslot_position_once"
            ),
            models.UniqueConstraint(
                fields=["session", "enrolment"], name="sessions_app_presenterslot_one_a_person"
            ),
            models.CheckConstraint(
                condition=Q(enrolment__isnull=True, taken_at__isnull=True)
                | Q(enrolment__isnull=False, taken_at__isnull=False),
                name="sessions_app_presenterslot_taken_has_time",
            ),
        ]
        triggers: ClassVar = [
            # One slot, one presenter: whoever has it is not overwritten; it is let go first, then taken.
            pgtrigger.Protect(
                name="slot_is_let_go_before_it_is_taken",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__enrolment__isnull=False, new__enrolment__isnull=False)
                & pgtrigger.Q(old__enrolment__df=pgtrigger.F("new__enrolment")),
            ),
            pgtrigger.Trigger(
                name="presenter_is_in_the_cycle",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__enrolment__isnull=False),
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM sessions_app_enrolment enrolment
                        JOIN sessions_app_echosession session ON session.cycle_id = enrolment.cycle_id
                        WHERE enrolment.id = NEW.enrolment_id AND session.id = NEW.session_id
                    ) THEN
                        RAISE EXCEPTION 'A presenter of another cycle.' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session}: {self.enrolment or _('free')}"


class SessionNotice(models.Model):
    """What the enrolled are still to be told about a session: its row is the promise, a worker queues the mails.

    It holds the session as they know it. Changes that follow each other within minutes are told once; what is back
    to where it was is not told at all.
    """

    session = models.ForeignKey(EchoSession, on_delete=models.CASCADE, related_name="notices")
    was_status = models.CharField(max_length=10, choices=EchoSession.Status.choices)
    was_starts_at = models.DateTimeField()
    was_ends_at = models.DateTimeField()
    was_meeting_url = models.URLField(blank=True)
    due_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    told_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("notice of a change")
        verbose_name_plural = _("notices of changes")
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(told_at__isnull=True),
                name="sessions_app_sessionnotice_one_pending",
            )
        ]

    def __str__(self) -> str:
        return f"{self.session} ({self.due_at:%Y-%m-%d %H:%M})"


class SessionReminder(models.Model):
    """That the enrolled were reminded of a session, so many hours before a start: once, however often one looks."""

    session = models.ForeignKey(EchoSession, on_delete=models.CASCADE, related_name="reminders")
    hours_before = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()
    reminded_at = models.DateTimeField()
    count = models.PositiveIntegerField(
        help_text=_("How many were emailed; 0 where a nearer reminder was due as well.")
    )

    class Meta:
        verbose_name = _("reminder of a session")
        verbose_name_plural = _("reminders of sessions")
        ordering = ["-reminded_at", "pk"]
        constraints = [
            # A session that has moved is reminded of again.
            models.UniqueConstraint(
                fields=["session", "hours_before", "starts_at"], name="sessions_app_sessionreminder_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.session}: {self.hours_before} h"
