from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

TEXT = "48F chronic LBP. Mrs. Halloran, HCN 2524-936-982, lives in a bungalow. PEG 7/8/6."


def run(tmp_path, *lines: str | bytes) -> list[dict[str, Any]]:
    """What the command writes for these lines."""
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    call_command("screen_text", str(source), str(target), stdout=StringIO())
    return [json.loads(line) for line in target.read_text().splitlines()]


def test_command_writes_id_text_and_spans(tmp_path):
    written = run(tmp_path, json.dumps({"id": "a-1", "text": TEXT, "lang": "en"}))

    assert [list(row) for row in written] == [["id", "text", "spans"]]
    assert (written[0]["id"], written[0]["text"]) == ("a-1", TEXT)
    number = TEXT.index("2524-936-982")
    assert {"start": number, "end": number + 12, "type": "HEALTH_NUMBER", "tier": "stop"} in written[0][
        "spans"
    ]
    assert all(list(span) == ["start", "end", "type", "tier"] for span in written[0]["spans"])


def test_command_answers_line_by_line_in_order(tmp_path):
    lines = [json.dumps({"id": number, "text": f"Pain {number}/10."}) for number in range(4)]

    written = run(tmp_path, *lines, "", "  ")

    assert [row["id"] for row in written] == [0, 1, 2, 3]
    assert all(row["spans"] == [] for row in written)


def test_command_asks_no_database(tmp_path):
    # Without the mark for it, pytest-django refuses every connection.
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        connection.ensure_connection()

    assert run(tmp_path, json.dumps({"id": 1, "text": TEXT}))


def test_command_reads_an_empty_file_as_no_texts(tmp_path):
    assert run(tmp_path, "") == []


@pytest.mark.parametrize(
    "text", ["", "\x00\ud83d", "Ge\u0301rald \u202e1987", "\u2028 two\u0085lines\r", "x" * 1000], ids=ascii
)
def test_command_gives_back_any_text_as_it_was(tmp_path, text):
    assert run(tmp_path, json.dumps({"id": 1, "text": text}))[0]["text"] == text


def test_command_reads_past_a_byte_order_mark(tmp_path):
    assert run(tmp_path, b"\xef\xbb\xbf" + json.dumps({"id": 1, "text": "NRS 4"}).encode())[0]["id"] == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"id": 1, "text": "Mrs. Halloran', "is not a JSON object on one line"),
        ("Mrs. Halloran", "is not a JSON object on one line"),
        ("[" * 100_000, "is not a JSON object on one line"),
        ('["Mrs. Halloran"]', "is not a JSON object"),
        ('{"id": 1, "note": "Mrs. Halloran"}', "has no text"),
        ('{"text": "Mrs. Halloran"}', "has no id"),
        ('{"id": 1, "text": ["Mrs. Halloran"]}', "is not a string"),
        (b'{"id": 1, "text": "Mrs. Halloran \xff"}', "is not UTF-8"),
    ],
    ids=["cut", "words", "nested", "list", "text", "id", "string", "bytes"],
)
def test_command_names_the_line_and_never_its_text(tmp_path, line, problem):
    with pytest.raises(CommandError) as refused:
        run(tmp_path, json.dumps({"id": 0, "text": "fine"}), line)

    assert problem in str(refused.value)
    assert "ine 2" in str(refused.value)
    chain = [
        refused.value,
        refused.value.__cause__,
        refused.value.__context__ if refused.value.__cause__ else None,
    ]
    assert not any("Halloran" in repr(error) for error in chain)


def test_command_says_which_file_cannot_be_read(tmp_path):
    with pytest.raises(CommandError, match=r"No such file or directory: .*nowhere\.jsonl"):
        call_command("screen_text", str(tmp_path / "nowhere.jsonl"), str(tmp_path / "out.jsonl"))
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("target", ["missing/out.jsonl", "."])
def test_command_says_which_file_cannot_be_written(tmp_path, target):
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"id": 1, "text": TEXT}))

    with pytest.raises(CommandError, match=r"directory: "):
        call_command("screen_text", str(source), str(tmp_path / target))


def test_command_does_not_overwrite_its_own_texts(tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"id": 1, "text": TEXT}))

    with pytest.raises(CommandError, match="would overwrite"):
        call_command("screen_text", str(source), str(tmp_path / "." / "in.jsonl"))

    assert json.loads(source.read_text())["text"] == TEXT
