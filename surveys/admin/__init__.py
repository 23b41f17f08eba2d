"""Instruments, plans, windows, results and exports of surveys in the administration."""

from surveys.admin import exports, instruments, questions, results, windows

__all__ = ["exports", "instruments", "questions", "results", "windows"]
