"""Every write to cycles, enrolments and attendance."""

from sessions_app.services.attendance import apply_report, preview_report, record_attendance
from sessions_app.services.cycles import add_questions, move_cycle
from sessions_app.services.enrolments import apply_to_cycle, decide_enrolment, withdraw
from sessions_app.services.feeds import calendar_feed, feed_url, renew_feed
from sessions_app.services.places import accept_place, let_place_go, tend_waiting_list, tend_waiting_lists

__all__ = [
    "accept_place",
    "add_questions",
    "apply_report",
    "apply_to_cycle",
    "calendar_feed",
    "decide_enrolment",
    "feed_url",
    "let_place_go",
    "move_cycle",
    "preview_report",
    "record_attendance",
    "renew_feed",
    "tend_waiting_list",
    "tend_waiting_lists",
    "withdraw",
]
