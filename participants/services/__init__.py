"""Writes to people's accounts, profiles and agreements."""

from participants.services.agreements import answer_agreements, next_agreement_version, publish_agreement
from participants.services.categories import ask_for_category, decide_category
from participants.services.lifecycle import erase_account, finish_erasures, merge_accounts, why_not_merge
from participants.services.profiles import save_profile
from participants.services.sessions import end_session

__all__ = [
    "answer_agreements",
    "ask_for_category",
    "decide_category",
    "end_session",
    "erase_account",
    "finish_erasures",
    "merge_accounts",
    "next_agreement_version",
    "publish_agreement",
    "save_profile",
    "why_not_merge",
]
