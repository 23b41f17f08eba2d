"""The coordinator's page of audit packs: asked for, followed, downloaded; closed to everybody else."""

from __future__ import annotations

import hashlib
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.leases import claim
from credits.audit_pack_admin import SHOWN
from credits.models import AuditPack, AuditPackDownload, Purge
from credits.services import ask_for_audit_pack, make_due_audit_packs
from participants.models import User
from sessions_app.models import Cycle
from tests import factories as make
from tests.clock import toronto
from tests.credits.audit_packs import Clock, audited_cycle, made_pack, unzipped
from tests.database import write

pytestmark = pytest.mark.django_db

Status = AuditPack.Status


@pytest.fixture
def cycle() -> Cycle:
    return audited_cycle()


@pytest.fixture
def desk(coordinator) -> Client:
    client = Client()
    client.force_login(coordinator)
    return client


def page_url(cycle: Cycle) -> str:
    return reverse("admin:credits_cycleclosing_audit_pack", args=[cycle.pk])


def progress_url(cycle: Cycle) -> str:
    return reverse("admin:credits_cycleclosing_audit_pack_progress", args=[cycle.pk])


def download_url(pack: AuditPack) -> str:
    return reverse("admin:credits_auditpack_download", args=[pack.pk])


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


# --- who may --------------------------------------------------------------------------------------------------------


def staff_with(*codenames: str) -> User:
    user = make.make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def test_pages_are_closed_to_all_who_are_not_staff(cycle, client):
    pack = made_pack(cycle)
    for user in (None, cycle.enrolments.get().participant):
        if user:
            client.force_login(user)
        for url in (page_url(cycle), progress_url(cycle), download_url(pack)):
            assert client.get(url).status_code in {302, 403, 404}
            assert client.post(url).status_code in {302, 403, 404}
    assert AuditPack.objects.count() == 1
    assert not AuditPackDownload.objects.exists()


@pytest.mark.parametrize("codenames", [(), ("view_certificate", "close_cycle")])
def test_staff_without_the_permission_are_refused(cycle, client, codenames):
    pack = made_pack(cycle)
    client.force_login(staff_with(*codenames))

    for url in (page_url(cycle), progress_url(cycle), download_url(pack)):
        assert client.get(url).status_code == 403
    assert client.post(page_url(cycle)).status_code == 403
    assert AuditPack.objects.count() == 1
    assert not AuditPackDownload.objects.exists()


def test_page_of_a_planned_or_unknown_cycle_is_not_found(cycle, desk):
    planned = make.make_cycle(cycle.program, status=Cycle.Status.PLANNED)

    assert desk.get(page_url(planned)).status_code == 404
    assert desk.post(page_url(planned)).status_code == 404
    assert desk.get(reverse("admin:credits_cycleclosing_audit_pack", args=[0])).status_code == 404
    assert desk.get(reverse("admin:credits_auditpack_download", args=[0])).status_code == 404


# --- asking and following -------------------------------------------------------------------------------------------


def test_pack_is_asked_for_followed_and_downloaded(cycle, desk, coordinator):
    assert "No audit pack of this cycle was made yet." in text(desk.get(page_url(cycle)))

    shown = text(desk.post(page_url(cycle), follow=True))
    assert "The audit pack is being made." in shown
    assert "The audit pack is waiting its turn." in shown
    assert "Make the audit pack" not in shown
    write(AuditPack.objects.get(), steps_done=3, steps_total=20)
    progress = desk.get(progress_url(cycle))
    assert progress.status_code == 200
    assert 'value="3" max="20"' in text(progress)
    assert progress_url(cycle) in text(progress)

    assert make_due_audit_packs(now=Clock()) == 0  # it was asked for later than this clock shows
    pack = AuditPack.objects.get()
    assert make_due_audit_packs(now=Clock(pack.asked_at)) == 1

    progress = desk.get(progress_url(cycle))
    assert progress.status_code == 286
    assert "hx-get" not in text(progress)
    pack.refresh_from_db()
    shown = text(desk.get(page_url(cycle)))
    assert pack.sha256 in shown
    assert coordinator.email in shown
    assert "Make the audit pack" in shown
    assert download_url(pack) in shown


def test_download_is_streamed_whole_named_and_never_cached(cycle, desk, coordinator):
    pack = made_pack(cycle, part_size=1000)

    response = desk.get(download_url(pack))

    assert response.streaming
    data = response.getvalue()
    assert int(response["Content-Length"]) == len(data) == pack.size
    assert hashlib.sha256(data).hexdigest() == pack.sha256
    assert unzipped(data)
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == f'attachment; filename="{pack.filename}"'
    assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))
    assert AuditPackDownload.objects.get().downloaded_by == coordinator
    assert "Downloaded 1 time" in text(desk.get(page_url(cycle)))


def test_download_takes_no_post(cycle, desk):
    pack = made_pack(cycle)

    assert desk.post(download_url(pack)).status_code == 405
    assert not AuditPackDownload.objects.exists()


def test_pack_that_is_not_there_any_more_says_what_to_do(cycle, desk):
    pack = made_pack(cycle)
    write(pack, status=Status.DISCARDED)

    shown = text(desk.get(download_url(pack), follow=True))

    assert "This audit pack cannot be downloaded. Make a new one." in shown
    assert "No longer kept." in shown
    assert download_url(pack) not in shown


def test_pack_that_could_not_be_made_is_shown_and_another_can_be_asked_for(cycle, desk):
    AuditPack.objects.create(cycle=cycle, asked_by=make.make_user(), status=Status.FAILED)

    shown = text(desk.get(page_url(cycle)))

    assert "Could not be made." in shown
    assert "Make the audit pack" in shown


def test_newest_packs_come_first_and_old_ones_fall_off(cycle, desk):
    for day in (3, 1, 2):
        AuditPack.objects.create(
            cycle=cycle,
            asked_by=make.make_user(f"day{day}@echo.example"),
            asked_at=toronto(2026, 6, day),
            status="failed",
        )
    shown = text(desk.get(page_url(cycle)))
    assert shown.index("day3@") < shown.index("day2@") < shown.index("day1@")

    for _pack in range(SHOWN - 1):
        AuditPack.objects.create(cycle=cycle, asked_by=make.make_user(), status="failed")
    shown = text(desk.get(page_url(cycle)))
    assert "day3@" in shown
    assert "day2@" not in shown


@pytest.mark.parametrize("packs", [1, 3])
def test_pages_take_the_same_number_of_queries(cycle, desk, packs, django_assert_num_queries):
    for _pack in range(packs):
        AuditPack.objects.create(cycle=cycle, asked_by=make.make_user(), status=Status.FAILED)
    desk.get(page_url(cycle))

    with django_assert_num_queries(8):
        desk.get(page_url(cycle))
    with django_assert_num_queries(7):
        desk.get(progress_url(cycle))


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("auditpack", 9), ("auditpackdownload", 9), ("purge", 9)])
def test_lists_take_the_same_number_of_queries(desk, rows, name, queries, django_assert_num_queries):
    for _row in range(rows):
        cycle = make.make_cycle(starts_on=date(2012, 1, 12), status=Cycle.Status.CLOSED)
        pack = AuditPack.objects.create(cycle=cycle, asked_by=make.make_user(), status=Status.FAILED)
        pack.downloads.create(downloaded_by=make.make_user())
        Purge.objects.create(cycle=cycle, purged_by=make.make_user(), answers=7)
    url = reverse(f"admin:credits_{name}_changelist")
    desk.get(url)

    with django_assert_num_queries(queries):
        assert desk.get(url).status_code == 200


def test_purges_are_looked_at_and_not_made(desk):
    cycle = make.make_cycle(starts_on=date(2012, 1, 12), status=Cycle.Status.CLOSED)
    purge = Purge.objects.create(cycle=cycle, purged_by=make.make_user(), answers=7)

    assert desk.get(reverse("admin:credits_purge_change", args=[purge.pk])).status_code == 200
    assert (
        desk.post(reverse("admin:credits_purge_change", args=[purge.pk]), {"answers": 0}).status_code == 403
    )
    assert desk.get(reverse("admin:credits_purge_add")).status_code == 403
    assert desk.post(reverse("admin:credits_purge_delete", args=[purge.pk])).status_code == 403


# --- the command ----------------------------------------------------------------------------------------------------


def test_command_writes_the_pack_to_a_file_under_the_name_of_who_asked(cycle, coordinator, tmp_path):
    out, printed = tmp_path / "pack.zip", StringIO()

    call_command("audit_pack", str(cycle.pk), "--by", coordinator.email, "--out", str(out), stdout=printed)

    pack = AuditPack.objects.get()
    assert hashlib.sha256(out.read_bytes()).hexdigest() == pack.sha256
    assert pack.sha256 in printed.getvalue()
    assert [file.name for file in tmp_path.iterdir()] == ["pack.zip"]
    assert pack.asked_by == AuditPackDownload.objects.get().downloaded_by == coordinator


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"cycle_id": "0"}, "no cycle"),
        ({"by": "nobody@echo.example"}, "no active staff account"),
        ({"out": "no/such/folder/pack.zip"}, "no such folder"),
    ],
)
def test_command_says_why_not(cycle, coordinator, tmp_path, given, why):
    cycle_id, by = given.get("cycle_id", str(cycle.pk)), given.get("by", coordinator.email)
    out = tmp_path / given.get("out", "pack.zip")

    with pytest.raises(CommandError, match=why):
        call_command("audit_pack", cycle_id, "--by", by, "--out", str(out))

    assert not list(tmp_path.iterdir())
    assert not AuditPack.objects.exists()


def test_command_does_not_wait_for_ever_for_a_worker_that_has_it(cycle, coordinator, tmp_path):
    ask_for_audit_pack(cycle_id=cycle.pk, by=coordinator, now=timezone.now())
    claim(AuditPack.objects.all(), now=timezone.now(), seconds=300)

    with pytest.raises(CommandError, match="a worker is at it"):
        call_command(
            "audit_pack",
            str(cycle.pk),
            "--by",
            coordinator.email,
            "--out",
            str(tmp_path / "a"),
            "--wait",
            "0",
        )
