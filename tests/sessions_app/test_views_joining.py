"""Joining a cycle and leaving it, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from participants.models import Agreement, AgreementAnswer, User
from sessions_app.models import Cycle, Enrolment
from tests.factories import make_cycle, make_enrolment, make_offer, make_program, make_question, make_user

Status = Enrolment.Status


@pytest.fixture
def cycle(db: None) -> Cycle:
    """Registration is open now, and the season is ahead."""
    now = timezone.now()
    return make_cycle(
        sessions=3,
        starts_on=timezone.localdate(now) + timedelta(days=7),
        registration_opens_at=now - timedelta(days=1),
        registration_closes_at=now + timedelta(days=5),
    )


def apply_url(cycle: Cycle) -> str:
    return reverse("sessions_app:cycle-apply", args=[cycle.pk])


def own_url(cycle: Cycle, name: str) -> str:
    return reverse(f"sessions_app:cycle-{name}", args=[cycle.pk])


def test_apply_asks_the_cycles_questions_and_what_is_not_agreed_yet(client, cycle):
    person = make_user(has_agreed=False)
    why = make_question(cycle, text="Why would you like to join?", is_required=True)
    make_question(cycle, "rx", kind="yes_no", text="Do you prescribe opioids?", is_required=True)
    client.force_login(person)

    page = client.get(apply_url(cycle)).content.decode()
    refused = client.post(apply_url(cycle), {f"q{why.pk}": "To learn."})

    assert "Why would you like to join?" in page
    assert "Do you prescribe opioids?" in page
    for agreement in Agreement.objects.all():
        assert agreement.title in page
    assert refused.status_code == 422
    words = refused.content.decode()
    assert "<title>Error: " in words
    assert "Choose yes or no." in words
    assert "Tick the box to take part." in words
    assert "To learn." in words
    assert not Enrolment.objects.exists()
    assert not AgreementAnswer.objects.filter(user=person).exists()


def test_apply_keeps_answers_and_agreements_in_one_step(client, cycle):
    person = make_user(has_agreed=False)
    why = make_question(cycle, is_required=True)
    client.force_login(person)
    answers = {f"q{why.pk}": "To learn."}
    for agreement in Agreement.objects.all():
        answers[f"agreement_{agreement.pk}"] = "on" if agreement.is_required else "no"

    response = client.post(apply_url(cycle), answers, follow=True)

    assert "Your application is in." in response.content.decode()
    enrolment = Enrolment.objects.get()
    assert enrolment.application_answers.get().text == "To learn."
    given = dict(AgreementAnswer.objects.filter(user=person).values_list("agreement__kind", "is_given"))
    assert given == {"participation": True, "research": False, "recording": False}


def test_apply_again_in_a_later_cycle_asks_only_what_may_have_changed(client, cycle, family_physician):
    program = cycle.program
    earlier = make_cycle(program)
    before = make_enrolment(earlier, family_physician)
    for key, text, once in (("why", "To learn.", True), ("rx", "yes", False)):
        kind = "yes_no" if key == "rx" else "text"
        question = make_question(earlier, key, kind=kind)
        make_question(cycle, key, kind=kind, is_asked_once=once, is_required=True)
        before.application_answers.create(question=question, text=text)
    client.force_login(family_physician)

    page = client.get(apply_url(cycle)).content.decode()

    assert "The why?" not in page
    assert 'value="yes"' in page.split("checked")[0].rsplit("<input", 1)[1]
    assert "Participation agreement" not in page
    rx = cycle.questions.get(key="rx")
    client.post(apply_url(cycle), {f"q{rx.pk}": "no"})
    answers = Enrolment.objects.get(cycle=cycle).application_answers
    assert dict(answers.values_list("question__key", "text")) == {"why": "To learn.", "rx": "no"}


def test_apply_says_at_once_who_has_a_place_and_who_waits(client, cycle, family_physician, specialist):
    Cycle.objects.filter(pk=cycle.pk).update(capacity=1, admission="automatic")
    client.force_login(family_physician)
    assert "You have a place." in client.post(apply_url(cycle), follow=True).content.decode()

    client.force_login(specialist)
    page = client.post(apply_url(cycle), follow=True).content.decode()

    assert "you are on the waiting list" in page
    assert "You are next on the waiting list." in page


def test_waiting_page_counts_who_is_ahead(client, cycle, family_physician):
    Cycle.objects.filter(pk=cycle.pk).update(capacity=1)
    make_enrolment(cycle)
    make_enrolment(cycle, status=Status.WAITLISTED)
    make_enrolment(cycle, family_physician, status=Status.WAITLISTED)
    client.force_login(family_physician)

    page = client.get(reverse("credits:cycle-detail", args=[cycle.pk])).content.decode()

    assert "On the waiting list you are number 2." in page
    assert "Person" not in page


@pytest.fixture
def offered(cycle: Cycle, family_physician: User) -> Enrolment:
    enrolment = make_enrolment(cycle, family_physician, status=Status.WAITLISTED)
    make_offer(enrolment, offered_at=timezone.now() - timedelta(hours=1))
    return enrolment


def test_place_is_shown_and_taken(client, offered, family_physician):
    client.force_login(family_physician)
    home = client.get(reverse("credits:cycle-detail", args=[offered.cycle_id])).content.decode()
    assert own_url(offered.cycle, "place") in home

    page = client.get(own_url(offered.cycle, "place"))
    answer = client.post(own_url(offered.cycle, "place"), {"answer": "accept"}, follow=True)

    assert "Take the place" in page.content.decode()
    assert "You have a place." in answer.content.decode()
    offered.refresh_from_db()
    assert offered.status == "approved"
    # The link of the mail, opened again: it leads to where one stands.
    assert client.get(own_url(offered.cycle, "place")).status_code == 302


def test_place_is_let_go(client, offered, family_physician):
    client.force_login(family_physician)

    answer = client.post(own_url(offered.cycle, "place"), {"answer": "decline"}, follow=True)

    assert "You have let the place go." in answer.content.decode()
    offered.refresh_from_db()
    assert offered.status == "withdrawn"


def test_place_that_is_gone_is_a_page_that_says_so(client, offered, family_physician):
    offered.offers.update(offered_at=timezone.now() - timedelta(days=9), expires_at=timezone.now())
    client.force_login(family_physician)

    answer = client.post(own_url(offered.cycle, "place"), {"answer": "accept"})

    assert answer.status_code == 409
    assert "No place is held for you any more." in answer.content.decode()


def test_withdraw_asks_first_and_then_leaves(client, cycle, family_physician):
    enrolment = make_enrolment(cycle, family_physician)
    client.force_login(family_physician)

    page = client.get(own_url(cycle, "withdraw"))
    assert "gives no certificate" in page.content.decode()
    assert Enrolment.objects.get().status == "approved"
    after = client.post(own_url(cycle, "withdraw"), follow=True).content.decode()

    enrolment.refresh_from_db()
    assert enrolment.status == "withdrawn"
    assert "You have left the cycle." in after
    assert "Apply again" in after
    assert client.get(own_url(cycle, "withdraw")).status_code == 302


@pytest.mark.parametrize("name", ["place", "withdraw"])
def test_pages_of_another_person_do_not_exist(client, offered, outsider, name):
    client.force_login(outsider)

    assert client.get(own_url(offered.cycle, name)).status_code == 404
    assert client.post(own_url(offered.cycle, name), {"answer": "accept"}).status_code == 404
    offered.refresh_from_db()
    assert offered.status == "waitlisted"


def test_apply_page_asks_no_more_queries_for_more_questions(
    client, cycle, family_physician, django_assert_num_queries
):
    client.force_login(family_physician)
    # The first request of a session also notes that it is used.
    client.get(apply_url(cycle))
    counts = []
    for wanted in (1, 6):
        for number in range(cycle.questions.count(), wanted):
            make_question(cycle, f"q{number}")
        with django_assert_num_queries(15, exact=False) as found:
            client.get(apply_url(cycle))
        counts.append(len(found))

    assert counts[0] == counts[1]


# --- the administration ---------------------------------------------------------------------------------------------


def cycle_form(cycle: Cycle, **changes: object) -> dict[str, object]:
    form: dict[str, object] = {
        "program": cycle.program_id,
        "name": cycle.name,
        "starts_on": cycle.starts_on,
        "ends_on": cycle.ends_on,
        "registration_opens_at_0": "2025-08-01",
        "registration_opens_at_1": "00:00",
        "registration_closes_at_0": "2035-08-01",
        "registration_closes_at_1": "00:00",
        "capacity": cycle.capacity or "",
        "admission": cycle.admission,
        "offer_hours": cycle.offer_hours,
        "grace_days": cycle.grace_days,
        "questions-TOTAL_FORMS": 0,
        "questions-INITIAL_FORMS": 0,
        "sessions-TOTAL_FORMS": 0,
        "sessions-INITIAL_FORMS": 0,
    }
    return form | changes


def test_admin_gives_a_new_cycle_its_questions(client, coordinator):
    client.force_login(coordinator)
    mould = make_cycle(make_program(), name="Spring 2026")
    form = cycle_form(mould, name="Fall 2026")

    response = client.post(reverse("admin:sessions_app_cycle_add"), form)

    assert response.status_code == 302, response.content.decode()
    made = Cycle.objects.get(name="Fall 2026")
    assert list(made.questions.values_list("key", flat=True)) == ["why", "learn", "prescribes"]


def test_admin_offers_more_places_and_refuses_fewer_than_are_taken(client, coordinator, cycle):
    Cycle.objects.filter(pk=cycle.pk).update(capacity=1)
    cycle.refresh_from_db()
    make_enrolment(cycle)
    waiting = make_enrolment(cycle, status=Status.WAITLISTED)
    client.force_login(coordinator)
    url = reverse("admin:sessions_app_cycle_change", args=[cycle.pk])
    sessions = {"sessions-TOTAL_FORMS": 0, "sessions-INITIAL_FORMS": 0}

    assert client.post(url, cycle_form(cycle, capacity=2, **sessions)).status_code == 302
    refused = client.post(url, cycle_form(cycle, capacity=1, **sessions))

    assert waiting.offers.get().outcome == "open"
    assert refused.status_code == 422
    assert "2 places are taken or offered already." in refused.content.decode()


def test_admin_takes_people_out_and_shows_what_they_answered(client, coordinator, cycle):
    enrolment = make_enrolment(cycle)
    enrolment.application_answers.create(question=make_question(cycle), text="To taper with more confidence.")
    client.force_login(coordinator)

    page = client.get(reverse("admin:sessions_app_enrolment_change", args=[enrolment.pk]))
    client.post(
        reverse("admin:sessions_app_enrolment_changelist"),
        {"confirmed": "yes", "action": "withdraw", "_selected_action": [enrolment.pk]},
    )

    assert "To taper with more confidence." in page.content.decode()
    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.decided_by) == ("withdrawn", coordinator)
