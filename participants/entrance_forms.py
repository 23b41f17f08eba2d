"""Logging in after an invitation's link: the invited address is filled in."""

from typing import Any

from allauth.account.forms import LoginForm as StockLoginForm
from allauth.account.forms import RequestLoginCodeForm as StockRequestLoginCodeForm
from allauth.core import context
from django.utils.translation import gettext_lazy as _

from participants.invited import invited_email


class LoginForm(StockLoginForm):  # type: ignore[misc]  # allauth ships no types
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].initial = invited_email(self.request)
        self.fields["remember"].label = _("Stay logged in on this device")
        # The way to a new password stands beside the button: between two fields one would have to step over it.
        self.fields["password"].help_text = ""


class RequestLoginCodeForm(StockRequestLoginCodeForm):  # type: ignore[misc]  # allauth ships no types
    """The address that gets a code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The view does not hand its request on; allauth's middleware keeps it.
        self.fields["email"].initial = invited_email(context.request)
