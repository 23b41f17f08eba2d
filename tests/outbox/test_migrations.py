"""The way back from mails that come back, with such mails present."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from outbox.models import OutgoingMail
from outbox.services import note_bounce
from tests.outbox.test_decisions import put


def states() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT mail.status, event.status FROM outbox_outgoingmail mail "
            "JOIN outbox_outgoingmailevent event ON event.pgh_obj_id = mail.id ORDER BY event.pgh_id"
        )
        return list(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_returned_mails_wait_for_a_person_on_the_way_back_and_forward_again(queue):
    mail = put(queue(), "sent")
    note_bounce(mail_id=mail.pk, diagnostic="550 no", by=None, now=timezone.now())
    OutgoingMail.objects.filter(pk=mail.pk).update(recipient="other@clinic.example")
    assert states() == [("bounced", "sent"), ("bounced", "bounced")]

    try:
        call_command("migrate", "outbox", "0002", verbosity=0)
        back = states()
    finally:
        call_command("migrate", "outbox", verbosity=0)

    assert back == states() == [("failed", "sent"), ("failed", "failed")]
    mail.refresh_from_db()
    assert (mail.status, mail.sent_at, mail.last_error) == ("failed", None, "returned: 550 no")
