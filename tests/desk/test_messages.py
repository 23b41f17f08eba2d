"""A message to a group: who gets it, that it is looked at first, and that each gets it once."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.errors import BadInputError, MoveRefusedError
from desk.audiences import fingerprint, recipients
from desk.message_progress import progress_of
from desk.models import GroupMessage
from desk.services import send_group_message
from outbox.models import OutgoingMail
from participants.models import Profile, User
from sessions_app.models import Cycle, Enrolment
from tests import factories as make
from tests.database import refused_by, write

pytestmark = pytest.mark.django_db

TEXT = {
    "audience": "participants",
    "subject": "News of {{ cycle }}",
    "text": "Hello {{ name }},\n\nsee {{ my_page }}.",
    "subject_fr": "",
    "text_fr": "",
}


@pytest.fixture
def cycle(db) -> Cycle:
    return make.make_cycle(make.make_program(name="Pain"), name="Fall 2026", starts_on=timezone.localdate())


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


def url(cycle: Cycle) -> str:
    return f"/admin/cycles/{cycle.pk}/message/"


def send(cycle: Cycle, by: User, **changes) -> GroupMessage:
    values = {**TEXT, "key": uuid4(), "by": by, "now": timezone.now(), **changes}
    people = recipients(cycle, values["audience"], now=timezone.now())
    values.setdefault("seen", fingerprint(people))
    return send_group_message(cycle_id=cycle.pk, **values)


def enrol_many(cycle: Cycle, number: int, *, first: int = 0) -> None:
    people = User.objects.bulk_create(
        User(email=f"m{at}@clinic.example", password="argon2$unknown") for at in range(first, first + number)
    )
    Profile.objects.bulk_create(
        Profile(user=person, legal_name=f"Person {at}", category="family_physician")
        for at, person in enumerate(people)
    )
    Enrolment.objects.bulk_create(
        Enrolment(cycle=cycle, participant=person, status="approved", enrolled_on=cycle.starts_on)
        for person in people
    )


def names(cycle: Cycle, audience: str) -> list[str]:
    return [person.full_name for person in recipients(cycle, audience, now=timezone.now())]


def test_every_audience_is_who_it_says() -> None:
    cycle = make.make_season(sessions=2)
    coming = make.make_session(cycle, starts_at=timezone.now() + timedelta(days=3), status="confirmed")

    def person(name: str, status: str = "approved", **values) -> Enrolment:
        return make.make_enrolment(cycle, make.make_user(name=name, **values), status=status)

    graduate = make.make_graduate(cycle, make.make_user(name="Gus Graduate"))
    person("Sam Specialist", category="specialist")
    presenter = person("Ola Other", category="other")
    make.make_slot(coming, presenter)
    make.make_slot(cycle.sessions.earliest("starts_at"), graduate)
    person("Ada Applied", "applied")
    person("Wim Waits", "waitlisted")
    person("Dan Declined", "declined")
    off = person("Off Switched")
    write(off.participant, is_active=False)
    make.make_waiver(
        presenter,
        condition="post_survey",
        status="granted",
        decided_by=make.make_user(),
        decided_at=timezone.now(),
    )
    make.make_hub_member(cycle.program, make.make_user(name="Hal Hub", is_staff=True))
    make.make_hub_member(make.make_program(), make.make_user(name="Eve Elsewhere", is_staff=True))
    make.make_enrolment(make.make_cycle(), make.make_user(name="Pat Otherwise"))

    everybody = ["Gus Graduate", "Ola Other", "Sam Specialist"]
    found = {audience: names(cycle, audience) for audience in GroupMessage.Audience.values}
    assert found == {
        "participants": everybody,
        "applicants": ["Ada Applied"],
        "waiting": ["Wim Waits"],
        "family_physicians": ["Gus Graduate"],
        "specialists": ["Sam Specialist"],
        "others": ["Ola Other"],
        "without_pre": ["Ola Other", "Sam Specialist"],
        "without_post": ["Sam Specialist"],
        "without_reflection": ["Ola Other", "Sam Specialist"],
        "not_eligible": ["Ola Other", "Sam Specialist"],
        "never_present": ["Ola Other", "Sam Specialist"],
        "presenters": ["Ola Other"],
        "hub_team": ["Hal Hub"],
    }


def test_message_is_looked_at_before_it_is_sent_once(desk, cycle, coordinator) -> None:
    make.make_enrolment(cycle, make.make_user("ann@clinic.example", name="Ann Able", preferred_name="Annie"))
    make.make_enrolment(cycle, make.make_user("noe@clinique.example", name="Noé L.", language="fr"))
    assert desk.get(url(cycle)).status_code == 200
    preview = desk.post(url(cycle), TEXT)
    words = preview.content.decode()
    assert "Send to 2 people" in words
    assert "Hello Annie," in words
    assert "ann@clinic.example" in words
    assert "1 of them reads the portal in French" in words
    assert not OutgoingMail.objects.exists()

    confirmed = {**TEXT, "send": "yes", "seen": preview.context["seen"], "key": str(preview.context["key"])}
    answer = desk.post(url(cycle), confirmed, follow=True)
    assert "2 emails wait" in answer.content.decode()
    again = desk.post(url(cycle), confirmed)
    message = GroupMessage.objects.get()
    assert again["Location"] == f"/admin/messages/{message.pk}/"
    assert (message.people, message.sent_by) == (2, coordinator)
    mails = OutgoingMail.objects.order_by("recipient")
    assert [mail.recipient for mail in mails] == ["ann@clinic.example", "noe@clinique.example"]
    assert mails[0].subject == "News of Fall 2026"
    assert "Hello Annie,\n\nsee http" in mails[0].body_text
    assert f"/my/cycles/{cycle.pk}/" in mails[0].body_html


def test_french_readers_get_the_french(cycle, coordinator) -> None:
    make.make_enrolment(cycle, make.make_user("noe@clinique.example", language="fr"))
    make.make_enrolment(cycle, make.make_user("ann@clinic.example"))
    send(cycle, coordinator, subject_fr="Nouvelles", text_fr="Bonjour {{ name }}")
    assert dict(OutgoingMail.objects.values_list("recipient", "subject")) == {
        "noe@clinique.example": "Nouvelles",
        "ann@clinic.example": "News of Fall 2026",
    }


def test_group_that_changed_since_is_refused(desk, cycle) -> None:
    make.make_enrolment(cycle)
    preview = desk.post(url(cycle), TEXT)
    make.make_enrolment(cycle)
    answer = desk.post(
        url(cycle),
        {**TEXT, "send": "yes", "seen": preview.context["seen"], "key": str(preview.context["key"])},
    )
    assert answer.status_code == 422
    assert "The group has changed since you looked: 2 people now." in answer.content.decode()
    assert not GroupMessage.objects.exists()


def test_empty_group_and_unknown_places_are_refused(desk, cycle, coordinator) -> None:
    assert "Nobody is in this group" in desk.post(url(cycle), TEXT).content.decode()
    with pytest.raises(MoveRefusedError):
        send(cycle, coordinator)
    make.make_enrolment(cycle)
    for attack in ("{{ x.__class__ }}", "{% debug %}", "{{ name|safe }}"):
        answer = desk.post(url(cycle), {**TEXT, "text": f"Hello {attack}"})
        assert answer.status_code == 422
        assert "Not known here" in answer.content.decode()
        with pytest.raises(BadInputError):
            send(cycle, coordinator, text=attack)
    half = desk.post(url(cycle), {**TEXT, "subject_fr": "Nouvelles"})
    assert "Give both the subject and the text in French." in half.content.decode()


def test_change_it_brings_the_text_back(desk, cycle) -> None:
    make.make_enrolment(cycle)
    answer = desk.post(url(cycle), {**TEXT, "edit": "yes"})
    assert answer.status_code == 200
    assert "Hello {{ name }}," in answer.content.decode()


def test_three_thousand_are_queued_in_as_many_questions_as_three(cycle, coordinator) -> None:
    enrol_many(cycle, 3)
    with CaptureQueriesContext(connection) as few:
        send(cycle, coordinator)
    other = make.make_cycle(cycle.program)
    enrol_many(other, 3000, first=3)
    with CaptureQueriesContext(connection) as many:
        message = send(other, coordinator)
    assert OutgoingMail.objects.filter(key__startswith=f"message:{message.pk}:").count() == 3000
    # Rows go in portions of five hundred.
    assert len(many) - len(few) <= 10
    with CaptureQueriesContext(connection) as asked:
        assert progress_of(message).waiting == 3000
    assert len(asked) == 1


def test_only_who_may_writes_to_a_group(client, cycle) -> None:
    make.make_enrolment(cycle)
    client.force_login(make.make_user(is_staff=True))
    assert client.get(url(cycle)).status_code == 403
    assert client.post(url(cycle), {**TEXT, "send": "yes"}).status_code == 403


def test_database_keeps_what_was_sent(cycle, coordinator) -> None:
    make.make_enrolment(cycle)
    message = send(cycle, coordinator)
    with refused_by("group_message_is_kept"):
        write(message, text="Another")
    values = {"cycle": cycle, "audience": "participants", "subject": "s", "text": "t", "sent_by": coordinator}
    with refused_by("desk_groupmessage_key_key"):
        GroupMessage.objects.create(**values, key=message.key, people=1)
    with refused_by("desk_groupmessage_has_people"):
        GroupMessage.objects.create(**values, key=uuid4(), people=0)
    with refused_by("desk_groupmessage_french_is_whole"):
        GroupMessage.objects.create(**values, key=uuid4(), people=1, text_fr="Bonjour")


def test_progress_tells_what_arrived_and_what_did_not(desk, cycle, coordinator) -> None:
    for number in range(4):
        make.make_enrolment(cycle, make.make_user(f"p{number}@clinic.example"))
    message = send(cycle, coordinator)
    mails = list(OutgoingMail.objects.order_by("recipient"))
    now = timezone.now()
    OutgoingMail.objects.filter(pk__in=[mail.pk for mail in mails[:3]]).update(
        status="sending", lease_token=uuid4(), leased_until=now
    )
    free = {"lease_token": None, "leased_until": None}
    write(mails[0], status="sent", sent_at=now, **free)
    write(mails[1], status="failed", last_error="550 no such user", **free)
    write(mails[2], status="retry", **free)
    page = desk.get(f"/admin/messages/{message.pk}/")
    progress = page.context["progress"]
    assert (progress.sent, progress.waiting, progress.undelivered) == (1, 2, 1)
    assert "550 no such user" in page.content.decode()
    part = desk.get(f"/admin/messages/{message.pk}/progress/")
    assert part.status_code == 200
    assert desk.get(f"/admin/desk/groupmessage/{message.pk}/change/")["Location"] == (
        f"/admin/messages/{message.pk}/"
    )
    OutgoingMail.objects.filter(status__in=["queued", "retry"]).delete()
    assert desk.get(f"/admin/messages/{message.pk}/progress/").status_code == 286


@pytest.mark.django_db(transaction=True)
def test_confirming_at_once_queues_each_person_once(cycle, coordinator) -> None:
    for _ in range(3):
        make.make_enrolment(cycle)
    key, seen = uuid4(), fingerprint(recipients(cycle, "participants", now=timezone.now()))
    found: list[int] = []

    def confirm() -> None:
        found.append(send(cycle, coordinator, key=key, seen=seen).pk)
        connection.close()

    threads = [threading.Thread(target=confirm) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 5
    assert len(set(found)) == 1
    assert OutgoingMail.objects.count() == 3
