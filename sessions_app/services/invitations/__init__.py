"""Invitations: from a roster or from pasted addresses, mailed by workers, reminded, prolonged and taken back."""

from sessions_app.services.invitations.candidates import Assessment, Candidate, Standing, assess
from sessions_app.services.invitations.inviting import (
    DAYS_VALID,
    MAX_DAYS_VALID,
    invite,
    invite_pasted,
    is_joinable,
    read_pasted,
    require_joinable,
)
from sessions_app.services.invitations.links import find_invitation, invitation_token, invitation_url
from sessions_app.services.invitations.lists import (
    RosterPreview,
    apply_roster,
    map_roster,
    read_roster,
    upload_roster,
)
from sessions_app.services.invitations.sending import (
    extend_invitations,
    open_invitation,
    remind,
    remind_due,
    revoke_invitations,
    send_invitations,
)

__all__ = [
    "DAYS_VALID",
    "MAX_DAYS_VALID",
    "Assessment",
    "Candidate",
    "RosterPreview",
    "Standing",
    "apply_roster",
    "assess",
    "extend_invitations",
    "find_invitation",
    "invitation_token",
    "invitation_url",
    "invite",
    "invite_pasted",
    "is_joinable",
    "map_roster",
    "open_invitation",
    "read_pasted",
    "read_roster",
    "remind",
    "remind_due",
    "require_joinable",
    "revoke_invitations",
    "send_invitations",
    "upload_roster",
]
