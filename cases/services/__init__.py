"""Every write to cases and to the answers they get."""

from cases.services.reminding import remind_presenters

__all__ = ["remind_presenters"]
