"""Which programs somebody of the staff works for, where that is not all of them."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sessions_app.models.program import Program


@pghistory.track()
class StaffScope(models.Model):
    """Limits an account to the programs named in it, even to none.

    Without one the account works for the whole portal.
    """

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="staff_scope",
        verbose_name=_("account"),
    )

    class Meta:
        verbose_name = _("limit to programs")
        verbose_name_plural = _("limits to programs")
        ordering = ["account"]

    def __str__(self) -> str:
        return str(self.account)


@pghistory.track()
class ScopedProgram(models.Model):
    """A program that a limited account works for."""

    scope = models.ForeignKey(StaffScope, on_delete=models.CASCADE, related_name="programs")
    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, related_name="+", verbose_name=_("program")
    )

    class Meta:
        verbose_name = _("program of a limited account")
        verbose_name_plural = _("programs of a limited account")
        constraints = [
            models.UniqueConstraint(fields=["scope", "program"], name="sessions_app_scopedprogram_once")
        ]

    def __str__(self) -> str:
        return str(self.program)
