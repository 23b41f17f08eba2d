"""The hub's letter: signed once for all who wrote, corrected by another, released to the cycle, and told by mail."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from cases.hub_queries import fingerprint, newest_letter, recommendations_of
from cases.models import CaseSubmission, Heading, LibraryEntry, Recommendation, RecommendationLetter
from cases.screening import IdentifiersFoundError
from cases.services import (
    ConfirmFirstError,
    LetterChangedError,
    release_letter,
    save_recommendations,
    sign_letter,
)
from cases.services.recommending import Draft
from core.errors import BadInputError, MoveRefusedError, NotAllowedError
from core.personal import NOBODYS
from outbox.models import OutgoingMail
from tests import factories as make
from tests.cases.test_recommending import everything_on_record
from tests.clock import toronto
from tests.database import refused_by, write
from tests.history import audit_row
from tests.races import THREADS, at_once

pytestmark = pytest.mark.django_db

NOW = toronto(2025, 9, 26, 9)
LATER = toronto(2025, 9, 28, 9)
WEEK = timedelta(days=7)
PHARMA, REFERRAL, ASSESSMENT = (
    Heading.PHARMACOLOGICAL.value,
    Heading.REFERRAL.value,
    Heading.ASSESSMENT.value,
)
TAPER = "Taper by a tenth every four weeks."


@pytest.fixture
def case() -> CaseSubmission:
    return make.make_case(status="presented")


@pytest.fixture
def signer(case):
    user = make.make_user("paula@hospital.example", name="Dr. Paula Specialist", is_staff=True)
    return make.make_hub_member(case.presenter.cycle.program, user, title="Pain physician, Toronto")


def write_text(case, member, text=TAPER, heading=PHARMA, revision=0):
    save_recommendations(case_id=case.pk, drafts={heading: Draft(text, revision)}, by=member.user, now=NOW)


def seen(case) -> str:
    before = newest_letter(case)
    return fingerprint(number=before.number + 1 if before else 1, rows=recommendations_of(case))


def sign(case, member, *, now=NOW, **values):
    values.setdefault("seen", seen(case))
    return sign_letter(case_id=case.pk, by=member.user, now=now, **values)


def test_letter_holds_what_everybody_wrote_in_the_order_of_the_headings(case, signer):
    partner = make.make_hub_member(
        case.presenter.cycle.program,
        make.make_user(name="Rui Partner", is_staff=True),
        title="",
        title_fr="Partenaire communautaire",
        may_sign=False,
    )
    write_text(case, partner, "A walking group near home.", REFERRAL)
    write_text(case, signer, TAPER)
    write_text(case, partner, "Ask about sleep first.", ASSESSMENT)
    write_text(case, signer, "Not this.", REFERRAL)
    write_text(case, signer, "", REFERRAL, revision=1)

    letter = sign(case, signer, opening=" Thank you for this case.\r\n")

    assert [(item["heading"], item["text"], item["author"], item["title"]) for item in letter.items] == [
        (ASSESSMENT, "Ask about sleep first.", "Rui Partner", "Partenaire communautaire"),
        (PHARMA, TAPER, "Dr. Paula Specialist", "Pain physician, Toronto"),
        (REFERRAL, "A walking group near home.", "Rui Partner", "Partenaire communautaire"),
    ]
    assert (letter.number, letter.opening, letter.correction) == (1, "Thank you for this case.", "")
    assert (letter.signed_name, letter.signed_title) == ("Dr. Paula Specialist", "Pain physician, Toronto")
    assert (letter.signed_at, letter.visible_to_cycle_at) == (NOW, NOW + WEEK)
    case.refresh_from_db()
    assert (case.status, case.moved_at) == ("recommendations_sent", NOW)
    assert audit_row(letter, "insert") == ("letter.sign", signer.user_id, "")
    assert audit_row(case, "update") == ("letter.sign", signer.user_id, "")
    assert LibraryEntry.objects.get().indexed_at == NOW


def test_cycle_sees_it_when_the_signer_says(case, signer):
    write_text(case, signer)

    assert sign(case, signer, to_cycle_after=timedelta()).visible_to_cycle_at == NOW


def test_presenter_is_told_where_and_never_what(case, signer):
    write_text(case, signer)
    letter = sign(case, signer, opening="Thank you for this puzzling case.")

    mail = OutgoingMail.objects.get()
    assert (mail.key, mail.recipient) == (f"case-letter:{letter.pk}", case.presenter.participant.email)
    assert case.echo_id in mail.subject
    assert f"/cases/{case.echo_id}/letter/" in mail.body_text
    everything = mail.subject + mail.body_text + mail.body_html
    for words in ("Taper", "puzzling", "rotate", "oxycodone", "Paula"):
        assert words not in everything


def test_letter_of_who_is_nobody_any_more_is_signed_and_mailed_to_nobody(case, signer):
    write(case.presenter.participant, email=f"erased-1@{NOBODYS.strip('.')}", is_active=False)
    write_text(case, signer)

    sign(case, signer)

    assert not OutgoingMail.objects.exists()


def test_signing_twice_gives_the_same_letter(case, signer):
    write_text(case, signer)
    looked_at = seen(case)

    first = sign(case, signer, seen=looked_at)
    again = sign(case, signer, seen=looked_at, now=LATER)

    assert first == again == RecommendationLetter.objects.get()
    assert OutgoingMail.objects.count() == 1


def test_text_changed_after_the_preview_is_not_signed(case, signer):
    write_text(case, signer)
    looked_at = seen(case)
    write_text(case, signer, "Rotate instead.", revision=1)

    with pytest.raises(LetterChangedError):
        sign(case, signer, seen=looked_at)

    assert not RecommendationLetter.objects.exists()


def test_letter_signed_by_a_colleague_meanwhile_is_not_signed_over(case, signer):
    colleague = make.make_hub_member(case.presenter.cycle.program)
    write_text(case, signer)
    looked_at = seen(case)
    sign(case, colleague, seen=looked_at)

    with pytest.raises(LetterChangedError):
        sign(case, signer, seen=looked_at, correction="Nothing.")

    assert RecommendationLetter.objects.count() == 1


def test_correction_takes_the_place_and_says_what(case, signer):
    write_text(case, signer)
    first = sign(case, signer)
    write_text(case, signer, "Taper by a twentieth every four weeks.", revision=1)

    second = sign(case, signer, correction="The step of the\r\ntaper is halved.", now=LATER)

    assert (second.number, second.correction) == (2, "The step of the taper is halved.")
    # The cycle has the corrected letter when it was to have the first.
    assert second.visible_to_cycle_at == first.visible_to_cycle_at
    assert second.items[0]["text"] == "Taper by a twentieth every four weeks."
    first.refresh_from_db()
    assert first.items[0]["text"] == TAPER
    case.refresh_from_db()
    assert (case.status, case.moved_at) == ("recommendations_sent", NOW)
    assert OutgoingMail.objects.count() == 2
    assert "corrected" in OutgoingMail.objects.get(key=f"case-letter:{second.pk}").subject


def test_correction_of_what_the_cycle_sees_is_seen_at_once(case, signer):
    write_text(case, signer)
    sign(case, signer, to_cycle_after=timedelta())

    assert sign(case, signer, correction="A word.", now=LATER).visible_to_cycle_at == LATER


def test_correction_must_say_what(case, signer):
    write_text(case, signer)
    sign(case, signer)
    write_text(case, signer, "Rotate.", revision=1)

    with pytest.raises(BadInputError, match="what is corrected"):
        sign(case, signer, correction=" \n ", now=LATER)


@pytest.mark.parametrize("status", ["approved", "scheduled"])
def test_letter_is_signed_once_the_case_was_presented(status):
    case = make.make_case(status=status)
    signer = make.make_hub_member(case.presenter.cycle.program)
    write_text(case, signer)

    with pytest.raises(MoveRefusedError, match="once the case has been presented"):
        sign(case, signer)

    assert not RecommendationLetter.objects.exists()


def test_letter_recommends_something(case, signer):
    with pytest.raises(BadInputError, match="Nobody has recommended"):
        sign(case, signer, opening="Thank you.")


def test_letter_is_signed_by_who_may(case, signer):
    writer = make.make_hub_member(case.presenter.cycle.program, may_sign=False)
    elsewhere = make.make_hub_member(make.make_program())
    gone = make.make_hub_member(case.presenter.cycle.program, is_active=False)
    write_text(case, writer)

    for member in (writer, elsewhere, gone):
        with pytest.raises(NotAllowedError):
            sign(case, member)
    assert not RecommendationLetter.objects.exists()


@pytest.mark.parametrize("where", ["opening", "correction", "text"])
def test_identifier_anywhere_in_the_letter_is_refused(case, signer, where):
    hostile = "HCN 1234567897."
    write_text(case, signer, hostile if where == "text" else TAPER)
    values = {} if where == "text" else {where: hostile}

    with pytest.raises(IdentifiersFoundError) as refused:
        sign(case, signer, **values)

    assert list(refused.value.findings) == ([f"{PHARMA}.{signer.user_id}"] if where == "text" else [where])
    assert "1234567897" not in str(refused.value)
    assert not RecommendationLetter.objects.exists()


def test_what_may_identify_is_signed_once_it_is_confirmed(case, signer):
    write_text(case, signer, "Refer to the Maple Leaf Pain Clinic.", REFERRAL)

    with pytest.raises(ConfirmFirstError):
        sign(case, signer)

    assert sign(case, signer, is_confirmed=True).number == 1


@pytest.mark.parametrize("values", [{"opening": "x" * 2001}, {"correction": "x" * 501}])
def test_long_words_are_refused(case, signer, values):
    write_text(case, signer)

    with pytest.raises(BadInputError, match="longer than"):
        sign(case, signer, **values)


def test_signed_letter_never_changes(case, signer):
    write_text(case, signer)
    letter = sign(case, signer)

    with refused_by("letter_never_changes"):
        write(letter, opening="Other words.")


def test_history_never_says_what_a_letter_says(case, signer):
    write_text(case, signer, "Marigold tincture at night.")
    sign(case, signer, opening="A puzzling case.")

    record = everything_on_record()
    assert "letter.sign" in record
    assert "Marigold" not in record
    assert "puzzling" not in record


@pytest.mark.django_db(transaction=True)
def test_signing_at_once_makes_one_letter():
    case = make.make_case(status="presented")
    members = [make.make_hub_member(case.presenter.cycle.program) for _number in range(2)]
    write_text(case, members[0])
    looked_at = seen(case)

    results = at_once([partial(sign, case, members[number % 2], seen=looked_at) for number in range(THREADS)])

    letter = RecommendationLetter.objects.get()
    assert {type(result) for result in results} <= {RecommendationLetter, LetterChangedError}
    assert {result.pk for result in results if isinstance(result, RecommendationLetter)} == {letter.pk}
    assert OutgoingMail.objects.count() == 1


# --- releasing ------------------------------------------------------------------------------------------------------


def test_letter_is_released_by_signers_and_coordinators(case, signer, coordinator):
    letters = [
        make.make_letter(case, signed_at=NOW, visible_to_cycle_at=NOW + WEEK),
    ]

    released = release_letter(letter_id=letters[0].pk, by=coordinator, now=LATER)
    again = release_letter(letter_id=letters[0].pk, by=signer.user, now=LATER + WEEK)

    assert released.visible_to_cycle_at == again.visible_to_cycle_at == LATER
    assert audit_row(letters[0], "update") == ("letter.release", coordinator.pk, "")
    write(letters[0], visible_to_cycle_at=NOW + WEEK)
    assert release_letter(letter_id=letters[0].pk, by=signer.user, now=LATER).visible_to_cycle_at == LATER


def test_letter_is_released_by_nobody_else(case, signer):
    letter = make.make_letter(case, signed_at=NOW, visible_to_cycle_at=NOW + WEEK)
    writer = make.make_hub_member(case.presenter.cycle.program, may_sign=False)
    elsewhere = make.make_hub_member(make.make_program())

    for user in (writer.user, elsewhere.user, case.presenter.participant, make.make_user(is_staff=True)):
        with pytest.raises(NotAllowedError):
            release_letter(letter_id=letter.pk, by=user, now=LATER)
    letter.refresh_from_db()
    assert letter.visible_to_cycle_at == NOW + WEEK


def test_letter_that_was_replaced_is_released_no_more(case, coordinator):
    first = make.make_letter(case, signed_at=NOW, visible_to_cycle_at=NOW + WEEK)
    make.make_letter(case, signed_at=NOW, visible_to_cycle_at=NOW + WEEK)

    with pytest.raises(MoveRefusedError, match="corrected letter"):
        release_letter(letter_id=first.pk, by=coordinator, now=LATER)


def test_recommendation_of_who_left_the_team_stays_in_the_letter(case, signer):
    gone = make.make_hub_member(case.presenter.cycle.program, title="Pharmacist, Kingston")
    write_text(case, gone, "Check for interactions.")
    write(gone, is_active=False)

    letter = sign(case, signer)

    assert [(item["text"], item["title"]) for item in letter.items] == [
        ("Check for interactions.", "Pharmacist, Kingston")
    ]
    assert Recommendation.objects.count() == 1
