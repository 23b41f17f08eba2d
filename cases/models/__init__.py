"""What is kept of cases and of the hub's answers."""

from cases.models.case import (
    ECHO_ID_ALPHABET,
    CaseFollowUp,
    CaseReading,
    CaseReview,
    CaseSubmission,
    CaseText,
    CaseVersion,
    new_echo_id,
)
from cases.models.recommendation import (
    Heading,
    HubMember,
    LibraryEntry,
    Recommendation,
    RecommendationLetter,
    SuggestedRecommendation,
)

__all__ = [
    "ECHO_ID_ALPHABET",
    "CaseFollowUp",
    "CaseReading",
    "CaseReview",
    "CaseSubmission",
    "CaseText",
    "CaseVersion",
    "Heading",
    "HubMember",
    "LibraryEntry",
    "Recommendation",
    "RecommendationLetter",
    "SuggestedRecommendation",
    "new_echo_id",
]
