"""What a case says: its sections and fields, what may be kept of them, and how they are read."""

from cases.content.computed import Reading, readings
from cases.content.reading import ReadItem, ReadSection, free_texts, missing, readable
from cases.content.sections import FIELDS, MEDICATION, SECTIONS, CaseField, Kind, Section
from cases.content.tidying import MAX_CASE, MAX_FIELD, Content, clean_text, tidy

__all__ = [
    "FIELDS",
    "MAX_CASE",
    "MAX_FIELD",
    "MEDICATION",
    "SECTIONS",
    "CaseField",
    "Content",
    "Kind",
    "ReadItem",
    "ReadSection",
    "Reading",
    "Section",
    "clean_text",
    "free_texts",
    "missing",
    "readable",
    "readings",
    "tidy",
]
