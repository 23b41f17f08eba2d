"""Errors of the domain. A message says what is wrong and what to do next, and never quotes a case's text."""


class DomainError(Exception):
    """A rule of the program refuses what was asked. `str(error)` is fit to show to the person who asked."""


class MoveRefusedError(DomainError):
    """A state machine does not allow this move."""


class BadInputError(DomainError):
    """What was handed in cannot be used as it is."""


class NotAllowedError(DomainError):
    """This person may not do this."""
