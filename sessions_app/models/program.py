"""A program, the hubs that run it and what it wants people to learn. Every word is a coordinator's to edit."""

from decimal import Decimal

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


@pghistory.track()
class Hub(models.Model):
    """An academic centre whose specialists teach and answer."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    name_fr = models.CharField(_("name in French"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=100)

    class Meta:
        verbose_name = _("hub")
        verbose_name_plural = _("hubs")
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"


@pghistory.track()
class Program(models.Model):
    """One Project ECHO program: its public text and its attendance policy."""

    class AttendancePolicy(models.TextChoices):
        """How minutes become hours (rule 8)."""

        THRESHOLD = "threshold", _("Full hours once a set share of the session is attended, otherwise none")
        PRO_RATA = "pro_rata", _("By the minute, rounded down to a quarter of an hour")

    name = models.CharField(_("name"), max_length=200)
    name_fr = models.CharField(_("name in French"), max_length=200, blank=True)
    slug = models.SlugField(
        _("address"), unique=True, help_text=_("The last part of the program's web address.")
    )
    hubs = models.ManyToManyField(Hub, verbose_name=_("hubs"), related_name="programs", through="ProgramHub")
    began_year = models.PositiveSmallIntegerField(_("began in"), null=True, blank=True)
    summary = models.TextField(
        _("summary"), help_text=_("One or two sentences at the top of the public page.")
    )
    summary_fr = models.TextField(_("summary in French"), blank=True)
    mission = models.TextField(_("mission"))
    mission_fr = models.TextField(_("mission in French"), blank=True)
    format_text = models.TextField(_("how sessions work"))
    format_text_fr = models.TextField(_("how sessions work, in French"), blank=True)
    importance = models.TextField(_("why it matters"), blank=True, help_text=_("One fact a line."))
    importance_fr = models.TextField(_("why it matters, in French"), blank=True)
    credit_text = models.TextField(
        _("credits in words"),
        blank=True,
        help_text=_("One paragraph a line: who earns what, and on which condition."),
    )
    credit_text_fr = models.TextField(_("credits in words, in French"), blank=True)
    funding = models.TextField(_("funding"), blank=True)
    funding_fr = models.TextField(_("funding in French"), blank=True)
    reference = models.TextField(_("reference"), blank=True, help_text=_("The literature, one entry a line."))
    contact_email = models.EmailField(_("contact"))
    place = models.CharField(_("place"), max_length=100, default="Web conference")
    place_fr = models.CharField(_("place in French"), max_length=100, blank=True, default="Conférence Web")
    attendance_policy = models.CharField(
        _("attendance policy"),
        max_length=10,
        choices=AttendancePolicy.choices,
        default=AttendancePolicy.THRESHOLD,
    )
    attendance_threshold = models.PositiveSmallIntegerField(
        _("share of a session that counts as attended"),
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("In per cent; for the first policy."),
    )

    class Meta:
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(attendance_threshold__range=(1, 100)),
                name="sessions_app_program_threshold_in_range",
            ),
            models.CheckConstraint(
                condition=Q(attendance_policy__in=["threshold", "pro_rata"]),
                name="sessions_app_program_policy_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def threshold_share(self) -> Decimal:
        """The threshold as a share of one."""
        return Decimal(self.attendance_threshold) / 100


@pghistory.track()
class ProgramHub(models.Model):
    """A hub of a program, in the order they are named."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="program_hubs")
    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="program_hubs", verbose_name=_("hub"))
    position = models.PositiveSmallIntegerField(_("position"), default=1)

    class Meta:
        verbose_name = _("hub of the program")
        verbose_name_plural = _("hubs of the program")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["program", "hub"], name="sessions_app_programhub_once")
        ]

    def __str__(self) -> str:
        return str(self.hub)


@pghistory.track()
class Objective(models.Model):
    """Something participants learn in the program."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="objectives")
    position = models.PositiveSmallIntegerField(_("position"))
    text = models.TextField(_("text"))
    text_fr = models.TextField(_("text in French"), blank=True)

    class Meta:
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "position"], name="sessions_app_objective_position_once"
            )
        ]

    def __str__(self) -> str:
        return self.text
