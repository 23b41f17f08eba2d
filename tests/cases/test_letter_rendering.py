"""The letter as PDF: what it says, that it fetches nothing, and that it conforms."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.utils.translation import override

from cases.rendering import render_letter
from core.pdf import UnprintableTextError
from tests import factories as make
from tests.cases.test_recommendation_views import HOSTILE
from tests.clock import toronto
from tests.credits import pdfs
from tests.credits.certificates import needs_engine

pytestmark = [pytest.mark.django_db, needs_engine]

TOOL = Path(
    os.environ.get("ECHO_PDF_CONFORMANCE")
    or Path(__file__).parents[3] / "shared/tools/pdf-conformance/pdf-conformance"
)
LONG = "\n\n".join(
    f"Step {number}: reduce by a tenth, wait four weeks, and ask how sleep and walking are."
    for number in range(60)
)


def item(text: str, heading: str = "pharmacological", **values: str) -> dict[str, str]:
    return {
        "heading": heading,
        "text": text,
        "author": "Dr. Paula Specialist",
        "title": "Pain physician",
    } | values


@pytest.fixture
def case():
    program = make.make_program(
        name="Chronic Pain",
        name_fr="Douleur chronique",
        hubs=[make.make_hub("University Health Network"), make.make_hub("Queen’s University", "Kingston")],
    )
    cycle = make.make_cycle(program, sessions=1)
    return make.make_case(make.make_enrolment(cycle), status="recommendations_sent")


def test_letter_carries_what_it_must(case):
    letter = make.make_letter(
        case,
        opening="Thank you for this case.",
        items=[
            item("Walk with others.", "referral", author="Rui Partner", title=""),
            item("Taper by a tenth.\nThen wait.\n\nSleep first."),
        ],
    )

    pdf = render_letter(letter, case=case)

    text = pdfs.text(pdf)
    for words in (
        "Chronic Pain",
        "University Health Network",
        "Queen’s University",
        f"Recommendations for case {case.echo_id}",
        "Presented on Thursday, September 11, 2025",
        "Would you rotate or taper first?",
        "Thank you for this case.",
        "Taper by a tenth. Then wait. Sleep first. Dr. Paula Specialist, Pain physician",
        "Walk with others. Rui Partner",
        "Signed in ECHO Portal on Friday, September 26, 2025, 09:00",
        "The clinician who knows the patient decides.",
    ):
        assert words in text, words
    assert text.index("Taper by") < text.index("Walk with")
    assert pdfs.missing_glyphs(pdf) == []


def test_only_the_echo_id_is_in_the_metadata(case):
    letter = make.make_letter(case, opening="Marigold tincture.")

    metadata = pdfs.reader(render_letter(letter, case=case)).metadata

    assert metadata is not None
    assert metadata.title == case.echo_id
    said = " ".join(str(value) for value in metadata.values())
    for words in ("Marigold", "Paula", "Taper", "Recommendation", case.presenter.participant.get_full_name()):
        assert words not in said


def test_corrected_letter_says_so_on_paper(case):
    make.make_letter(case)
    letter = make.make_letter(case, correction="The dose is halved.")

    assert "This is a corrected letter. The dose is halved." in pdfs.text(render_letter(letter, case=case))


def test_letter_is_set_in_the_readers_language(case):
    letter = make.make_letter(case)

    with override("fr"):
        pdf = render_letter(letter, case=case)

    assert "Douleur chronique" in pdfs.text(pdf)
    assert pdfs.reader(pdf).trailer["/Root"]["/Lang"] == "fr"  # type: ignore[index]


def test_hostile_words_are_printed_and_fetch_nothing(case):
    hostile = f'{HOSTILE}<link rel="attachment" href="file:///etc/hostname"><style>@import url("http://127.0.0.1:9/")</style>'
    letter = make.make_letter(
        case, opening=hostile, items=[item(hostile, author=hostile, title=hostile)], signed_name=hostile[:200]
    )

    pdf = render_letter(letter, case=case)

    assert "<script>alert(1)</script>" in pdfs.text(pdf)
    assert pdfs.reader(pdf).attachments == {}
    assert all(not list(page.images) for page in pdfs.reader(pdf).pages)


def test_long_letter_runs_on_with_its_pages_numbered(case):
    pages = pdfs.page_texts(
        render_letter(make.make_letter(case, items=[item(LONG), item(LONG, "referral")]), case=case)
    )

    assert len(pages) > 2
    assert all(
        f"Page {number} of {len(pages)}" in page and case.echo_id in page
        for number, page in enumerate(pages, 1)
    )


def test_text_that_runs_from_the_right_is_drawn(case):
    letter = make.make_letter(case, items=[item("المشي كل يوم")])

    assert pdfs.missing_glyphs(render_letter(letter, case=case)) == []


def test_character_in_no_font_is_refused_without_the_text(case):
    letter = make.make_letter(case, items=[item("Marigold \U0010fffd")])

    with pytest.raises(UnprintableTextError, match=r"U\+10FFFD") as refused:
        render_letter(letter, case=case)
    assert "Marigold" not in str(refused.value)


@pytest.mark.skipif(
    not TOOL.is_file(), reason="no PDF validator: set ECHO_PDF_CONFORMANCE to the path of one"
)
@pytest.mark.skipif(shutil.which("java") is None, reason="the PDF validator needs Java")
def test_letters_conform_to_pdfua1_and_pdfa3a(case, tmp_path):
    letters = {
        "short": make.make_letter(case),
        "corrected": make.make_letter(
            case,
            opening="Thank you.\n\nFirst of all: sleep.",
            items=[item(LONG), item("المشي كل يوم", "referral"), item("ᐊᓕᓯ ᐅᖃᓕᖅ", "biopsychosocial")],
            signed_at=toronto(2025, 12, 1, 9),
        ),
    }
    paths = []
    for name, letter in letters.items():
        for language in ("en", "fr"):
            path = tmp_path / f"{name}-{language}.pdf"
            with override(language):
                path.write_bytes(render_letter(letter, case=case))
            paths.append(str(path))
    answer = subprocess.run([str(TOOL), "ua1,3a", *paths], capture_output=True, text=True, check=False)

    assert answer.returncode == 0, answer.stdout + answer.stderr[-2000:]
    assert answer.stdout.count("PASS ") == 2 * len(paths)
