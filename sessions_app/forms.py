"""Forms of the administration: an attendance report, and minutes entered by hand."""

from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from core.forms import PortalFormMixin
from sessions_app.models import Attendance
from sessions_app.reports import MAX_BYTES
from sessions_app.services.attendance.words import FILE_PROBLEMS


class ReportForm(PortalFormMixin, forms.Form):
    """The file with who attended for how long; asked for once more where it is of another meeting."""

    file = forms.FileField(
        label=_("Attendance report"),
        allow_empty_file=True,
        help_text=_(
            "The participants’ report of Zoom or Microsoft Teams as it was exported, or a CSV file whose first line "
            "names the columns: email or name, and minutes."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "any_meeting" in self.data:
            self.ask_for_meeting()

    def ask_for_meeting(self) -> None:
        """Let the person say that a report of another meeting is the right one."""
        self.fields["any_meeting"] = forms.BooleanField(
            label=_("It is the right meeting all the same"), required=False
        )

    def clean_file(self) -> UploadedFile[Any]:
        """A file that is worth reading into memory."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(str(FILE_PROBLEMS["too_large"]))
        return file


class AttendanceForm(forms.ModelForm[Attendance]):
    """Minutes by hand: who, which session, how long, and why."""

    class Meta:
        model = Attendance
        fields: ClassVar[list[str]] = ["enrolment", "session", "minutes", "is_guest", "reason"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed through
        if "reason" not in self.fields:
            # Who may look only has a form without fields.
            return
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
