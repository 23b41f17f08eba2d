"""Every write to cases and to the answers they get."""

from cases.services.drafts import ConflictError, Saved, delete_draft, save_draft, start_case
from cases.services.follow_ups import ask_for_follow_ups, report_follow_up
from cases.services.handing_in import (
    ATTESTATION,
    CaseChangedError,
    check_case,
    explain_findings,
    submit_case,
)
from cases.services.letters import LetterChangedError, release_letter, sign_letter
from cases.services.readings import record_reading
from cases.services.recommending import keep_suggestion, save_recommendations
from cases.services.reminding import remind_presenters
from cases.services.reviewing import approve_case, return_case, start_review, strike_version
from cases.services.scheduling import mark_presented, present_held_cases, schedule_case
from cases.services.screened import ConfirmFirstError, require_screened

__all__ = [
    "ATTESTATION",
    "CaseChangedError",
    "ConfirmFirstError",
    "ConflictError",
    "LetterChangedError",
    "Saved",
    "approve_case",
    "ask_for_follow_ups",
    "check_case",
    "delete_draft",
    "explain_findings",
    "keep_suggestion",
    "mark_presented",
    "present_held_cases",
    "record_reading",
    "release_letter",
    "remind_presenters",
    "report_follow_up",
    "require_screened",
    "return_case",
    "save_draft",
    "save_recommendations",
    "schedule_case",
    "sign_letter",
    "start_case",
    "start_review",
    "strike_version",
    "submit_case",
]
