"""The hub's rooms in the administration: its team, its suggestions, and its letters without their words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import HubMember, RecommendationLetter, SuggestedRecommendation
from tests import factories as make
from tests.cases.test_recommendation_views import words
from tests.history import audit_row

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


def test_member_is_an_account_of_the_administration(desk, coordinator):
    program, staff, participant = make.make_program(), make.make_user(is_staff=True), make.make_user()
    gone = make.make_user(is_staff=True, has_agreed=False)
    gone.is_active = False
    gone.save()
    add = reverse("admin:cases_hubmember_add")
    page = desk.get(add).content.decode()
    assert staff.email in page
    assert participant.email not in page
    assert gone.email not in page
    sent = {"program": program.pk, "role": "partner", "title": "Pharmacist", "is_active": "on"}

    assert desk.post(add, sent | {"user": participant.pk}).status_code == 422
    assert not HubMember.objects.exists()
    assert desk.post(add, sent | {"user": staff.pk}).status_code == 302
    member = HubMember.objects.get()
    assert (member.user, member.may_sign) == (staff, False)
    assert audit_row(member, "insert") == ("admin.hubmember", coordinator.pk, "")
    again = desk.post(add, sent | {"user": staff.pk})
    assert again.status_code == 422
    assert "hub team already" in words(again)


def test_member_who_leaves_is_no_longer_active_and_not_deleted(desk):
    member = make.make_hub_member(make.make_program())
    page = reverse("admin:cases_hubmember_change", args=[member.pk])

    desk.post(
        page, {"role": "specialist", "title": "Pain physician", "user": make.make_user(is_staff=True).pk}
    )

    changed = HubMember.objects.get()
    assert (changed.is_active, changed.user) == (False, member.user)
    assert desk.post(reverse("admin:cases_hubmember_delete", args=[member.pk])).status_code == 403


def test_suggestion_names_nobody(desk, coordinator):
    add = reverse("admin:cases_suggestedrecommendation_add")
    sent = {"program": make.make_program().pk, "heading": "referral", "is_active": "on"}

    refused = desk.post(add, sent | {"text": "HCN 1234567897.", "text_fr": "NAS 046 454 286."})
    assert refused.status_code == 422
    assert "Health number" in words(refused)
    assert "Social insurance number" in words(refused)
    assert not SuggestedRecommendation.objects.exists()
    kept = desk.post(add, sent | {"text": "A walking group near home."}, follow=True)

    suggestion = SuggestedRecommendation.objects.get()
    assert suggestion.text == "A walking group near home."
    assert audit_row(suggestion, "insert") == ("admin.suggestedrecommendation", coordinator.pk, "")
    assert "may identify somebody" not in words(kept)


def test_suggestion_that_may_identify_is_kept_with_a_warning(desk):
    add = reverse("admin:cases_suggestedrecommendation_add")
    sent = {"program": make.make_program().pk, "heading": "referral", "text": "The Maple Leaf Pain Clinic."}

    assert "may identify somebody" in words(desk.post(add, sent, follow=True))
    assert SuggestedRecommendation.objects.count() == 1


def test_letters_are_listed_and_released_without_their_words(desk):
    case = make.make_case(status="recommendations_sent")
    letter = make.make_letter(
        case, opening="Marigold.", signed_at=NOW, visible_to_cycle_at=NOW + timedelta(days=7)
    )
    pages = [
        reverse("admin:cases_recommendationletter_changelist"),
        reverse("admin:cases_recommendationletter_change", args=[letter.pk]),
    ]
    for page in pages:
        said = words(desk.get(page))
        assert case.echo_id in said
        assert "Marigold" not in said
        assert "Taper" not in said

    answer = desk.post(
        pages[0], {"confirmed": "yes", "action": "release", "_selected_action": [letter.pk]}, follow=True
    )

    assert "The cycle can read 1 letter." in words(answer)
    assert RecommendationLetter.objects.get().visible_to_cycle_at <= timezone.now()


def test_letter_that_was_replaced_is_not_released(desk):
    case = make.make_case(status="recommendations_sent")
    first = make.make_letter(case, signed_at=NOW, visible_to_cycle_at=NOW + timedelta(days=7))
    make.make_letter(case, signed_at=NOW, visible_to_cycle_at=NOW + timedelta(days=7))

    answer = desk.post(
        reverse("admin:cases_recommendationletter_changelist"),
        {"confirmed": "yes", "action": "release", "_selected_action": [first.pk]},
        follow=True,
    )

    assert "corrected letter" in words(answer)


@pytest.mark.parametrize("model", ["hubmember", "suggestedrecommendation", "recommendationletter"])
def test_rooms_are_closed_to_the_hub_itself(client, model):
    client.force_login(make.make_hub_member(make.make_program()).user)

    assert client.get(reverse(f"admin:cases_{model}_changelist")).status_code == 403
