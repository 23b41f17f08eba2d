"""What a view asks of its request."""

from typing import cast

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from participants.models import User


def current_user(request: HttpRequest) -> User:
    """The account that is logged in; for views behind `login_required`."""
    return cast("User", request.user)


def next_page(request: HttpRequest) -> str:
    """Where the person was going, from the address or the form; "" unless it is a page of this portal."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else ""
