"""What the columns of a report are called, in English and French."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MAX_HEADER = 80

_OF_USER = r"(?: (?:de l utilisateur|du participant))?"
_MINUTES = r"(?: (?:in )?(?:minutes|min|mins))?"

# A whole header, folded by `plain`; the first kind that fits decides.
KIND_WORDS: dict[str, str] = {
    "waiting": r"(?:in |dans la |en )?(?:the )?(?:waiting room|lobby|salle d attente)",
    "upn": r"(?:(?:id|identifiant) )?(?:du |de )?(?:participant )?(?:id )?upn|participant id|user principal name",
    "email": (
        r"(?:(?:user|participant|attendee) )?(?:e ?mail|courriel)(?: address| id)?" + _OF_USER
        + r"|adresse(?: de)? (?:e ?mail|mail|courriel|messagerie|electronique|courrier electronique)" + _OF_USER
        + r"|mail|courrier(?: electronique)?" + _OF_USER
    ),
    "name": (
        r"(?:(?:user|full|display|participant|attendee) )?name(?: original name)?|name of participant"
        r"|participant|attendee|nom(?: (?:complet|affiche|d utilisateur|de l utilisateur|du participant))?"
        r"(?: nom (?:original|d origine|initial))?"
    ),
    "first": r"(?:first|given)(?: name)?|prenom",
    "last": r"(?:last|family)(?: name)?|surname|nom de famille",
    "join": (
        r"join(?:ed)?(?: time| date| at)?|time joined|entry time|time in|first seen(?: at)?|arrival(?: time)?"
        r"|heure (?:(?:de|d|la|l|a|pour) )*(?:arrivee|entree|connexion|participation|adhesion|acces|rejoindre)"
        r"|arrivee|entree|connexion|a rejoint(?: a)?|rejoint a"
    ),
    "leave": (
        r"(?:leave|left|exit)(?: time| date| at)?|time (?:left|exited|out)|last seen(?: at)?|departure(?: time)?"
        r"|heure (?:(?:de|d|la|l|a|pour|fin) )*(?:depart|sortie|deconnexion|quitter)"
        r"|depart|sortie|deconnexion|a quitte(?: a)?|quitte a"
    ),
    "first_join": (
        r"first join(?: time)?|(?:heure de )?premi(?:er|ere) (?:participation|connexion|arrivee|entree|acces)"
    ),
    "last_leave": r"last leave(?: time)?|(?:heure de )?derni(?:er|ere) (?:depart|sortie|deconnexion)",
    "start": (
        r"(?:(?:actual|meeting) )?start(?:s|ed)?(?: time| date time)?"
        r"|(?:heure de )?debut(?: reelle?| de la reunion)?"
    ),
    "end": r"(?:(?:actual|meeting) )?end(?:s|ed)?(?: time| date time)?|(?:heure de )?fin(?: reelle| de la reunion)?",
    "duration": (
        r"(?:(?:total|attendance|in meeting) )?duration" + _MINUTES + r"|minutes(?: attended)?|attended minutes"
        r"|(?:time in (?:session|meeting)|in meeting time|attendance time|total time)" + _MINUTES
        + r"|duree(?: \w+){0,6}|temps (?:passe|de presence|en session|en reunion)(?: en)?" + _MINUTES
    ),
    "attended": r"attended|present|presence|a participe|a assiste",
    "action": r"(?:user )?action|action(?: de l utilisateur| utilisateur)",
    "stamp": r"time ?stamp|time|horodatage|heure|date et heure|date(?: and)? time|horodateur",
    "date": r"(?:meeting |session )?date(?: de la (?:reunion|session))?",
    "topic": r"(?:meeting |webinar )?(?:topic|title)|sujet|titre(?: de la reunion)?|objet",
    "meeting": (
        r"(?:meeting|webinar) ?(?:id|number|code)"
        r"|(?:n|no|numero|id|identifiant) (?:de |du )?(?:la )?(?:reunion|webinaire)"
    ),
}  # fmt: skip
KINDS = tuple((kind, re.compile(words)) for kind, words in KIND_WORDS.items())

# A column of a report that is about something else.
OTHER_COLUMN = re.compile(
    r"submitted (?:date )?time|submitted date time|question(?: \d+)?|questions?|answers?|asker(?: name| email)?"
    r"|registration time|registered(?: at| on)?|approval status|poll(?: name| question)?|quiz"
    r"|heure d inscription|date d inscription|statut d approbation|reponses?|sondage"
)
OTHER_TITLE = re.compile(
    r"(?:poll|polling|survey|quiz|q a|questions?|registration|registrant|performance|chat)s? (?:report|details|results)"
    r"|rapport (?:de |d |du |sur |des )*(?:les |la )?(?:sondage|enquete|inscription|questions|quiz|performance)\w*.*"
)
SECTION = re.compile(
    r"\d{1,2}\. \S.*|(?:host|panelist|attendee)s? details|other attended|details .*", re.IGNORECASE
)
ZOOM_WORDS = re.compile(
    r"original name|nom (?:original|d origine)|recording (?:consent|disclaimer)|time in session|webinar|in waiting room"
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table of people has its columns; None for one that it does not have."""

    name: int | None
    first: int | None
    last: int | None
    email: int | None
    upn: int | None
    join: int | None
    leave: int | None
    duration: int | None
    waiting: int | None
    attended: int | None
    action: int | None
    stamp: int | None
    date: int | None
    is_span: bool
    """Whether the times are the first arrival and the last departure, with gaps between that are not shown."""

    @property
    def is_timed(self) -> bool:
        """Whether there are times; if so, durations do not count: the platforms round them up."""
        return self.join is not None and (self.leave is not None or self.duration is not None)

    @property
    def is_events(self) -> bool:
        """Whether each line is one coming or going."""
        return self.action is not None and self.stamp is not None and not self.is_timed

    @property
    def needed(self) -> int:
        """How many cells a line must have."""
        if self.is_events:
            needed = (self.action, self.stamp)
        elif self.is_timed:
            needed = (self.join, self.leave)
        else:
            needed = (self.duration, None)
        return 1 + max(at for at in needed if at is not None)


@lru_cache(maxsize=4096)
def plain(header: str) -> str:
    """A header in lower case, without accents and punctuation."""
    decomposed = unicodedata.normalize("NFKD", header[:MAX_HEADER].casefold())
    words = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(re.split(r"[\W_]+", words)).strip()


@lru_cache(maxsize=4096)
def kind_of(header: str) -> str:
    """What a column holds by its header, or ""."""
    words = plain(header)
    return next((kind for kind, pattern in KINDS if pattern.fullmatch(words)), "")


def is_participants(cells: list[str]) -> bool:
    """Whether the line is the header of a table that says who was there and how long."""
    return columns_of(cells) is not None


def columns_of(cells: list[str]) -> Columns | None:
    """The columns of a table of people, or None for a line that is no header of one."""
    kinds = [kind_of(cell) for cell in cells]
    has = set(kinds)
    is_span = "first_join" in has and "join" not in has
    join, leave = ("first_join", "last_leave") if is_span else ("join", "leave")
    if join not in has and not has & {"topic", "meeting"}:
        join, leave = "start", "end"
    # Where the meeting stands on every line, its host's address comes before the name, and a person's after it.
    name_at = kinds.index("name") if "name" in has else 0

    def at(kind: str) -> int | None:
        if kind not in has:
            return None
        return kinds.index(kind, name_at) if kind in kinds[name_at:] else kinds.index(kind)

    columns = Columns(
        name=at("name"),
        first=at("first"),
        last=at("last"),
        email=at("email"),
        upn=at("upn"),
        join=at(join),
        leave=at(leave),
        duration=at("duration"),
        waiting=at("waiting"),
        attended=at("attended"),
        action=at("action"),
        stamp=at("stamp"),
        date=at("date"),
        is_span=is_span,
    )
    says_who = not has.isdisjoint({"name", "email", "upn", "first", "last"})
    is_meeting = not has.isdisjoint({"topic", "meeting"}) and not columns.is_timed
    says_how_long = columns.is_timed or columns.is_events or columns.duration is not None
    return columns if says_who and says_how_long and not is_meeting else None


def is_meeting_block(cells: list[str]) -> bool:
    """Whether the line is the header above the one line that describes the meeting."""
    kinds = {kind_of(cell) for cell in cells} - {""}
    return len(kinds) > 1 and not kinds.isdisjoint({"topic", "meeting"})


def is_other_report(cells: list[str]) -> bool:
    """Whether the line is the header of another report: polls, registrations, questions."""
    return any(OTHER_COLUMN.fullmatch(plain(cell)) for cell in cells)


def is_other_title(cell: str) -> bool:
    """Whether the first cell of a file says that it is another report."""
    return OTHER_TITLE.fullmatch(plain(cell)) is not None


def is_section(cells: list[str]) -> bool:
    """Whether the line is the title of a section: alone on its line."""
    return not any(map(str.strip, cells[1:])) and SECTION.fullmatch(cells[0].strip()) is not None


def says_zoom(cells: list[str]) -> bool:
    """Whether the header is worded as Zoom does."""
    return any(ZOOM_WORDS.search(plain(cell)) for cell in cells)
