"""What a person at the keyboard is told when a service cannot run."""


class EmbeddedError(Exception):
    """One clear sentence: what is wrong and what to do next."""
