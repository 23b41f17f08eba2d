"""How a certificate is set: every script has its glyphs, long words their room, tables their headers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from core.pdf import clean
from credits.rendering import UnprintableTextError
from tests.credits import pdfs
from tests.credits.certificates import SIGNATURE, certificate_facts, needs_engine, render


@pytest.fixture(scope="module")
def physician_pdf() -> bytes:
    return render(certificate_facts())


NAMES = {
    "accents": "Zoë Ørsted-Łukaszewicz ÿŷẞ Ħðþ",
    "decomposed": "Nguye\u0302\u0303n Thi\u0323 A\u0301nh",
    "vietnamese": "Nguyễn Thị Ngọc Ánh Đặng Ưởng",
    "cyrillic": "Олександра Ґалаґан-Їжакевич",
    "greek": "Ἀλέξανδρος Παπαδόπουλος",
    "arabic": "د. فاطمة الزهراء محمد",
    "persian": "مهسا گل‌محمدی پژمان",
    "hebrew": "ד״ר יעל כהן־לוי",
    "han": "李小龍 歐陽靖",
    "japanese": "山田 太郎 さくら タナカ",
    "korean": "김민준 박서연",
    "inuktitut": "ᐊᓕᓯ ᐅᖃᓕᖅ ᓄᓇᕗᑦ",
    "cree": "ᓀᐦᐃᔭᐍᐏᐣ",
    "salish": "Sk̲wx̲wú7mesh W̱SÁNEĆ ʔaq̓am",
    "devanagari": "प्रिया शर्मा",
    "gurmukhi": "ਗੁਰਪ੍ਰੀਤ ਕੌਰ",
    "tamil": "தமிழ்ச்செல்வி",
    "ethiopic": "አበበ ቢቂላ",
    "punctuation": "O’Neil ‘Bud’ D\u2011Arcy, M.D. “Jr.” ʻOkina · § № €",
}


@needs_engine
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_name_of_any_script_has_all_its_glyphs(name: str) -> None:
    pdf = render(certificate_facts(count=1, participant_name=name))

    assert pdfs.missing_glyphs(pdf) == []
    assert set(clean(name)) - set("\u200c\u200d ") <= set(pdfs.text(pdf))


@needs_engine
def test_character_in_no_font_is_refused() -> None:
    with pytest.raises(UnprintableTextError, match=r"U\+10FFFD"):
        render(certificate_facts(count=1, participant_name="Anne \U0010fffd Roy"))


@needs_engine
def test_missing_glyphs_are_seen_by_this_test_suite() -> None:
    from credits.rendering import document

    laid_out = document.lay_out("<html lang=en><p>A\U0010fffd", "certificate.css", {})

    assert pdfs.missing_glyphs(laid_out.write_pdf(pdf_variant="pdf/a-3a")) != []


@needs_engine
def test_fonts_are_embedded_subsets_of_the_intended_families(physician_pdf: bytes) -> None:
    families = set()
    for font in pdfs.fonts(physician_pdf).values():
        descendant = font["/DescendantFonts"][0].get_object()
        assert "/FontFile2" in descendant["/FontDescriptor"]
        subset, _, family = str(font["/BaseFont"]).partition("+")
        assert len(subset) == 7
        families.add(family)

    assert families == {"Noto-Serif", "Noto-Serif-Bold", "Noto-Sans", "Noto-Sans-Bold"}


def _boxes(box: Any) -> Iterator[Any]:
    """The boxes of a page, without its running foot."""
    from weasyprint.formatting_structure.boxes import MarginBox

    if isinstance(box, MarginBox):
        return
    yield box
    for child in getattr(box, "children", ()):
        yield from _boxes(getattr(child, "_box", child))


def _right_edge(box: Any) -> float:
    return float(box.position_x + box.margin_width())


def _bottom_edge(box: Any) -> float:
    return float(box.position_y + box.margin_height())


@needs_engine
@pytest.mark.parametrize(
    "changes",
    [
        {"participant_name": ("Maria Wilhelmina Annunziata " * 8)[:200]},
        {"participant_name": "Wolfeschlegelsteinhausenbergerdorff" * 5},
        {"statement": ("This program has been certified by the College and the University. " * 23)[:1500]},
        {
            "participant_name": ("Maria Wilhelmina Annunziata " * 8)[:200],
            "statement": ("This program has been certified by the College and the University. " * 23)[:1500],
            "physician_title": "Accountable physician, associate professor and co-chair of the program " * 2,
            "hubs": ("A hub with a name long enough to need at least two lines of the masthead, Ontario",)
            * 2,
            "supersedes": "ECHO-2026-000101",
        },
    ],
    ids=["long-name", "unbreakable-name", "long-statement", "everything-long"],
)
def test_long_words_stay_on_one_page_without_overlap(changes: dict[str, Any]) -> None:
    from weasyprint.formatting_structure.boxes import ReplacedBox, TextBox

    from core.pdf import engine
    from credits.rendering import document

    facts = certificate_facts(count=2, **changes)
    laid_out = document.compose(facts, signature_png=SIGNATURE)
    page = laid_out.pages[0]._page_box
    boxes = list(_boxes(page))
    frame_right = page.content_box_x() + page.width
    frame_bottom = page.content_box_y() + page.height
    upper, closing = (
        next(box for box in boxes if box.element is not None and box.element.get("class") == name)
        for name in ("upper", "closing")
    )
    printed = [box for box in boxes if isinstance(box, (TextBox, ReplacedBox))]
    paragraphs = [box for box in upper.children if box.height]

    assert len(laid_out.pages) == 2
    assert len(printed) > 20
    assert all(_right_edge(box) <= frame_right + 0.5 for box in printed)
    assert all(_bottom_edge(box) <= frame_bottom + 0.5 for box in printed)
    assert all(
        above.border_box_y() + above.border_height() <= below.border_box_y() + 0.01
        for above, below in pairwise([*paragraphs, closing])
    )
    words = pdfs.page_texts(engine.write(laid_out))[0].replace(" ", "")
    assert facts.participant_name.replace(" ", "") in words
    assert facts.statement.replace(" ", "") in words


@needs_engine
def test_overlong_statement_runs_on_to_another_page() -> None:
    statement = "This program has been certified by the College and the University. " * 120
    pdf = render(certificate_facts(count=2, statement=statement))
    texts = pdfs.page_texts(pdf)

    assert len(texts) == 3
    assert "Page 3 of 3" in texts[2]
    assert "".join(texts[:2]).count("certified by the College") == 120
    assert "Dr. Ada Okonkwo" in texts[1]


@needs_engine
def test_sixty_sessions_break_over_pages_with_a_repeated_header() -> None:
    pdf = render(certificate_facts(count=60))
    texts = pdfs.page_texts(pdf)

    assert len(texts) == 4
    assert all("Date Title Session ID Hours" in words for words in texts[1:])
    assert all(f"CERT-301234-{index:03d}" in "".join(texts) for index in range(1, 61))
    assert "earned 160 Mainpro+ credits." in texts[0]
    assert "Total 90.0 h" in texts[3]
    assert sum("Total 90.0 h" in words for words in texts) == 1


@needs_engine
@pytest.mark.parametrize("count", range(22, 28))
def test_totals_never_stand_alone_on_a_page(count: int) -> None:
    last = pdfs.page_texts(render(certificate_facts(count=count)))[-1]

    assert f"CERT-301234-{count:03d}" in last
    assert "Total" in last
    assert "Maximum claimable" in last


@needs_engine
def test_session_table_is_tagged_with_headers(physician_pdf: bytes) -> None:
    document = pdfs.reader(physician_pdf)
    kinds: list[str] = []
    unnamed_cells: list[Any] = []

    def walk(element: Any) -> None:
        element = element.get_object()
        if not isinstance(element, dict) or "/S" not in element:
            return
        kinds.append(str(element["/S"]))
        if element["/S"] == "/TD" and not element["/A"].get("/Headers"):
            unnamed_cells.append(element)
        children = element.get("/K", [])
        for child in children if isinstance(children, list) else [children]:
            walk(child)

    for child in document.trailer["/Root"]["/StructTreeRoot"]["/K"]:  # type: ignore[index]
        walk(child)
    assert kinds.count("/Table") == 1
    assert kinds.count("/TR") == 23
    assert kinds.count("/TH") == 4 + 2
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") == 1
    assert kinds.count("/Figure") == 2
    assert unnamed_cells == []
