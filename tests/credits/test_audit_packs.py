"""Asking for an audit pack, making it whatever becomes of the worker, keeping it and taking it away."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from core.errors import MoveRefusedError
from core.leases import MAX_ATTEMPTS, claim
from credits import tasks
from credits.models import AuditPack, AuditPackDownload, AuditPackPart, Certificate
from credits.records import CreditRecords
from credits.services import ask_for_audit_pack, download_audit_pack, make_due_audit_packs
from credits.services.audit_packs import KEPT_PACKS, LEASE_SECONDS
from sessions_app.models import Cycle
from tests import factories as make
from tests.credits.audit_packs import ASKED_AT, Clock, audited_cycle, content, made_pack, unzipped
from tests.database import delete, refused_by, write
from tests.history import audit_row
from tests.races import at_once

Status = AuditPack.Status
PART = 1000


@pytest.fixture
def cycle(db) -> Cycle:
    return audited_cycle()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def ask(cycle: Cycle, by: Any = None) -> AuditPack:
    return ask_for_audit_pack(cycle_id=cycle.pk, by=by or make.make_user(is_staff=True), now=ASKED_AT)


# --- asking ---------------------------------------------------------------------------------------------------------


def test_asking_is_on_record_and_twice_is_once(cycle, coordinator):
    pack = ask(cycle, coordinator)

    assert ask(cycle) == pack
    assert (pack.status, pack.asked_by) == (Status.PENDING, coordinator)
    assert audit_row(pack, "insert") == ("audit-pack.ask", coordinator.pk, "")


def test_pack_of_a_planned_cycle_is_refused(cycle):
    planned = make.make_cycle(cycle.program, status=Cycle.Status.PLANNED)

    with pytest.raises(MoveRefusedError, match="only planned"):
        ask(planned)
    assert not AuditPack.objects.exists()


def test_pack_of_a_running_cycle_is_made(db):
    running = make.make_season(sessions=1)

    assert made_pack(running).status == Status.MADE


@pytest.mark.django_db(transaction=True)
def test_twenty_who_ask_at_once_get_one_pack():
    cycle = audited_cycle()
    people = [make.make_user(is_staff=True) for _person in range(20)]

    packs = at_once([partial(ask, cycle, by) for by in people])

    assert {pack.pk for pack in packs} == {AuditPack.objects.get().pk}


# --- making ---------------------------------------------------------------------------------------------------------


def test_pack_is_made_in_parts_that_add_up(cycle):
    pack = made_pack(cycle, part_size=PART)

    data = content(pack)
    assert pack.status == Status.MADE
    assert (pack.size, pack.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert pack.steps_done == pack.steps_total > 10
    sizes = [len(part) for part in pack.parts.values_list("content", flat=True)]
    assert len(sizes) > 5
    assert set(sizes[:-1]) == {PART}
    assert f"certificates/documents/{Certificate.objects.get().number}.pdf" in unzipped(data)
    assert audit_row(pack, "update") == ("audit-pack.make", None, "")
    assert (pack.lease_token, pack.leased_until) == (None, None)


def test_pack_made_again_is_the_same_whoever_asked_and_when(cycle):
    first = made_pack(cycle)
    second = made_pack(cycle, at=ASKED_AT + timedelta(days=3))

    assert first.pk != second.pk
    assert (first.sha256, first.size) == (second.sha256, second.size)
    assert content(first) == content(second)


def test_the_worker_makes_what_waits(cycle):
    ask(cycle)

    assert tasks.make_audit_packs() == 1
    assert tasks.make_audit_packs() == 0

    assert AuditPack.objects.get().status == Status.MADE


class KilledError(BaseException):
    """What no worker catches: as if the process were gone."""


def killed_after(parts: int) -> Any:
    """The clock of a worker that is killed once it has written so many parts."""

    class Deadly(Clock):
        def __call__(self):
            if AuditPackPart.objects.count() >= parts:
                raise KilledError
            return super().__call__()

    return Deadly()


def test_pack_of_a_killed_worker_begins_again_when_its_lease_has_run_out(cycle, clock):
    pack = ask(cycle)
    with pytest.raises(KilledError):
        make_due_audit_packs(now=killed_after(3), part_size=PART)
    assert pack.parts.count() == 3

    clock.forward(LEASE_SECONDS - 1)
    assert make_due_audit_packs(now=clock, part_size=PART) == 0
    clock.forward(2)
    assert make_due_audit_packs(now=clock, part_size=PART) == 1

    pack.refresh_from_db()
    assert (pack.status, pack.attempts) == (Status.MADE, 2)
    assert hashlib.sha256(content(pack)).hexdigest() == pack.sha256
    assert unzipped(content(pack))


def test_half_a_pack_is_downloaded_by_nobody(cycle, coordinator):
    pack = ask(cycle)
    with pytest.raises(KilledError):
        make_due_audit_packs(now=killed_after(3), part_size=PART)

    with pytest.raises(MoveRefusedError, match="cannot be downloaded"):
        download_audit_pack(pack_id=pack.pk, by=coordinator, now=ASKED_AT)
    assert not AuditPackDownload.objects.exists()


def test_worker_that_lost_its_lease_writes_nothing(cycle, clock):
    pack = ask(cycle)

    class Slow(Clock):
        """It stands still after three parts, long enough for another worker to make the pack."""

        def __call__(self):
            if AuditPackPart.objects.count() == 3 and not clock.now > ASKED_AT:
                clock.forward(LEASE_SECONDS + 1)
                assert make_due_audit_packs(now=clock, part_size=PART) == 1
            return super().__call__()

    assert make_due_audit_packs(now=Slow(), part_size=PART, limit=1) == 0

    pack.refresh_from_db()
    assert pack.status == Status.MADE
    assert hashlib.sha256(content(pack)).hexdigest() == pack.sha256


def test_lease_is_renewed_while_parts_are_written(cycle):
    pack = ask(cycle)

    class Ticking(Clock):
        """Each look at the clock takes a minute: the whole takes far longer than a lease."""

        def __call__(self):
            self.forward(60)
            if AuditPackPart.objects.exists():
                assert claim(AuditPack.objects.filter(status=Status.PENDING), now=self.now, seconds=1) == []
            return self.now

    ticking = Ticking()
    assert make_due_audit_packs(now=ticking, part_size=PART, limit=1) == 1

    assert ticking.now > ASKED_AT + timedelta(seconds=2 * LEASE_SECONDS)
    pack.refresh_from_db()
    assert pack.attempts == 1


def test_pack_that_fails_is_tried_later_and_given_up_after_eight_tries(cycle, clock):
    # Two files that unpack to one name are refused; nothing else makes a pack fail that is easy to bring about.
    certificate = Certificate.objects.get()
    make.make_certificate(
        make.make_enrolment(cycle), certificate.accreditation, number=f"{certificate.number}?"
    )
    make.make_certificate(
        make.make_enrolment(cycle), certificate.accreditation, number=f"{certificate.number}:"
    )
    pack = ask(cycle)

    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert make_due_audit_packs(now=clock, part_size=PART) == 0
        pack.refresh_from_db()
        assert (pack.attempts, pack.last_error) == (attempt, "ValueError")
        assert not pack.parts.exists()
        clock.now = pack.next_attempt_at

    assert pack.status == Status.FAILED
    assert audit_row(pack, "update") == ("audit-pack.fail", None, "")
    assert ask(cycle).pk != pack.pk


def test_pack_that_kills_every_worker_is_given_up(cycle, clock):
    pack = ask(cycle)
    write(pack, attempts=MAX_ATTEMPTS)

    assert make_due_audit_packs(now=clock) == 0

    pack.refresh_from_db()
    assert pack.status == Status.FAILED


def test_only_the_newest_packs_of_a_cycle_are_kept(cycle):
    packs = [made_pack(cycle, at=ASKED_AT + timedelta(days=day)) for day in range(KEPT_PACKS + 2)]
    other = made_pack(audited_cycle(make.make_user()))

    kept = [pack.pk for pack in AuditPack.objects.filter(cycle=cycle, status=Status.MADE)]
    assert kept == [pack.pk for pack in packs[: -KEPT_PACKS - 1 : -1]]
    assert set(AuditPackPart.objects.values_list("pack", flat=True)) == {*kept, other.pk}
    old = AuditPack.objects.get(pk=packs[0].pk)
    assert (old.status, old.sha256) == (Status.DISCARDED, packs[0].sha256)


# --- taking away ----------------------------------------------------------------------------------------------------


def test_download_is_on_record_each_time(cycle, coordinator):
    pack = made_pack(cycle, part_size=PART)

    for _time in range(2):
        downloaded, parts = download_audit_pack(pack_id=pack.pk, by=coordinator, now=ASKED_AT)
        assert hashlib.sha256(b"".join(parts)).hexdigest() == downloaded.sha256

    assert AuditPackDownload.objects.filter(pack=pack, downloaded_by=coordinator).count() == 2
    for row in AuditPackDownload.objects.all():
        assert audit_row(row, "insert") == ("audit-pack.download", coordinator.pk, "")


def test_download_holds_one_part_at_a_time(cycle, coordinator, django_assert_num_queries):
    pack = made_pack(cycle, part_size=PART)
    _pack, parts = download_audit_pack(pack_id=pack.pk, by=coordinator, now=ASKED_AT)

    with django_assert_num_queries(2):
        assert [len(next(parts)), len(next(parts))] == [PART, PART]


def test_pack_that_is_kept_no_longer_is_not_downloaded(cycle, coordinator):
    pack = made_pack(cycle)
    write(pack, status=Status.DISCARDED)

    with pytest.raises(MoveRefusedError):
        download_audit_pack(pack_id=pack.pk, by=coordinator, now=ASKED_AT)


# --- people who are forgotten ---------------------------------------------------------------------------------------


def test_packs_about_somebody_who_is_erased_are_given_up(cycle):
    pack, other = made_pack(cycle), made_pack(audited_cycle(make.make_user()))
    person = cycle.enrolments.get().participant

    CreditRecords().erase(user=person, now=timezone.now(), is_kept=True)

    assert not pack.parts.exists()
    assert AuditPack.objects.get(pk=pack.pk).status == Status.DISCARDED
    assert AuditPack.objects.get(pk=other.pk).status == Status.MADE


def test_pack_being_made_about_somebody_who_is_erased_begins_again(cycle, clock):
    pack = ask(cycle)
    person = cycle.enrolments.get().participant

    class Erasing(Clock):
        def __call__(self):
            if AuditPackPart.objects.count() == 3 and AuditPack.objects.get().lease_token:
                CreditRecords().finish_erasure(user=person)
            return super().__call__()

    assert make_due_audit_packs(now=Erasing(), part_size=PART, limit=1) == 0
    assert make_due_audit_packs(now=clock, part_size=PART) == 1

    pack.refresh_from_db()
    assert unzipped(content(pack))


# --- what the database refuses --------------------------------------------------------------------------------------


def test_one_pack_of_a_cycle_is_made_at_a_time(cycle):
    pack = ask(cycle)

    with refused_by("credits_auditpack_one_pending"):
        AuditPack.objects.create(cycle=cycle, asked_by=pack.asked_by)


@pytest.mark.parametrize(
    "values", [{"status": "lost"}, {"size": 5}, {"sha256": "0" * 64}, {"status": "made"}]
)
def test_pack_is_made_only_with_its_hash_and_size(cycle, values):
    with refused_by("credits_auditpack_made_has_hash"):
        AuditPack.objects.create(cycle=cycle, asked_by=make.make_user(), **values)


@pytest.mark.parametrize(("old", "new"), [("made", "pending"), ("discarded", "made"), ("made", "failed")])
def test_pack_does_not_go_back(cycle, old, new):
    pack = made_pack(cycle)
    if old == "discarded":
        write(pack, status="discarded")

    with refused_by("auditpack_moves"):
        write(pack, status=new)


def test_pack_without_all_its_parts_is_not_made(cycle):
    pack = ask(cycle)
    AuditPackPart.objects.create(pack=pack, position=0, content=b"12345")
    made = {"status": "made", "made_at": ASKED_AT, "sha256": "0" * 64}

    with refused_by("auditpack_is_whole"):
        write(pack, size=6, **made)
    write(pack, size=5, **made)


def test_parts_of_a_pack_that_is_made_do_not_change(cycle):
    pack = made_pack(cycle)
    part = pack.parts.get()

    with refused_by("auditpackpart_frozen_once_made"):
        write(part, content=b"forged")
    with refused_by("auditpackpart_frozen_once_made"):
        delete(part)
    with refused_by("auditpackpart_frozen_once_made"):
        AuditPackPart.objects.create(pack=pack, position=1, content=b"more")


def test_part_stands_once_in_its_place(cycle):
    pack = ask(cycle)
    AuditPackPart.objects.create(pack=pack, position=0, content=b"1")

    with refused_by("credits_auditpackpart_position_once"):
        AuditPackPart.objects.create(pack=pack, position=0, content=b"2")


def test_record_of_a_download_is_kept_as_it_is(cycle, coordinator):
    pack = made_pack(cycle)
    download_audit_pack(pack_id=pack.pk, by=coordinator, now=ASKED_AT)
    row = AuditPackDownload.objects.get()

    with refused_by("auditpackdownload_never_changes"):
        write(row, downloaded_by=make.make_user())
    with refused_by("auditpackdownload_kept_six_years"):
        delete(row)
