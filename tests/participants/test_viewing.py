"""Support looks at the portal as a participant sees it: reads, writes nothing, and is on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.errors import BadInputError, MoveRefusedError
from participants.models import ParticipantView, User, ViewedPage
from participants.services.viewing import end_view, start_view
from participants.viewing import AS_ONESELF, SHOWN
from sessions_app.models import ScopedProgram, StaffScope
from tests import factories as make
from tests.database import refused_by, write
from tests.history import count_events
from tests.test_access import PORTAL
from tests.url_map import arguments
from tests.world import ADVICE, CASE, World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def supporter(db: None) -> User:
    user = make.make_user("sue@echo.example", name="Sue Support", is_staff=True)
    user.groups.add(Group.objects.get(name="Support"))
    return user


@pytest.fixture
def support(supporter: User) -> Client:
    client = Client()
    client.force_login(supporter)
    return client


def look(client: Client, person: User, reason: str = "Cannot find the certificate.") -> Any:
    return client.post(f"/admin/participants/user/{person.pk}/view-as/", {"reason": reason})


def test_pages_are_shown_as_the_participant_sees_them_with_a_banner(support, supporter, world) -> None:
    assert look(support, world.participant)["Location"] == "/my/"
    page = support.get(f"/my/cycles/{world.running.pk}/")
    words = page.content.decode()
    assert page.status_code == 200
    assert "You see the portal as Noé Lefèbvre-Côté does." in words
    view = ParticipantView.objects.get()
    assert (view.viewer, view.participant, view.reason) == (
        supporter,
        world.participant,
        "Cannot find the certificate.",
    )
    assert list(ViewedPage.objects.values_list("page", flat=True)) == ["credits:cycle-detail"]
    # The administration stays one's own.
    assert "sue@echo.example" in support.get("/admin/").content.decode()
    ended = support.post(reverse("participants:view-end"))
    assert ended["Location"] == "/admin/"
    assert support.get(f"/my/cycles/{world.running.pk}/").status_code == 404
    assert ParticipantView.objects.get().ended_at is not None


def test_nothing_else_is_shown_and_nothing_is_written(support, world) -> None:
    look(support, world.participant)
    for name in sorted(PORTAL):
        url = reverse(name, args=arguments(world).get(name, []))
        if name in AS_ONESELF:
            continue
        before = count_events()
        answer = support.get(url)
        words = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if name in SHOWN:
            assert answer.status_code in {200, 302}, name
        else:
            assert answer.status_code == 403, name
        for text in (CASE["pain_history"].splitlines()[0], ADVICE):
            assert text.encode() not in words, name
        assert support.post(url).status_code == 403, name
        # The look's own record has no history of its pages; nothing else was written.
        assert count_events() == before, name


def test_look_ends_by_itself_and_with_the_permission(support, supporter, world) -> None:
    look(support, world.participant)
    write(ParticipantView.objects.get(), started_at=timezone.now() - timedelta(minutes=31))
    assert support.get(f"/my/cycles/{world.running.pk}/").status_code == 404
    look(support, world.participant)
    supporter.groups.clear()
    assert support.get(f"/my/cycles/{world.running.pk}/").status_code == 404


def test_look_needs_a_reason_and_a_participant(support, supporter, world) -> None:
    assert look(support, world.participant, reason=" ").status_code == 422
    for person in (world.coordinator, world.specialist):
        assert look(support, person).status_code == 422
    write(world.newcomer, is_active=False)
    with pytest.raises(MoveRefusedError):
        start_view(participant_id=world.newcomer.pk, reason="x", by=supporter, now=timezone.now())
    with pytest.raises(BadInputError):
        start_view(participant_id=world.participant.pk, reason="", by=supporter, now=timezone.now())
    assert not ParticipantView.objects.exists()


def test_second_look_ends_the_first(supporter, world) -> None:
    now = timezone.now()
    first = start_view(participant_id=world.participant.pk, reason="x", by=supporter, now=now)
    second = start_view(participant_id=world.newcomer.pk, reason="y", by=supporter, now=now)
    first.refresh_from_db()
    assert first.ended_at == now
    assert end_view(by=supporter, now=now) == 1
    assert end_view(by=supporter, now=now) == 0
    with refused_by("participants_participantview_one_open"):
        ParticipantView.objects.create(viewer=supporter, participant=world.newcomer, reason="a")
        ParticipantView.objects.create(viewer=supporter, participant=world.participant, reason="b")
    with refused_by("participants_participantview_of_another"):
        ParticipantView.objects.create(viewer=supporter, participant=supporter, reason="c", ended_at=now)
    assert second.participant == world.newcomer


def test_only_support_looks(client, world) -> None:
    other = make.make_user("chris@echo.example", is_staff=True)
    other.groups.add(Group.objects.get(name="Coordinators"))
    client.force_login(other)
    assert look(client, world.participant).status_code == 403
    client.force_login(world.newcomer)
    assert look(client, world.participant).status_code == 302
    assert not ParticipantView.objects.exists()
    # A session that says so without a look on record shows nothing.
    session = client.session
    session["participant_view"] = 1
    session.save()
    assert client.get(f"/my/cycles/{world.running.pk}/credits/").status_code == 404


def test_who_is_limited_looks_at_nobody_who_is_in_another_program_too(support, supporter, world) -> None:
    mine = make.make_season(make.make_program(name="Mine", slug="mine"))
    ScopedProgram.objects.create(scope=StaffScope.objects.create(account=supporter), program=mine.program)
    make.make_enrolment(mine, world.participant)
    own = make.make_user("own@clinic.example")
    make.make_enrolment(mine, own)

    words = support.post(
        f"/admin/participants/user/{world.participant.pk}/view-as/", {"reason": "x"}, follow=True
    ).content.decode()
    assert "also in a program that you do not work for" in words
    assert not ParticipantView.objects.exists()

    assert look(support, own)["Location"] == "/my/"
