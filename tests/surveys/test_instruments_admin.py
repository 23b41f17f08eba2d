"""The coordinator's pages of an instrument: what it asks, what is wrong with it, and what is done with it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from participants.models import User
from sessions_app.models import Cycle
from surveys.models import Choice, Construct, Instrument, Question, Section
from tests.factories import (
    make_cycle,
    make_enrolment,
    make_instrument,
    make_program,
    make_response,
    make_section,
    make_survey_question,
    make_user,
    make_window,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(client) -> User:
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.get(name="Coordinators"))
    client.force_login(user)
    return user


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle()


@pytest.fixture
def draft(cycle) -> Instrument:
    return make_instrument(cycle.program, questions=["scale", "single"], is_released=False)


@pytest.fixture
def frozen(cycle) -> Instrument:
    window = make_window(cycle, "post", questions=["scale", "single"])
    make_response(make_enrolment(cycle), window)
    return window.instrument


def change(instrument: Instrument) -> str:
    return reverse("admin:surveys_instrument_change", args=[instrument.pk])


def html(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def do(client: Client, instrument: Instrument, deed: str) -> Any:
    url = reverse("admin:surveys_instrument_deed", args=[instrument.pk])
    return client.post(url, {"deed": deed}, follow=True)


def question_url(question: Question) -> str:
    return reverse("admin:surveys_question_change", args=[question.pk])


def question_data(section: Section, **values: Any) -> dict[str, Any]:
    data = {"section": section.pk, "position": 1, "key": "new", "kind": "text", "text": "Why?", "places": 0}
    return data | values | {"_save": "1"}


def inline(prefix: str, *rows: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    for place, row in enumerate(rows):
        data |= {f"{prefix}-{place}-{name}": value for name, value in row.items()}
    return data


def test_page_shows_all_that_is_asked_and_what_is_wrong(client, coordinator, draft):
    single = draft.questions.get(key="q2")
    matrix = make_survey_question(
        draft.sections.get(), "matrix", key="tasks", shown_if=single, shown_if_answers=["a"]
    )

    page = html(client.get(change(draft)))

    assert "Question 1?" in page
    assert "q2: a" in page
    assert "The matrix “tasks” has no items." in page
    assert question_url(matrix) in page
    assert 'value="release"' not in page
    assert f"?section={draft.sections.get().pk}" in page


def test_list_says_which_have_answers(client, coordinator, draft, frozen):
    page = html(client.get(reverse("admin:surveys_instrument_changelist")))

    assert draft.title in page
    assert 'alt="True"' in page


def test_release_and_its_withdrawal(client, coordinator, draft):
    assert 'value="release"' in html(client.get(change(draft)))

    assert "is released" in html(do(client, draft, "release"))
    draft.refresh_from_db()
    assert draft.is_released
    assert "is not released any more" in html(do(client, draft, "withdraw"))
    draft.refresh_from_db()
    assert not draft.is_released


def test_release_of_what_is_not_whole_is_refused_in_words(client, coordinator, cycle):
    empty = make_instrument(cycle.program, questions=[], is_released=False)

    assert "It asks nothing yet" in html(do(client, empty, "release"))
    empty.refresh_from_db()
    assert not empty.is_released


def test_unknown_deed_and_get_do_nothing(client, coordinator, draft):
    assert do(client, draft, "burn").status_code == 200
    assert client.get(reverse("admin:surveys_instrument_deed", args=[draft.pk])).status_code == 405
    assert client.post("/admin/surveys/instrument/999999/do/", {"deed": "release"}).status_code == 404


def test_frozen_instrument_is_looked_at_and_its_next_version_edited(client, coordinator, frozen):
    page = html(client.get(change(frozen)))
    assert "This version has answers" in page
    assert 'name="title"' not in page
    assert "Add a question" not in page
    assert client.post(change(frozen), {"title": "Another"}).status_code == 403

    response = do(client, frozen, "next")
    copy = Instrument.objects.get(program=frozen.program, kind="post", version=2)
    assert response.redirect_chain[-1][0] == change(copy)
    assert 'name="title"' in html(response)


def test_question_of_a_frozen_instrument_is_looked_at(client, coordinator, frozen):
    single = frozen.questions.get(key="q2")

    page = html(client.get(question_url(single)))
    assert 'name="text"' not in page
    assert "Choice a" in page
    assert client.post(question_url(single), {"text": "Another?"}).status_code == 403
    assert (
        client.post(reverse("admin:surveys_question_delete", args=[single.pk]), {"post": "yes"}).status_code
        == 403
    )
    assert (
        client.post(reverse("admin:surveys_question_add"), question_data(frozen.sections.get())).status_code
        == 422
    )


def test_duplicate_goes_to_another_program_as_another_kind(client, coordinator, draft):
    there = make_program()
    url = reverse("admin:surveys_instrument_duplicate", args=[draft.pk])
    assert "Make the copy" in html(client.get(url))
    assert client.post(url, {"program": there.pk, "kind": "exam"}).status_code == 422

    response = client.post(url, {"program": there.pk, "kind": "post"})

    copy = there.instruments.get()
    assert response["Location"] == change(copy)
    assert (copy.kind, copy.version, copy.questions.count()) == ("post", 1, 2)


def test_new_instrument_has_the_next_version(client, coordinator, draft):
    data = {"program": draft.program_id, "kind": "pre", "title": "Anew"} | inline(
        "sections", {"position": 1, "title": "About you"}
    )

    response = client.post(reverse("admin:surveys_instrument_add"), data)

    made = Instrument.objects.get(title="Anew")
    assert response["Location"] == change(made)
    assert (made.version, made.sections.get().title) == (2, "About you")


def test_section_with_questions_is_not_deleted_by_a_tick(client, coordinator, draft):
    section = draft.sections.get()
    empty = make_section(draft)
    row = {"position": 1, "title": "Section 1", "instrument": draft.pk}
    rows = [row | {"id": section.pk, "DELETE": "on"}, row | {"id": empty.pk, "DELETE": "on"}]

    response = client.post(change(draft), {"title": "T"} | inline("sections", *rows, initial=2))
    assert response.status_code == 422
    assert "has questions: delete them or move them first" in response.content.decode()

    del rows[0]["DELETE"]
    assert (
        client.post(change(draft), {"title": "T"} | inline("sections", *rows, initial=2)).status_code == 302
    )
    assert draft.sections.get() == section


def test_question_is_added_at_the_end_of_its_section(client, coordinator, draft):
    section = draft.sections.get()
    url = reverse("admin:surveys_question_add")

    page = html(client.get(f"{url}?section={section.pk}"))
    assert 'name="position" value="3"' in page
    assert 'value="item"' not in page

    response = client.post(url, question_data(section))
    assert response["Location"] == change(draft) + "#questions"
    assert draft.questions.get(key="new").section == section


def test_question_with_choices_goes_on_to_them(client, coordinator, draft):
    section = draft.sections.get()
    response = client.post(reverse("admin:surveys_question_add"), question_data(section, kind="single"))
    made = draft.questions.get(key="new")
    assert response["Location"] == question_url(made)

    rows = [{"position": n, "key": key, "text": key} for n, key in enumerate(("yes", "no"), 1)]
    data = question_data(section, kind="single") | inline("choices", *rows)
    response = client.post(question_url(made), data)
    assert response["Location"] == change(draft) + "#questions"
    assert [choice.key for choice in made.choices.all()] == ["yes", "no"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"key": "q1"}, "Another question of this instrument has this key."),
        ({"key": "Q 1"}, "Use small letters"),
        ({"kind": "scale"}, "A scale needs a lowest and a highest number, from 0 to 10."),
        ({"kind": "scale", "minimum": "1.5", "maximum": "5"}, "A scale has whole numbers."),
        ({"kind": "number", "minimum": "5", "maximum": "1"}, "The lowest number is not below the highest."),
        ({"shown_if_answers": "a"}, "A condition needs a question and the answers that fulfil it."),
        ({"is_research_consent": "on"}, "Only a consent can be the consent to research."),
        ({"kind": "item"}, "Select a valid choice"),
        ({"section": 999999}, "Select a valid choice"),
        ({"section": ""}, "This field is required."),
    ],
)
def test_bad_question_is_refused_in_words(client, coordinator, draft, values, words):
    response = client.post(
        reverse("admin:surveys_question_add"), question_data(draft.sections.get()) | values
    )

    assert response.status_code == 422
    assert words in response.content.decode()
    assert draft.questions.count() == 2


def test_question_refers_to_nothing_of_others(client, coordinator, draft):
    other = make_instrument(make_program())
    foreign = Construct.objects.create(program=other.program, key="trust", name="Trust")
    values = {"construct": foreign.pk, "shown_if": other.questions.get().pk, "shown_if_answers": "1"}

    response = client.post(
        reverse("admin:surveys_question_add"), question_data(draft.sections.get(), **values)
    )

    assert response.status_code == 422
    # Of both fields, and each once more in the summary.
    assert response.content.decode().count("Select a valid choice") == 4


def test_question_keeps_its_kind_while_it_has_choices(client, coordinator, draft):
    single = draft.questions.get(key="q2")
    rows = [
        {"id": one.pk, "question": single.pk, "position": one.position, "key": one.key, "text": one.text}
        for one in single.choices.all()
    ]
    data = question_data(single.section, key="q2") | inline("choices", *rows, initial=3)

    response = client.post(question_url(single), data)

    assert response.status_code == 422
    assert "Delete its choices first" in response.content.decode()


def test_same_key_of_two_choices_is_refused_in_words(client, coordinator, draft):
    single = draft.questions.get(key="q2")
    single.choices.all().delete()
    rows = [{"position": n, "key": "same", "text": "Same"} for n in (1, 2)]
    data = question_data(single.section, key="q2", kind="single") | inline("choices", *rows)

    response = client.post(question_url(single), data)

    assert response.status_code == 422
    assert not Choice.objects.filter(question=single).exists()


def test_pop_up_of_another_form_is_given_what_it_asked_for(client, coordinator, draft):
    pop_up = {"_popup": "1"}
    question = question_data(draft.sections.get(), kind="single") | pop_up
    instrument = {"program": draft.program_id, "kind": "pre", "title": "Anew"} | inline("sections") | pop_up

    for name, data in (("question", question), ("instrument", instrument)):
        answer = html(client.post(reverse(f"admin:surveys_{name}_add"), data))
        assert "data-popup-response" in answer


def test_items_take_after_their_matrix(client, coordinator, draft):
    section, single = draft.sections.get(), draft.questions.get(key="q2")
    matrix = make_survey_question(section, "matrix", key="tasks")
    data = question_data(section, key="tasks", kind="matrix", minimum=1, maximum=5)
    rows = [
        {"position": 1, "key": "start", "text": "Start"},
        {"position": 2, "key": "taper", "text": "Taper"},
    ]
    assert client.post(question_url(matrix), data | inline("items", *rows)).status_code == 302
    for item in matrix.items.all():
        assert (item.kind, item.maximum, item.section) == ("item", Decimal(5), section)
    assert matrix.items.count() == 2

    there = make_section(draft)
    rows = [
        row | {"id": one.pk, "matrix": matrix.pk} for row, one in zip(rows, matrix.items.all(), strict=True)
    ]
    data |= {"section": there.pk, "maximum": 7, "shown_if": single.pk, "shown_if_answers": "a,b"}
    assert client.post(question_url(matrix), data | inline("items", *rows, initial=2)).status_code == 302
    for item in matrix.items.all():
        assert (item.maximum, item.section, item.shown_if) == (Decimal(7), there, single)
        assert item.shown_if_answers == ["a", "b"]


@pytest.mark.parametrize("keys", [("same", "same"), ("q1", "taper"), ("tasks", "taper")])
def test_key_of_an_item_is_the_only_one_in_the_instrument(client, coordinator, draft, keys):
    section = draft.sections.get()
    matrix = make_survey_question(section, "matrix", key="tasks")
    rows = [{"position": n, "key": key, "text": "Task"} for n, key in enumerate(keys, 1)]
    data = question_data(section, key="tasks", kind="matrix", minimum=1, maximum=5)

    response = client.post(question_url(matrix), data | inline("items", *rows))

    assert response.status_code == 422
    assert "has this key" in response.content.decode()
    assert not matrix.items.exists()


def test_item_is_edited_on_the_page_of_its_matrix(client, coordinator, draft):
    section = draft.sections.get()
    matrix = make_survey_question(section, "matrix")
    item = make_survey_question(section, "item", matrix=matrix)

    response = client.get(question_url(item))

    assert response["Location"] == question_url(matrix) + "#items-group"


def test_construct_key_is_once_in_its_program(client, coordinator, draft):
    data = {"program": draft.program_id, "key": "trust", "name": "Trust"}
    url = reverse("admin:surveys_construct_add")

    assert client.post(url, data).status_code == 302
    assert client.post(url, data).status_code == 422
    assert "Trust" in html(client.get(reverse("admin:surveys_construct_changelist")))


def test_questions_are_listed_and_deleted_one_by_one(client, coordinator, draft):
    question = draft.questions.get(key="q1")
    listing = html(client.get(reverse("admin:surveys_question_changelist")))
    assert "delete_selected" not in listing

    url = reverse("admin:surveys_question_delete", args=[question.pk])
    assert client.post(url, {"post": "yes"}).status_code == 302
    assert not draft.questions.filter(key="q1").exists()


def test_staff_without_the_role_are_kept_out(client, draft):
    client.force_login(make_user(is_staff=True))

    assert do(client, draft, "release").status_code == 403
    assert client.get(reverse("admin:surveys_instrument_duplicate", args=[draft.pk])).status_code == 403
    assert client.get(reverse("admin:surveys_instrument_import")).status_code == 403
    assert client.get(preview(draft)).status_code == 403
    assert client.get(change(draft)).status_code == 403


def preview(instrument: Instrument, **query: Any) -> str:
    return reverse("admin:surveys_instrument_preview", args=[instrument.pk], query=query)


def test_preview_shows_section_after_section_and_keeps_nothing(client, coordinator, draft):
    second = make_section(draft, title="Afterwards", title_fr="Ensuite")
    single = draft.questions.get(key="q2")
    make_survey_question(
        second, "text", text="Why so?", text_fr="Pourquoi?", shown_if=single, shown_if_answers=["a"]
    )

    first = html(client.get(preview(draft)))
    assert "Nothing you answer here is saved" in first
    assert 'aria-valuetext="1 of 2"' in first
    assert "Question 1?" in first
    assert "Why so?" not in first
    then = html(client.get(preview(draft, section="2")))
    assert "Why so?" in then
    assert "Only if you answered “Choice a” to: Question 2?" in then
    french = html(client.get(preview(draft, section="2", language="fr")))
    assert '<html lang="fr">' in french
    assert "Pourquoi?" in french
    assert client.post(preview(draft), {f"q{single.pk}": "a"}).status_code == 405


@pytest.mark.parametrize("section", ["0", "3", "-1", "x", "99999999999", "²"])
def test_preview_of_a_section_that_is_not_there(client, coordinator, draft, section):
    assert client.get(preview(draft, section=section)).status_code == 404


def test_preview_of_what_asks_nothing_says_so(client, coordinator, cycle):
    empty = make_instrument(cycle.program, questions=[], is_released=False)

    assert "It asks nothing yet" in html(client.get(preview(empty)))


def upload(client: Client, program: Any, content: bytes) -> Any:
    file = SimpleUploadedFile("instrument.json", content, content_type="application/json")
    return client.post(reverse("admin:surveys_instrument_import"), {"program": program.pk, "file": file})


def test_file_of_one_program_becomes_an_instrument_of_another(client, coordinator, draft):
    there = make_program()
    content = client.get(reverse("admin:surveys_instrument_json", args=[draft.pk])).content
    assert "Import" in html(client.get(reverse("admin:surveys_instrument_import")))

    response = upload(client, there, content)

    made = there.instruments.get()
    assert response["Location"] == change(made)
    assert (made.kind, made.version, made.is_released) == (draft.kind, 1, False)
    assert [question.key for question in made.questions.all()] == ["q1", "q2"]
    assert [choice.key for choice in made.questions.get(key="q2").choices.all()] == ["a", "b", "c"]
    again = upload(client, there, content)
    assert again["Location"] == change(there.instruments.get(version=2))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The submitted file is empty"),
        (b"{", "The file is not JSON: line 1, column 2"),
        (b"\xff\xfe", "The file is not JSON in UTF-8"),
        (b"[]", "This is to be an object in braces"),
        (json.dumps({"schema": 1, "kind": "pre", "title": "T", "sections": [{"title": 1}]}).encode(),
         "Sections[0].title: This is to be text in quotation marks."),
        (b" " * 1_000_001, "The file is larger than 1 MB."),
    ],
)  # fmt: skip
def test_file_that_is_no_instrument_is_refused_in_words(client, coordinator, cycle, content, words):
    response = upload(client, cycle.program, content)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Instrument.objects.exists()
