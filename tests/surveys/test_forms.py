from __future__ import annotations

import pytest

from surveys.forms import SurveyForm
from surveys.models import Question
from surveys.rules import MAX_LENGTH

SCALE = Question(pk=1, kind="scale", text="How sure are you?", low_label="Not at all", high_label="Very")
TEXT = Question(pk=2, kind="text", text="What will you change?", is_required=False)


def form(*, is_draft: bool = False, **data: str) -> SurveyForm:
    return SurveyForm(data, questions=[SCALE, TEXT], kept={}, is_draft=is_draft)


def test_survey_form_reads_answers_by_question():
    filled = form(q1="4", q2=" Sleep first. ")

    assert filled.is_valid()
    assert filled.answers() == {1: 4, 2: "Sleep first."}


def test_survey_form_names_the_gap_on_submitting():
    filled = form(q2="Sleep first.")

    assert filled.errors == {"q1": ["Choose a number from 1 to 5."]}
    # What could be read is kept all the same.
    assert filled.answers() == {2: "Sleep first."}


def test_survey_form_allows_gaps_in_a_draft():
    filled = form(is_draft=True)

    assert filled.is_valid()
    assert filled.answers() == {1: None, 2: None}


@pytest.mark.parametrize("value", ["0", "6", "3.5", "three", "-1"])
def test_survey_form_refuses_numbers_off_the_scale(value):
    assert list(form(q1=value).errors) == ["q1"]


def test_survey_form_refuses_text_without_end():
    assert list(form(q1="3", q2="x" * (MAX_LENGTH["text"] + 1)).errors) == ["q2"]


def test_survey_form_shows_what_was_kept():
    kept = SurveyForm(questions=[SCALE, TEXT], kept={1: 4, 2: "Sleep first."})

    assert (kept["q1"].initial, kept["q2"].initial) == (4, "Sleep first.")
    html = str(kept["q1"])
    assert "Not at all" in html
    assert "Very" in html
