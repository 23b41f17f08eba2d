"""Somebody who left a cycle is invited back: written to like anybody else, and let in again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from outbox.models import OutgoingMail
from participants.models import User
from sessions_app.invitation_queries import Fate, with_fate
from sessions_app.models import Cycle, Enrolment, Invitation
from sessions_app.services import (
    apply_to_cycle,
    extend_invitations,
    invite_pasted,
    open_invitation,
    remind,
    remind_due,
    revoke_invitations,
    send_invitations,
    withdraw,
)
from sessions_app.services.invitations import invitation_token
from tests.factories import make_cycle, make_enrolment, make_user

EMAIL = "ann@clinic.example"
DAY = timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now() - 20 * DAY


@pytest.fixture
def cycle(db: None, now: datetime) -> Cycle:
    """A cycle in its second week whose registration is over."""
    today = timezone.localdate(now)
    return make_cycle(
        starts_on=today - 9 * DAY, ends_on=today + 60 * DAY, registration_closes_at=now - 2 * DAY
    )


@pytest.fixture
def left(cycle: Cycle, now: datetime) -> Enrolment:
    """Somebody who was in the cycle, and left it an hour ago."""
    enrolment = make_enrolment(cycle, make_user(EMAIL))
    return withdraw(enrolment_id=enrolment.pk, by=enrolment.participant, now=now - timedelta(hours=1))


@pytest.fixture
def back(left: Enrolment, coordinator: User, now: datetime) -> Invitation:
    assert invite_pasted(cycle_id=left.cycle_id, text=EMAIL, by=coordinator, now=now) == 1
    return Invitation.objects.get()


def mails() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(kind="invitation"))


def fate(invitation: Invitation, *, now: datetime) -> str:
    found: str = with_fate(Invitation.objects.all(), now=now).get(pk=invitation.pk).fate
    return found


def test_who_is_invited_back_gets_the_mail_and_the_reminders(
    back: Invitation, coordinator: User, now: datetime
) -> None:
    assert (send_invitations(now=now), send_invitations(now=now)) == (1, 0)
    assert remind(invitation_ids=[back.pk], by=coordinator, now=now + DAY) == 1
    assert send_invitations(now=now + DAY) == 1
    assert remind_due(now=now + 27 * DAY) == 1

    assert [mail.recipient for mail in mails()] == [EMAIL, EMAIL]


def test_invitation_back_can_be_prolonged_and_taken_back(
    back: Invitation, coordinator: User, now: datetime
) -> None:
    assert extend_invitations(invitation_ids=[back.pk], by=coordinator, now=now + DAY) == 1
    assert revoke_invitations(invitation_ids=[back.pk], by=coordinator, now=now + DAY) == 1

    assert fate(back, now=now + DAY) == Fate.REVOKED
    assert send_invitations(now=now + DAY) == 0


def test_list_says_what_became_of_an_invitation_back(
    back: Invitation, left: Enrolment, now: datetime
) -> None:
    assert fate(back, now=now) == Fate.WAITING
    send_invitations(now=now)
    assert fate(back, now=now) == Fate.MAILED
    open_invitation(invitation_id=back.pk, now=now)
    assert fate(back, now=now) == Fate.OPENED
    assert fate(back, now=now + 31 * DAY) == Fate.EXPIRED
    apply_to_cycle(cycle_id=left.cycle_id, by=left.participant, now=now + DAY)
    assert fate(back, now=now + DAY) == Fate.APPLIED
    withdraw(enrolment_id=left.pk, by=left.participant, now=now + 2 * DAY)
    assert fate(back, now=now + 2 * DAY) == Fate.WITHDRAWN


def test_link_of_an_invitation_back_leads_to_the_application(
    client: Client, back: Invitation, left: Enrolment
) -> None:
    client.force_login(left.participant)
    url = reverse("sessions_app:invitation", args=[invitation_token(back)])

    page = client.post(url, follow=True)

    assert page.context["is_open"]
    assert "You have applied to this cycle already." not in page.content.decode()
    client.post(page.redirect_chain[-1][0], {})
    left.refresh_from_db()
    assert left.status == "applied"


def test_who_leaves_after_the_invitation_is_left_alone(
    cycle: Cycle, coordinator: User, now: datetime
) -> None:
    enrolment = make_enrolment(cycle, make_user("bo@clinic.example"), status=Enrolment.Status.WITHDRAWN)
    invite_pasted(cycle_id=cycle.pk, text="bo@clinic.example", by=coordinator, now=now)
    send_invitations(now=now)
    apply_to_cycle(cycle_id=cycle.pk, by=enrolment.participant, now=now)
    withdraw(enrolment_id=enrolment.pk, by=enrolment.participant, now=now + DAY)
    (invitation,) = Invitation.objects.all()

    later = now + 8 * DAY
    assert remind_due(now=later) == remind(invitation_ids=[invitation.pk], by=coordinator, now=later) == 0
    assert fate(invitation, now=later) == Fate.WITHDRAWN
    # The link would let them in again: it can be taken back.
    assert revoke_invitations(invitation_ids=[invitation.pk], by=coordinator, now=later) == 1


def test_who_leaves_while_the_invitation_holds_can_be_invited_back(
    cycle: Cycle, coordinator: User, now: datetime
) -> None:
    person = make_user("bo@clinic.example")
    invite_pasted(cycle_id=cycle.pk, text=person.email, by=coordinator, now=now)
    send_invitations(now=now)
    enrolment = apply_to_cycle(cycle_id=cycle.pk, by=person, now=now)
    withdraw(enrolment_id=enrolment.pk, by=person, now=now + DAY)

    assert invite_pasted(cycle_id=cycle.pk, text=person.email, by=coordinator, now=now + 2 * DAY) == 1
    assert send_invitations(now=now + 2 * DAY) == 1

    assert [mail.recipient for mail in mails()] == [person.email, person.email]


def test_my_cycle_offers_who_is_invited_back_to_apply_again(back: Invitation, left: Enrolment) -> None:
    client = Client()
    client.force_login(left.participant)
    page = reverse("credits:cycle-detail", args=[left.cycle_id])
    assert reverse("sessions_app:cycle-apply", args=[left.cycle_id]) in client.get(page).content.decode()

    Invitation.objects.update(revoked_at=timezone.now())
    assert reverse("sessions_app:cycle-apply", args=[left.cycle_id]) not in client.get(page).content.decode()
