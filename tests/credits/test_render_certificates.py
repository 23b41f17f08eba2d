"""The command that draws sample certificates."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from credits.facts import CertificateFacts
from credits.management.samples import samples
from tests.credits import pdfs
from tests.credits.certificates import needs_engine

pytestmark = needs_engine


def run(folder: Path, *arguments: str) -> str:
    output = StringIO()
    call_command("render_certificates", "--out", str(folder), *arguments, stdout=output)
    return output.getvalue()


def test_samples_are_drawn_and_counted(tmp_path: Path) -> None:
    said = run(tmp_path / "new" / "folder", "--count", "5", "--language", "fr")
    files = sorted((tmp_path / "new" / "folder").iterdir())

    assert [file.name for file in files] == [f"ECHO-2026-{serial:06d}.pdf" for serial in range(1, 6)]
    assert said.startswith("5 certificates in ")
    assert "a second of CPU; 0 drawn alone." in said
    for file, facts in zip(files, samples(5, language="fr"), strict=True):
        embedded = pdfs.reader(file.read_bytes()).attachments["certificate.json"][0]
        assert CertificateFacts.from_json(json.loads(embedded)) == facts
        assert facts.language == "fr"


def test_plain_way_draws_the_same_words(tmp_path: Path) -> None:
    said = run(tmp_path / "plain", "--count", "2", "--plain")
    run(tmp_path / "series", "--count", "2")

    assert "2 drawn alone." in said
    for file in (tmp_path / "plain").iterdir():
        alike = (tmp_path / "series" / file.name).read_bytes()
        assert pdfs.page_texts(file.read_bytes()) == pdfs.page_texts(alike)
        assert file.read_bytes() != alike


@pytest.mark.parametrize("count", ["0", "-1", "100001"])
def test_count_out_of_range_is_refused(count: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="from 1 to 100000"):
        run(tmp_path, "--count", count)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "ECHO-2026-000002.pdf").write_text("mine")

    with pytest.raises(CommandError, match=r"already holds ECHO-2026-000002\.pdf"):
        run(tmp_path, "--count", "2")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [
        ("ECHO-2026-000002.pdf", "mine")
    ]


def test_other_files_of_the_folder_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    run(tmp_path, "--count", "1")

    assert len(list(tmp_path.iterdir())) == 2


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    with pytest.raises(CommandError, match="cannot be made a folder"):
        run(tmp_path / "file", "--count", "1")


def test_samples_are_of_many_kinds() -> None:
    people = list(samples(300))

    assert len({facts.participant_name for facts in people}) > 100
    assert len({facts.sessions for facts in people}) > 250
    assert {facts.language for facts in people} == {"en", "fr"}
    assert {(facts.unit, facts.credit_name) for facts in people} >= {
        ("credits", "Mainpro+"),
        ("hours", "Section 3 (MOC)"),
        ("hours", "continuing education"),
        ("hours", "formation continue"),
    }
    assert any(not facts.participant_name.isascii() for facts in people)
    assert list(samples(300)) == people
