"""Every write to cycles, enrolments and attendance."""

from sessions_app.services.attendance import apply_report, preview_report, record_attendance
from sessions_app.services.cycles import add_questions, move_cycle
from sessions_app.services.enrolments import apply_to_cycle, decide_enrolment, withdraw
from sessions_app.services.feeds import calendar_feed, feed_url, renew_feed
from sessions_app.services.invitations import (
    apply_roster,
    extend_invitations,
    invite,
    invite_pasted,
    map_roster,
    open_invitation,
    read_roster,
    remind,
    remind_due,
    revoke_invitations,
    send_invitations,
    upload_roster,
)
from sessions_app.services.places import accept_place, let_place_go, tend_waiting_list, tend_waiting_lists

__all__ = [
    "accept_place",
    "add_questions",
    "apply_report",
    "apply_roster",
    "apply_to_cycle",
    "calendar_feed",
    "decide_enrolment",
    "extend_invitations",
    "feed_url",
    "invite",
    "invite_pasted",
    "let_place_go",
    "map_roster",
    "move_cycle",
    "open_invitation",
    "preview_report",
    "read_roster",
    "record_attendance",
    "remind",
    "remind_due",
    "renew_feed",
    "revoke_invitations",
    "send_invitations",
    "tend_waiting_list",
    "tend_waiting_lists",
    "upload_roster",
    "withdraw",
]
