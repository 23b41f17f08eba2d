"""Forms of the administration that invite people: a roster, pasted addresses, which column is what, and the terms."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.forms import PortalFormMixin
from sessions_app.rosters import FIELDS, MAX_BYTES, RosterProblem
from sessions_app.services.invitations import DAYS_VALID, MAX_DAYS_VALID
from sessions_app.services.invitations.words import FIELD_LABELS, FILE_WORDS


class RosterForm(PortalFormMixin, forms.Form):
    """The file with the people to invite."""

    file = forms.FileField(
        label=_("Roster"),
        allow_empty_file=True,
        help_text=_(
            "A CSV file or an Excel workbook (.xlsx) with up to 10,000 people, its columns in any order. Only the "
            "email address is needed."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )

    def clean_file(self) -> UploadedFile[Any]:
        """A file that is worth reading into memory."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(str(FILE_WORDS[RosterProblem.TOO_LARGE]))
        return file


class PastedForm(PortalFormMixin, forms.Form):
    """Addresses as a mail program or a list gives them."""

    addresses = forms.CharField(
        label=_("Addresses"),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=_(
            "One on a line, or with commas between them; names may stand before them, as email programs write it."
        ),
        error_messages={"required": _("Paste at least one address.")},
    )


class TermsForm(PortalFormMixin, forms.Form):
    """For how long the links hold, in which language the mails are, and whether a place comes with them."""

    days_valid = forms.IntegerField(
        label=_("Days that the links work"),
        initial=DAYS_VALID,
        min_value=1,
        max_value=MAX_DAYS_VALID,
        help_text=_("Anyone who has not applied is reminded after a week, and three days before the end."),
    )
    language = forms.ChoiceField(
        label=_("Language of the emails"),
        choices=settings.LANGUAGES,
        initial="en",
        help_text=_("For people whose language neither the list nor their profile tells."),
    )
    is_preapproved = forms.BooleanField(
        label=_("Approve these people in advance"),
        required=False,
        help_text=_("Whoever applies has a place at once, while there are any. Nobody has to decide."),
    )


class ColumnsForm(PortalFormMixin, forms.Form):
    """Which column of the file holds which field: one select a field."""

    def __init__(self, *args: Any, headers: Sequence[str], mapping: Mapping[str, int], **kwargs: Any) -> None:
        columns = [
            (str(at), header or gettext("Column %(number)d") % {"number": at + 1})
            for at, header in enumerate(headers)
        ]
        # The terms on the same page have a language too.
        super().__init__(*args, auto_id="column_%s", **kwargs)
        for name in FIELDS:
            self.fields[name] = forms.TypedChoiceField(
                label=FIELD_LABELS[name],
                choices=[("", _("Not in the file")), *columns],
                coerce=int,
                empty_value=None,
                initial=str(mapping.get(name, "")),
                required=name == "email",
                error_messages={"required": str(FILE_WORDS[RosterProblem.NO_EMAIL_COLUMN])},
            )

    def mapping(self) -> dict[str, int]:
        """The chosen columns, counted from 0."""
        return {name: at for name, at in self.cleaned_data.items() if at is not None}
