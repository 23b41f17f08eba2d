"""The hub's letter, in words for its page and as PDF; how a document is drawn is `core.pdf`."""

from .letters import LetterView, letter_view, render_letter

__all__ = ["LetterView", "letter_view", "render_letter"]
