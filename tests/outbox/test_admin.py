from http import HTTPStatus

import pghistory.models
import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from outbox.models import OutgoingMail
from tests.factories import give_second_factor

pytestmark = pytest.mark.django_db

LIST = "admin:outbox_outgoingmail_changelist"


def staff(django_user_model, email, *permissions):
    user = django_user_model.objects.create_user(email=email, is_staff=True)
    give_second_factor(user)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="outbox", codename__in=permissions)
    )
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def coordinator(django_user_model):
    return staff(
        django_user_model,
        "coordinator@hub.example",
        "view_outgoingmail",
        "view_mailattempt",
        "view_mailattachment",
        "resend_mail",
    )


@pytest.fixture
def reader(django_user_model):
    return staff(django_user_model, "reader@hub.example", "view_outgoingmail")


def run(client, action, mails):
    return client.post(
        reverse(LIST),
        {"confirmed": "yes", "action": action, "_selected_action": [mail.pk for mail in mails]},
        follow=True,
    )


@pytest.fixture
def failed(relay, queue, deliver):
    relay.plan("rcpt", ["550 nobody of that name"])
    mail = queue()
    deliver()
    mail.refresh_from_db()
    return mail


def test_list_and_mail_tell_what_happened(coordinator, failed):
    listing = coordinator.get(reverse(LIST)).content.decode()
    page = coordinator.get(reverse("admin:outbox_outgoingmail_change", args=[failed.pk])).content.decode()

    for text in (failed.recipient, "Failed", "recipient: 550 nobody of that name"):
        assert text in listing
        assert text in page
    assert "See you on Thursday." in page


@pytest.mark.parametrize("is_settled", [True, False])
def test_secret_is_never_shown(relay, coordinator, queue, deliver, is_settled):
    mail = queue(body_text="Your code is 12345678.", body_html="<p>12345678</p>", is_secret=True)
    if is_settled:
        deliver()

    for url in (reverse(LIST), reverse("admin:outbox_outgoingmail_change", args=[mail.pk])):
        assert "12345678" not in coordinator.get(url).content.decode()


def test_list_takes_as_many_queries_for_three_mails_as_for_one(coordinator, queue, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    queue()
    # The first page of a session notes the session as well.
    coordinator.get(reverse(LIST))
    with CaptureQueriesContext(connection) as one:
        coordinator.get(reverse(LIST))
    queue()
    queue()

    with django_assert_num_queries(len(one)):
        coordinator.get(reverse(LIST))
    assert len(one) <= 15
    assert not any("body_text" in query["sql"] for query in one.captured_queries)


def test_send_again_queues_what_failed_and_leaves_the_rest(coordinator, failed, queue):
    waiting = queue()

    page = run(coordinator, "send_again", [failed, waiting]).content.decode()

    failed.refresh_from_db()
    waiting.refresh_from_db()
    assert (failed.status, waiting.status) == ("queued", "queued")
    assert "1 email will be sent again." in page
    assert "1 email was left as it is" in page


def test_mark_as_arrived_closes_what_may_have_arrived(relay, coordinator, queue, deliver):
    from datetime import timedelta

    relay.plan("end", ["drop", "drop"])
    mail = queue()
    deliver()
    deliver(later=timedelta(minutes=6))

    page = run(coordinator, "mark_as_arrived", [mail]).content.decode()

    mail.refresh_from_db()
    assert (mail.status, mail.sent_at is not None) == ("sent", True)
    assert "1 email is marked as arrived." in page


def test_mark_as_returned_notes_what_came_back_to_a_mailbox(relay, coordinator, queue, deliver):
    mail, other = queue(), queue()
    deliver()
    run(coordinator, "mark_as_returned", [mail])

    page = run(coordinator, "mark_as_returned", [mail, other]).content.decode()

    assert set(OutgoingMail.objects.values_list("status", flat=True)) == {"bounced"}
    assert "1 email is marked as returned." in page
    assert "1 email was left as it is" in page
    event = pghistory.models.Events.objects.tracks(mail).get()
    assert event.pgh_context["user"] == int(coordinator.session["_auth_user_id"])


def test_who_may_only_look_marks_nothing_as_returned(relay, reader, queue, deliver):
    mail = queue()
    deliver()

    run(reader, "mark_as_returned", [mail])

    mail.refresh_from_db()
    assert mail.status == "sent"


@pytest.mark.parametrize("action", ["send_again", "mark_as_arrived", "mark_as_returned"])
def test_who_may_only_look_decides_nothing(reader, failed, action):
    assert f'value="{action}"' not in reader.get(reverse(LIST)).content.decode()

    run(reader, action, [failed])

    failed.refresh_from_db()
    assert failed.status == "failed"


@pytest.mark.parametrize("page", ["add", "delete"])
def test_nobody_adds_or_deletes_a_mail(admin_client, failed, page):
    arguments = [] if page == "add" else [failed.pk]
    url = reverse(f"admin:outbox_outgoingmail_{page}", args=arguments)

    assert admin_client.post(url, {"post": "yes"}).status_code == HTTPStatus.FORBIDDEN
    assert OutgoingMail.objects.filter(pk=failed.pk).exists()


def test_nobody_rewrites_a_mail(admin_client, failed):
    url = reverse("admin:outbox_outgoingmail_change", args=[failed.pk])

    assert admin_client.post(url, {"subject": "Other", "status": "sent"}).status_code == HTTPStatus.FORBIDDEN
    failed.refresh_from_db()
    assert (failed.subject, failed.status) == ("Your session", "failed")


def test_link_that_lets_in_whoever_has_it_is_not_shown(coordinator, queue):
    mail = queue()
    OutgoingMail.objects.filter(pk=mail.pk).update(
        body_text="Join:\nhttps://portal.example/invitations/a.b-c_d:e/\nThe page: https://portal.example/my/"
    )

    page = coordinator.get(f"/admin/outbox/outgoingmail/{mail.pk}/change/").content.decode()

    assert "https://portal.example/invitations/…/" in page
    assert "https://portal.example/my/" in page
    assert "a.b-c_d:e" not in page
