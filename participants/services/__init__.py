"""Writes to people's accounts, profiles and agreements."""

from participants.services.agreements import answer_agreements, next_agreement_version, publish_agreement
from participants.services.categories import ask_for_category, decide_category
from participants.services.profiles import save_profile

__all__ = [
    "answer_agreements",
    "ask_for_category",
    "decide_category",
    "next_agreement_version",
    "publish_agreement",
    "save_profile",
]
