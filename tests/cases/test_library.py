"""The library: who finds which case, by which words, in English and in French."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pgtrigger
import pytest

from cases.library_queries import found_in, library_case, library_of, with_answers
from cases.library_words import plain, searchable, searched
from cases.models import CaseFollowUp, CaseSubmission, Heading, LibraryEntry
from cases.services.library import index_case
from participants.models import AgreementAnswer
from sessions_app.models import Cycle, EchoSession, Enrolment
from tests import factories as make
from tests.clock import toronto
from tests.database import write
from tests.migrated import put_agreements_back

pytestmark = pytest.mark.django_db

NOW = toronto(2025, 10, 20, 9)


@pytest.fixture
def cycle() -> Cycle:
    return make.make_cycle(sessions=2)


def taught(
    cycle: Cycle, *, recommends: str = "Taper slowly.", letter: dict[str, Any] | None = None, **content
):
    """A case of the library, with its entry."""
    case = make.make_case(
        make.make_enrolment(cycle),
        status="recommendations_sent",
        content=make.CASE_CONTENT | content,
    )
    items = [{"heading": "pharmacological", "text": recommends, "author": "Dr. P", "title": ""}]
    signed = make.make_letter(case, **({"items": items} | (letter or {})))
    index_case(case=case, letter=signed, now=NOW)
    return case


def search(user, words="", now=NOW) -> list[CaseSubmission] | None:
    cases = library_of(user, now=now)
    return None if cases is None else list(found_in(cases, words))


@pytest.fixture
def reader(cycle):
    return make.make_enrolment(cycle).participant


# --- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("neuralgia", True),
        ("tapering", True),
        ("névralgie", True),
        ("nevralgie", True),
        ("NÉVRALGIES", True),
        ("douleurs", True),
        ("oeil", True),
        ("œil", True),
        ('"one-sided neuralgia"', True),
        ('"neuralgia one-sided"', False),
        ("“one-sided neuralgia”", True),
        ("“neuralgia one-sided”", False),
        ("neuralgia -migraine", True),
        ("neuralgia -taper", False),
        ("migraine or neuralgia", True),
        ("migraine", False),
        ("lidocaine plaster", True),
        ("57", True),
    ],
)
def test_words_are_found_in_both_languages_and_without_accents(cycle, reader, words, is_found):
    case = taught(
        cycle,
        recommends="Taper opioids; lidocaine plaster at night.",
        pain_history="One-sided neuralgia after shingles. Névralgie et douleur de l’œil.",
    )

    assert search(reader, words) == ([case] if is_found else [])


@pytest.mark.parametrize(
    "words",
    ["'", '"', '"""', "&", "|", "!", "()", ":*", "a & | b", "\\", "%", "-", "--", "<->", "é'\"", "the", "de la",
     "ا", "😀", "x" * 200, "' OR 1=1 --", "\u202ename", "or or", "-or", '" " "', "a:b:c", "$$", "\t"],
)  # fmt: skip
def test_whatever_is_typed_is_a_search(cycle, reader, words):
    taught(cycle)

    assert search(reader, words) is not None


def test_best_comes_first_and_without_words_the_newest(cycle, reader):
    first, second = cycle.sessions.order_by("starts_at")
    aside = taught(cycle, treatments="Neuralgia was suspected once.")
    about = taught(cycle, diagnoses="Trigeminal neuralgia.", question_1="How is neuralgia treated?")
    write(aside, session=second)
    write(about, session=first)

    assert search(reader, "neuralgia") == [about, aside]
    assert search(reader) == [aside, about]


def test_entry_is_made_anew_with_the_corrected_letter(cycle, reader):
    case = taught(cycle, recommends="Begin ketamine.")
    corrected = make.make_letter(
        case, items=[{"heading": "pharmacological", "text": "Begin clonidine.", "author": "P", "title": ""}]
    )
    index_case(case=case, letter=corrected, now=NOW)
    index_case(case=case, letter=corrected, now=NOW)

    assert LibraryEntry.objects.count() == 1
    assert search(reader, "ketamine") == []
    assert search(reader, "clonidine") == [case]


def test_names_of_the_authors_find_nothing(cycle, reader):
    taught(
        cycle,
        letter={"items": [{"heading": "referral", "text": "Walk.", "author": "Zephyrine", "title": "Xylo"}]},
    )

    assert search(reader, "Zephyrine") == search(reader, "Xylo") == []


def test_words_are_made_comparable():
    assert plain("névralgie œdème æther ﬁn") == "nevralgie oedeme aether fin"
    assert searchable("L’Œil: «É» – L4-L5…") == "l œil:  é    l4-l5 "
    assert searched("“Low back”") == '"low back"'


# --- who finds what -------------------------------------------------------------------------------------------------


def test_library_shows_each_what_is_theirs_to_see(cycle, reader, coordinator, outsider):
    other_program = make.make_cycle(sessions=1)
    sibling = make.make_cycle(cycle.program, sessions=1)
    mine, of_sibling, foreign = taught(cycle), taught(sibling), taught(other_program)
    member = make.make_hub_member(cycle.program)
    applicant = make.make_enrolment(cycle, status=Enrolment.Status.APPLIED).participant
    withdrawn = make.make_enrolment(cycle, status=Enrolment.Status.WITHDRAWN).participant
    unprotected = make.make_hub_member(cycle.program, make.make_user()).user

    def found(user):
        cases = search(user)
        return None if cases is None else set(cases)

    assert found(reader) == {mine}
    assert found(mine.presenter.participant) == {mine}
    assert found(member.user) == {mine, of_sibling}
    assert found(coordinator) == {mine, of_sibling, foreign}
    for user in (outsider, applicant, withdrawn, unprotected):
        assert found(user) is None


def test_library_asks_for_the_participation_agreement(cycle, reader):
    case = taught(cycle)
    put_agreements_back()
    AgreementAnswer.objects.filter(user=reader).delete()
    assert search(reader) is None

    make.agree(reader)

    assert search(reader) == [case]


def cancel(case: CaseSubmission) -> None:
    with pgtrigger.ignore("sessions_app.EchoSession:session_moves"):
        EchoSession.objects.filter(cases=case).update(status=EchoSession.Status.CANCELLED)


@pytest.mark.parametrize(
    "hide",
    [
        lambda case: case.letters.update(visible_to_cycle_at=NOW + timedelta(minutes=1)),
        lambda case: make.make_letter(case, visible_to_cycle_at=NOW + timedelta(minutes=1)),
        cancel,
        lambda case: write(
            case.version, content={}, findings=[], struck_at=NOW, struck_by=make.make_user(is_staff=True)
        ),
    ],
    ids=["not released", "correction not released", "cancelled", "struck out"],
)
def test_case_that_is_not_to_be_seen_is_not_found(cycle, reader, coordinator, hide):
    case = taught(cycle)
    assert search(reader, "oxycodone") == [case]

    hide(case)

    for user in (reader, coordinator):
        assert search(user, "oxycodone") == search(user) == []


@pytest.mark.parametrize("status", ["draft", "submitted", "in_review", "approved", "returned"])
def test_case_without_an_answer_is_not_in_the_library(cycle, coordinator, status):
    make.make_case(make.make_enrolment(cycle), status=status)

    assert search(coordinator) == []


# --- what a row says ------------------------------------------------------------------------------------------------


def test_row_says_who_what_and_how_it_went(cycle, reader):
    case = taught(cycle)
    CaseFollowUp.objects.create(case=case, outcome="better", text="Sleeps again.", reported_at=NOW)

    cases = library_of(reader, now=NOW)
    assert cases is not None
    row = library_case(with_answers(cases, now=NOW).get())

    assert (row.case, row.age, row.sex) == (case, "57", "Female")
    assert row.question == make.CASE_CONTENT["question_1"]
    assert row.headings == [str(Heading.PHARMACOLOGICAL.label)]
    assert row.outcome == "Better"


def test_row_of_a_case_with_gaps(cycle, reader):
    taught(cycle, sex="", question_1="")

    cases = library_of(reader, now=NOW)
    assert cases is not None
    row = library_case(with_answers(cases, now=NOW).get())

    assert (row.sex, row.question, row.outcome) == ("", "", "")
