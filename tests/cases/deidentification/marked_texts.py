"""Texts whose identifiers stand in double square brackets, and what the patterns make of them."""

import re

from cases.deidentification.normalise import normalise
from cases.deidentification.patterns import find_patterns


def unmarked(marked):
    """The text without its brackets, and what stood between them, in order."""
    return re.sub(r"\[\[|\]\]", "", marked), re.findall(r"\[\[(.*?)\]\]", marked, re.DOTALL)


def found_in(text):
    return [text[finding.start : finding.end] for finding in find_patterns(normalise(text))]


def found_with_kind(text):
    return [(text[finding.start : finding.end], finding.kind) for finding in find_patterns(normalise(text))]
