"""The library's index: the words that a case is found by, made anew whenever a letter is signed."""

from datetime import datetime

from django.contrib.postgres.search import SearchVector
from django.db.models import Value
from django.db.models.expressions import CombinedExpression

from cases.content import free_texts, readable
from cases.library_words import plain, searchable
from cases.models import CaseSubmission, LibraryEntry, RecommendationLetter

FIRST = ("question_1", "question_2", "question_3", "diagnoses")
"""What a case is about: words found here count most."""


def index_case(*, case: CaseSubmission, letter: RecommendationLetter, now: datetime) -> LibraryEntry:
    """Make the case's entry from the version handed in and from `letter`, in English and in French.

    Runs in the transaction of who signs. Running it again gives the same entry.
    """
    content = case.version.content if case.version else {}
    texts = free_texts(content)
    about = " \n".join(text for path, text in texts.items() if path in FIRST)
    # Choices are searched by their words in the language that the signer reads; free text is most of it.
    rest = " \n".join(
        [
            case.echo_id,
            *(text for path, text in texts.items() if path not in FIRST),
            *(item.text for section in readable(content) for item in section.items if not item.is_free_text),
            letter.opening,
            *(item["text"] for item in letter.items),
        ]
    )
    entry, _is_new = LibraryEntry.objects.update_or_create(
        case=case, defaults={"search": _words(about, "A") + _words(rest, "C"), "indexed_at": now}
    )
    return entry


def _words(text: str, weight: str) -> CombinedExpression:
    """Stems of both languages, and each word as it stands without its accents: they are often left out in a search."""
    text = searchable(text)
    return (
        SearchVector(Value(text), config="english", weight=weight)
        + SearchVector(Value(text), config="french", weight=weight)
        + SearchVector(Value(plain(text)), config="simple", weight=weight)
    )
