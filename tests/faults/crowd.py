"""People of a whole cycle who are due a certificate, made in a few queries."""

from __future__ import annotations

from django.db import connection, transaction

from participants.enums import Category
from participants.models import Profile, User
from sessions_app.models import Attendance, Cycle, Enrolment
from surveys.models import Answer, Instrument, Response
from tests.factories import OPENED_AT, REFLECTION, make_season, make_user


@transaction.atomic
def graduates(people: int, *, first: int = 0) -> Cycle:
    """A cycle of one session, in which that many people, numbered from `first`, were and answered everything."""
    recorder = make_user()
    cycle = make_season(sessions=1)
    with connection.cursor() as cursor:
        # The triggers of history would write a row for each.
        cursor.execute("SET LOCAL session_replication_role = replica")
    users = User.objects.bulk_create(
        [
            User(email=f"graduate{number}@clinic.example", joined_at=OPENED_AT)
            for number in range(first, first + people)
        ]
    )
    Profile.objects.bulk_create(
        [
            Profile(user=user, legal_name=f"Graduate {number}", category=Category.FAMILY_PHYSICIAN)
            for number, user in enumerate(users)
        ]
    )
    enrolments = Enrolment.objects.bulk_create(
        [
            Enrolment(cycle=cycle, participant=user, status="approved", enrolled_on=cycle.starts_on)
            for user in users
        ]
    )
    session = cycle.sessions.get()
    Attendance.objects.bulk_create(
        [
            Attendance(
                enrolment=enrolment,
                session=session,
                minutes=90,
                source="manual",
                reason="They were there.",
                recorded_by=recorder,
            )
            for enrolment in enrolments
        ]
    )
    for window in cycle.survey_windows.select_related("instrument"):
        responses = Response.objects.bulk_create(
            [
                Response(
                    window=window,
                    enrolment=enrolment,
                    status="submitted",
                    started_at=OPENED_AT,
                    submitted_at=OPENED_AT,
                )
                for enrolment in enrolments
            ]
        )
        if window.instrument.kind == Instrument.Kind.REFLECTION:
            question = window.instrument.questions.get()
            Answer.objects.bulk_create(
                [Answer(response=response, question=question, text=REFLECTION) for response in responses]
            )
    return cycle
