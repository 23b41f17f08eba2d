"""The forms around the second factor: allauth's, in our words and with codes that work once."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalFormMixin
from participants.second_factor import use_totp_code

NAME_LENGTH = 60


class UsedOnceMixin(PortalFormMixin):
    """The field for a code of the app, or a recovery code; either works once."""

    authenticator: Authenticator

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code")
        self.fields["code"].help_text = _(
            "The six digits that your app shows now. Without your phone: one of your recovery codes."
        )

    def clean_code(self) -> str:
        """What allauth checks, then what it leaves open: a code somebody has seen you type opens nothing."""
        code: str = super().clean_code()  # type: ignore[misc]  # of the form it is mixed into
        if self.authenticator.type == Authenticator.Type.TOTP and not use_totp_code(self.authenticator, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(UsedOnceMixin, AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """Asked when one logs in."""


class ConfirmByCodeForm(UsedOnceMixin, ReauthenticateForm):  # type: ignore[misc]  # as above
    """Asked before something that protects the account is changed."""


class ActivateAppForm(PortalFormMixin, ActivateTOTPForm):  # type: ignore[misc]  # as above
    """The first code of a new app: the proof that it was set up rightly."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code from the app")
        self.fields["code"].help_text = _("Six digits; a new code appears every 30 seconds.")
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


def _name_field(*, required: bool) -> forms.CharField:
    return forms.CharField(
        label=_("Name"),
        help_text=_("So that you can tell it from others, for example: my phone."),
        max_length=NAME_LENGTH,
        required=required,
    )


class AddPasskeyForm(PortalFormMixin, AddWebAuthnForm):  # type: ignore[misc]  # as above
    """A new passkey; by default one that logs in without a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Asked for, so that it is not empty by mistake; allauth names one that is.
        name = _name_field(required=False)
        name.required = False
        self.fields["name"] = name
        passwordless = self.fields["passwordless"]
        passwordless.initial = True
        passwordless.label = _("Log in with it alone, without a password")
        passwordless.help_text = _(
            "Your device asks for your fingerprint, your face or its PIN. Some older security keys cannot do this."
        )


class RenamePasskeyForm(PortalFormMixin, EditWebAuthnForm):  # type: ignore[misc]  # as above
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = _name_field(required=True)


class RemovePasskeyForm(forms.Form):
    """Nothing to fill in, but a reason to refuse: the last second factor of somebody who must have one."""

    def __init__(self, *args: Any, authenticator: Authenticator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.authenticator = authenticator

    def clean(self) -> dict[str, Any]:
        """Ask the adapter, as allauth does before it takes an app away."""
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(self.authenticator):
            raise adapter.validation_error("cannot_delete_authenticator")
        return super().clean() or {}
