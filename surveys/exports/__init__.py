"""Answers under pseudonyms, for analysis elsewhere: tables, their codebook, and the files they are handed out as."""

from surveys.exports.codebook import codebook_rows
from surveys.exports.files import as_csv, as_sav, as_xlsx
from surveys.exports.tables import Dataset, Purpose, Table, build_table
from surveys.exports.variables import Variable

__all__ = [
    "Dataset",
    "Purpose",
    "Table",
    "Variable",
    "as_csv",
    "as_sav",
    "as_xlsx",
    "build_table",
    "codebook_rows",
]
