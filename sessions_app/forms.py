"""Forms of the administration: an attendance report, and minutes entered by hand."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from sessions_app.models import Attendance


class ReportForm(forms.Form):
    """The file with who attended for how long."""

    file = forms.FileField(
        label=_("Attendance report"),
        allow_empty_file=True,
        help_text=_("A CSV file whose first line names the columns, one of them “email” and one “minutes”."),
    )


class AttendanceForm(forms.ModelForm[Attendance]):
    """Minutes by hand: who, which session, how long, and why."""

    class Meta:
        model = Attendance
        fields: ClassVar[list[str]] = ["enrolment", "session", "minutes", "is_guest", "reason"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed through
        self.fields["reason"].required = True
        self.fields["reason"].help_text = _(
            "Kept on record with the old and the new value; an auditor will ask."
        )
        if self.instance.pk is None:
            return
        # A correction is about these minutes: it cannot move them to somebody else. It needs a reason of its own.
        for name in ("enrolment", "session"):
            self.fields[name].disabled = True
        self.initial["reason"] = ""
