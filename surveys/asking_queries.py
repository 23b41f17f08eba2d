"""Who is asked, and where each of them stands with a survey."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from sessions_app.models import Attendance, Enrolment
from surveys.models import Response, SurveyAsk, SurveyWindow, WindowExtension
from surveys.queries import closing_for, joined_at


def audience(window: SurveyWindow) -> QuerySet[Enrolment]:
    """Who is asked: everybody in the cycle with an active account; of an evaluation, those who were in the session."""
    people = Enrolment.objects.filter(
        cycle=window.cycle_id, status=Enrolment.Status.APPROVED, participant__is_active=True
    )
    if window.session_id is not None:
        there = Attendance.objects.filter(session=window.session_id, minutes__gt=0, is_guest=False)
        people = people.filter(pk__in=there.values("enrolment"))
    return people


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one person stands with one survey."""

    enrolment: Enrolment
    closes_at: datetime | None
    asked_from: datetime
    response: Response | None
    asks: tuple[SurveyAsk, ...]
    extension: WindowExtension | None

    @property
    def is_submitted(self) -> bool:
        """Whether it is answered."""
        return self.response is not None and self.response.status == Response.Status.SUBMITTED

    @property
    def last_asked_at(self) -> datetime | None:
        """When this person was last written to about it."""
        return max((ask.asked_at for ask in self.asks), default=None)

    def is_open(self, window: SurveyWindow, *, now: datetime) -> bool:
        """Whether this person can answer at `now`."""
        return window.opens_at <= now and (self.closes_at is None or now < self.closes_at)


def standings(window: SurveyWindow, people: QuerySet[Enrolment] | None = None) -> list[Standing]:
    """Everybody who is asked, by name, with what they have done (4 queries, 5 for an evaluation)."""
    asked = audience(window) if people is None else people
    enrolments = list(
        asked.select_related("participant__profile").order_by("participant__profile__legal_name", "pk")
    )
    ids = [enrolment.pk for enrolment in enrolments]
    of_them = Q(window=window, enrolment__in=ids)
    responses = {one.enrolment_id: one for one in Response.objects.filter(of_them)}
    extensions = {one.enrolment_id: one for one in WindowExtension.objects.filter(of_them)}
    # Who was in a session is often known days later: an evaluation is asked from then on.
    known = (
        dict(
            Attendance.objects.filter(session=window.session_id, enrolment__in=ids).values_list(
                "enrolment", "recorded_at"
            )
        )
        if window.session_id
        else {}
    )
    asks: dict[int, list[SurveyAsk]] = {}
    for ask in SurveyAsk.objects.filter(of_them).order_by("asked_at", "pk"):
        asks.setdefault(ask.enrolment_id, []).append(ask)
    found = []
    for enrolment in enrolments:
        extension = extensions.get(enrolment.pk)
        found.append(
            Standing(
                enrolment=enrolment,
                closes_at=closing_for(
                    window, enrolment, extended_to=extension.closes_at if extension else None
                ),
                asked_from=timezone.localtime(
                    max(joined_at(enrolment), known.get(enrolment.pk) or joined_at(enrolment))
                ),
                response=responses.get(enrolment.pk),
                asks=tuple(asks.get(enrolment.pk, ())),
                extension=extension,
            )
        )
    return found
