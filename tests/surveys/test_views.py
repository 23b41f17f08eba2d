"""Answering in a browser: what can be read is kept, whatever is missing, refused or changed elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from participants.models import User
from sessions_app.models import Attendance, Cycle
from surveys.models import Answer, Response, SurveyWindow, WindowExtension
from surveys.rules import fingerprint
from surveys.services import save_answers
from tests.factories import (
    make_attendance,
    make_cycle,
    make_enrolment,
    make_instrument,
    make_response,
    make_section,
    make_session,
    make_survey_question,
    make_user,
    make_window,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle(sessions=1)


@pytest.fixture
def window(cycle) -> SurveyWindow:
    """Two sections: a scale and a text that may be left out; then a text that is asked only after a high number."""
    instrument = make_instrument(cycle.program, questions=["scale", "text"])
    instrument.questions.filter(key="q2").update(is_required=False)
    second = make_section(instrument)
    scale = instrument.questions.get(key="q1")
    make_survey_question(second, "text", key="why", shown_if=scale, shown_if_answers=["4", "5"])
    return make_window(cycle, instrument=instrument)


@pytest.fixture
def person(cycle, family_physician: User, client) -> User:
    make_enrolment(cycle, family_physician)
    client.force_login(family_physician)
    return family_physician


def section(window: SurveyWindow, number: int = 1) -> str:
    return reverse("surveys:section-edit", args=[window.pk, number])


def start(window: SurveyWindow) -> str:
    return reverse("surveys:response-edit", args=[window.pk])


def review(window: SurveyWindow) -> str:
    return reverse("surveys:response-review", args=[window.pk])


def done(window: SurveyWindow) -> str:
    return reverse("surveys:response-done", args=[window.pk])


def names(window: SurveyWindow) -> dict[str, str]:
    return {question.key: f"q{question.pk}" for question in window.instrument.questions.all()}


def kept(window: SurveyWindow) -> dict[str, Any]:
    return {answer.question.key: answer.value for answer in Answer.objects.filter(response__window=window)}


def test_survey_begins_with_its_first_section_and_resumes_where_something_is_missing(client, window, person):
    q = names(window)
    assert client.get(start(window)).url == section(window)

    onwards = client.post(section(window), {q["q1"]: "4", "go": "next"})

    assert onwards.url == section(window, 2)
    assert client.get(start(window)).url == section(window, 2)
    assert client.post(section(window, 2), {q["why"]: "It helped."}).url == review(window)
    assert client.get(start(window)).url == review(window)


def test_section_that_asks_nothing_is_passed_over(client, window, person):
    onwards = client.post(section(window), {names(window)["q1"]: "2"})

    assert onwards.url == review(window)
    assert "Section 2" not in client.get(review(window)).content.decode()


def test_section_goes_back_and_later_without_loss(client, window, person):
    q = names(window)
    client.post(section(window), {q["q1"]: "5", "go": "next"})

    assert client.post(section(window, 2), {q["why"]: "Sleep.", "go": "back"}).url == section(window)
    later = client.post(section(window), {q["q1"]: "5", q["q2"]: "More.", "go": "later"})

    assert later.url == reverse("credits:cycle-detail", args=[window.cycle_id])
    assert kept(window) == {"q1": 5, "q2": "More.", "why": "Sleep."}


def test_section_keeps_what_can_be_kept_and_gives_the_rest_back(client, window, person):
    q = names(window)
    long = "x" * 50_000

    page = client.post(section(window), {q["q1"]: "3", q["q2"]: long})

    assert page.status_code == 422
    html = page.content.decode()
    assert "<title>Error:" in html
    assert long in html
    assert "under 10,000 characters" in html
    assert kept(window) == {"q1": 3}


def test_review_names_what_is_missing_with_a_link_and_sends_nothing(client, window, person):
    q = names(window)
    client.post(section(window), {q["q2"]: "More."})

    page = client.get(review(window))
    assert page.status_code == 200
    assert f'href="{section(window)}#id_{q["q1"]}_0"' in page.content.decode()
    refused = client.post(review(window))

    assert refused.status_code == 422
    assert "1 question still needs an answer" in refused.content.decode()
    assert Response.objects.get().status == Response.Status.DRAFT


def test_review_sends_once_whatever_is_clicked(client, window, person):
    client.post(section(window), {names(window)["q1"]: "3"})

    first, second = client.post(review(window)), client.post(review(window))

    assert (first.url, second.url) == (done(window), done(window))
    assert Response.objects.get().status == Response.Status.SUBMITTED
    for path in (start(window), section(window), review(window)):
        assert client.get(path).url == done(window)
    assert "You submitted this survey on" in client.get(done(window)).content.decode()
    late = client.post(section(window), {names(window)["q1"]: "5"})
    assert late.url == done(window)
    assert kept(window) == {"q1": 3}


def test_answers_to_what_is_no_longer_asked_are_not_sent(client, window, person):
    q = names(window)
    client.post(section(window), {q["q1"]: "5"})
    client.post(section(window, 2), {q["why"]: "It helped."})
    client.post(section(window), {q["q1"]: "2"})
    assert kept(window) == {"q1": 2, "why": "It helped."}

    client.post(review(window))

    assert kept(window) == {"q1": 2}


@pytest.mark.parametrize("words", ["", "   ", "\n\t\xa0"])
def test_reflection_without_words_is_not_sent_and_never_filled_in(client, cycle, person, words):
    window = make_window(cycle, "reflection")
    window.instrument.questions.update(is_required=False)
    text = names(window)["q1"]

    page = client.get(section(window)).content.decode()
    assert f'<textarea name="{text}" cols="40" rows="5" id="id_{text}">\n</textarea>' in page
    client.post(section(window), {text: words})

    assert client.post(review(window)).status_code == 422
    assert Response.objects.get().status == Response.Status.DRAFT


def test_reflection_whose_words_are_hidden_is_not_sent_and_says_where_words_go(client, cycle, person):
    instrument = make_instrument(cycle.program, "reflection", questions=["consent", "text", "text"])
    whether = instrument.questions.get(key="q1")
    instrument.questions.filter(key="q2").update(shown_if=whether, shown_if_answers=["yes"])
    instrument.questions.exclude(key="q1").update(is_required=False)
    window = make_window(cycle, instrument=instrument)
    q = names(window)
    client.post(section(window), {q["q1"]: "yes", q["q2"]: "Sleep first."})
    client.post(section(window), {q["q1"]: "no", q["q2"]: "Sleep first."})

    refused = client.post(review(window))

    assert refused.status_code == 422
    assert f'<li><a href="{section(window)}#id_{q["q3"]}">' in refused.content.decode()
    assert Response.objects.get().status == Response.Status.DRAFT
    client.post(section(window), {q["q1"]: "no", q["q3"]: "Nothing to change."})
    assert client.post(review(window)).url == done(window)
    assert kept(window) == {"q1": ("no",), "q3": "Nothing to change."}


# --- two devices ----------------------------------------------------------------------------------------------------


def test_stale_page_leaves_alone_what_another_device_wrote(client, window, person):
    q = names(window)
    marks = {f"seen_{q['q1']}": "", f"seen_{q['q2']}": ""}
    save_answers(
        window_id=window.pk,
        by=person,
        answers={int(q["q1"][1:]): 5, int(q["q2"][1:]): "On the phone."},
        now=timezone.now(),
    )

    assert client.post(section(window), marks | {q["q1"]: "2"}).status_code == 302

    # The later number counts; the text, untouched on this page, stays.
    assert kept(window) == {"q1": 2, "q2": "On the phone."}


def test_two_texts_for_one_question_are_both_shown_and_neither_is_lost(client, window, person):
    q = names(window)
    mark = {f"seen_{q['q2']}": ""}
    save_answers(
        window_id=window.pk, by=person, answers={int(q["q2"][1:]): "On the phone."}, now=timezone.now()
    )

    page = client.post(section(window), mark | {q["q1"]: "3", q["q2"]: "At the desk."})

    html = page.content.decode()
    assert page.status_code == 422
    assert "On the phone." in html
    assert "At the desk." in html
    assert kept(window) == {"q1": 3, "q2": "On the phone."}
    # The page now knows the other text: saving again is the person's decision.
    assert f'name="seen_{q["q2"]}" value="{fingerprint("On the phone.")}"' in html
    client.post(
        section(window),
        {f"seen_{q['q2']}": fingerprint("On the phone."), q["q1"]: "3", q["q2"]: "At the desk."},
    )
    assert kept(window)["q2"] == "At the desk."


def test_page_that_is_refused_for_another_answer_keeps_the_mark_of_what_it_shows(client, window, person):
    q = names(window)
    text = int(q["q2"][1:])
    save = {"window_id": window.pk, "by": person, "now": timezone.now()}
    save_answers(**save, answers={text: "Old."})
    marks = {f"seen_{q['q2']}": fingerprint("Old."), f"seen_{q['q1']}": ""}
    save_answers(**save, answers={text: "New, on the phone."})

    page = client.post(section(window), marks | {q["q1"]: "9", q["q2"]: "Old."})
    assert page.status_code == 422
    assert f'name="seen_{q["q2"]}" value="{fingerprint("Old.")}"' in page.content.decode()
    client.post(section(window), dict(page.context["form"].marks()) | {q["q1"]: "3", q["q2"]: "Old."})

    assert kept(window) == {"q1": 3, "q2": "New, on the phone."}


def test_page_that_saves_by_itself_is_told_that_the_survey_was_sent_elsewhere(client, window, person):
    q = names(window)
    client.post(section(window), {q["q1"]: "3"})
    client.post(review(window))

    answer = fetch(client, section(window), {"only": q["q1"], q["q1"]: "4"})

    assert answer.status_code == 422
    assert answer.json()["is_refused"]
    assert "submitted this survey already" in answer.json()["state"]
    assert kept(window) == {"q1": 3}


# --- saving by itself -----------------------------------------------------------------------------------------------


def fetch(client: Client, url: str, data: dict[str, str]):
    return client.post(url, data, headers={"X-Requested-With": "fetch"})


def test_page_saves_one_answer_by_itself(client, window, person):
    q = names(window)
    save_answers(window_id=window.pk, by=person, answers={int(q["q2"][1:]): "More."}, now=timezone.now())

    answer = fetch(client, section(window), {"only": q["q1"], q["q1"]: "4", f"seen_{q['q1']}": ""})

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store, private"
    body = answer.json()
    assert body["state"].startswith("Saved at ")
    assert body["marks"] == {f"seen_{q['q1']}": fingerprint(kept(window)["q1"])}
    assert q["why"] in body["shown"]
    # What the page did not send is not taken for emptied.
    assert kept(window) == {"q1": 4, "q2": "More."}


def test_page_that_saves_by_itself_is_told_of_refusals_and_conflicts(client, window, person):
    q = names(window)
    wrong = fetch(client, section(window), {"only": q["q1"], q["q1"]: "9"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, [q["q1"]])

    save_answers(window_id=window.pk, by=person, answers={int(q["q2"][1:]): "Phone."}, now=timezone.now())
    answer = fetch(client, section(window), {"only": q["q2"], q["q2"]: "Desk.", f"seen_{q['q2']}": ""})

    assert answer.status_code == 422
    assert answer.json()["conflicts"][q["q2"]]["text"] == "Phone."
    assert kept(window) == {"q2": "Phone."}


# --- who, and when --------------------------------------------------------------------------------------------------


def test_closed_survey_refuses_but_keeps_the_draft_and_gives_the_page_back(client, window, person):
    q = names(window)
    client.post(section(window), {q["q1"]: "4"})
    SurveyWindow.objects.filter(pk=window.pk).update(closes_at=timezone.now())

    page = client.post(section(window), {q["q1"]: "2", q["q2"]: "Just now."})

    assert page.status_code == 422
    assert "This survey is not open." in page.content.decode()
    assert "Just now." in page.content.decode()
    assert kept(window) == {"q1": 4}
    assert client.get(section(window)).url == done(window)
    html = client.get(done(window)).content.decode()
    assert "This survey is closed." in html
    assert "kept as a draft" in html
    assert client.post(review(window)).status_code == 422


def test_extension_keeps_the_survey_open_for_one_person(client, window, person, cycle):
    now = timezone.now()
    SurveyWindow.objects.filter(pk=window.pk).update(closes_at=now)
    WindowExtension.objects.create(
        window=window,
        enrolment=cycle.enrolments.get(),
        closes_at=now + timedelta(days=2),
        reason="On leave.",
        granted_by=make_user(is_staff=True),
    )

    assert client.post(section(window), {names(window)["q1"]: "3"}).status_code == 302
    assert client.post(review(window)).url == done(window)


@pytest.mark.parametrize("status", ["applied", "withdrawn", "declined"])
def test_survey_is_hidden_from_who_is_not_in_the_cycle(client, window, cycle, status):
    other = make_enrolment(cycle, status=status).participant
    client.force_login(other)

    for path in (start(window), section(window), review(window), done(window)):
        assert client.get(path).status_code == 404
    assert client.post(section(window), {names(window)["q1"]: "3"}).status_code == 404
    assert client.post(review(window)).status_code == 404
    assert not Response.objects.exists()


def test_survey_that_has_not_opened_is_hidden(client, window, person):
    SurveyWindow.objects.filter(pk=window.pk).update(opens_at=timezone.now() + timedelta(days=1))

    assert client.get(start(window)).status_code == 404
    assert client.post(section(window), {names(window)["q1"]: "3"}).status_code == 404


def test_section_that_is_not_there_is_not_found(client, window, person):
    assert client.get(section(window, 3)).status_code == 404
    assert client.get(section(window, 0)).status_code == 404


def test_question_of_another_survey_is_not_written(client, window, person, cycle):
    other = make_window(cycle, "post").instrument.questions.get()

    client.post(section(window), {f"q{other.pk}": "3", names(window)["q1"]: "4"})

    assert kept(window) == {"q1": 4}


# --- a session that ended -------------------------------------------------------------------------------------------


def test_words_outlive_the_session_without_scripts(window, person):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    token = browser.get(section(window)).context["csrf_token"]
    q = names(window)
    browser.logout()

    page = browser.post(
        section(window),
        {"csrfmiddlewaretoken": str(token), q["q1"]: "4", q["q2"]: "Nine <b>months</b>.", "evil": "x"},
    )

    html = page.content.decode()
    assert page.status_code == 403
    assert page.headers["Cache-Control"] == "no-store, private"
    assert f'name="{q["q2"]}" value="Nine &lt;b&gt;months&lt;/b&gt;."' in html
    assert "evil" not in html
    # After the log-in the token of that page is an old one: the words are shown again, and nothing is saved yet.
    browser.force_login(person)
    again = browser.post(section(window), {q["q1"]: "4", q["q2"]: "Nine months."})
    assert again.status_code == 403
    assert "Nine months." in again.content.decode()
    assert kept(window) == {}
    saved = browser.post(
        section(window),
        {"csrfmiddlewaretoken": str(again.context["csrf_token"]), q["q1"]: "4", q["q2"]: "Nine months."},
    )
    assert saved.status_code == 302
    assert kept(window) == {"q1": 4, "q2": "Nine months."}


def test_nothing_is_saved_without_the_token(window, person):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)

    assert browser.post(section(window), {names(window)["q1"]: "4"}).status_code == 403
    assert (
        fetch(browser, section(window), {"only": names(window)["q1"], names(window)["q1"]: "4"}).status_code
        == 403
    )
    assert browser.post(review(window)).status_code == 403
    assert not Response.objects.exists()


# --- the list -------------------------------------------------------------------------------------------------------


def test_list_tells_what_is_open_to_come_sent_and_closed(client, window, person, cycle):
    now = timezone.now()
    SurveyWindow.objects.filter(pk=window.pk).update(closes_at=now + timedelta(days=3))
    make_window(cycle, "post", opens_at=now + timedelta(days=5))
    reflection = make_window(cycle, "reflection")
    make_response(cycle.enrolments.get(), reflection, submitted_at=now)
    attended, missed = cycle.sessions.get(), make_session(cycle, week=1)
    make_attendance(cycle.enrolments.get(), attended)
    for session in (attended, missed):
        make_window(cycle, "evaluation", session=session)

    html = client.get(reverse("surveys:survey-list")).content.decode()

    for words in ("Open now", "Open until", "To come", "Opens on", "Sent on"):
        assert words in html
    # An evaluation is for who was there.
    assert html.count("The evaluation survey: ") == 1
    assert "The pre survey" in html


def test_evaluation_is_for_who_was_in_the_session_or_has_begun_it(client, person, cycle):
    enrolment, session = cycle.enrolments.get(), cycle.sessions.get()
    evaluation = make_window(cycle, "evaluation", session=session)
    section = reverse("surveys:section-edit", args=[evaluation.pk, 1])

    assert client.get(section).status_code == 404
    assert client.post(section, {}).status_code == 404
    attendance = make_attendance(enrolment, session)
    assert client.get(section).status_code == 200
    make_response(enrolment, evaluation)
    Attendance.objects.filter(pk=attendance.pk).update(minutes=0)
    assert client.get(section).status_code == 200


def test_list_without_surveys_says_so(client, family_physician):
    client.force_login(family_physician)

    assert "No survey is open for you now" in client.get(reverse("surveys:survey-list")).content.decode()
