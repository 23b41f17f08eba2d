"""Finds what could identify a patient in the text of a case; pure Python, nothing leaves the machine."""

from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.hints import hint
from cases.deidentification.screen import screen, screen_case, warm_up

__all__ = ["Finding", "Kind", "Reason", "Tier", "hint", "screen", "screen_case", "warm_up"]
