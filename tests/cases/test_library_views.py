"""The library's page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cases.models import CaseSubmission
from tests import factories as make
from tests.cases.test_library import taught
from tests.cases.test_recommendation_views import HOSTILE, words

pytestmark = pytest.mark.django_db

LIBRARY = reverse("cases:library")


@pytest.fixture
def cycle():
    return make.make_cycle(sessions=1)


@pytest.fixture
def reader(client, cycle):
    user = make.make_enrolment(cycle).participant
    client.force_login(user)
    return user


def test_library_needs_a_log_in_and_a_cycle(client, outsider):
    assert client.get(LIBRARY).url.startswith("/accounts/login/")
    client.force_login(outsider)

    answer = client.get(LIBRARY)

    assert "open to everyone enrolled in a cycle" in words(answer)
    assert b'<form method="get"' not in answer.content


def test_library_lists_its_cases(client, cycle, reader):
    case = taught(cycle, question_1=HOSTILE)
    foreign = taught(make.make_cycle(sessions=1))

    answer = client.get(LIBRARY)

    said = words(answer)
    assert case.echo_id in said
    assert "57 years" in said
    assert "Female" in said
    assert "Answered: Pharmacological" in said
    assert foreign.echo_id not in said
    assert b"<script>alert" not in answer.content
    assert "no-store" in answer["Cache-Control"]


def test_search_finds_and_keeps_its_words(client, cycle, reader):
    case = taught(cycle, diagnoses="Trigeminal neuralgia.")
    other = taught(cycle)

    answer = client.get(LIBRARY, {"q": "neuralgia"})

    assert case.echo_id in words(answer)
    assert other.echo_id not in words(answer)
    assert "1 case found" in words(answer)
    assert b'value="neuralgia"' in answer.content


def test_nothing_yet_and_nothing_found_say_what_to_do(client, cycle, reader):
    assert "There is nothing here yet" in words(client.get(LIBRARY))
    taught(cycle)
    assert "No case holds these words" in words(client.get(LIBRARY, {"q": "zebra"}))


@pytest.mark.parametrize("words_typed", ["\x00", "a\x00b", "x" * 100_000, "'\"()&|!:*", "\u202e", "%"])
def test_hostile_search_is_answered(client, cycle, reader, words_typed):
    taught(cycle)

    assert client.get(LIBRARY, {"q": words_typed, "page": "x"}).status_code == 200


@pytest.mark.parametrize("page", ["2", "99", "-1", "x", "last"])
def test_pages_keep_the_search(client, cycle, reader, page, monkeypatch):
    monkeypatch.setattr("cases.library_views.PAGE_SIZE", 1)
    for _number in range(2):
        taught(cycle)

    answer = client.get(LIBRARY, {"q": "oxycodone", "page": page})

    assert "Page 2 of 2" in words(answer) or "Page 1 of 2" in words(answer)
    assert b"q=oxycodone" in answer.content


@pytest.mark.parametrize("count", [1, 3])
def test_library_asks_the_same_for_one_case_and_for_three(
    client, cycle, reader, count, django_assert_num_queries
):
    for _number in range(count):
        taught(cycle)
    assert CaseSubmission.objects.count() == count

    client.get(LIBRARY)  # the first visit of a session writes it down

    with django_assert_num_queries(8):
        client.get(LIBRARY, {"q": "oxycodone"})
