"""Every write to cycles, enrolments and attendance."""

from sessions_app.services.attendance import (
    apply_report,
    correct_attendance,
    forget_aliases,
    preview_report,
    record_attendance,
    record_roll_call,
    settle_names,
)
from sessions_app.services.check_in import check_in
from sessions_app.services.cycles import add_questions, move_cycle
from sessions_app.services.details import change_session, set_objectives, set_slots
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
from sessions_app.services.materials import add_material, remove_material
from sessions_app.services.notices import notify_change, tell_changes
from sessions_app.services.places import accept_place, let_place_go, tend_waiting_list, tend_waiting_lists
from sessions_app.services.reminders import remind_of_sessions
from sessions_app.services.seasons import build_season
from sessions_app.services.sessions import (
    cancel_session,
    confirm_session,
    mark_held,
    move_session,
    reinstate_session,
)
from sessions_app.services.slots import assign_slot, release_slot, take_slot

__all__ = [
    "accept_place",
    "add_material",
    "add_questions",
    "apply_report",
    "apply_roster",
    "apply_to_cycle",
    "assign_slot",
    "build_season",
    "calendar_feed",
    "cancel_session",
    "change_session",
    "check_in",
    "confirm_session",
    "correct_attendance",
    "decide_enrolment",
    "extend_invitations",
    "feed_url",
    "forget_aliases",
    "invite",
    "invite_pasted",
    "let_place_go",
    "map_roster",
    "mark_held",
    "move_cycle",
    "move_session",
    "notify_change",
    "open_invitation",
    "preview_report",
    "read_roster",
    "record_attendance",
    "record_roll_call",
    "reinstate_session",
    "release_slot",
    "remind",
    "remind_due",
    "remind_of_sessions",
    "remove_material",
    "renew_feed",
    "revoke_invitations",
    "send_invitations",
    "set_objectives",
    "set_slots",
    "settle_names",
    "take_slot",
    "tell_changes",
    "tend_waiting_list",
    "tend_waiting_lists",
    "upload_roster",
    "withdraw",
]
