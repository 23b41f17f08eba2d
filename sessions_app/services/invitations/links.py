"""The personal link of an invitation: signed, so that nothing secret is stored and nothing can be guessed."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from sessions_app.models import Invitation

MAX_TOKEN = 100


def invitation_token(invitation: Invitation) -> str:
    """The row's number, signed with the portal's key."""
    return _signer().sign(str(invitation.pk))


def invitation_url(invitation: Invitation) -> str:
    """The whole address that goes into the mail."""
    return settings.PORTAL_URL + reverse("sessions_app:invitation", args=[invitation_token(invitation)])


def find_invitation(token: str) -> Invitation | None:
    """The invitation whose link this is, live or not; None for a token that the portal did not make."""
    try:
        pk = int(_signer().unsign(token[:MAX_TOKEN]))
    except (signing.BadSignature, ValueError):
        return None
    return (
        Invitation.objects.select_related("cycle__program", "invited_by__profile", "account")
        .filter(pk=pk)
        .first()
    )


def _signer() -> signing.Signer:
    # A colon ends the link in some mail programs.
    return signing.Signer(salt="sessions_app.invitation", sep=".")
