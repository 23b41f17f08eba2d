"""Certificates put together in series look and read as those drawn alone."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from credits.facts import CertificateFacts, CreditedSession
from credits.rendering import SignatureError, UnknownTemplateError, UnprintableTextError, render_certificate
from tests.credits import pdfs
from tests.credits.certificates import (
    SIGNATURE,
    certificate_facts,
    credited_sessions,
    needs_engine,
    render,
    specialist_facts,
)

if not (needs_engine.args and needs_engine.args[0]):
    from credits.rendering.press import CertificatePress

pytestmark = needs_engine

TOPICS = (
    "Opioid use disorder: first contact",
    "Fibromyalgia",
    "Waffles, AVATARS & Tofu: kerning at work",
    "Douleur chronique et « sommeil » : l’œil neuf",
    "Rotation from one opioid to another in people with kidney disease, and what the first two weeks look like",
    "Naloxone — where, when & by whom? (afternoon)",
)


def some_sessions(seed: int, *, of: int = 20) -> tuple[CreditedSession, ...]:
    """The sessions one person attended of a cycle: each another subset, some with long titles."""
    chance = random.Random(seed)  # noqa: S311  # data that is the same each time
    cycle = [
        CreditedSession(
            date(2025, 9, 11) + timedelta(weeks=week),
            f"{TOPICS[week % len(TOPICS)]} {week}",
            f"CERT-{301234 + week}",
            Decimal("1.5") if week % 3 else Decimal("1.25"),
        )
        for week in range(of)
    ]
    return tuple(session for session in cycle if chance.random() < 0.7) or tuple(cycle[:1])


def press(facts: CertificateFacts, machine: CertificatePress | None = None) -> tuple[bytes, bool]:
    """The certificate from a press, and whether it was put together in series."""
    machine = machine or CertificatePress()
    before = machine.drawn_in_series
    pdf = machine.render(facts, signature_png=SIGNATURE if facts.signature_sha256 else None)
    return pdf, machine.drawn_in_series > before


def pictures(pdf: bytes, folder: Path) -> list[Image.Image]:
    """Its pages as a reader shows them, at 90 dots an inch."""
    (folder / "it.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "90", "-png", "it.pdf", "it"], cwd=folder, check=True)
    pages = []
    for path in sorted(folder.glob("it-*.png")):
        with Image.open(path) as page:
            pages.append(page.convert("RGB"))
        path.unlink()
    return pages


def difference(one: bytes, other: bytes, folder: Path) -> int:
    """The greatest difference between two pixels of the same place, of 255."""
    first, second = pictures(one, folder), pictures(other, folder)
    assert len(first) == len(second)
    return max(
        max(ImageChops.difference(mine, theirs).tobytes()) for mine, theirs in zip(first, second, strict=True)
    )


def tags(pdf: bytes) -> list[tuple[int, str, str]]:
    """The structure tree: depth, kind and words of each element, read through the page's marked content."""
    document = pdfs.reader(pdf)
    found: list[tuple[int, str, str]] = []

    def walk(element: Any, depth: int) -> None:
        element = element.get_object()
        if element.get("/Type") == "/OBJR":
            found.append((depth, "link", str(element["/Obj"]["/A"]["/URI"])))
            return
        attributes = {key: str(value) for key, value in element.get("/A", {}).items() if key != "/Headers"}
        found.append((depth, str(element["/S"]), str(sorted(attributes.items()))))
        children = element["/K"]
        for child in children if isinstance(children, list) else [children]:
            if isinstance(child, int):
                found.append((depth + 1, "content", str(child in range(500))))
            else:
                walk(child, depth + 1)

    for child in document.trailer["/Root"]["/StructTreeRoot"]["/K"]:  # type: ignore[index]
        walk(child, 0)
    return found


SERIES: dict[str, dict[str, Any]] = {
    "usual": {},
    "kerned": {"participant_name": "AVA To. Wyvern-Tremblay, MD"},
    "ligatures": {"participant_name": "Fiona Steffi O’Flaherty-Griffith"},
    "long-name": {"participant_name": "Maria Wilhelmina Annunziata de la Fuente y Ortega"},
    "vietnamese": {"participant_name": "Nguyễn Thị Ngọc Ánh Đặng"},
    "decomposed": {"participant_name": "Nguye\u0302\u0303n Thi\u0323 A\u0301nh"},
    "polish": {"participant_name": "Łukasz Święcicki-Żółć"},
    "cyrillic": {"participant_name": "Олександра Ґалаґан-Їжакевич"},
    "greek": {"participant_name": "Ἀλέξανδρος Παπαδόπουλος"},
    "one-session": {"sessions": credited_sessions(1)},
    "two-sessions": {"sessions": credited_sessions(2)},
    "three-sessions": {"sessions": credited_sessions(3)},
    "wrapped-titles": {"sessions": some_sessions(1)},
    "other-subset": {"sessions": some_sessions(2)},
    "number": {"number": "ECHO-2027-117411"},
    "address": {"verification_url": "https://portal.example.ca/verify/WWWWWWWWWWWWWWWWWWWWWW/"},
    "hyphens": {"verification_url": "https://portal.example.ca/verify/-Jv-K8s0QmX_uT7y-c1Rb-/"},
    "long-statement": {"statement": "This program has been certified by the College of Ontario. " * 20},
    "unsigned": {"signature_sha256": ""},
    "french": {"language": "fr", "sessions": some_sessions(3)},
    "hours": {"amount": Decimal("1.25"), "sessions": credited_sessions(1, "1.25")},
}


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs poppler to see the pages")
@pytest.mark.parametrize("changes", SERIES.values(), ids=SERIES.keys())
def test_series_looks_and_reads_as_drawn_alone(changes: dict[str, Any], tmp_path: Path) -> None:
    facts = certificate_facts(**changes)
    pdf, is_in_series = press(facts)
    alone = render(facts)

    assert is_in_series
    assert difference(pdf, alone, tmp_path) == 0
    assert pdfs.page_texts(pdf) == pdfs.page_texts(alone)
    assert pdfs.links(pdf) == pdfs.links(alone)
    assert pdfs.missing_glyphs(pdf) == []
    assert tags(pdf) == tags(alone)
    assert pdfs.reader(pdf).metadata == pdfs.reader(alone).metadata
    assert pdfs.reader(pdf).attachments == pdfs.reader(alone).attachments


ALONE: dict[str, dict[str, Any]] = {
    "arabic": {"participant_name": "د. فاطمة الزهراء محمد"},
    "hebrew": {"participant_name": "ד״ר יעל כהן־לוי"},
    "han": {"participant_name": "李小龍"},
    "salish": {"participant_name": "Sk̲wx̲wú7mesh W̱SÁNEĆ"},
    "two-lines": {"participant_name": "Wilhelmina Annunziata WWWWWWWWWWWWWW MM"},
    "three-pages": {"sessions": credited_sessions(30)},
    "rtl-title": {"sessions": (replace(credited_sessions(1)[0], title="ألم مزمن"),)},
    "narrow-address": {"verification_url": "https://portal.example.ca/verify/illi-ilil_liliilillili/"},
    "supersedes": {"supersedes": "ECHO-2026-000101"},
    "long-statement": {"statement": "This program has been certified by the College. " * 150},
    "long-title": {"accredited_title": "Rounds on chronic pain and more " * 80},
    "arabic-title": {"accredited_title": "جولات الألم المزمن"},
}


@pytest.mark.parametrize("changes", ALONE.values(), ids=ALONE.keys())
def test_what_does_not_fit_is_drawn_alone(changes: dict[str, Any]) -> None:
    facts = certificate_facts(**changes)

    assert press(facts) == (render(facts), False)


@pytest.mark.parametrize("count", range(18, 27))
def test_table_of_any_length_ends_where_it_would_alone(count: int) -> None:
    facts = certificate_facts(count=count)
    pdf, is_in_series = press(facts)

    assert pdfs.page_texts(pdf) == pdfs.page_texts(render(facts))
    assert is_in_series == (len(pdfs.page_texts(pdf)) == 2)


def test_many_people_share_one_skeleton() -> None:
    machine = CertificatePress()
    for seed in range(12):
        facts = certificate_facts(
            participant_name=f"Person Number{seed}",
            number=f"ECHO-2026-{seed:06d}",
            sessions=some_sessions(seed),
        )
        pdf, is_in_series = press(facts, machine)

        assert is_in_series
        assert f"Person Number{seed}" in pdfs.page_texts(pdf)[1]
        assert pdfs.page_texts(pdf) == pdfs.page_texts(render(facts))
    assert machine.skeletons <= 2


def test_bytes_do_not_depend_on_what_was_drawn_before() -> None:
    batch = [
        certificate_facts(),
        certificate_facts(participant_name="Øyvind Ñandú", sessions=some_sessions(4)),
        certificate_facts(participant_name="Олександра", sessions=some_sessions(5)),
        specialist_facts(language="fr", sessions=credited_sessions(20)),
        certificate_facts(participant_name="Zoë 김민준"),
        certificate_facts(participant_name="Zzyzx ﬁ Q", sessions=some_sessions(6)),
    ]
    forwards, backwards = CertificatePress(), CertificatePress()
    drawn = [press(facts, forwards)[0] for facts in batch]

    assert [press(facts, backwards)[0] for facts in reversed(batch)] == drawn[::-1]
    assert [press(facts, forwards)[0] for facts in batch] == drawn
    assert [press(facts)[0] for facts in batch] == drawn


def test_another_process_writes_the_same_bytes() -> None:
    code = (
        "import django; django.setup()\n"
        "import hashlib\n"
        "from credits.rendering import press_certificate\n"
        "from tests.credits.certificates import SIGNATURE, certificate_facts\n"
        "print(hashlib.sha256(press_certificate(certificate_facts(), signature_png=SIGNATURE)).hexdigest())"
    )
    import hashlib

    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == hashlib.sha256(press(certificate_facts())[0]).hexdigest()


def test_memory_of_kinds_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    from credits.rendering import press as module

    monkeypatch.setattr(module, "_SKELETONS_KEPT", 2)
    machine = CertificatePress()
    for place in ("Kingston", "Toronto", "Sudbury", "Kingston"):
        assert press(certificate_facts(count=1, place=place), machine)[1]

    assert machine.skeletons == 2


@pytest.mark.parametrize(
    ("changes", "signature", "error"),
    [
        ({"template_version": "0"}, SIGNATURE, UnknownTemplateError),
        ({}, None, SignatureError),
        ({}, SIGNATURE + b"x", SignatureError),
        ({"participant_name": "Anne \U0010fffd Roy"}, SIGNATURE, UnprintableTextError),
    ],
    ids=["template", "no-signature", "another-signature", "unprintable"],
)
def test_press_refuses_what_is_refused_alone(
    changes: dict[str, Any], signature: bytes | None, error: type[Exception]
) -> None:
    machine = CertificatePress()
    machine.render(certificate_facts(), signature_png=SIGNATURE)

    with pytest.raises(error):
        machine.render(certificate_facts(**changes), signature_png=signature)
    with pytest.raises(error):
        render_certificate(certificate_facts(**changes), signature_png=signature)
