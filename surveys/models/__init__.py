"""Instruments in versions, the windows in which a cycle asks them, and what each participant answered."""

from surveys.models.instrument import Construct, Instrument
from surveys.models.question import Choice, Question, Section
from surveys.models.response import Answer, Pseudonym, PseudonymLookup, Response, ScreenedAnswer
from surveys.models.window import SurveyAsk, SurveyPlan, SurveyWindow, WindowExtension

__all__ = [
    "Answer",
    "Choice",
    "Construct",
    "Instrument",
    "Pseudonym",
    "PseudonymLookup",
    "Question",
    "Response",
    "ScreenedAnswer",
    "Section",
    "SurveyAsk",
    "SurveyPlan",
    "SurveyWindow",
    "WindowExtension",
]
