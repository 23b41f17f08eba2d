"""The form before an erasure."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalFormMixin
from participants.models import User


class EraseForm(PortalFormMixin, forms.Form):
    """Nobody erases an account by a slip: its address is typed."""

    email = forms.CharField(
        label=_("Your email address"),
        max_length=254,
        help_text=_("Type the address you log in with, to show that you mean it."),
        widget=forms.TextInput(attrs={"inputmode": "email", "autocapitalize": "none", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        """The address of the account, whatever its letter case."""
        typed: str = self.cleaned_data["email"].strip().lower()
        if typed != self.user.email:
            raise forms.ValidationError(_("This is not the address of your account. Nothing was erased."))
        return typed
