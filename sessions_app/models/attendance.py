"""Minutes of one enrolment in one session, and the reports they were read from."""

from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import StoredFile
from core.retention import keep_for_six_years, refuse_truncation
from core.templatetags.portal import labelled
from sessions_app.models.cycle import Enrolment
from sessions_app.models.session import EchoSession


@pghistory.track()
class AttendanceReport(models.Model):
    """A report as it was handed in, kept as evidence under its hash; read first, written only when confirmed."""

    session = models.ForeignKey(
        EchoSession, on_delete=models.PROTECT, related_name="attendance_reports", verbose_name=_("session")
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file"))
    filename = models.CharField(_("file name"), max_length=200)
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
        verbose_name = _("attendance report")
        verbose_name_plural = _("attendance reports")
        ordering = ["-uploaded_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "file"], name="sessions_app_attendancereport_file_once"
            ),
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True, applied_by__isnull=True)
                | Q(applied_at__isnull=False, applied_by__isnull=False),
                name="sessions_app_attendancereport_applied_has_actor",
            ),
        ]
        triggers: ClassVar = [
            keep_for_six_years(
                "attendance_report",
                "(SELECT cycle.ends_on FROM sessions_app_cycle cycle JOIN sessions_app_echosession session"
                " ON session.cycle_id = cycle.id WHERE session.id = OLD.session_id)",
            ),
            refuse_truncation("attendance_report"),
        ]

    def __str__(self) -> str:
        return self.filename


NEW_VALUES = pgtrigger.Referencing(new="new_values")  # type: ignore[no-untyped-call]  # as the library has it
# OFFSET 0: each row is looked up by itself. PostgreSQL keeps the plan of the first statement, which wrote one row; as a
# join it would compare ten thousand with ten thousand.
REFUSE_FOREIGN_ATTENDANCE = """
    IF EXISTS (
        SELECT 1 FROM new_values attendance
        WHERE NOT EXISTS (
            SELECT 1 FROM sessions_app_enrolment enrolment
            JOIN sessions_app_echosession session ON session.cycle_id = enrolment.cycle_id
            WHERE enrolment.id = attendance.enrolment_id AND session.id = attendance.session_id
            AND session.starts_at + attendance.minutes * INTERVAL '1 minute' <= session.ends_at
            OFFSET 0
        )
    ) THEN
        RAISE EXCEPTION 'Attendance of another cycle, or longer than the session.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""


# A report of ten thousand people is one statement, and recorded as one. Updates are recorded row by row: as a statement
# they join old rows with new ones, by a plan that PostgreSQL may have made for none.
@pghistory.track(
    pghistory.InsertEvent(level=pghistory.Statement), pghistory.UpdateEvent(), pghistory.DeleteEvent()
)
class Attendance(models.Model):
    """Minutes of one enrolment in one session (rule 4). Every change stays in the audit trail, with its reason."""

    class Source(models.TextChoices):
        """Where the minutes come from."""

        REPORT = "report", _("Report of the video platform")
        MANUAL = "manual", _("Entered by a person")
        CHECK_IN = "check_in", _("Checked in by themselves")

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, related_name="attendances", verbose_name=_("enrolment")
    )
    session = models.ForeignKey(
        EchoSession, on_delete=models.PROTECT, related_name="attendances", verbose_name=_("session")
    )
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    is_guest = models.BooleanField(
        _("as a guest"), default=False, help_text=_("A guest's minutes are recorded and earn nothing.")
    )
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    report = models.ForeignKey(
        AttendanceReport,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attendances",
        verbose_name=_("report"),
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering = ["session", "enrolment"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "session"], name="sessions_app_attendance_once"),
            models.CheckConstraint(
                condition=Q(minutes__lte=12 * 60),
                name="sessions_app_attendance_minutes_in_range",
                violation_error_message=_("A session lasts half a day at most."),
            ),
            # Rule 7: a change by hand needs a reason; a number from a report names its report.
            models.CheckConstraint(
                condition=(Q(source="manual") & ~Q(reason__regex=r"^\s*$"))
                | Q(source="report", report__isnull=False)
                | Q(source="check_in", report__isnull=True),
                name="sessions_app_attendance_has_evidence",
                violation_error_message=_("Give the reason for an entry by hand."),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="attendance_belongs_to_the_session",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=NEW_VALUES,
                func=REFUSE_FOREIGN_ATTENDANCE,
            ),
            pgtrigger.Trigger(
                name="attendance_stays_with_the_session",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                referencing=NEW_VALUES,
                func=REFUSE_FOREIGN_ATTENDANCE,
            ),
            keep_for_six_years(
                "attendance",
                "(SELECT cycle.ends_on FROM sessions_app_cycle cycle JOIN sessions_app_echosession session"
                " ON session.cycle_id = cycle.id WHERE session.id = OLD.session_id)",
            ),
            refuse_truncation("attendance"),
        ]

    def __str__(self) -> str:
        return labelled(self.enrolment, f"{self.minutes} min")


@pghistory.track()
class UnmatchedName(models.Model):
    """A name on a report that no rule gives to one person: it waits until somebody decides whose it is (rule 6)."""

    class Outcome(models.TextChoices):
        """Open, until a person decides."""

        OPEN = "open", pgettext_lazy("name on a report", "Open")
        GIVEN = "given", pgettext_lazy("name on a report", "Given to participants")
        NOBODY = "nobody", pgettext_lazy("name on a report", "Nobody in the cycle")

    report = models.ForeignKey(
        AttendanceReport, on_delete=models.PROTECT, related_name="unmatched_names", verbose_name=_("report")
    )
    key = models.CharField(max_length=300)
    name = models.CharField(_("name"), max_length=300, blank=True)
    email = models.CharField(_("email address"), max_length=254, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    enrolments = models.ManyToManyField(
        Enrolment, through="NameGiven", related_name="names_on_reports", verbose_name=_("given to")
    )

    class Meta:
        verbose_name = _("name to be matched")
        verbose_name_plural = _("names to be matched")
        ordering = ["report", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "key"], name="sessions_app_unmatchedname_once"),
            models.CheckConstraint(
                condition=Q(outcome="open", decided_at__isnull=True, decided_by__isnull=True)
                | Q(outcome__in=["given", "nobody"], decided_at__isnull=False, decided_by__isnull=False),
                name="sessions_app_unmatchedname_decided_has_actor",
            ),
        ]
        indexes = [
            models.Index(fields=["report"], name="sessions_app_unmatched_open", condition=Q(outcome="open"))
        ]

    def __str__(self) -> str:
        return self.name or self.email


@pghistory.track()
class NameGiven(models.Model):
    """One of the people behind a name on a report: several may sit before one screen."""

    unmatched = models.ForeignKey(UnmatchedName, on_delete=models.PROTECT, related_name="given")
    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, related_name="names_given", verbose_name=_("enrolment")
    )

    class Meta:
        verbose_name = _("person behind a name")
        verbose_name_plural = _("people behind names")
        constraints = [
            models.UniqueConstraint(fields=["unmatched", "enrolment"], name="sessions_app_namegiven_once")
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="name_is_given_within_the_cycle",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM sessions_app_unmatchedname unmatched
                        JOIN sessions_app_attendancereport report ON report.id = unmatched.report_id
                        JOIN sessions_app_echosession session ON session.id = report.session_id
                        JOIN sessions_app_enrolment enrolment ON enrolment.cycle_id = session.cycle_id
                        WHERE unmatched.id = NEW.unmatched_id AND enrolment.id = NEW.enrolment_id
                    ) THEN
                        RAISE EXCEPTION 'A person of another cycle.' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.unmatched} → {self.enrolment}"


@pghistory.track()
class AttendanceAlias(models.Model):
    """Another name or address under which somebody joins sessions, remembered once a person has confirmed it."""

    class Kind(models.TextChoices):
        """What was remembered."""

        NAME = "name", _("Name")
        EMAIL = "email", _("Email address")

    participant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="attendance_aliases",
        verbose_name=_("participant"),
    )
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices)
    value = models.CharField(
        _("compared as"), max_length=300, help_text=_("In lower case, without accents and punctuation.")
    )
    written = models.CharField(_("as written on the report"), max_length=300)
    remembered_at = models.DateTimeField(_("remembered"), default=timezone.now)
    remembered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("remembered by")
    )

    class Meta:
        verbose_name = _("remembered name")
        verbose_name_plural = _("remembered names")
        ordering = ["participant", "kind", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "kind", "value"], name="sessions_app_attendancealias_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["name", "email"]) & ~Q(value__regex=r"^\s*$"),
                name="sessions_app_attendancealias_says_something",
            ),
        ]

    def __str__(self) -> str:
        return self.written
