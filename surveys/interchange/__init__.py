"""Instruments as JSON, to be kept, shared and read again: keys instead of ids, checked by hand with exact paths.

The data names no version and no state: whoever reads it makes the next version of a program's instrument.
"""

from surveys.interchange.form import MAX_BYTES, SCALED, TITLED, WORDED, UnfitDataError
from surveys.interchange.reading import checked, parsed
from surveys.interchange.writing import as_data, as_json

__all__ = [
    "MAX_BYTES",
    "SCALED",
    "TITLED",
    "WORDED",
    "UnfitDataError",
    "as_data",
    "as_json",
    "checked",
    "parsed",
]
