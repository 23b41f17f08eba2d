"""A cycle with everything an audit pack tells of, and packs read back."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime, timedelta
from typing import Any

from core.models import store_file
from credits.models import AuditPack, AuditPackPart, Certificate
from credits.services import ask_for_audit_pack, make_due_audit_packs
from outbox.services import queue_rendered_mail
from participants.models import User
from sessions_app.models import Cycle
from tests import factories as make
from tests.clock import toronto
from tests.credits.certificates import SIGNATURE, certificate_facts
from tests.database import write

ASKED_AT = toronto(2026, 6, 1, 9)
REPORT = b"Name (original name),Email,Duration\r\nIvy,ivy@clinic.example,90\r\n"


class Clock:
    """The time as a worker sees it."""

    def __init__(self, now: datetime = ASKED_AT) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def audited_cycle(*people: User, report_name: str = "zoom.csv", **values: Any) -> Cycle:
    """A closed cycle with two sessions, a report, a corrected attendance, disclosures, and a certificate for each."""
    cycle = make.make_season(sessions=2, status=Cycle.Status.CLOSED, **values)
    accreditation = cycle.program.accreditations.get()
    write(accreditation, signature=store_file(SIGNATURE, content_type="image/png"))
    first, second = cycle.sessions.order_by("starts_at")
    objective, _is_new = cycle.program.objectives.get_or_create(position=1, text="Assess pain.")
    first.session_objectives.create(objective=objective)
    accreditation.session_identifiers.create(session=first, identifier="CERT-1")
    make.make_speaker(first, disclosure="declared", disclosure_text="Fees from a maker of analgesics.")
    report = make.make_report(first, content=REPORT)
    write(report, filename=report_name)
    staff = make.make_user(is_staff=True)
    make.make_unmatched(report, "iPhone 12")
    for person in people or (make.make_user("ivy@clinic.example", name="Ivy Lee"),):
        enrolment = make.make_enrolment(cycle, person)
        make.make_attendance(enrolment, first, report=report, by=staff)
        corrected = make.make_attendance(enrolment, second, minutes=40, by=staff)
        write(corrected, minutes=75, reason="Was on the telephone.")
        make.answer_surveys(enrolment)
        certificate = make.make_certificate(enrolment, accreditation)
        queue_rendered_mail(
            key=f"certificate:{certificate.pk}",
            kind="certificate",
            to=person.email,
            subject="Your certificate",
            body_text="Attached.",
            language="en",
            attachments=[(certificate.document, "certificate.pdf")] if certificate.document else [],
        )
    return cycle


def made_pack(cycle: Cycle, *, by: User | None = None, at: datetime = ASKED_AT, **options: Any) -> AuditPack:
    """A pack asked for and made."""
    pack = ask_for_audit_pack(cycle_id=cycle.pk, by=by or make.make_user(is_staff=True), now=at)
    assert make_due_audit_packs(now=Clock(at), **options) == 1
    pack.refresh_from_db()
    return pack


def content(pack: AuditPack) -> bytes:
    parts = AuditPackPart.objects.filter(pack=pack).order_by("position")
    return b"".join(bytes(part) for part in parts.values_list("content", flat=True))


def unzipped(data: bytes) -> dict[str, bytes]:
    """Every file by its name, each checked against its checksum by the reader."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def table(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"))))


def superseded(certificate: Certificate) -> Certificate:
    """The certificate that took its place, after `certificate` has ended."""
    write(certificate, status="superseded", ended_at=ASKED_AT, end_reason="The name was misspelt.")
    return make.make_certificate(
        certificate.enrolment,
        certificate.accreditation,
        supersedes=certificate,
        facts=certificate_facts(participant_name="Ivy Lee-Roy", signature_sha256="").to_json(),
    )
