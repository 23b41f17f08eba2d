"""Instruments, plans, windows, results and exports of surveys in the administration."""

from surveys.admin import exports, instruments, results, windows

__all__ = ["exports", "instruments", "results", "windows"]
