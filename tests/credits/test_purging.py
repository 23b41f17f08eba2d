"""The purge: what need not be kept any more goes, with its history; what must stay verifiable stays."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from pghistory.models import Context

from core import audit
from core.errors import MoveRefusedError
from core.models import StoredFile
from core.retention import kept_until
from core.templatetags.portal import eastern_date
from credits.issued import differences
from credits.models import AuditPack, AuditPackPart, Certificate, Purge
from credits.queries import cycle_ledgers
from credits.services import ask_for_audit_pack, purge_cycle
from outbox.models import OutgoingMail
from sessions_app.models import (
    Attendance,
    AttendanceReport,
    Cycle,
    EchoSession,
    Enrolment,
    NameGiven,
    UnmatchedName,
)
from surveys.models import Answer, Response, ScreenedAnswer
from tests import factories as make
from tests.clock import toronto
from tests.credits.audit_packs import REPORT, audited_cycle, made_pack
from tests.database import delete, refused_by, write
from tests.history import audit_row, event_model
from tests.races import at_once

GONE = (Attendance, AttendanceReport, UnmatchedName, NameGiven, Response)


@pytest.fixture
def old_cycle(db) -> Cycle:
    """It ended long ago; a name on its report was given to somebody, and an answer was screened."""
    cycle = audited_cycle(starts_on=date(2012, 1, 12))
    cycle.survey_windows.update(opens_at=toronto(2012, 1, 1))
    make.give_name(UnmatchedName.objects.get(), cycle.enrolments.get())
    answer = Answer.objects.filter(response__enrolment__cycle=cycle).exclude(text="").first()
    assert answer is not None
    ScreenedAnswer.objects.create(answer=answer, text="Words.")
    return cycle


def purge(cycle: Cycle, by=None, **options):
    return purge_cycle(
        cycle_id=cycle.pk, by=by or make.make_user(is_staff=True), now=timezone.now(), **options
    )


def test_purge_deletes_what_need_not_be_kept(old_cycle, coordinator):
    pack = made_pack(old_cycle)

    purged = purge(old_cycle, coordinator)

    assert purged.counts == {
        "attendances": 2,
        "attendance_reports": 1,
        "names_on_reports": 1,
        "responses": 3,
        "answers": 3,
        "audit_packs": 1,
    }
    for model in (*GONE, Answer, ScreenedAnswer, AuditPackPart):
        assert not model.objects.exists(), model
    assert not StoredFile.objects.filter(content=REPORT).exists()
    assert AuditPack.objects.get(pk=pack.pk).status == AuditPack.Status.DISCARDED
    record = Purge.objects.get()
    assert record == purged.record
    assert {name: getattr(record, name) for name in purged.counts} == purged.counts
    assert audit_row(record, "insert") == ("cycle.purge", coordinator.pk, "")


def test_purge_leaves_certificates_verifiable(old_cycle, client):
    certificate = Certificate.objects.get()
    assert certificate.document is not None
    document = bytes(certificate.document.content)

    purge(old_cycle)

    certificate.refresh_from_db()
    assert certificate.facts["participant_name"]
    assert certificate.document is not None
    assert bytes(certificate.document.content) == document
    assert Enrolment.objects.get() == certificate.enrolment
    assert OutgoingMail.objects.filter(key=f"certificate:{certificate.pk}").exists()
    page = client.get(reverse("credits:certificate-verify", args=[certificate.token]))
    assert "This certificate is valid." in page.content.decode()
    client.force_login(certificate.enrolment.participant)
    assert client.get(reverse("credits:certificate-download", args=[certificate.number])).status_code == 200
    assert client.get(reverse("credits:cycle-detail", args=[old_cycle.pk])).status_code == 200


def test_closing_page_says_that_certificates_stand_after_a_purge(old_cycle, coordinator, client):
    client.force_login(coordinator)
    closing = reverse("admin:credits_cycleclosing_close", args=[old_cycle.pk])
    before = client.get(closing)
    assert len(before.context["differences"]) == 1
    assert "were purged" not in before.content.decode()

    purge(old_cycle)

    page = client.get(closing)
    assert page.context["differences"] == []
    assert page.context["due"] == []
    day = eastern_date(Purge.objects.get().purged_at)
    said = f"The records of this cycle were purged on {day}: its certificates stand as they were issued."
    assert said in page.content.decode()
    certificate = Certificate.objects.get()
    assert reverse("admin:credits_certificate_revoke", args=[certificate.pk]) not in page.content.decode()
    correcting = reverse("admin:credits_certificate_correct", args=[certificate.pk])
    refused = client.post(correcting, {"reason": "A wrong name."})
    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert "revoke it" not in refused.content.decode()
    certificate.refresh_from_db()
    assert certificate.status == "issued"


def test_purge_of_one_cycle_leaves_the_differences_of_another(old_cycle):
    other = audited_cycle(make.make_user(), program=old_cycle.program, starts_on=date(2013, 1, 10))
    purge(old_cycle)

    assert differences(old_cycle, cycle_ledgers(old_cycle)) == []
    assert len(differences(other, cycle_ledgers(other))) == 1


def test_purge_takes_the_history_of_what_it_deletes(old_cycle, coordinator):
    row = Attendance.objects.filter(source="manual").get()
    Context.objects.all().delete()
    with audit.act("attendance.correct", by=coordinator, reason="Ivy was on the telephone."):
        write(row, minutes=80)

    purge(old_cycle)

    for model in GONE:
        assert not event_model(model).objects.exists(), model
    assert event_model(Certificate).objects.exists()
    assert not Context.objects.filter(metadata__reason__contains="Ivy").exists()
    assert Context.objects.filter(metadata__verb="attendance.correct").count() <= 1


def test_purge_leaves_other_cycles_alone(old_cycle):
    other = audited_cycle(make.make_user(), program=old_cycle.program, starts_on=date(2013, 1, 10))
    before = {model: model.objects.count() for model in GONE}

    purge(old_cycle)

    assert Attendance.objects.filter(session__cycle=other).count() == 2
    assert {model: model.objects.count() for model in (AttendanceReport, UnmatchedName)} == {
        AttendanceReport: before[AttendanceReport] - 1,
        UnmatchedName: before[UnmatchedName] - 1,
    }
    assert Response.objects.filter(enrolment__cycle=other).count() == 3
    assert event_model(Attendance).objects.filter(session__cycle=other).exists()
    # The same content was handed in for both: it is kept once, and still needed.
    assert StoredFile.objects.filter(content=REPORT).exists()


def test_purge_closes_surveys_that_would_ask_again(old_cycle):
    purge(old_cycle)

    assert not old_cycle.survey_windows.filter(closes_at=None).exists()


def test_second_purge_has_nothing_to_do(old_cycle):
    purge(old_cycle)

    again = purge(old_cycle)

    assert (again.record, set(again.counts.values())) == (None, {0})
    assert Purge.objects.count() == 1


def test_rehearsal_counts_and_deletes_nothing(old_cycle):
    rehearsal = purge(old_cycle, is_rehearsal=True)

    assert rehearsal.record is None
    assert not Purge.objects.exists()
    assert all(model.objects.exists() for model in GONE)
    assert event_model(Attendance).objects.exists()
    assert purge(old_cycle).counts == rehearsal.counts


def test_pack_that_is_being_made_is_given_up(old_cycle):
    pack = ask_for_audit_pack(cycle_id=old_cycle.pk, by=make.make_user(), now=timezone.now())

    purge(old_cycle)

    pack.refresh_from_db()
    assert pack.status == AuditPack.Status.FAILED
    with pytest.raises(MoveRefusedError, match="were purged"):
        ask_for_audit_pack(cycle_id=old_cycle.pk, by=make.make_user(), now=timezone.now())


# --- refusals -------------------------------------------------------------------------------------------------------


def test_purge_is_refused_on_the_last_day_in_toronto(old_cycle):
    last_day = kept_until(old_cycle.ends_on)
    by = make.make_user()
    # In UTC it is the next day already.
    with pytest.raises(MoveRefusedError, match="are kept until"):
        purge_cycle(
            cycle_id=old_cycle.pk, by=by, now=toronto(last_day.year, last_day.month, last_day.day, 23, 59)
        )
    assert Attendance.objects.exists()

    next_day = last_day + timedelta(days=1)
    purged = purge_cycle(
        cycle_id=old_cycle.pk, by=by, now=toronto(next_day.year, next_day.month, next_day.day)
    )
    assert purged.record


def test_purge_of_a_cycle_that_was_never_closed_is_refused(old_cycle):
    write(old_cycle, status="published", closed_at=None)

    with pytest.raises(MoveRefusedError, match="not closed"):
        purge(old_cycle)


def test_database_refuses_what_a_clock_that_runs_ahead_would_purge(db):
    cycle = audited_cycle()

    with refused_by("attendance_kept_six_years"):
        purge_cycle(cycle_id=cycle.pk, by=make.make_user(), now=timezone.now() + timedelta(days=9 * 365))

    assert Attendance.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_purge_at_once_purge_once():
    cycle = audited_cycle(starts_on=date(2012, 1, 12))
    people = [make.make_user(is_staff=True) for _person in range(2)]

    results = at_once([partial(purge, cycle, by) for by in people])

    assert sorted(bool(result.record) for result in results) == [False, True]
    assert Purge.objects.count() == 1


# --- the record -----------------------------------------------------------------------------------------------------


def test_record_of_a_purge_can_neither_be_changed_nor_deleted(old_cycle):
    record = purge(old_cycle).record
    assert record is not None

    with refused_by("purge_never_changes"):
        write(record, attendances=0)
    with refused_by("purge_never_changes"):
        delete(record)


def test_purge_that_removed_nothing_is_not_recorded(old_cycle):
    with refused_by("credits_purge_removed_something"):
        Purge.objects.create(cycle=old_cycle, purged_by=make.make_user())


@pytest.mark.parametrize("values", [{"status": "published", "closed_at": None}, {"ends_on": "2035-01-01"}])
def test_purge_of_records_that_must_be_kept_is_not_recorded(old_cycle, values):
    write(old_cycle, **values)

    with refused_by("purge_only_after_six_years"):
        Purge.objects.create(cycle=old_cycle, purged_by=make.make_user(), attendances=1)


# --- the command ----------------------------------------------------------------------------------------------------


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("purge_cycle", *arguments, stdout=out)
    return out.getvalue()


def test_command_rehearses_purges_and_then_has_nothing_to_do(old_cycle, coordinator):
    arguments = (str(old_cycle.pk), "--by", coordinator.email)

    assert "a rehearsal" in run(*arguments, "--dry-run")
    assert Attendance.objects.exists()
    printed = run(*arguments)
    assert "2  attendances" in printed
    assert "Ivy" not in printed
    assert run(*arguments) == "There is nothing to do.\n"
    assert Purge.objects.get().purged_by == coordinator


@pytest.mark.parametrize(
    ("cycle_id", "by", "why"),
    [("0", "cora@echo.example", "no cycle"), ("", "nobody@echo.example", "no active staff account")],
)
def test_command_says_why_not(old_cycle, coordinator, cycle_id, by, why):
    with pytest.raises(CommandError, match=why):
        run(cycle_id or str(old_cycle.pk), "--by", by)
    assert EchoSession.objects.filter(attendances__isnull=False).exists()


def test_command_refuses_a_cycle_whose_records_are_kept(db, coordinator):
    with pytest.raises(CommandError, match="are kept until"):
        run(str(audited_cycle().pk), "--by", coordinator.email)
