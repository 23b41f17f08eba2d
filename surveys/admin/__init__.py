"""Instruments, plans, windows, results and exports of surveys in the administration."""

from surveys.admin import instruments, windows

__all__ = ["instruments", "windows"]
