"""What accreditors may ask for cannot be deleted for six years, whichever table it stands in (product rule 20)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from core.models import store_file
from credits.models import Certificate
from outbox.models import OutgoingMail
from outbox.services import queue_rendered_mail
from sessions_app.models import AttendanceReport, Cycle
from tests import factories as make
from tests.credits.audit_packs import audited_cycle
from tests.database import delete, refused_by, sql, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle() -> Cycle:
    return audited_cycle()


def mail_of(certificate: Certificate) -> OutgoingMail:
    return OutgoingMail.objects.get(key=f"certificate:{certificate.pk}")


# --- row by row -----------------------------------------------------------------------------------------------------


def test_grants_and_their_lines_are_kept(cycle):
    accreditation = cycle.program.accreditations.get()

    with refused_by("accreditation_kept_six_years"):
        delete(accreditation)
    with refused_by("credit_line_kept_six_years"):
        delete(accreditation.lines.all()[0])
    with refused_by("credit_line_kept_six_years"):
        # Foreign keys are checked at the end of a transaction: until then the grant may be gone.
        line = accreditation.lines.all()[0]
        write(accreditation, valid_from="2012-01-01", valid_to="2012-12-31")
        delete(accreditation)
        delete(line)


def test_grant_that_is_long_over_may_go():
    accreditation = make.make_accreditation(
        make.make_program(), valid_from="2012-01-01", valid_to="2012-12-31"
    )
    for line in accreditation.lines.all():
        delete(line)
    delete(accreditation)


def test_session_id_is_kept_once_its_cycle_is_closed(cycle):
    identifier = cycle.sessions.earliest("starts_at").identifiers.get()

    with refused_by("session_identifier_kept_six_years"):
        delete(identifier)


def test_session_id_that_was_mistyped_may_go_while_the_cycle_runs():
    session = make.make_cycle(sessions=1).sessions.get()
    identifier = make.make_accreditation(session.cycle.program).session_identifiers.create(
        session=session, identifier="CRET-1"
    )

    delete(identifier)


def test_record_that_a_certificate_was_mailed_is_kept(cycle):
    mail = mail_of(Certificate.objects.get())

    with refused_by("certificate_mail_kept_six_years"):
        delete(mail)
    write(mail, queued_at="2012-01-01T12:00:00Z")
    delete(mail.attachments.get())
    delete(mail)


def test_other_mails_are_no_records():
    mail = queue_rendered_mail(
        key="test", kind="test", to="ann@clinic.example", subject="Hello", body_text="Hello.", language="en"
    )

    delete(mail)


@pytest.mark.parametrize("what", ["certificate", "report", "signature"])
def test_file_that_a_record_points_to_is_not_deleted(cycle, what):
    certificate = Certificate.objects.get()
    file = {
        "certificate": certificate.document,
        "report": AttendanceReport.objects.get().file,
        "signature": cycle.program.accreditations.get().signature,
    }[what]
    # Mails point to the document as well; that they no longer do changes nothing.
    mail_of(certificate).attachments.create(file=store_file(b"x", content_type="text/plain"), filename="x")
    mail_of(certificate).attachments.all().delete()

    with pytest.raises(ProtectedError):
        file.delete()
    with transaction.atomic():
        delete(file)
        with pytest.raises(IntegrityError, match="core_storedfile"):
            connection.check_constraints()
        transaction.set_rollback(True)


# --- at one stroke --------------------------------------------------------------------------------------------------


def truncate(table: str) -> None:
    # Alone it would be refused for the foreign keys; with CASCADE those would be emptied as well.
    sql("TRUNCATE {}", table)


def test_no_table_of_records_is_truncated():
    with refused_by("attendance_not_truncated"):
        truncate("sessions_app_attendance")
    with refused_by("answer_not_truncated"):
        sql("TRUNCATE surveys_answer, surveys_screenedanswer")
    with refused_by("session_identifier_not_truncated"):
        truncate("credits_sessionidentifier")
    for statement in (
        "TRUNCATE core_storedfile CASCADE",
        "TRUNCATE sessions_app_cycle CASCADE",
        "TRUNCATE participants_user CASCADE",
    ):
        with pytest.raises(Exception, match="they are deleted row by row"), transaction.atomic():
            sql(statement)


@pytest.fixture
def no_foreign_keys():
    """Nothing points to these tables any more: what remains is the trigger of each itself."""
    for table in (
        "sessions_app_attendancereport",
        "sessions_app_enrolment",
        "surveys_response",
        "credits_certificate",
        "credits_accreditation",
        "credits_creditline",
    ):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint"
                " WHERE contype = 'f' AND confrelid = %s::regclass",
                [table],
            )
            for pointing, name in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {pointing} DROP CONSTRAINT "{name}"')


def test_each_table_of_records_refuses_by_itself(no_foreign_keys):
    with refused_by("attendance_report_not_truncated"):
        truncate("sessions_app_attendancereport")
    with refused_by("enrolment_not_truncated"):
        truncate("sessions_app_enrolment")
    with refused_by("response_not_truncated"):
        truncate("surveys_response")
    with refused_by("certificate_not_truncated"):
        truncate("credits_certificate")
    with refused_by("accreditation_not_truncated"):
        truncate("credits_accreditation")
    with refused_by("credit_line_not_truncated"):
        truncate("credits_creditline")
    with refused_by("waiver_not_truncated"):
        truncate("credits_waiver")
