"""Addresses pasted from a mail program, a web page or a list: one or many on a line, with names or without."""

import re
from collections.abc import Iterator
from email.utils import unquote

from sessions_app.rosters.checks import CheckedRow, check_person
from sessions_app.rosters.problems import RosterError, RosterProblem
from sessions_app.rosters.tables import MAX_BYTES, MAX_ROWS

LINE_END = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
SEPARATOR = re.compile(r"[,;]")
NAME_AND_BRACKETS = re.compile(r"([^<>]*)<([^<>]*)>")
LONGEST = 600
"""Characters of a name with its address; a longer piece is no person's, and takes a pattern long to say so."""
NAME_THEN_ADDRESS = re.compile(r"(\S[^@]*)\s(\S+@\S+)")


def parse_pasted(text: str) -> tuple[CheckedRow, ...]:
    """A person for each address, with the number of its line; what is no address is reported there too.

    Addresses stand one on a line, or with commas, semicolons or blanks between them; "Ann Lee <a@b.example>",
    "Lee, Ann <a@b.example>" and "Ann Lee a@b.example" bring the name. Nothing but blanks gives no rows.

    Raises RosterError for a text too large or with too many addresses.
    """
    if len(text) > MAX_BYTES:
        raise RosterError(RosterProblem.TOO_LARGE, MAX_BYTES)
    seen: dict[str, int] = {}
    rows: list[CheckedRow] = []
    for number, line in enumerate(LINE_END.split(text), start=1):
        for name, email in _people(line.strip("\ufeff")):
            if len(rows) >= MAX_ROWS:
                raise RosterError(RosterProblem.TOO_MANY_ROWS, MAX_ROWS)
            rows.append(check_person(number, {"email": email, "name": name}, seen=seen, problems=[]))
    return tuple(rows)


def _people(line: str) -> Iterator[tuple[str, str]]:
    """Names and addresses of one line."""
    if "\t" in line:
        # Cells of a spreadsheet: what stands before the address is the name.
        cells = [cell.strip() for cell in line.split("\t") if cell.strip()]
        at = [place for place, cell in enumerate(cells) if "@" in cell]
        if len(at) == 1 and not SEPARATOR.search(cells[at[0]]):
            name, email = _name_and_address(cells[at[0]])
            yield name or " ".join(cells[: at[0]]), email
            return
    name_so_far: list[str] = []
    for piece in _pieces(line):
        if "@" not in piece:
            name_so_far.append(piece)
            continue
        if "<" in piece and name_so_far:
            # The comma stood within the name: "Lee, Ann <a@b.example>".
            yield _name_and_address(", ".join([*name_so_far, piece]))
        else:
            yield from (("", rubbish) for rubbish in name_so_far)
            together = piece.split()
            if len(together) > 1 and all("@" in address and "<" not in address for address in together):
                yield from (("", address) for address in together)
            else:
                yield _name_and_address(piece)
        name_so_far = []
    yield from (("", rubbish) for rubbish in name_so_far)


def _pieces(line: str) -> Iterator[str]:
    """The parts between commas, semicolons and tabs that stand outside quotation marks, without blank ones."""
    pieces = SEPARATOR.split(line.replace("\t", ";")) if '"' not in line else _outside_quotes(line)
    return (piece for piece in map(str.strip, pieces) if piece)


def _outside_quotes(line: str) -> Iterator[str]:
    if line.count('"') % 2:
        # Lone quotation marks enclose nothing.
        line = line.replace('"', " ")
    start, quoted = 0, False
    for mark in re.finditer(r'[",;\t]', line):
        if mark[0] == '"':
            quoted = not quoted
        elif not quoted:
            yield line[start : mark.start()]
            start = mark.end()
    yield line[start:]


def _name_and_address(piece: str) -> tuple[str, str]:
    if len(piece) > LONGEST:
        return "", piece
    if found := NAME_AND_BRACKETS.fullmatch(piece):
        return unquote(found[1].strip()), found[2]
    if found := NAME_THEN_ADDRESS.fullmatch(piece):
        return unquote(found[1].strip(" :-")), found[2]
    return "", piece
