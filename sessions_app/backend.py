"""Who is logged in, with the limit to programs that they may have: asked for with the account, in the same query."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from participants.models import User


class PortalBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """allauth's, whose account comes with its `staff_scope` (sessions_app.scope)."""

    def get_user(self, user_id: Any) -> User | None:
        """The account of a session, while it may log in."""
        user = User.objects.select_related("staff_scope").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
