"""A run of weekly sessions, and the people who joined it."""

from datetime import datetime, timedelta
from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.retention import keep_for_six_years, refuse_truncation
from core.templatetags.portal import labelled
from sessions_app.models.program import Program
from sessions_app.states import ENROLMENT_MOVES, CycleStatus, EnrolmentStatus

COUNT_PLACES = """
    SELECT (
        SELECT COUNT(*) FROM sessions_app_enrolment
        WHERE cycle_id = {cycle} AND status = 'approved' AND id <> {enrolment}
    ) + (
        SELECT COUNT(*) FROM sessions_app_placeoffer offer
        JOIN sessions_app_enrolment enrolment ON enrolment.id = offer.enrolment_id
        WHERE enrolment.cycle_id = {cycle} AND enrolment.status = 'waitlisted'
        AND offer.outcome = 'open' AND offer.enrolment_id <> {enrolment}
    ) INTO taken;
"""
"""A place is taken by somebody who is in, or held for somebody on the waiting list it is offered to."""

# The cycle's row is the lock: whoever waits for it counts again afterwards, with what the other wrote.
REFUSE_WITHOUT_PLACE = (
    """
    SELECT capacity INTO places FROM sessions_app_cycle
    WHERE id = (SELECT {cycle}) FOR NO KEY UPDATE;
    """  # noqa: S608  # a trigger's text, filled in with column names below
    + COUNT_PLACES
    + """
    IF taken >= places THEN
        RAISE EXCEPTION 'All % places of this cycle are taken.', places USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """
)


REMINDER_HOURS = (1, 2, 3, 24, 48, 72, 168)
"""Hours before a session at which a cycle may remind."""
PRESENTER_DAYS = (3, 7, 14, 21, 28)
"""Days before a session at which a presenter without a case may be reminded."""


def usual_reminder_hours() -> list[int]:
    """The day before, and the hour before."""
    return [1, 24]


def usual_presenter_days() -> list[int]:
    """A fortnight and a week before: time to write a case, and time to have it looked at."""
    return [7, 14]


@pghistory.track()
class Cycle(models.Model):
    """A run of weekly sessions that people enrol in; at its end certificates are issued."""

    class Status(models.TextChoices):
        """See states.CYCLE_MOVES."""

        PLANNED = CycleStatus.PLANNED.value, _("Planned")
        PUBLISHED = CycleStatus.PUBLISHED.value, _("Published")
        CLOSED = CycleStatus.CLOSED.value, _("Closed")

    class Admission(models.TextChoices):
        """Who says yes to an application."""

        COORDINATOR = "coordinator", _("A coordinator decides about each application")
        AUTOMATIC = "automatic", _("At once, while there are places; then the waiting list")

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="cycles", verbose_name=_("program")
    )
    name = models.CharField(_("name"), max_length=100, help_text=_("For example: Fall 2026."))
    name_fr = models.CharField(_("name in French"), max_length=100, blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    registration_opens_at = models.DateTimeField(_("registration opens"))
    registration_closes_at = models.DateTimeField(_("registration closes"))
    capacity = models.PositiveIntegerField(
        _("places"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty: no limit.")
    )
    admission = models.CharField(
        _("admission"), max_length=12, choices=Admission.choices, default=Admission.COORDINATOR
    )
    offer_hours = models.PositiveSmallIntegerField(
        _("hours to accept a freed place"),
        default=48,
        validators=[MinValueValidator(1), MaxValueValidator(336)],
        help_text=_(
            "A freed place is offered to the first on the waiting list for this long, then to the next."
        ),
    )
    grace_days = models.PositiveSmallIntegerField(
        _("grace period in days"),
        default=14,
        help_text=_("After the last day the cycle waits this long for post-surveys, then closes by itself."),
    )
    reminder_hours = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("reminders before each session"),
        default=usual_reminder_hours,
        blank=True,
        help_text=_("Emailed to everybody who is in; none for a cancelled session."),
    )
    presenter_days = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("reminders to presenters without a case"),
        default=usual_presenter_days,
        blank=True,
        help_text=_("Emailed to presenters who have not handed in a case yet."),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PLANNED, editable=False
    )
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("closed by"),
        help_text=_("Empty when the portal closed the cycle after its grace period."),
    )

    class Meta:
        verbose_name = _("cycle")
        verbose_name_plural = _("cycles")
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["program", "name"], name="sessions_app_cycle_name_once"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="sessions_app_cycle_ends_after_start",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                condition=Q(registration_closes_at__gt=F("registration_opens_at")),
                name="sessions_app_cycle_registration_window",
                violation_error_message=_("Registration closes before it opens."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in CycleStatus]),
                name="sessions_app_cycle_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status=CycleStatus.CLOSED.value, closed_at__isnull=False)
                | (~Q(status=CycleStatus.CLOSED.value) & Q(closed_at__isnull=True, closed_by__isnull=True)),
                name="sessions_app_cycle_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(capacity__gte=1),
                name="sessions_app_cycle_capacity_positive",
            ),
            models.CheckConstraint(
                condition=Q(admission__in=["coordinator", "automatic"]),
                name="sessions_app_cycle_admission_known",
            ),
            models.CheckConstraint(
                condition=Q(offer_hours__range=(1, 336)), name="sessions_app_cycle_offer_hours_in_range"
            ),
            models.CheckConstraint(
                condition=Q(reminder_hours__contained_by=list(REMINDER_HOURS)),
                name="sessions_app_cycle_reminder_hours_known",
            ),
            models.CheckConstraint(
                condition=Q(presenter_days__contained_by=list(PRESENTER_DAYS)),
                name="sessions_app_cycle_presenter_days_known",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="cycle_has_room_for_its_people",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("capacity"),
                declare=[("taken", "integer")],
                func=COUNT_PLACES.format(cycle="NEW.id", enrolment="0")
                + """
                    IF NEW.capacity < taken THEN
                        RAISE EXCEPTION '% places are taken or offered already.', taken
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return labelled(self.program, self.name)

    def clean(self) -> None:
        """Say in words what the trigger cycle_has_room_for_its_people would refuse."""
        if self.pk is None or self.capacity is None:
            return
        held = Q(status=EnrolmentStatus.WAITLISTED.value, offers__outcome="open")
        taken = self.enrolments.filter(Q(status=EnrolmentStatus.APPROVED.value) | held).distinct().count()
        if taken > self.capacity:
            raise ValidationError(
                {"capacity": _("%(taken)d places are taken or offered already.") % {"taken": taken}}
            )

    def is_open_for_registration(self, *, now: datetime) -> bool:
        """Whether people may apply at `now`."""
        return (
            self.status == self.Status.PUBLISHED
            and self.registration_opens_at <= now < self.registration_closes_at
        )

    @property
    def closes_by_itself_on(self) -> "datetime":
        """The moment after the grace period, Toronto time."""
        midnight = datetime.combine(self.ends_on, datetime.min.time())
        return timezone.make_aware(midnight) + timedelta(days=self.grace_days + 1)


@pghistory.track()
class Enrolment(models.Model):
    """A person in a cycle, from the application on."""

    class Status(models.TextChoices):
        """See states.ENROLMENT_MOVES."""

        APPLIED = EnrolmentStatus.APPLIED.value, _("Applied")
        APPROVED = EnrolmentStatus.APPROVED.value, _("Approved")
        WAITLISTED = EnrolmentStatus.WAITLISTED.value, _("On the waiting list")
        DECLINED = EnrolmentStatus.DECLINED.value, _("Declined")
        WITHDRAWN = EnrolmentStatus.WITHDRAWN.value, _("Withdrawn")

    cycle = models.ForeignKey(
        Cycle, on_delete=models.PROTECT, related_name="enrolments", verbose_name=_("cycle")
    )
    participant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="enrolments",
        verbose_name=_("participant"),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.APPLIED, editable=False
    )
    applied_at = models.DateTimeField(_("applied"), default=timezone.now, editable=False)
    enrolled_on = models.DateField(
        _("enrolled from"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Sessions before this day earn nothing."),
    )
    waitlisted_at = models.DateTimeField(
        _("on the waiting list since"), null=True, editable=False, help_text=_("Decides whose turn it is.")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("decided by"),
    )

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["cycle", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "participant"], name="sessions_app_enrolment_once"),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in EnrolmentStatus]),
                name="sessions_app_enrolment_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status=EnrolmentStatus.APPROVED.value) | Q(enrolled_on__isnull=False),
                name="sessions_app_enrolment_approved_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(status=EnrolmentStatus.WAITLISTED.value) | Q(waitlisted_at__isnull=False),
                name="sessions_app_enrolment_waitlisted_has_time",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(
                name="enrolment_moves",
                field="status",
                transitions=sorted((str(old), str(new)) for old, new in ENROLMENT_MOVES),
            ),
            pgtrigger.Trigger(
                name="enrolment_has_a_place",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__status="approved"),
                declare=[("places", "integer"), ("taken", "integer")],
                func=REFUSE_WITHOUT_PLACE.format(cycle="NEW.cycle_id", enrolment="NEW.id"),
            ),
            pgtrigger.Trigger(
                name="enrolment_gets_a_place",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__status="approved") & ~pgtrigger.Q(old__status="approved"),
                declare=[("places", "integer"), ("taken", "integer")],
                func=REFUSE_WITHOUT_PLACE.format(cycle="NEW.cycle_id", enrolment="NEW.id"),
            ),
            keep_for_six_years(
                "enrolment", "(SELECT ends_on FROM sessions_app_cycle WHERE id = OLD.cycle_id)"
            ),
            refuse_truncation("enrolment"),
        ]

    def __str__(self) -> str:
        return f"{self.participant} – {self.cycle}"
