"""Reminding those who present soon and have handed in no case."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from cases.models import CaseSubmission
from cases.queries import slots_without_case, unfinished_cases
from outbox.models import OutgoingMail
from outbox.services import queue_mail
from sessions_app.models import PresenterSlot
from sessions_app.models.cycle import PRESENTER_DAYS
from sessions_app.rules import due_days


def remind_presenters(*, now: datetime) -> int:
    """Remind who presents soon and has handed in no case; returns how many mails were queued.

    Each of the cycle's `presenter_days` reminds once a presenter and start, however often this runs, and only the one
    nearest to the start of those that are due: who comes late to the queue is not written to twice.
    """
    soon = slots_without_case().filter(
        # A day more: the clocks may change on the way.
        session__starts_at__gt=now,
        session__starts_at__lte=now + timedelta(days=max(PRESENTER_DAYS) + 1),
    )
    due = {}
    for slot in soon.select_related("session__cycle__program", "enrolment__participant__profile"):
        assert slot.taken_at is not None  # a slot with a presenter has its time
        starts_at = slot.session.starts_at
        days = due_days(
            slot.session.cycle.presenter_days,
            starts_at=timezone.localtime(starts_at),
            taken_at=slot.taken_at,
            now=now,
        )
        if days is not None:
            key = f"presenter-reminder:{slot.pk}:{slot.enrolment_id}:{starts_at.isoformat()}:{days}"
            due[key] = slot
    known = set(OutgoingMail.objects.filter(key__in=due).values_list("key", flat=True))
    new = {key: slot for key, slot in due.items() if key not in known}
    begun = unfinished_cases([slot.enrolment_id for slot in new.values()]) if new else {}
    for key, slot in new.items():
        _remind(slot, begun.get(slot.enrolment_id or 0), key=key)
    return len(new)


def _remind(slot: PresenterSlot, begun: CaseSubmission | None, *, key: str) -> None:
    assert slot.enrolment is not None  # slots_without_case
    participant, session = slot.enrolment.participant, slot.session
    page = reverse("cases:case-edit", args=[begun.echo_id]) if begun else reverse("cases:case-list")
    queue_mail(
        key=key,
        kind="presenter",
        to=participant.email,
        template="cases/mail/presenter_reminder",
        context={
            "name": participant.profile.preferred_name or participant.profile.legal_name,
            "session": session,
            "program": session.cycle.program,
            "is_begun": begun is not None,
            "case_url": settings.PORTAL_URL + page,
            "url": settings.PORTAL_URL + reverse("cases:session-detail", args=[session.pk]),
            "slots_url": settings.PORTAL_URL + reverse("sessions_app:cycle-slots", args=[session.cycle_id]),
        },
        language=participant.profile.language,
    )
