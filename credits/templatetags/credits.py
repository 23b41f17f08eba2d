"""Words for what the rules of credits name."""

from django import template

from credits.ledger_page import MISSING
from credits.rules import Missing

register = template.Library()


@register.filter
def missing_label(name: Missing) -> str:
    """What a certificate still needs, in words."""
    return str(MISSING[name])
