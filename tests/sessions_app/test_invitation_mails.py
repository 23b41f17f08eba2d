"""What the invited are written, by whom and how often, and what became of each."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings

from core.errors import BadInputError
from outbox.models import OutgoingMail
from outbox.services import queue_mail
from participants.models import User
from sessions_app import tasks
from sessions_app.invitation_queries import Fate, with_fate
from sessions_app.models import Cycle, Enrolment, Invitation
from sessions_app.queries import invitation_for
from sessions_app.services import (
    apply_to_cycle,
    extend_invitations,
    invite_pasted,
    open_invitation,
    remind,
    remind_due,
    revoke_invitations,
    send_invitations,
)
from sessions_app.services.invitations import find_invitation, invitation_token, invitation_url, sending
from tests.clock import toronto
from tests.database import write
from tests.factories import make_cycle, make_enrolment, make_user
from tests.history import audit_row, events
from tests.races import at_once

NOW = toronto(2025, 9, 12, 10)
Status = Enrolment.Status


def days(number: float) -> timedelta:
    return timedelta(days=number)


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle(sessions=20, name="Fall 2025")


@pytest.fixture
def paste(cycle, coordinator):
    def do(*people: str, **values: Any) -> list[Invitation]:
        values = {"cycle_id": cycle.pk, "by": coordinator, "now": NOW} | values
        invite_pasted(text="\n".join(people), **values)
        return list(Invitation.objects.order_by("pk"))

    return do


@pytest.fixture
def ann(paste) -> Invitation:
    """Invited and mailed at NOW, for 30 days."""
    invitation: Invitation
    (invitation,) = paste("Ann Lee <ann@clinic.example>")
    send_invitations(now=NOW)
    invitation.refresh_from_db()
    return invitation


def mails() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(kind="invitation").order_by("pk"))


def fate(invitation: Invitation, *, now: datetime = NOW) -> str:
    found: str = with_fate(Invitation.objects.all(), now=now).get(pk=invitation.pk).fate
    return found


# --- mails ----------------------------------------------------------------------------------------------------------


def test_send_queues_each_mail_once_in_the_language_of_the_row(paste, coordinator):
    paste("Ann Lee <ann@clinic.example>")
    paste("noe@clinique.example", language="fr")

    assert (send_invitations(now=NOW), send_invitations(now=NOW)) == (2, 0)

    english, french = mails()
    assert (english.recipient, english.language) == ("ann@clinic.example", "en")
    assert (french.recipient, french.language) == ("noe@clinique.example", "fr")
    ann = Invitation.objects.get(email="ann@clinic.example")
    assert ann.mailed_at == NOW
    assert audit_row(ann, "update") == ("invitation.mail", None, "")
    assert "Hello Ann Lee," in english.body_text
    assert f"Cora Coordinator invites you to join Fall 2025 of {ann.cycle.program}." in english.body_text
    assert invitation_url(ann) in english.body_text.splitlines()
    assert f'href="{invitation_url(ann)}"' in english.body_html
    assert "Sunday, October 12, 2025, 10:00" in english.body_text
    assert "because a coordinator invited this address" in " ".join(english.body_html.split())
    assert not english.is_secret


def test_mail_of_an_account_uses_its_name_and_says_so(paste):
    make_user("fatima@clinic.example", name="Fatima Al-Sayed, MD", preferred_name="Fatima")
    paste("Dr F <fatima@clinic.example>", is_preapproved=True)
    send_invitations(now=NOW)

    (mail,) = mails()
    assert "Hello Fatima," in mail.body_text
    assert "You have an account already: log in, and apply." in mail.body_text
    assert "You are approved in advance" in mail.body_text


def test_staff_without_a_profile_show_no_address(paste, cycle):
    nobody = User.objects.create_user("office@echo.example", is_staff=True)
    paste("ann@clinic.example", by=nobody)
    send_invitations(now=NOW)

    (mail,) = mails()
    assert "office@echo.example" not in mail.body_text.replace(cycle.program.contact_email, "")
    assert "You are invited to join" in mail.body_text
    assert mail.body_text.startswith("Hello,\n")


def test_send_takes_a_batch_at_a_time(paste):
    paste(*[f"p{number}@clinic.example" for number in range(7)])

    assert [send_invitations(now=NOW, limit=3) for _round in range(4)] == [3, 3, 1, 0]
    assert len(mails()) == 7


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_queue_each_mail_once(paste):
    paste(*[f"p{number}@clinic.example" for number in range(40)])

    results = at_once([partial(send_invitations, now=NOW, limit=10)] * 8)

    assert sum(results) == 40
    assert len(mails()) == 40


def test_send_passes_over_whom_it_concerns_no_more(paste, cycle, coordinator):
    _applied, revoked, expired, left = paste(
        *[f"{who}@clinic.example" for who in ("applied", "revoked", "expired", "left")]
    )
    make_enrolment(cycle, make_user("applied@clinic.example"), status=Status.APPLIED)
    revoke_invitations(invitation_ids=[revoked.pk], by=coordinator, now=NOW)
    write(expired, invited_at=NOW - days(9), expires_at=NOW)

    assert send_invitations(now=NOW) == 1
    assert [mail.recipient for mail in mails()] == [left.email]
    write(cycle, status=Cycle.Status.PLANNED)
    write(left, mailed_at=None)
    assert send_invitations(now=NOW) == 0


def test_one_that_cannot_be_mailed_holds_up_no_other(paste, monkeypatch, caplog):
    paste("bad@clinic.example", "good@clinic.example")
    queue = queue_mail

    def refuse_one(**values: Any) -> Any:
        if values["to"].startswith("bad"):
            raise BadInputError("no")
        return queue(**values)

    monkeypatch.setattr(sending, "queue_mail", refuse_one)

    assert send_invitations(now=NOW) == 1
    assert [mail.recipient for mail in mails()] == ["good@clinic.example"]
    assert "cannot be mailed" in caplog.text
    assert "clinic.example" not in caplog.text


def test_tasks_are_on_the_schedule():
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {tasks.send_invitations.name, tasks.remind_invited.name} <= scheduled


def test_task_asks_for_another_round_while_rounds_are_full(paste, monkeypatch):
    asked: list[Any] = []
    monkeypatch.setattr(tasks, "nudge", asked.append)
    monkeypatch.setattr(tasks, "BATCH", 2)
    paste(*[f"p{number}@clinic.example" for number in range(3)])
    Invitation.objects.update(expires_at=toronto(2999, 1, 1))

    tasks.send_invitations()
    tasks.send_invitations()
    tasks.remind_invited()

    assert asked == [tasks.send_invitations]
    assert len(mails()) == 3


# --- reminders ------------------------------------------------------------------------------------------------------


def test_remind_writes_once_a_day_at_most(ann, coordinator):
    again = partial(remind, invitation_ids=[ann.pk], by=coordinator)

    assert again(now=NOW + days(0.9)) == 0
    assert again(now=NOW + days(1)) == 1
    assert again(now=NOW + days(1)) == 0
    assert send_invitations(now=NOW + days(1)) == 1
    assert again(now=NOW + days(1.5)) == 0
    assert again(now=NOW + days(2)) == 1
    send_invitations(now=NOW + days(2))

    ann.refresh_from_db()
    assert (ann.reminders, ann.reminded_at, ann.mailed_at) == (2, NOW + days(2), NOW + days(2))
    assert audit_row(ann, "update")[0] == "invitation.mail"
    first, *reminders = mails()
    assert len({first.key, *(mail.key for mail in reminders)}) == 3
    assert all("still stands" in mail.subject for mail in reminders)
    assert all(invitation_url(ann) in mail.body_text for mail in reminders)


@pytest.mark.django_db(transaction=True)
def test_two_who_remind_at_once_remind_once(ann, coordinator):
    results = at_once([partial(remind, invitation_ids=[ann.pk], by=coordinator, now=NOW + days(2))] * 6)

    assert sorted(results) == [0, 0, 0, 0, 0, 1]


def test_nobody_is_reminded_who_applied_or_whose_link_is_over(paste, cycle, coordinator):
    _applied, revoked, expired, unsent = paste(
        *[f"{who}@clinic.example" for who in ("applied", "revoked", "expired", "unsent")]
    )
    send_invitations(now=NOW)
    make_enrolment(cycle, make_user("applied@clinic.example"), status=Status.WITHDRAWN)
    revoke_invitations(invitation_ids=[revoked.pk], by=coordinator, now=NOW)
    write(expired, expires_at=NOW + days(1))
    write(unsent, mailed_at=None)

    everybody = Invitation.objects.values_list("pk", flat=True)
    assert remind(invitation_ids=everybody, by=coordinator, now=NOW + days(3)) == 0


@pytest.mark.parametrize(
    ("days_valid", "expected"),
    [(30, [7, 27]), (60, [7, 57]), (10, [7]), (7, [4]), (5, [2]), (2, []), (1, [])],
)
def test_portal_reminds_after_a_week_and_before_the_end(paste, days_valid, expected):
    paste("ann@clinic.example", days_valid=days_valid)
    reminded = []
    send_invitations(now=NOW)
    for noon in range(2 * (days_valid + 2)):
        now = NOW + days(noon / 2)
        if remind_due(now=now):
            reminded.append(noon / 2)
            send_invitations(now=now)

    assert reminded == expected
    assert len(mails()) == 1 + len(expected)


def test_portal_does_not_remind_by_itself_who_was_reminded_by_hand(ann, coordinator):
    remind(invitation_ids=[ann.pk], by=coordinator, now=NOW + days(5))
    send_invitations(now=NOW + days(5))

    assert remind_due(now=NOW + days(8)) == 0


# --- taking back and prolonging -------------------------------------------------------------------------------------


def test_revoke_ends_the_link_and_leaves_applications(paste, cycle, coordinator):
    ann, bo = paste("ann@clinic.example", "bo@clinic.example")
    make_enrolment(cycle, make_user(bo.email), status=Status.APPLIED)
    revoke = partial(revoke_invitations, invitation_ids=[ann.pk, bo.pk], by=coordinator, now=NOW)

    assert (revoke(), revoke()) == (1, 0)

    ann.refresh_from_db()
    bo.refresh_from_db()
    assert (ann.revoked_at, bo.revoked_at) == (NOW, None)
    assert audit_row(ann, "update") == ("invitation.revoke", coordinator.pk, "")
    assert len(events(ann, "update")) == 1


def test_extend_prolongs_and_writes_to_those_whose_link_was_over(paste, coordinator):
    running, over, longer, revoked = paste(
        *[f"{who}@clinic.example" for who in ("running", "over", "longer", "revoked")]
    )
    send_invitations(now=NOW)
    now = NOW + days(10)
    write(over, expires_at=now - days(1))
    write(longer, expires_at=now + days(90))
    revoke_invitations(invitation_ids=[revoked.pk], by=coordinator, now=NOW)
    everybody = [running.pk, over.pk, longer.pk, revoked.pk]

    assert extend_invitations(invitation_ids=everybody, by=coordinator, now=now) == 2
    assert extend_invitations(invitation_ids=everybody, by=coordinator, now=now) == 0
    assert send_invitations(now=now) == 1

    for invitation in (running, over, longer, revoked):
        invitation.refresh_from_db()
    assert running.expires_at == over.expires_at == now + days(30)
    assert longer.expires_at == now + days(90)
    assert (over.reminders, running.reminders) == (1, 0)
    assert mails()[-1].recipient == over.email
    assert "still stands" in mails()[-1].subject


# --- what became of each --------------------------------------------------------------------------------------------


def test_fate_follows_the_invitation(ann, paste, cycle, coordinator):
    waiting = paste("bo@clinic.example")[-1]
    assert fate(waiting) == Fate.WAITING
    assert fate(ann) == Fate.MAILED
    open_invitation(invitation_id=ann.pk, now=NOW)
    assert fate(ann) == Fate.OPENED
    user = make_user("ann@clinic.example")
    assert fate(ann) == Fate.SIGNED_UP
    assert fate(ann, now=NOW + days(31)) == Fate.EXPIRED
    enrolment = make_enrolment(cycle, user, status=Status.APPLIED)
    assert fate(ann) == fate(ann, now=NOW + days(31)) == Fate.APPLIED
    write(enrolment, status=Status.APPROVED, enrolled_on=cycle.starts_on)
    assert fate(ann) == Fate.APPROVED
    write(enrolment, status=Status.WITHDRAWN)
    assert fate(ann) == Fate.WITHDRAWN
    revoke_invitations(invitation_ids=[waiting.pk], by=coordinator, now=NOW)
    assert fate(waiting) == Fate.REVOKED


@pytest.mark.parametrize("status", [Status.WAITLISTED, Status.DECLINED])
def test_fate_of_the_decided(ann, cycle, status):
    values = {"waitlisted_at": NOW} if status == Status.WAITLISTED else {}
    make_enrolment(cycle, make_user(ann.email), status=status, **values)

    assert fate(ann) == status.value


def test_fate_of_an_account_that_was_there_before(paste, cycle):
    make_user("ann@clinic.example")
    (invitation,) = paste("ann@clinic.example")
    send_invitations(now=NOW)

    assert fate(invitation) == Fate.MAILED
    make_enrolment(make_cycle(cycle.program), invitation.account)
    assert fate(invitation) == Fate.MAILED


def test_opening_counts_the_first_time(ann):
    open_invitation(invitation_id=ann.pk, now=NOW)
    open_invitation(invitation_id=ann.pk, now=NOW + days(1))

    ann.refresh_from_db()
    assert ann.opened_at == NOW
    assert audit_row(ann, "update")[0] == "invitation.open"


# --- the link, and what it is good for ------------------------------------------------------------------------------


def test_link_opens_its_own_invitation_only(ann):
    token = invitation_token(ann)
    number, _dot, signature = token.partition(".")

    assert find_invitation(token) == ann
    for forged in (
        "",
        ".",
        number,
        f"{ann.pk + 1}.{signature}",
        f"{number}.{signature[:-1]}x",
        f" {token}",
        f"{token}x",
        f"0{token}",
        token.upper(),
        "x" * 5000,
    ):
        assert find_invitation(forged) is None, forged


def test_link_survives_a_new_key_of_the_portal(ann, settings):
    token = invitation_token(ann)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"

    assert find_invitation(token) == ann
    settings.SECRET_KEY_FALLBACKS = []
    assert find_invitation(token) is None


def test_invitation_opens_registration_for_its_holder(cycle, paste):
    write(cycle, registration_closes_at=NOW - days(1))
    invited, other = make_user("ann@clinic.example"), make_user("bo@clinic.example")
    paste("ann@clinic.example", is_preapproved=True)

    enrolment = apply_to_cycle(cycle_id=cycle.pk, by=invited, now=NOW)

    assert enrolment.status == Status.APPROVED
    with pytest.raises(BadInputError, match="not open"):
        apply_to_cycle(cycle_id=cycle.pk, by=other, now=NOW)
    assert invitation_for(cycle_id=cycle.pk, user=other, now=NOW) is None
    assert invitation_for(cycle_id=cycle.pk, user=invited, now=NOW + days(31)) is None
