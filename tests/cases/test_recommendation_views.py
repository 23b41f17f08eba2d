"""The hub's pages: what waits, writing beside the case, and signing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from cases.hub_queries import fingerprint, recommendations_of
from cases.models import (
    CaseReading,
    CaseSubmission,
    Heading,
    Recommendation,
    RecommendationLetter,
    SuggestedRecommendation,
)
from tests import factories as make
from tests.clock import toronto

pytestmark = pytest.mark.django_db

PHARMA, REFERRAL = Heading.PHARMACOLOGICAL.value, Heading.REFERRAL.value
HOSTILE = "<script>alert(1)</script>\r\n<img src=x onerror=alert(1)>\"'&{{ 7|add:7 }}"


@pytest.fixture
def case() -> CaseSubmission:
    return make.make_case(status="presented")


@pytest.fixture
def member(case):
    user = make.make_user(name="Dr. Paula Specialist", is_staff=True)
    return make.make_hub_member(case.presenter.cycle.program, user)


def write_text(case, member, text="Taper slowly.", heading=PHARMA) -> Recommendation:
    return Recommendation.objects.create(
        case=case, author=member.user, heading=heading, text=text, revision=1, saved_at=toronto(2025, 9, 25)
    )


def url(case, name="case-recommend") -> str:
    return reverse(f"cases:{name}", args=[case.echo_id])


def words(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def strangers(case, outsider, coordinator):
    """Those who write no recommendation: the presenter, a participant, another hub, and who has left this one."""
    program = case.presenter.cycle.program
    return [
        case.presenter.participant,
        make.make_enrolment(case.presenter.cycle).participant,
        make.make_hub_member(make.make_program()).user,
        make.make_hub_member(program, is_active=False).user,
        make.make_hub_member(program, make.make_user()).user,
        outsider,
        coordinator,
    ]


# --- the list -------------------------------------------------------------------------------------------------------


def test_list_is_the_hubs_alone(client, case, member, strangers):
    page = reverse("cases:hub-cases")
    assert client.get(page).url.startswith("/accounts/login/")

    elsewhere = strangers.pop(2)
    for user in strangers:
        client.force_login(user)
        assert client.get(page).status_code == 404
    client.force_login(elsewhere)
    assert case.echo_id not in client.get(page).content.decode()
    client.force_login(member.user)
    answer = client.get(page)
    assert case.echo_id in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_list_shows_the_next_session_first_and_no_case_before_its_approval(client, member, case):
    program = case.presenter.cycle.program
    cycle = make.make_cycle(program, sessions=3)
    first, second, _third = cycle.sessions.order_by("starts_at")

    def more(status, session=None) -> CaseSubmission:
        return make.make_case(make.make_enrolment(cycle), status=status, session=session)

    later, soon, unscheduled = more("scheduled", second), more("scheduled", first), more("approved")
    answered = more("recommendations_sent", first)
    make.make_letter(answered)
    hidden = [more(status) for status in ("draft", "submitted", "in_review", "returned")]
    client.force_login(member.user)

    text = client.get(reverse("cases:hub-cases")).content.decode()

    places = [text.index(each.echo_id) for each in (soon, later, unscheduled, case, answered)]
    assert places == sorted(places)
    assert not [each for each in hidden if each.echo_id in text]


def test_list_says_who_wrote_what_is_missing_and_what_is_signed(client, case, member):
    partner = make.make_hub_member(
        case.presenter.cycle.program, make.make_user(name="Rui Partner", is_staff=True)
    )
    write_text(case, partner)
    write_text(case, partner, heading=REFERRAL)
    write_text(case, member, "", heading=REFERRAL)
    client.force_login(member.user)

    said = words(client.get(reverse("cases:hub-cases")))

    assert "Not signed yet" in said
    assert "Written so far by Rui Partner." in said
    assert (
        "Nothing yet under: Assessment and diagnosis, Non-pharmacological, Interventional, Biopsychosocial."
        in said
    )
    assert "Taper" not in said


def test_empty_list_says_what_comes(client):
    client.force_login(make.make_hub_member(make.make_program()).user)

    assert "No case is approved yet" in words(client.get(reverse("cases:hub-cases")))


@pytest.mark.parametrize("count", [2, 4])
def test_list_asks_the_same_for_two_cases_and_for_four(
    client, member, case, count, django_assert_num_queries
):
    for _number in range(count - 1):
        more = make.make_case(make.make_enrolment(case.presenter.cycle), status="scheduled")
        write_text(more, member)
    write_text(case, member)
    make.make_letter(make.make_case(make.make_enrolment(case.presenter.cycle), status="recommendations_sent"))
    client.force_login(member.user)

    client.get(reverse("cases:hub-cases"))  # the first visit of a session writes it down

    with django_assert_num_queries(11):
        client.get(reverse("cases:hub-cases"))


def test_case_that_lost_its_session_is_not_said_to_be_scheduled(client, member, case):
    lost = make.make_case(make.make_enrolment(case.presenter.cycle), status="scheduled")
    client.force_login(member.user)
    assert "Scheduled" in words(client.get(reverse("cases:hub-cases")))

    assert lost.session is not None
    lost.session.slots.update(enrolment=None, taken_at=None)

    said = words(client.get(reverse("cases:hub-cases")))
    assert "It has lost its session" in said
    assert "Scheduled" not in said


# --- writing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["case-recommend", "case-sign"])
def test_pages_are_the_hubs_alone(client, case, member, strangers, name):
    assert client.get(url(case, name)).url.startswith("/accounts/login/")
    for user in strangers:
        client.force_login(user)
        assert client.get(url(case, name)).status_code == 404
        assert client.post(url(case, name), {f"text_{PHARMA}": "Mine."}).status_code == 404
    assert not Recommendation.objects.exists()
    client.force_login(member.user)
    answer = client.get(url(case, name))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("status", ["draft", "submitted", "in_review", "returned"])
def test_case_that_is_not_approved_is_not_there(client, status):
    case = make.make_case(status=status)
    client.force_login(make.make_hub_member(case.presenter.cycle.program).user)

    assert client.get(url(case)).status_code == 404


def test_page_shows_the_case_the_others_texts_and_records_the_reading(client, case, member):
    partner = make.make_hub_member(
        case.presenter.cycle.program, make.make_user(name="Rui Partner", is_staff=True), title="Pharmacist"
    )
    write_text(case, partner, "Check for interactions.")
    client.force_login(member.user)

    answer = client.get(url(case))

    said = words(answer)
    assert "Would you rotate or taper first?" in said
    assert "Rui Partner, Pharmacist" in said
    assert "Check for interactions." in said
    # Read, not offered for change.
    assert re.findall(r"<textarea[^>]*>\s*([^<]*)</textarea>", answer.content.decode()) == [""] * 6
    title = re.search(r"<title>(.*?)</title>", answer.content.decode(), re.DOTALL)
    assert title
    assert case.echo_id in title[1]
    reading = CaseReading.objects.get()
    assert (reading.what, reading.reader, reading.version) == (
        "recommendations",
        member.user,
        case.version,
    )


def test_button_saves_every_heading(client, case, member):
    client.force_login(member.user)

    answer = client.post(
        url(case),
        {
            f"text_{PHARMA}": "Taper.",
            f"revision_{PHARMA}": "0",
            f"text_{REFERRAL}": HOSTILE,
            "save": "1",
        },
        follow=True,
    )

    assert answer.redirect_chain == [(url(case), 302)]
    assert "Your recommendations are saved." in words(answer)
    assert Recommendation.objects.get(heading=PHARMA).text == "Taper."
    assert Recommendation.objects.get(heading=REFERRAL).text == HOSTILE.replace("\r\n", "\n")
    assert b"<script>alert" not in answer.content
    assert b"<img" not in answer.content


def test_two_windows_see_both_texts_and_decide(client, case, member):
    write_text(case, member, "From the first window.")
    client.force_login(member.user)
    sent = {f"text_{PHARMA}": "From the second window.", f"revision_{PHARMA}": "0", "save": "1"}

    answer = client.post(url(case), sent)

    assert answer.status_code == 409
    said = words(answer)
    assert "From the first window." in said
    assert "From the second window." in said
    assert Recommendation.objects.get().text == "From the first window."
    revision = re.search(rf'name="revision_{PHARMA}" value="(\d+)"', answer.content.decode())
    assert revision
    client.post(url(case), sent | {f"revision_{PHARMA}": revision[1]})
    assert Recommendation.objects.get().text == "From the second window."


def test_long_text_is_given_back_and_the_others_are_saved(client, case, member):
    client.force_login(member.user)

    answer = client.post(url(case), {f"text_{PHARMA}": "x" * 5001, f"text_{REFERRAL}": "Walk.", "save": "1"})

    assert answer.status_code == 422
    assert b"<title>Error:" in answer.content
    assert b"x" * 5001 in answer.content
    assert Recommendation.objects.get().text == "Walk."


@pytest.mark.parametrize("revision", ["-1", "1.5", "x", "9" * 30, "\u0663"])
def test_revision_that_is_none_overwrites_nothing(client, case, member, revision):
    write_text(case, member, "Kept.")
    client.force_login(member.user)

    answer = client.post(url(case), {f"text_{PHARMA}": "Mine.", f"revision_{PHARMA}": revision})

    assert answer.status_code in {409, 422}
    assert Recommendation.objects.get().text == "Kept."


def fetch(client, case, **sent: Any) -> dict[str, Any]:
    answer = client.post(url(case), sent, headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    headings: dict[str, Any] = answer.json()["headings"]
    return headings


def test_script_saves_one_heading_and_hears_its_state(client, case, member):
    client.force_login(member.user)

    answer = fetch(client, case, **{f"text_{PHARMA}": "Taper.", f"revision_{PHARMA}": "0"})

    assert list(answer) == [PHARMA]
    assert answer[PHARMA]["revision"] == 1
    assert re.fullmatch(r"Saved \d\d:\d\d\sET", answer[PHARMA]["state"])
    assert answer[PHARMA]["notes"] == ""
    assert list(Recommendation.objects.values_list("heading", "text")) == [(PHARMA, "Taper.")]


def test_script_hears_of_an_identifier_at_once(client, case, member):
    client.force_login(member.user)

    answer = fetch(client, case, **{f"text_{PHARMA}": "HCN 1234567897 needs less."})

    assert "Health number" in answer[PHARMA]["notes"]


def test_script_hears_of_a_conflict_with_both_texts(client, case, member):
    write_text(case, member, HOSTILE)
    client.force_login(member.user)

    answer = fetch(client, case, **{f"text_{PHARMA}": "Mine.", f"revision_{PHARMA}": "0"})

    assert "revision" not in answer[PHARMA]
    assert 'data-revision="1"' in answer[PHARMA]["conflict"]
    assert "&lt;script&gt;" in answer[PHARMA]["conflict"]
    assert "<script>" not in answer[PHARMA]["conflict"]


def test_script_hears_that_a_text_is_too_long(client, case, member):
    client.force_login(member.user)

    answer = fetch(client, case, **{f"text_{PHARMA}": "x" * 5001})

    assert answer[PHARMA]["state"].startswith("Not saved:")
    assert not Recommendation.objects.exists()


# --- suggestions ----------------------------------------------------------------------------------------------------


def suggest(case, text="Taper by a tenth.", **values) -> SuggestedRecommendation:
    return SuggestedRecommendation.objects.create(
        **{"program": case.presenter.cycle.program, "heading": PHARMA, "text": text} | values
    )


def test_suggestion_is_taken_over_without_a_script(client, case, member):
    suggestion = suggest(case)
    client.force_login(member.user)

    answer = client.post(
        url(case), {f"text_{PHARMA}": "First talk.", f"revision_{PHARMA}": "0", "use": str(suggestion.pk)}
    )

    assert answer.url == f"{url(case)}#heading-{PHARMA}"
    assert Recommendation.objects.get().text == "First talk.\n\nTaper by a tenth."


def test_suggestions_of_others_are_not_there(client, case, member):
    foreign = suggest(case, "Foreign words.", program=make.make_program())
    withdrawn = suggest(case, "Old words.", is_active=False)
    client.force_login(member.user)

    said = words(client.get(url(case)))
    assert "Foreign words." not in said
    assert "Old words." not in said
    for pk in (foreign.pk, withdrawn.pk, "x", "9" * 30):
        assert client.post(url(case), {"use": str(pk)}).status_code == 404


def test_own_text_is_kept_as_a_suggestion(client, case, member):
    client.force_login(member.user)

    answer = client.post(url(case), {f"text_{PHARMA}": "Taper by a tenth.", "keep": PHARMA})

    assert answer.url == f"{url(case)}#heading-{PHARMA}"
    assert SuggestedRecommendation.objects.get().text == "Taper by a tenth."


def test_suggestion_that_may_identify_is_kept_when_its_writer_says_so(client, case, member):
    sent = {f"text_{REFERRAL}": "The Maple Leaf Pain Clinic."}
    client.force_login(member.user)

    asked = client.post(url(case), sent | {"keep": REFERRAL})

    assert asked.status_code == 422
    button = re.search(r'name="keep_confirmed"\s+value="(\w+:\w+)"', asked.content.decode())
    assert button
    other = {
        f"text_{REFERRAL}": "The Spruce Valley Pain Clinic.",
        f"revision_{REFERRAL}": "1",
        "keep_confirmed": button[1],
    }
    assert client.post(url(case), other).status_code == 422
    assert not SuggestedRecommendation.objects.exists()
    sent[f"revision_{REFERRAL}"] = "2"
    client.post(url(case), sent | {"keep_confirmed": button[1]})
    assert SuggestedRecommendation.objects.get().text == "The Maple Leaf Pain Clinic."


@pytest.mark.parametrize(
    ("text", "said"), [("HCN 1234567897.", "Health number"), ("", "Write the recommendation first")]
)
def test_suggestion_that_cannot_be_kept_says_why(client, case, member, text, said):
    client.force_login(member.user)

    answer = client.post(url(case), {f"text_{PHARMA}": text, "keep": PHARMA})

    assert answer.status_code == 422
    assert said in words(answer)
    assert not SuggestedRecommendation.objects.exists()


# --- signing --------------------------------------------------------------------------------------------------------


def seen(case, number=1) -> str:
    return fingerprint(number=number, rows=recommendations_of(case))


def test_who_may_not_sign_is_told(client, case):
    writer = make.make_hub_member(case.presenter.cycle.program, may_sign=False)
    write_text(case, writer)
    client.force_login(writer.user)

    assert client.get(url(case, "case-sign")).status_code == 403
    assert client.post(url(case, "case-sign"), {"seen": seen(case)}).status_code == 403
    assert "Read and sign" not in words(client.get(url(case)))
    assert not RecommendationLetter.objects.exists()


def test_signer_reads_the_letter_and_signs_it(client, case, member):
    write_text(case, member)
    client.force_login(member.user)
    page = client.get(url(case, "case-sign"))
    assert "Taper slowly." in words(page)
    found = re.search(r'name="seen" value="(\w{64})"', page.content.decode())
    assert found

    answer = client.post(
        url(case, "case-sign"), {"seen": found[1], "opening": "Thank you.", "cycle_sees": "now"}
    )

    assert answer.url == url(case, "case-letter")
    letter = RecommendationLetter.objects.get()
    assert (letter.opening, letter.visible_to_cycle_at) == ("Thank you.", letter.signed_at)
    assert letter.signed_name == "Dr. Paula Specialist"


def test_cycle_waits_seven_days_unless_somebody_says_otherwise(client, case, member):
    write_text(case, member)
    client.force_login(member.user)

    checked = re.search(
        r'<input[^>]*name="cycle_sees"[^>]*checked[^>]*>',
        client.get(url(case, "case-sign")).content.decode(),
    )
    assert checked
    assert 'value="later"' in checked[0]
    client.post(url(case, "case-sign"), {"seen": seen(case), "cycle_sees": "later"})

    letter = RecommendationLetter.objects.get()
    assert (letter.visible_to_cycle_at - letter.signed_at).days == 7


def test_changed_letter_is_shown_anew_before_it_is_signed(client, case, member):
    write_text(case, member)
    client.force_login(member.user)
    old = seen(case)
    write_text(case, make.make_hub_member(case.presenter.cycle.program), "Added meanwhile.")

    answer = client.post(url(case, "case-sign"), {"seen": old, "opening": "Kept.", "cycle_sees": "now"})

    assert answer.status_code == 422
    said = words(answer)
    assert "Something was written or signed after you opened this page" in said
    assert "Added meanwhile." in said
    assert "Kept." in said
    assert f'name="seen" value="{seen(case)}"' in answer.content.decode()
    assert not RecommendationLetter.objects.exists()


def test_identifier_in_the_letter_is_refused_with_its_place(client, case, member):
    write_text(case, member, "HCN 1234567897 needs less.")
    client.force_login(member.user)

    answer = client.post(url(case, "case-sign"), {"seen": seen(case), "cycle_sees": "now"})

    assert answer.status_code == 422
    assert "Pharmacological, Dr. Paula Specialist: Health number" in words(answer)
    assert not RecommendationLetter.objects.exists()


def test_what_may_identify_is_ticked_for_the_very_words(client, case, member):
    write_text(case, member, "The Maple Leaf Pain Clinic.", REFERRAL)
    client.force_login(member.user)
    sent = {"seen": seen(case), "cycle_sees": "now", "identifies_nobody": "on"}

    asked = client.post(url(case, "case-sign"), sent)

    # A tick that nobody asked for counts for nothing.
    assert asked.status_code == 422
    assert "Referral and community resources, Dr. Paula Specialist" in words(asked)
    digest = re.search(r'name="asked_about" value="(\w{64})"', asked.content.decode())
    assert digest
    other = sent | {"asked_about": digest[1], "opening": "Not what was asked about."}
    assert client.post(url(case, "case-sign"), other).status_code == 422
    assert client.post(url(case, "case-sign"), sent | {"asked_about": digest[1]}).status_code == 302
    assert RecommendationLetter.objects.count() == 1


def test_correction_asks_what_is_corrected(client, case, member):
    write_text(case, member)
    make.make_letter(case, by=member.user, opening="Thank you.")
    CaseSubmission.objects.update(status="recommendations_sent")
    client.force_login(member.user)
    page = client.get(url(case, "case-sign"))
    assert "Thank you." in words(page)
    assert b'name="cycle_sees"' not in page.content

    refused = client.post(url(case, "case-sign"), {"seen": seen(case, 2)})
    assert refused.status_code == 422
    assert "Write what is corrected." in words(refused)
    client.post(url(case, "case-sign"), {"seen": seen(case, 2), "correction": "The dose."})

    assert RecommendationLetter.objects.get(number=2).correction == "The dose."


def test_letter_cannot_be_signed_before_the_session(client):
    case = make.make_case(status="scheduled")
    member = make.make_hub_member(case.presenter.cycle.program)
    write_text(case, member)
    client.force_login(member.user)

    page = client.get(url(case, "case-sign"))
    assert "once the case has been presented" in words(page)
    assert b"Sign and send" not in page.content
    assert client.post(url(case, "case-sign"), {"seen": seen(case), "cycle_sees": "now"}).status_code == 422


def test_letter_of_nothing_is_not_offered(client, case, member):
    client.force_login(member.user)

    page = client.get(url(case, "case-sign"))
    assert "Nobody has recommended anything yet." in words(page)
    assert b"Sign and send" not in page.content
