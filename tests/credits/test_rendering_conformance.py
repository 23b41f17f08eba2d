"""Certificates conform to PDF/UA-1 and PDF/A-3a at once, by an independent validator (veraPDF)."""

from __future__ import annotations

import os
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from tests.credits.certificates import SIGNATURE, certificate_facts, needs_engine, render, specialist_facts
from tests.signing import signing_key

TOOL = Path(
    os.environ.get("ECHO_PDF_CONFORMANCE")
    or Path(__file__).parents[3] / "shared/tools/pdf-conformance/pdf-conformance"
)

pytestmark = [
    needs_engine,
    pytest.mark.skipif(
        not TOOL.is_file(), reason="no PDF validator: set ECHO_PDF_CONFORMANCE to the path of one"
    ),
    pytest.mark.skipif(shutil.which("java") is None, reason="the PDF validator needs Java"),
    # The validator installs itself at its first use.
    pytest.mark.timeout(300),
]

CERTIFICATES = {
    "physician": certificate_facts(),
    "specialist-fr": specialist_facts(language="fr", supersedes="ECHO-2026-000101"),
    "unsigned": certificate_facts(count=1, signature_sha256=""),
    "sixty-sessions": certificate_facts(count=60),
    "arabic": certificate_facts(count=1, participant_name="د. فاطمة الزهراء"),
    "persian": certificate_facts(count=1, participant_name="گل‌محمدی"),
    "han-hangul": certificate_facts(count=1, participant_name="李小龍 김민준 さくら"),
    "inuktitut": certificate_facts(count=1, participant_name="ᐊᓕᓯ ᐅᖃᓕᖅ"),
    "indic": certificate_facts(count=1, participant_name="प्रिया शर्मा ਗੁਰਪ੍ਰੀਤ தமிழ்ச்செல்வி"),
    "salish": certificate_facts(count=1, participant_name="Sk̲wx̲wú7mesh ʔaq̓am"),
    "quarter-hours": certificate_facts(count=3, hours="0.25", amount=Decimal("1.5")),
}


SERIES = {
    "series": certificate_facts(),
    "series-fr": specialist_facts(language="fr", participant_name="Éloïse Brûlé-Fiset"),
    "series-one": certificate_facts(count=1, signature_sha256=""),
    "series-two": certificate_facts(count=2, hours="0.25"),
    "series-vietnamese": certificate_facts(count=9, participant_name="Nguyễn Thị Ngọc Ánh"),
    "series-cyrillic": certificate_facts(count=22, participant_name="Олександра Їжакевич"),
}


def test_certificates_conform_to_pdfua1_and_pdfa3a(tmp_path: Path) -> None:
    assert_conforming(tmp_path, {name: render(facts) for name, facts in CERTIFICATES.items()})


def test_certificates_of_a_series_conform_signed_and_unsigned(tmp_path: Path) -> None:
    from core.pdf.signing import signed
    from credits.rendering.press import CertificatePress

    press = CertificatePress()
    documents = {
        name: press.render(facts, signature_png=SIGNATURE if facts.signature_sha256 else None)
        for name, facts in SERIES.items()
    }
    key, _certificate = signing_key(tmp_path)
    documents["signed"] = signed(documents["series"], key=key, reason="Issued")

    assert press.drawn_alone == 0
    assert_conforming(tmp_path, documents)


def assert_conforming(folder: Path, documents: dict[str, bytes]) -> None:
    paths = []
    for name, pdf in documents.items():
        path = folder / f"{name}.pdf"
        path.write_bytes(pdf)
        paths.append(str(path))
    answer = subprocess.run([str(TOOL), "ua1,3a", *paths], capture_output=True, text=True, check=False)

    assert answer.returncode == 0, answer.stdout + answer.stderr[-2000:]
    assert answer.stdout.count("PASS ") == 2 * len(paths)
