"""People: accounts, professional profiles, what they agreed to, and how accounts end."""

from participants.models.account import (
    AccountEmail,
    AccountRole,
    LinkedAccount,
    SecondFactor,
    User,
    UserManager,
)
from participants.models.agreements import Agreement, AgreementAnswer
from participants.models.lifecycle import AccountMerge, Erasure
from participants.models.profile import CategoryRequest, Profile
from participants.models.viewing import ParticipantView, ViewedPage

__all__ = [
    "AccountEmail",
    "AccountMerge",
    "AccountRole",
    "Agreement",
    "AgreementAnswer",
    "CategoryRequest",
    "Erasure",
    "LinkedAccount",
    "ParticipantView",
    "Profile",
    "SecondFactor",
    "User",
    "UserManager",
    "ViewedPage",
]
