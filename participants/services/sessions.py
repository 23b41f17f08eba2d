"""Ending a log-in on another device."""

from allauth.usersessions.models import UserSession

from participants.models import User


def end_session(*, session_id: int, by: User) -> bool:
    """Log out one of the person's own devices at once; False when it was logged out already, or is not theirs."""
    session = UserSession.objects.filter(user=by, pk=session_id).first()
    if session is None:
        return False
    session.end()
    return True
