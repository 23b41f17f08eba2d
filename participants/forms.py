"""The professional profile, as its owner fills it in."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalFormMixin
from participants.enums import Category
from participants.models import Profile


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
