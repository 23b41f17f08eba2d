"""Taking a session to present in, page by page, and the coordinator's view of whose turn it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from participants.models import User
from sessions_app.models import Cycle, Enrolment, PresenterSlot
from tests.factories import make_cycle, make_enrolment, make_session, make_user


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


@pytest.fixture
def cycle(db: None, now: datetime) -> Cycle:
    """Sleep is over; Neuropathy is cancelled; Tapering, with two slots, and Cannabis are ahead. All slots are free."""
    today = timezone.localdate(now)
    cycle = make_cycle(starts_on=today - timedelta(days=30), ends_on=today + timedelta(days=60))
    for days, topic, status, slots in [
        (-7, "Sleep", "held", 1),
        (3, "Neuropathy", "cancelled", 1),
        (7, "Tapering", "confirmed", 2),
        (14, "Cannabis", "planned", 1),
    ]:
        session = make_session(cycle, starts_at=now + timedelta(days=days), topic=topic, status=status)
        for position in range(1, slots + 1):
            PresenterSlot.objects.create(session=session, position=position)
    return cycle


@pytest.fixture
def ann(cycle: Cycle) -> User:
    user = make_user("ann@clinic.example", name="Ann Lee")
    make_enrolment(cycle, user)
    return user


def slot_of(topic: str, position: int = 1) -> PresenterSlot:
    return PresenterSlot.objects.get(session__topic=topic, position=position)


def own_url(cycle: Cycle) -> str:
    return reverse("sessions_app:cycle-slots", args=[cycle.pk])


def page_of(client: Client, url: str, *, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return unescape(response.content.decode())


# --- participants -----------------------------------------------------------------------------------------------------


def test_slots_page_is_for_who_is_in_the_cycle(client, cycle, outsider, coordinator):
    waiting = make_enrolment(cycle, status=Enrolment.Status.WAITLISTED).participant
    assert client.get(own_url(cycle))["Location"] == f"/accounts/login/?next={own_url(cycle)}"
    for user in (outsider, waiting, coordinator):
        client.force_login(user)
        assert client.get(own_url(cycle)).status_code == 404
        taken = client.post(own_url(cycle), {"slot": slot_of("Tapering").pk, "answer": "take"})
        assert taken.status_code == 404
    assert not PresenterSlot.objects.filter(enrolment__isnull=False).exists()


def test_slots_page_offers_each_free_coming_session_once(client, cycle, ann):
    client.force_login(ann)

    page = page_of(client, own_url(cycle))

    assert "You have not presented in this cycle yet." in page
    assert "0 of 1 participant presents or has presented." in page
    assert page.count("Take this session") == 2
    assert "Sleep" not in page
    assert "Neuropathy" not in page


def test_session_is_taken_and_let_go_with_one_button_each(client, cycle, ann):
    client.force_login(ann)

    response = client.post(own_url(cycle), {"slot": slot_of("Tapering").pk, "answer": "take"}, follow=True)
    page = unescape(response.content.decode())
    assert "You present a case in this session." in page
    presenter = slot_of("Tapering").enrolment
    assert presenter is not None
    assert presenter.participant == ann
    assert "Let it go" in page
    assert "Take this session" not in page
    assert "1 of 1 participant presents or has presented." in page

    response = client.post(own_url(cycle), {"slot": slot_of("Tapering").pk, "answer": "release"}, follow=True)
    assert "You have let the session go." in response.content.decode()
    assert slot_of("Tapering").enrolment is None


def test_who_comes_second_is_told_and_shown_what_is_free(client, cycle, ann):
    other = make_enrolment(cycle, make_user(name="Bo Chan"))
    slot = slot_of("Cannabis")
    slot.enrolment, slot.taken_at = other, timezone.now()
    slot.save()
    client.force_login(ann)

    response = client.post(own_url(cycle), {"slot": slot.pk, "answer": "take"})

    page = unescape(response.content.decode())
    assert response.status_code == 409
    assert "Somebody else has taken this session." in page
    assert page.count("Take this session") == 1
    assert "Bo Chan" not in page
    assert slot_of("Cannabis").enrolment == other


@pytest.mark.parametrize("answer", ["take", "release"])
@pytest.mark.parametrize("slot", ["", "0", "x", "9" * 30, "-1"])
def test_slot_that_does_not_exist_is_not_found(client, cycle, ann, slot, answer):
    client.force_login(ann)

    assert client.post(own_url(cycle), {"slot": slot, "answer": answer}).status_code == 404


def test_nobody_lets_go_what_is_somebody_elses_nor_takes_in_another_cycle(client, cycle, ann):
    other = make_enrolment(cycle)
    slot = slot_of("Cannabis")
    slot.enrolment, slot.taken_at = other, timezone.now()
    slot.save()
    foreign_session = make_session(make_cycle(), starts_at=timezone.now() + timedelta(days=9))
    foreign = PresenterSlot.objects.create(session=foreign_session)
    client.force_login(ann)

    assert client.post(own_url(cycle), {"slot": slot.pk, "answer": "release"}).status_code == 404
    assert client.post(own_url(cycle), {"slot": foreign.pk, "answer": "take"}).status_code == 404

    assert slot_of("Cannabis").enrolment == other
    foreign.refresh_from_db()
    assert foreign.enrolment is None


def test_slots_page_remembers_what_was_presented(client, cycle, ann):
    slot = slot_of("Sleep")
    slot.enrolment, slot.taken_at = Enrolment.objects.get(participant=ann), timezone.now()
    slot.save()
    client.force_login(ann)

    page = page_of(client, own_url(cycle))

    assert "You presented on " in page
    assert "You have not presented" not in page


def test_slots_page_without_free_sessions_and_in_a_closed_cycle(client, cycle, ann, now):
    PresenterSlot.objects.filter(enrolment=None).delete()
    client.force_login(ann)
    assert "Every coming session has its presenter." in page_of(client, own_url(cycle))

    Cycle.objects.filter(pk=cycle.pk).update(status=Cycle.Status.CLOSED, closed_at=now)
    assert "This cycle is closed." in page_of(client, own_url(cycle))


@pytest.mark.parametrize("number", [1, 3])
def test_slots_page_takes_the_same_queries_for_any_number(client, db, now, number, django_assert_num_queries):
    today = timezone.localdate(now)
    cycle = make_cycle(starts_on=today, ends_on=today + timedelta(days=60))
    enrolment = make_enrolment(cycle)
    for week in range(-number, number):
        session = make_session(cycle, starts_at=now + timedelta(days=7 * week + 1))
        PresenterSlot.objects.create(session=session, position=1)
        PresenterSlot.objects.create(session=session, position=2, enrolment=enrolment, taken_at=now)
    client.force_login(enrolment.participant)
    page_of(client, own_url(cycle))

    # The session and the account; the enrolment, one's own slots, the free ones, the count.
    with django_assert_num_queries(6):
        page_of(client, own_url(cycle))


# --- the coordinator --------------------------------------------------------------------------------------------------


def desk_url(cycle: Cycle) -> str:
    return reverse("admin:sessions_app_cycle_presenters", args=[cycle.pk])


def test_desk_shows_whose_turn_it_is(client, cycle, ann, coordinator):
    bo = make_enrolment(cycle, make_user(name="Bo Chan"))
    slot = slot_of("Sleep")
    slot.enrolment, slot.taken_at = Enrolment.objects.get(participant=ann), timezone.now()
    slot.save()
    client.force_login(coordinator)

    page = page_of(client, desk_url(cycle))

    assert "1 of 2 participants present or have presented." in page
    people = page.split("Whose turn it is")[1]
    assert people.index("Bo Chan") < people.index("Ann Lee")
    choices = page.split('name="enrolment"')[1].split("</select>")[0]
    assert choices.index("Bo Chan (not yet)") < choices.index("Ann Lee (1 time)")
    assert f'value="{bo.pk}"' in choices
    assert "Neuropathy" not in page.split('name="slot"')[1].split("</select>")[0]
    # What is past stays as it is.
    assert 'name="release"' not in page


def test_desk_gives_a_session_and_frees_it(client, cycle, ann, coordinator):
    enrolment = Enrolment.objects.get(participant=ann)
    client.force_login(coordinator)

    given = client.post(
        desk_url(cycle), {"slot": slot_of("Tapering").pk, "enrolment": enrolment.pk}, follow=True
    )
    assert "Ann Lee presents, and is told by email." in given.content.decode()
    assert slot_of("Tapering").enrolment == enrolment

    freed = client.post(desk_url(cycle), {"release": slot_of("Tapering").pk}, follow=True)
    assert "The session is free again" in freed.content.decode()
    assert slot_of("Tapering").enrolment is None


def test_desk_says_what_is_wrong_with_a_choice(client, cycle, ann, coordinator):
    enrolment = Enrolment.objects.get(participant=ann)
    client.force_login(coordinator)
    client.post(desk_url(cycle), {"slot": slot_of("Tapering").pk, "enrolment": enrolment.pk})

    second = client.post(desk_url(cycle), {"slot": slot_of("Tapering", 2).pk, "enrolment": enrolment.pk})
    empty = client.post(desk_url(cycle), {})

    assert (second.status_code, empty.status_code) == (422, 422)
    assert "presents in this session already" in second.content.decode()
    assert "<title>Error: " in empty.content.decode()
    assert slot_of("Tapering", 2).enrolment is None


def test_desk_does_not_take_who_left_nor_what_is_of_another_cycle(client, cycle, ann, coordinator):
    gone = make_enrolment(cycle, status=Enrolment.Status.WITHDRAWN)
    foreign_session = make_session(make_cycle(), starts_at=timezone.now() + timedelta(days=9))
    foreign = PresenterSlot.objects.create(session=foreign_session)
    client.force_login(coordinator)

    left = client.post(desk_url(cycle), {"slot": slot_of("Tapering").pk, "enrolment": gone.pk})
    elsewhere = client.post(desk_url(cycle), {"release": foreign.pk})

    assert (left.status_code, elsewhere.status_code) == (422, 404)
    assert not PresenterSlot.objects.filter(enrolment__isnull=False).exists()


def test_desk_does_not_free_who_has_presented(client, cycle, ann, coordinator):
    slot = slot_of("Sleep")
    slot.enrolment, slot.taken_at = Enrolment.objects.get(participant=ann), timezone.now()
    slot.save()
    client.force_login(coordinator)

    page = client.post(desk_url(cycle), {"release": slot.pk}, follow=True).content.decode()

    assert "stays on record" in page
    assert slot_of("Sleep").enrolment == slot.enrolment


def test_desk_is_closed_to_staff_without_the_permission(client, cycle, ann):
    bare = make_user(is_staff=True)
    enrolment = Enrolment.objects.get(participant=ann)
    client.force_login(bare)

    assert client.get(desk_url(cycle)).status_code == 403
    posted = client.post(desk_url(cycle), {"slot": slot_of("Tapering").pk, "enrolment": enrolment.pk})
    assert posted.status_code == 403
    assert slot_of("Tapering").enrolment is None


def test_desk_of_an_empty_cycle_says_what_to_do(client, coordinator):
    client.force_login(coordinator)

    page = page_of(client, desk_url(make_cycle()))

    assert "No session of this cycle has a slot for a case yet." in page
    assert "Nobody is in this cycle yet." in page


def test_cycles_page_leads_to_its_presenters(client, cycle, coordinator):
    client.force_login(coordinator)

    page = page_of(client, reverse("admin:sessions_app_cycle_change", args=[cycle.pk]))

    assert desk_url(cycle) in page


@pytest.mark.parametrize("number", [1, 3])
def test_desk_takes_the_same_queries_for_any_number(
    client, cycle, coordinator, number, django_assert_num_queries
):
    now = timezone.now()
    for week in range(number):
        enrolment = make_enrolment(cycle)
        session = make_session(cycle, starts_at=now + timedelta(days=30 + week))
        PresenterSlot.objects.create(session=session, enrolment=enrolment, taken_at=now)
        PresenterSlot.objects.create(session=session, position=2)
    client.force_login(coordinator)
    page_of(client, desk_url(cycle))

    # The session, the account and what it may do; the cycle, its slots and people, both once more for the form; the
    # count.
    with django_assert_num_queries(11):
        page_of(client, desk_url(cycle))
