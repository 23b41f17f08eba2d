"""The code of a certificate, as somebody types it from paper; an accreditation; a reason."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.errors import BadInputError
from core.forms import PortalFormMixin
from core.models import StoredFile
from credits.models import Accreditation, Waiver
from credits.models.certificate import TOKEN_ALPHABET, TOKEN_LENGTH
from credits.signatures import MAX_BYTES, store_signature


class VerifyForm(PortalFormMixin, forms.Form):
    """The verification code, or the whole address it stands in; blanks and small letters are forgiven."""

    code = forms.CharField(
        label=_("Verification code"),
        max_length=300,
        help_text=_("The last part of the address printed beside the square code on the certificate."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        """The bare code."""
        typed = str(self.cleaned_data["code"]).strip().rstrip("/").rsplit("/", 1)[-1]
        code = "".join(typed.split()).replace("-", "").upper()
        if len(code) != TOKEN_LENGTH or any(sign not in TOKEN_ALPHABET for sign in code):
            raise forms.ValidationError(
                _(
                    "This is not a verification code: it has 26 letters and digits. Check it against the paper."
                )
            )
        return code


class VerifyFileForm(PortalFormMixin, forms.Form):
    """The file of a certificate, of which the hash alone is looked at."""

    document = forms.FileField(
        label=_("The PDF"),
        help_text=_("The file as it was emailed or downloaded, 20 MB at most. It is not kept."),
        error_messages={
            "required": _("Choose the PDF of the certificate, 20 MB at most."),
            "empty": _("This file is empty. Choose the PDF of the certificate."),
        },
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )


class WaiverForm(PortalFormMixin, forms.Form):
    """Which condition somebody is to be let off, and why."""

    condition = forms.ChoiceField(label=_("Condition"), choices=(), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Kept on record; an auditor will ask."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, missing: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["condition"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [choice for choice in Waiver.Condition.choices if choice[0] in set(missing)]


class ReasonForm(forms.Form):
    """Why a certificate is revoked or corrected."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("Kept on record; an auditor will ask.")
    )


class AccreditationForm(forms.ModelForm[Accreditation]):
    """An accreditation, with the signature as an image to choose."""

    signature_image = forms.FileField(
        label=_("Signature image"),
        required=False,
        help_text=_("PNG or JPEG, 1 MB at most, dark ink on white. Leave empty to keep the present one."),
    )

    class Meta:
        model = Accreditation
        exclude = ["signature"]  # noqa: DJ006  # all but the file, which arrives as an image

    def clean_signature_image(self) -> StoredFile | None:
        """The stored image, re-encoded."""
        upload = self.cleaned_data.get("signature_image")
        if not upload:
            return None
        try:
            return store_signature(upload.read(MAX_BYTES + 1))
        except BadInputError as error:
            raise forms.ValidationError(str(error)) from error

    def save(self, commit: bool = True) -> Accreditation:
        """Keep the present signature unless a new one was chosen."""
        if image := self.cleaned_data.get("signature_image"):
            self.instance.signature = image
        saved: Accreditation = super().save(commit)
        return saved
