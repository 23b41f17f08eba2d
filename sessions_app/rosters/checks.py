"""Each row of a roster as a person to invite, with what is wrong about it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sessions_app.rosters import words
from sessions_app.rosters.columns import FIELDS
from sessions_app.rosters.problems import BLOCKING, RosterError, RosterProblem, RowProblem, excerpt
from sessions_app.rosters.tables import Table

# As long as the portal keeps them.
LENGTHS: Mapping[str, int] = {
    "email": 254,
    "name": 200,
    "licence_number": 30,
    "practice_name": 200,
    "practice_city": 100,
}

LINE_BREAK = re.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029]")
# The rest of C0 and C1, half characters, and the marks that turn the direction of what follows them.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# What a spreadsheet would compute if it were given the cell back.
FORMULA = re.compile(r"[=@＝＠]|[+-].*[(|!=*/]")
DASHES = re.compile(r"[-–—‐]+")
LOOKED_AT = 300
"""So much of a cell is searched for what does not belong; every field is shorter."""
INVISIBLE = " \t\r\n\xa0\u200b\u200e\u200f\u2060\ufeff"
# Dots between words and a domain of letters and digits, as everybody's mail server takes it. Letters beyond ASCII
# are taken before the @ only (RFC 6531), as the outbox does.
LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
ADDRESS_IN_BRACKETS = re.compile(r"[^<>]*<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A person of a roster. A field with a problem is "", except an address that is merely wrong or a duplicate.

    `number` is the row's in the spreadsheet, or the line's in a text.
    """

    number: int
    email: str
    name: str = ""
    category: str = ""
    profession: str = ""
    licence_number: str = ""
    practice_name: str = ""
    practice_city: str = ""
    language: str = ""
    problems: tuple[RowProblem, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether this person can be invited: warnings lose a field, nothing more."""
        return not any(found.problem in BLOCKING for found in self.problems)


def check_rows(table: Table, mapping: Mapping[str, int]) -> tuple[CheckedRow, ...]:
    """A person for each row, in order. `mapping` tells the column of each field, counted from 0.

    An address counts as a duplicate of the first usable row that has it. Raises RosterError for a mapping without
    the e-mail column (NO_EMAIL_COLUMN) or with one column for two fields (COLUMN_TWICE, the column's header).
    """
    if unknown := mapping.keys() - set(FIELDS):
        raise ValueError(f"a roster has no field {sorted(unknown)}")
    width = len(table.headers)
    columns = [(field, at) for field, at in mapping.items() if 0 <= at < width]
    if "email" not in dict(columns):
        raise RosterError(RosterProblem.NO_EMAIL_COLUMN)
    used: set[int] = set()
    for _field, at in columns:
        if at in used:
            raise RosterError(RosterProblem.COLUMN_TWICE, table.headers[at])
        used.add(at)
    seen: dict[str, int] = {}
    checked = []
    for row in table.rows:
        cells = {field: row.cells[at] for field, at in columns if at < len(row.cells)}
        beyond = next((cell for cell in row.cells[width:] if cell.strip()), "")
        early = [RowProblem(RosterProblem.EXTRA_CELLS, "", excerpt(beyond.strip()))] if beyond else []
        checked.append(check_person(row.number, cells, seen=seen, problems=early))
    return tuple(checked)


def check_person(
    number: int, cells: Mapping[str, str], *, seen: dict[str, int], problems: list[RowProblem]
) -> CheckedRow:
    """One person out of the cells of their fields; `seen` gathers the rows of the addresses so far."""
    fields: dict[str, str] = {}
    for field, cell in cells.items():
        value = cell.strip(INVISIBLE) if field == "email" else cell.strip()
        if field != "email" and DASHES.fullmatch(value):
            value = ""
        if value and (problem := _unfit(value[:LOOKED_AT])):
            problems.append(RowProblem(problem, field, excerpt(value)))
            value = ""
        fields[field] = value
    names = (fields.pop("first_name", ""), fields.pop("last_name", ""))
    fields["name"] = fields.get("name") or " ".join(part for part in names if part)
    for field, allowed in LENGTHS.items():
        if field != "email" and len(fields.get(field, "")) > allowed:
            problems.append(RowProblem(RosterProblem.TOO_LONG, field, str(allowed)))
            fields[field] = ""
    email, mistakes = _read_email(fields.get("email", ""), already=problems)
    fields["email"] = email
    problems += mistakes
    _read_words(fields, problems)
    if not any(found.field == "email" for found in problems) and email in seen:
        problems.append(RowProblem(RosterProblem.DUPLICATE_ROW, "email", str(seen[email])))
    row = CheckedRow(number=number, problems=tuple(problems), **fields)
    if row.is_usable:
        seen[email] = number
    return row


def is_email(address: str) -> bool:
    """Whether mail can be sent to a lower-case address; conservative, so that an invitation is not sent in vain."""
    local, _at, domain = address.rpartition("@")
    return bool(len(address) <= LENGTHS["email"] and LOCAL.fullmatch(local) and DOMAIN.fullmatch(domain))


def _unfit(value: str) -> RosterProblem | None:
    if FORMULA.match(value):
        return RosterProblem.FORMULA
    if LINE_BREAK.search(value):
        return RosterProblem.LINE_BREAK
    if CONTROL.search(value):
        return RosterProblem.CONTROL_CHARACTER
    return None


def _read_email(cell: str, *, already: list[RowProblem]) -> tuple[str, list[RowProblem]]:
    """The address of a cell; "Ann Lee <ann@clinic.example>" and links are taken too."""
    email = cell.lower()
    if bracketed := ADDRESS_IN_BRACKETS.fullmatch(email):
        email = bracketed[1].strip(INVISIBLE)
    email = email.removeprefix("mailto:")
    if not email:
        if any(found.field == "email" for found in already):
            return "", []
        return "", [RowProblem(RosterProblem.EMAIL_MISSING, "email")]
    if len(email) > LENGTHS["email"]:
        return "", [RowProblem(RosterProblem.TOO_LONG, "email", str(LENGTHS["email"]))]
    if not is_email(email):
        return email, [RowProblem(RosterProblem.EMAIL_INVALID, "email", excerpt(email))]
    return email, []


def _read_words(fields: dict[str, str], problems: list[RowProblem]) -> None:
    """Category, profession and language from what was written: what cannot be read is left open, with a warning.

    Rosters mix the two up, so that either column may say both: "Family physician" under Profession, "RN" under
    Category. Where they contradict each other, the category stands.
    """
    category, profession = "", ""
    typed = {field: fields.get(field, "") for field in ("category", "profession", "language")}
    kind, trade = (
        words.profession(typed[field]) if typed[field] else None for field in ("category", "profession")
    )
    if kind:
        # "Other" under Category says the category, not the profession "other".
        category, profession = kind[0], "" if kind[1] == words.OTHER else kind[1]
    if trade and not category:
        category = trade[0]
    if trade and trade[0] == category:
        profession = trade[1] or profession
    problems += _warnings(typed, kind, trade, category, profession)
    fields.update(category=category, profession=profession, language=words.language(typed["language"]))
    if typed["language"] and not fields["language"]:
        problems.append(RowProblem(RosterProblem.LANGUAGE_UNKNOWN, "language", excerpt(typed["language"])))


def _warnings(
    typed: Mapping[str, str],
    kind: tuple[str, str] | None,
    trade: tuple[str, str] | None,
    category: str,
    profession: str,
) -> Iterator[RowProblem]:
    if typed["category"] and (kind is None or not category):
        yield RowProblem(RosterProblem.CATEGORY_UNKNOWN, "category", excerpt(typed["category"]))
    if not typed["profession"]:
        return
    shown = excerpt(typed["profession"])
    if trade is None or (category == trade[0] == words.OTHER and not profession):
        yield RowProblem(RosterProblem.PROFESSION_UNKNOWN, "profession", shown)
    elif trade[0] not in {"", category} or (not trade[0] and category == words.OTHER):
        yield RowProblem(RosterProblem.PROFESSION_MISMATCH, "profession", shown)
    elif not category and not typed["category"]:
        # "MD" alone does not say which kind.
        yield RowProblem(RosterProblem.CATEGORY_UNKNOWN, "category", shown)
