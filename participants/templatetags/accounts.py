"""Filters for the pages of an account: keys to be typed, and browsers by name."""

import re

from django import template
from django.utils.translation import gettext

register = template.Library()

# The first that is found: most browsers also name those they descend from.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


@register.filter
def in_fours(key: str) -> str:
    """ABCD EFGH IJKL: a long key as a person reads and types it."""
    return " ".join(re.findall(".{1,4}", key))


@register.filter
def device_name(user_agent: str) -> str:
    """Firefox on Windows: what a browser says of itself, in the words of its owner."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return gettext("{browser} on {system}").format(browser=browser, system=system)
    return browser or system or gettext("An unknown browser")
