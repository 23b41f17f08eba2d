"""The forms of plans, windows and extensions in the administration."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.forms import PortalFormMixin
from sessions_app.models import Cycle
from surveys.models import SurveyPlan, SurveyWindow
from surveys.models.window import REMINDER_DAYS


def days_after(days: int) -> str:
    """A reminder's day in words."""
    return ngettext("%(count)d day after", "%(count)d days after", days) % {"count": days}


class RemindersMixin:
    """Reminders are ticked, not typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, forms.Field] = self.fields  # type: ignore[attr-defined]
        if "reminder_days" in fields:
            # The words are the model's: a field that is declared anew would lose them.
            column = SurveyWindow._meta.get_field("reminder_days")
            fields["reminder_days"].label = capfirst(column.verbose_name)
            fields["reminder_days"].help_text = column.help_text


def _reminder_days() -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        choices=lambda: [(days, days_after(days)) for days in REMINDER_DAYS],
        widget=forms.CheckboxSelectMultiple,
    )


class PlanForm(RemindersMixin, forms.ModelForm[SurveyPlan]):
    """When the cycles of a program ask one kind of survey."""

    reminder_days = _reminder_days()

    class Meta:
        model = SurveyPlan
        fields = [
            "program",
            "kind",
            "opens_from",
            "opens_days",
            "closes_from",
            "closes_days",
            "reminder_days",
            "is_active",
        ]


class WindowForm(RemindersMixin, forms.ModelForm[SurveyWindow]):
    """When one cycle asks a survey; only released instruments can be asked."""

    reminder_days = _reminder_days()

    class Meta:
        model = SurveyWindow
        fields = ["cycle", "instrument", "session", "opens_at", "closes_at", "reminder_days", "is_adjusted"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "instrument" in self.fields:
            # Of the instruments that the administration offers to who edits.
            offered = self.fields["instrument"].queryset  # type: ignore[attr-defined]
            released = offered.filter(is_released=True).select_related("program")
            if self.instance.pk:
                kind, program = self.instance.instrument.kind, self.instance.instrument.program_id
                released = released.filter(kind=kind, program=program)
            self.fields["instrument"].queryset = released  # type: ignore[attr-defined]
        if "session" in self.fields:
            sessions = self.fields["session"].queryset  # type: ignore[attr-defined]
            self.fields["session"].queryset = sessions.exclude(  # type: ignore[attr-defined]
                cycle__status=Cycle.Status.CLOSED
            ).order_by("-starts_at")

    def clean(self) -> dict[str, Any]:
        """Dates that somebody changes no longer follow the cycle; with `is_adjusted` unticked they do again."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if {"opens_at", "closes_at"} & set(self.changed_data) and "is_adjusted" not in self.changed_data:
            cleaned["is_adjusted"] = True
        return cleaned


class ExtensionForm(PortalFormMixin, forms.Form):
    """More time for one person."""

    enrolment = forms.IntegerField(widget=forms.HiddenInput)
    until = forms.DateTimeField(
        label=_("Open until"),
        help_text=_("Toronto time."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("It is kept on record."))
