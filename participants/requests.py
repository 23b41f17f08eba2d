"""What a view asks of its request."""

from typing import cast

from django.http import HttpRequest

from participants.models import User


def current_user(request: HttpRequest) -> User:
    """The account that is logged in; for views behind `login_required`."""
    return cast("User", request.user)
