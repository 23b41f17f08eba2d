"""What stands in an audit pack, what does not, and that it can be checked with tools of others."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tracemalloc
import zipfile
from contextlib import closing, suppress
from functools import partial
from io import BytesIO
from pathlib import PurePosixPath

import pytest

from core.models import store_file
from credits.exports import audit_pack, write_audit_pack
from credits.exports.archive import MANIFEST, Archive, Parts, Sheet
from credits.exports.names import MAX_BYTES, safe_name
from credits.exports.tables import reports
from credits.models import Certificate
from outbox.models import OutgoingMail
from sessions_app.models import Cycle
from tests import factories as make
from tests.credits.audit_packs import REPORT, audited_cycle, superseded, table, unzipped
from tests.credits.certificates import SIGNATURE, SIGNATURE_SHA256
from tests.database import write
from tests.races import at_once


def written(cycle: Cycle, *, part_size: int = 1000) -> bytes:
    cycle = Cycle.objects.select_related("program").get(pk=cycle.pk)
    parts: list[bytes] = []
    pack = write_audit_pack(cycle, store=parts.append, progress=lambda done, total: None, part_size=part_size)
    data = b"".join(parts)
    assert (pack.size, pack.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert {len(part) for part in parts[:-1]} <= {part_size}
    return data


@pytest.fixture
def cycle(db) -> Cycle:
    return audited_cycle()


@pytest.fixture
def files(cycle) -> dict[str, bytes]:
    return unzipped(written(cycle))


# --- what is in it --------------------------------------------------------------------------------------------------


def test_pack_holds_every_kind_of_record(cycle, files):
    certificate = Certificate.objects.get()
    report = cycle.sessions.earliest("starts_at").attendance_reports.get()

    assert set(files) == {
        "README.en.txt",
        "README.fr.txt",
        MANIFEST,
        "roster.csv",
        "sessions/sessions.csv",
        "sessions/objectives.csv",
        "sessions/disclosures.csv",
        "attendance/attendance.csv",
        "attendance/changes.csv",
        "attendance/names-on-reports.csv",
        "attendance/reports.csv",
        f"attendance/reports/{report.pk}-zoom.csv",
        "surveys/completion.csv",
        "surveys/waivers.csv",
        "accreditation/accreditations.csv",
        "accreditation/credit-lines.csv",
        "accreditation/session-ids.csv",
        f"accreditation/signatures/{SIGNATURE_SHA256}.png",
        "certificates/register.csv",
        "certificates/mails.csv",
        f"certificates/documents/{certificate.number}.pdf",
    }
    # Nobody was let off a survey.
    empty = {"surveys/waivers.csv"}
    tables = {name for name in files if name.endswith(".csv") and "reports/" not in name}
    assert {name for name in tables if not table(files, name)} == empty


def test_pack_tells_who_was_enrolled_and_how_licensed(db):
    ivy = make.make_user("ivy@clinic.example", name="Ivy Lee", college="cpso", licence_number="123456")
    cycle = audited_cycle(ivy)
    make.make_enrolment(cycle, status="declined")

    first, second = table(unzipped(written(cycle)), "roster.csv")

    assert (first["name"], first["email"], first["status"]) == ("Ivy Lee", "ivy@clinic.example", "approved")
    assert (first["college"], first["licence_number"]) == ("cpso", "123456")
    assert first["enrolled_on"] == cycle.starts_on.isoformat()
    assert second["status"] == "declined"


def test_pack_tells_attendance_with_its_evidence_and_its_corrections(cycle, files):
    report = cycle.sessions.earliest("starts_at").attendance_reports.get()
    by_report, by_hand = table(files, "attendance/attendance.csv")

    assert (by_report["minutes"], by_report["source"], by_report["report_id"]) == (
        "90",
        "report",
        str(report.pk),
    )
    assert (by_hand["minutes"], by_hand["source"], by_hand["reason"]) == (
        "75",
        "manual",
        "Was on the telephone.",
    )
    assert by_report["session_starts_at"].endswith(("-04:00", "-05:00"))
    (change,) = table(files, "attendance/changes.csv")
    assert (change["minutes_before"], change["minutes"], change["change"]) == ("40", "75", "update")
    (listed,) = table(files, "attendance/reports.csv")
    assert files[listed["path"]] == REPORT
    assert listed["sha256"] == hashlib.sha256(REPORT).hexdigest()
    (name,) = table(files, "attendance/names-on-reports.csv")
    assert (name["name_on_report"], name["outcome"]) == ("iPhone 12", "open")


def test_pack_tells_disclosures_grants_and_survey_completion(files):
    (speaker,) = table(files, "sessions/disclosures.csv")
    assert (speaker["disclosure"], speaker["declared"]) == ("declared", "Fees from a maker of analgesics.")
    (grant,) = table(files, "accreditation/accreditations.csv")
    assert grant["signature_sha256"] == SIGNATURE_SHA256
    assert files[f"accreditation/signatures/{SIGNATURE_SHA256}.png"] == SIGNATURE
    assert len(table(files, "accreditation/credit-lines.csv")) == 3
    assert [row["accreditors_id"] for row in table(files, "accreditation/session-ids.csv")] == ["CERT-1"]
    assert {row["survey"] for row in table(files, "surveys/completion.csv")} == {"pre", "post", "reflection"}
    assert "Assess pain." in files["sessions/objectives.csv"].decode()


def test_register_tells_what_became_of_every_number(cycle):
    certificate = Certificate.objects.get()
    newer = superseded(certificate)
    waiting = make.make_certificate(
        make.make_enrolment(cycle), certificate.accreditation, status=Certificate.Status.PENDING
    )
    files = unzipped(written(cycle))

    first, second, third = table(files, "certificates/register.csv")

    assert (first["number"], first["status"], first["superseded_by"]) == (
        certificate.number,
        "superseded",
        newer.number,
    )
    assert first["reason"] == "The name was misspelt."
    assert (second["status"], second["supersedes"]) == ("issued", certificate.number)
    assert second["name_as_printed"] == "Ivy Lee-Roy"
    assert (third["number"], third["status"], third["path"]) == (waiting.number, "pending", "")
    for row in (first, second):
        assert hashlib.sha256(files[row["path"]]).hexdigest() == row["sha256"]
    mails = {row["number"]: row["state"] for row in table(files, "certificates/mails.csv")}
    assert mails == {certificate.number: "queued", newer.number: "", waiting.number: ""}


def test_signature_that_was_replaced_since_is_still_there(cycle):
    certificate = Certificate.objects.get()
    old = store_file(b"\x89PNG of the physician before", content_type="image/png")
    facts = certificate.facts | {"signature_sha256": old.sha256}
    make.make_certificate(make.make_enrolment(cycle), certificate.accreditation, facts=facts)

    files = unzipped(written(cycle))

    assert files[f"accreditation/signatures/{old.sha256}.png"] == bytes(old.content)
    assert files[f"accreditation/signatures/{SIGNATURE_SHA256}.png"] == SIGNATURE


def test_pack_holds_no_answer_no_case_and_no_key_of_an_address(cycle):
    certificate = Certificate.objects.get()
    case = make.make_case(certificate.enrolment)
    everything = b"\n".join(unzipped(written(cycle)).values()).decode(errors="replace")

    assert make.REFLECTION not in everything
    assert make.CASE_CONTENT["pain_history"] not in everything
    assert case.echo_id not in everything
    assert certificate.token not in everything


def test_pack_holds_nothing_of_another_cycle(cycle):
    other = audited_cycle(
        make.make_user("otto@elsewhere.example", name="Otto Outsider"), program=cycle.program
    )

    everything = b"\n".join(unzipped(written(cycle)).values()).decode(errors="replace")

    assert "Otto Outsider" not in everything
    assert Certificate.objects.get(enrolment__cycle=other).number not in everything
    assert Certificate.objects.get(enrolment__cycle=cycle).number in everything


# --- how it is checked ----------------------------------------------------------------------------------------------


def test_manifest_names_every_file_with_its_hash(files):
    lines = dict(reversed(line.split("  ", 1)) for line in files[MANIFEST].decode().splitlines())

    assert lines == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != MANIFEST
    }


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="sha256sum is not installed")
def test_manifest_is_read_by_sha256sum(cycle, tmp_path):
    with zipfile.ZipFile(BytesIO(written(cycle))) as archive:
        archive.extractall(tmp_path)

    def check() -> int:
        return subprocess.run(
            ["sha256sum", "-c", "--strict", "--quiet", MANIFEST],
            cwd=tmp_path,
            check=False,
            capture_output=True,
        ).returncode

    assert check() == 0
    (tmp_path / "roster.csv").write_text("forged")
    assert check() == 1


def test_guide_stands_in_both_languages_and_names_every_folder(cycle, files):
    english, french = files["README.en.txt"].decode(), files["README.fr.txt"].decode()

    assert "sha256sum -c manifest-sha256.txt" in english
    assert "sha256sum -c manifest-sha256.txt" in french
    assert cycle.name in english
    assert "«\N{NO-BREAK SPACE}OK\N{NO-BREAK SPACE}»" in french
    for name in files:
        folder = PurePosixPath(name).parent.as_posix()
        if name.endswith(".csv") and "reports/" not in name:
            assert name in english
            assert name in french
        elif folder != "." and name != MANIFEST:
            assert f"{folder}/ " in english
            assert f"{folder}/ " in french


def test_same_records_give_the_same_bytes(cycle):
    assert written(cycle, part_size=1000) == written(cycle, part_size=77_777)


def test_another_record_gives_other_bytes(cycle):
    before = written(cycle)
    make.make_enrolment(cycle)

    assert written(cycle) != before


# --- names that people gave -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.csv", "report.csv"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("/etc/passwd", "_etc_passwd"),
        ("..\\..\\windows\\system.ini", "_.._windows_system.ini"),
        ("C:\\report.csv", "C__report.csv"),
        ("حضور الجلسة.csv", "حضور الجلسة.csv"),
        ("Présences de Noe\u0301.xlsx", "Présences de Noé.xlsx"),
        ("gpj.\u202evsc.exe", "gpj.vsc.exe"),
        ("two\nlines\r\x00.csv", "twolines.csv"),
        ("....", "file"),
        ("", "file"),
        ("no ending", "no ending"),
    ],
)
def test_file_name_becomes_one_that_every_system_unpacks(name, safe):
    assert safe_name(name) == safe


@pytest.mark.parametrize("letter", ["a", "é", "ح", "🩺"])
def test_long_file_name_keeps_its_ending(letter):
    safe = safe_name(letter * 200 + ".csv")

    assert safe.endswith(".csv")
    assert MAX_BYTES - 4 <= len(safe.encode()) <= MAX_BYTES


@pytest.mark.parametrize(
    "name", ["../../../tmp/owned.csv", "=cmd|' /C calc'!A0.csv", "ح" * 190 + ".csv", "a\u2028b.csv"]
)
@pytest.mark.django_db
def test_report_with_a_hostile_name_stays_in_its_folder(name, tmp_path):
    data = written(audited_cycle(report_name=name))
    files = unzipped(data)

    (row,) = table(files, "attendance/reports.csv")
    path = PurePosixPath(row["path"])
    assert path.parent.as_posix() == "attendance/reports"
    assert files[row["path"]] == REPORT
    with zipfile.ZipFile(BytesIO(data)) as archive:
        archive.extractall(tmp_path)
    assert (tmp_path / row["path"]).read_bytes() == REPORT
    assert f"  {row['path']}\n" in files[MANIFEST].decode()


@pytest.mark.django_db
def test_cells_that_a_spreadsheet_would_run_are_text():
    person = make.make_user("eve@clinic.example", name='=HYPERLINK("http://evil.example")')
    cycle = audited_cycle(person, report_name="=1+1.csv")

    files = unzipped(written(cycle))

    assert table(files, "roster.csv")[0]["name"] == '\'=HYPERLINK("http://evil.example")'
    assert table(files, "attendance/reports.csv")[0]["file_name"] == "'=1+1.csv"


@pytest.mark.django_db(transaction=True)
def test_all_tables_tell_of_one_moment(monkeypatch):
    cycle = audited_cycle()
    mail = OutgoingMail.objects.get()

    def changed_meanwhile(of: Cycle):
        [answer] = at_once([partial(write, mail, smtp_reply="Written while the pack is made.")])
        assert answer is None
        return reports(of)

    monkeypatch.setattr(audit_pack, "reports", changed_meanwhile)
    files = unzipped(written(cycle))

    mail.refresh_from_db()
    assert mail.smtp_reply == "Written while the pack is made."
    [row] = table(files, "certificates/mails.csv")
    assert row["last_reply"] == ""


# --- how it is written ----------------------------------------------------------------------------------------------


def test_file_stands_once_in_an_archive():
    with Archive(Parts(lambda part: None, size=100)) as archive:
        archive.add("a.txt", b"1")
        with pytest.raises(ValueError, match="already"):
            archive.add("a.txt", b"2")


def test_archive_that_was_broken_off_has_no_manifest():
    stored: list[bytes] = []
    parts = Parts(stored.append, size=10)

    with suppress(RuntimeError), Archive(parts) as archive:
        archive.add("a.txt", b"1")
        raise RuntimeError
    parts.finish()

    assert b"a.txt" in b"".join(stored)
    assert MANIFEST.encode() not in b"".join(stored)


def test_memory_does_not_grow_with_what_is_packed():
    def peak(files: int) -> int:
        tracemalloc.start()
        try:
            parts = Parts(lambda part: None, size=100_000)
            with Archive(parts) as archive:
                for number in range(files):
                    archive.add(f"certificates/documents/{number}.pdf", number.to_bytes(50_000))
                rows = ([str(number) * 20] for number in range(files * 100))
                with closing(Sheet("t.csv", ["a"], rows)) as sheet:
                    archive.add_sheet(sheet)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = peak(20), peak(400)

    # Twenty megabytes in all; what stays of each file is its name, its hash and its place.
    assert large - small < 400 * 2_500
    assert large < 2_500_000


@pytest.mark.django_db
def test_progress_ends_at_its_total_and_never_goes_back(cycle):
    steps: list[tuple[int, int]] = []

    write_audit_pack(
        cycle, store=lambda part: None, progress=lambda done, total: steps.append((done, total)), part_size=99
    )

    assert [done for done, _total in steps] == list(range(1, len(steps) + 1))
    assert steps[-1] == (steps[0][1],) * 2


@pytest.mark.parametrize("people", [1, 3])
@pytest.mark.django_db
def test_number_of_queries_does_not_grow_with_people(people, django_assert_num_queries):
    cycle = audited_cycle(*(make.make_user() for _person in range(people)))
    cycle = Cycle.objects.select_related("program").get(pk=cycle.pk)

    with django_assert_num_queries(21):
        write_audit_pack(cycle, store=lambda part: None, progress=lambda done, total: None)


@pytest.mark.django_db
def test_pack_tells_who_was_let_off_a_survey_and_by_whom():
    cycle = audited_cycle()
    waiver = make.make_waiver(cycle.enrolments.get(), "pre_survey", status="granted")
    assert waiver.decided_by is not None

    (row,) = table(unzipped(written(cycle)), "surveys/waivers.csv")

    assert (row["condition"], row["state"], row["reason"]) == ("pre_survey", "granted", "Was on leave.")
    assert (row["asked_by"], row["decided_by"]) == (waiver.asked_by.email, waiver.decided_by.email)
