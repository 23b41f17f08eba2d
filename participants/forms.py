"""The professional profile, as its owner fills it in; the agreements, as fields of any form."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalFormMixin
from participants.enums import Category
from participants.models import Agreement, Profile


class ProfileForm(PortalFormMixin, forms.ModelForm[Profile]):
    """Name, category and practice; a profession is asked of other health professionals alone."""

    class Meta:
        model = Profile
        fields: ClassVar[list[str]] = [
            "legal_name",
            "preferred_name",
            "category",
            "profession",
            "licence_number",
            "practice_name",
            "practice_city",
            "language",
        ]
        widgets: ClassVar[dict[str, Any]] = {
            "legal_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "preferred_name": forms.TextInput(attrs={"autocomplete": "nickname"}),
            "category": forms.RadioSelect,
            "practice_name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "practice_city": forms.TextInput(attrs={"autocomplete": "address-level2"}),
            "language": forms.RadioSelect,
        }

    def clean_legal_name(self) -> str:
        """The name on one line, without stray blanks."""
        return " ".join(str(self.cleaned_data["legal_name"]).split())

    def clean(self) -> dict[str, Any]:
        """A profession goes with the category `other`, and with no other."""
        data = super().clean() or {}
        if data.get("category") == Category.OTHER and not data.get("profession"):
            self.add_error("profession", _("Choose your profession."))
        elif data.get("category") != Category.OTHER:
            data["profession"] = ""
        return data


# --- agreements -------------------------------------------------------------------------------------------------
AGREEMENT_FIELD = "agreement_"

CONSENT_QUESTIONS = {
    Agreement.Kind.RESEARCH: _("Do you consent to evaluation research?"),
    Agreement.Kind.RECORDING: _("Do you consent to recording?"),
}


def agreement_fields(agreements: Iterable[Agreement]) -> dict[str, forms.Field]:
    """A field for each agreement, named `agreement_<id>`: a box to tick, or yes and no with neither chosen.

    The text itself stands above the field: participants/_agreement_text.html.
    """
    return {f"{AGREEMENT_FIELD}{agreement.pk}": _agreement_field(agreement) for agreement in agreements}


def agreement_answers(cleaned_data: Mapping[str, Any]) -> dict[int, bool]:
    """What was answered, by agreement id; other fields of the form are passed over."""
    return {
        int(name.removeprefix(AGREEMENT_FIELD)): bool(value)
        for name, value in cleaned_data.items()
        if name.startswith(AGREEMENT_FIELD)
    }


def _agreement_field(agreement: Agreement) -> forms.Field:
    if agreement.is_required:
        return forms.BooleanField(
            label=_("I agree to the participation agreement"),
            error_messages={
                "required": _("Tick the box to take part. Without it no case and no session link is shown.")
            },
        )
    return forms.TypedChoiceField(
        label=CONSENT_QUESTIONS[Agreement.Kind(agreement.kind)],
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda answer: answer == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no. Either is fine.")},
    )
