"""Moments as a test reads best: in Toronto's time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

TORONTO = ZoneInfo("America/Toronto")


def toronto(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """The moment at which Toronto's clocks show this."""
    return datetime(year, month, day, hour, minute, tzinfo=TORONTO)
