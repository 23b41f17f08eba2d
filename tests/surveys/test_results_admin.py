"""The results as pages: who may read them, what they say in words, what they leave out, and the same on paper."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils.translation import override

from participants.enums import Category
from sessions_app.models import Cycle
from surveys.models import Pseudonym, ScreenedAnswer, SurveyWindow
from surveys.results import tables
from tests.credits import pdfs
from tests.credits.certificates import needs_engine
from tests.factories import (
    make_attendance,
    make_cycle,
    make_instrument,
    make_survey_question,
    make_user,
    make_window,
)
from tests.surveys.test_results import POST, PRE, answer, paired_survey, people

pytestmark = pytest.mark.django_db

TOOL = Path(
    os.environ.get("ECHO_PDF_CONFORMANCE")
    or Path(__file__).parents[3] / "shared/tools/pdf-conformance/pdf-conformance"
)


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle(sessions=2)


@pytest.fixture
def answered(cycle) -> tuple[SurveyWindow, SurveyWindow]:
    """Five people before and after: rule 31's example."""
    pre, post = paired_survey(cycle)
    for enrolment, before, after in zip(people(cycle, 5), PRE, POST, strict=True):
        answer(enrolment, pre, q1=before)
        answer(enrolment, post, q1=after)
    return pre, post


def page(client, name: str, cycle: Cycle, query: str = "") -> str:
    response = client.get(reverse(f"admin:surveys_results{name}", args=[cycle.pk]) + query)
    assert response.status_code == 200
    return str(response.content.decode()).replace("\N{NO-BREAK SPACE}", " ")


def test_cycle_page_says_the_figures_of_the_rule(client, coordinator, cycle, answered):
    client.force_login(coordinator)

    html = page(client, "_cycle", cycle)

    for words in (
        "1.40 (0.72 to 2.08)",
        "0.55",
        "t(4) = 5.72",
        "0.005",
        "2.56",
        "3.40 (1.14)",
        "4.80 (0.84)",
    ):
        assert words in html, words
    assert 'class="before"' in html
    assert "nan" not in html.lower().replace("financ", "")


def test_french_page_has_the_decimal_comma_and_the_chart_has_points(client, coordinator, cycle, answered):
    client.force_login(coordinator)
    client.cookies["django_language"] = "fr"

    html = page(client, "_cycle", cycle)

    assert "1,40 (0,72" in html
    assert 'cx="35.20%"' in html
    assert 'cx="35,20%"' not in html


def test_fewer_than_five_pairs_are_said_to_be_hidden(client, coordinator, cycle):
    pre, post = paired_survey(cycle)
    for enrolment in people(cycle, 4):
        answer(enrolment, pre, q1=3)
        answer(enrolment, post, q1=5)
    client.force_login(coordinator)

    html = page(client, "_cycle", cycle)

    assert "Fewer than five people answered both times" in html
    assert "not shown (under 5)" in html
    assert "2.00" not in html
    assert 'class="before"' not in html


def test_what_is_not_computable_is_said_in_words(client, coordinator, cycle):
    pre, post = paired_survey(cycle)
    for enrolment in people(cycle, 6):
        answer(enrolment, pre, q1=3)
        answer(enrolment, post, q1=5)
    client.force_login(coordinator)

    html = page(client, "_cycle", cycle)

    assert "not computable: everyone alike" in html
    assert "not computable: a single item" in html


def test_small_group_has_no_number_on_the_page(client, coordinator, cycle):
    pre, post = paired_survey(cycle)
    sizes = {Category.FAMILY_PHYSICIAN: 9, Category.SPECIALIST: 6, Category.OTHER: 3}
    for category, number in sizes.items():
        for at, enrolment in enumerate(people(cycle, number, category)):
            answer(enrolment, pre, q1=2 + at % 2)
            answer(enrolment, post, q1=4 + at % 3)
    client.force_login(coordinator)

    response = client.get(reverse("admin:surveys_results_cycle", args=[cycle.pk]))

    (table,) = response.context["categories"]
    assert [row[1] for row in table.rows] == [9, "–", "–"]


def test_follow_up_is_compared_on_request(client, coordinator, cycle, answered):
    later = make_instrument(cycle.program, "follow_up", questions=[])
    make_survey_question(later.sections.get(), "scale", key="q1", maximum=7)
    window = make_window(cycle, "follow_up", instrument=later)
    for response in answered[0].responses.all():
        answer(response.enrolment, window, q1=6)
    client.force_login(coordinator)

    assert "?compare=follow_up" in page(client, "_cycle", cycle)
    assert "Months later" in page(client, "_cycle", cycle, "?compare=follow_up")
    url = reverse("admin:surveys_results_cycle", args=[cycle.pk])
    assert client.get(f"{url}?compare=pre").status_code == 404


def test_question_in_another_range_is_named(client, coordinator, cycle):
    paired_survey(cycle)
    SurveyWindow.objects.filter(cycle=cycle, instrument__kind="post").delete()
    other = make_instrument(cycle.program, "post", version=2, questions=[])
    make_survey_question(other.sections.get(), "scale", key="q1", maximum=5)
    make_window(cycle, "post", instrument=other)
    client.force_login(coordinator)

    assert "<code>q1</code>" in page(client, "_cycle", cycle)


def test_words_are_listed_screened_and_escaped_and_the_rest_is_counted(client, coordinator, cycle):
    instrument = make_instrument(cycle.program, "reflection", questions=["text"])
    window = make_window(cycle, "reflection", instrument=instrument)
    one, two = people(cycle, 2)
    kept = answer(one, window, q1="Dr. Jane Doe taught <b>me</b>.")
    answer(two, window, q1="Marigold tincture.")
    ScreenedAnswer.objects.create(answer=kept.answers.get(), text="[name] taught <b>me</b>.", findings=1)
    client.force_login(coordinator)

    html = page(client, "_words", cycle)

    assert "[name] taught &lt;b&gt;me&lt;/b&gt;." in html
    assert Pseudonym.objects.get(participant=one.participant).code in html
    assert "1 answer is not screened yet" in html
    for hidden in ("Jane", "Marigold", one.participant.email, one.participant.get_full_name()):
        assert hidden not in html


def test_words_are_paged(client, coordinator, cycle, monkeypatch):
    monkeypatch.setattr("surveys.admin.results.PAGE_SIZE", 2)
    instrument = make_instrument(cycle.program, "reflection", questions=["text"])
    window = make_window(cycle, "reflection", instrument=instrument)
    for enrolment in people(cycle, 3):
        kept = answer(enrolment, window, q1="Sleep first.").answers.get()
        ScreenedAnswer.objects.create(answer=kept, text=kept.text, findings=0)
    client.force_login(coordinator)

    assert page(client, "_words", cycle).count("Sleep first.") == 2
    assert page(client, "_words", cycle, "?page=2").count("Sleep first.") == 1


def test_evaluations_name_each_session_and_hide_the_small(client, coordinator, cycle):
    instrument = make_instrument(cycle.program, "evaluation", questions=["scale"])
    for session, number in zip(cycle.sessions.all(), (6, 2), strict=True):
        window = make_window(cycle, "evaluation", instrument=instrument, session=session)
        for enrolment in people(cycle, number):
            make_attendance(enrolment, session)
            answer(enrolment, window, q1=4)
    client.force_login(coordinator)

    response = client.get(reverse("admin:surveys_results_evaluations", args=[cycle.pk]))

    rows = response.context["table"].rows
    assert [row[1:] for row in rows] == [(6, "–", "–"), (2, "–", "–"), (8, 8, "4.00 (n = 8)")]


def test_empty_cycle_and_empty_list_say_what_comes_first(client, coordinator, cycle):
    client.force_login(coordinator)

    assert "No cycle has a survey yet" in client.get(reverse("admin:surveys_results")).content.decode()
    assert "This cycle has no survey yet" in page(client, "_cycle", cycle)
    assert "Nobody has answered in words yet" in page(client, "_words", cycle)
    assert "No session of this cycle is evaluated yet" in page(client, "_evaluations", cycle)


def test_list_names_the_cycles_with_surveys(client, coordinator, cycle, answered):
    client.force_login(coordinator)

    html = client.get(reverse("admin:surveys_results")).content.decode()

    assert reverse("admin:surveys_results_cycle", args=[cycle.pk]) in html
    assert ">10<" in html


@pytest.mark.parametrize("name", ["_cycle", "_pdf", "_words", "_evaluations", ""])
def test_results_need_the_permission_to_see_responses(client, cycle, name):
    client.force_login(make_user("staff@echo.example", is_staff=True))
    arguments = [cycle.pk] if name else []

    assert client.get(reverse(f"admin:surveys_results{name}", args=arguments)).status_code in {302, 403}


@needs_engine
def test_pdf_says_the_same_in_the_readers_language(client, coordinator, cycle, answered):
    client.force_login(coordinator)

    response = client.get(reverse("admin:surveys_results_pdf", args=[cycle.pk]))

    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    text = pdfs.text(response.content)
    for words in ("Survey results", "1.40 (0.72 to 2.08)", "t(4) = 5.72", "How it was computed"):
        assert words in text, words
    assert pdfs.missing_glyphs(response.content) == []


def test_missing_engine_leads_to_the_page_that_prints(client, coordinator, cycle, answered, monkeypatch):
    monkeypatch.setattr("surveys.results.paper.pdf_engine_missing", lambda: "No Pango here.")
    client.force_login(coordinator)

    response = client.get(reverse("admin:surveys_results_pdf", args=[cycle.pk]))

    assert response.status_code == 503
    assert "No Pango here." in response.content.decode()


@needs_engine
@pytest.mark.skipif(
    not TOOL.is_file(), reason="no PDF validator: set ECHO_PDF_CONFORMANCE to the path of one"
)
@pytest.mark.skipif(shutil.which("java") is None, reason="the PDF validator needs Java")
def test_results_conform_to_pdfua1_and_pdfa3a(client, coordinator, cycle, answered, tmp_path):
    client.force_login(coordinator)
    paths = []
    for language in ("en", "fr"):
        client.cookies["django_language"] = language
        path = tmp_path / f"{language}.pdf"
        path.write_bytes(client.get(reverse("admin:surveys_results_pdf", args=[cycle.pk])).content)
        paths.append(str(path))
    said = subprocess.run([str(TOOL), "ua1,3a", *paths], capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stdout + said.stderr[-2000:]
    assert said.stdout.count("PASS ") == 2 * len(paths)


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.0004, "< 0.001"), (0.001, "0.001"), (0.0046, "0.005"), (1.0, "1.000"), (None, "–")],
)
def test_p_is_said_to_three_decimals(p, words):
    assert tables.p_value(p).replace("\N{NO-BREAK SPACE}", " ") == words


def test_numbers_are_the_languages():
    assert tables.number(-1.25, 1) == "\N{MINUS SIGN}1.2"
    assert tables.number(-0.001) == "0.00"
    with override("fr"):
        assert tables.number(1.4) == "1,40"
