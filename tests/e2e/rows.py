"""A row for each list of the administration that the world leaves empty: its page is looked at, too."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.utils import timezone

from cases.models import CaseFollowUp, CaseReading
from outbox.models import MailHold
from participants.enums import Category
from participants.models import AccountMerge, CategoryRequest, Erasure, ParticipantView
from sessions_app.models import StaffScope
from surveys.models import Construct, Instrument, SurveyAsk, SurveyPlan
from surveys.models.response import Pseudonym, PseudonymLookup
from tests import factories as make
from tests.world import World


def fill_every_list(world: World) -> None:
    """One row of each; what they say is about the people of the world."""
    now = timezone.now()
    by, person, program = world.coordinator, world.participant, world.running.program
    CaseFollowUp.objects.get_or_create(
        case=world.case,
        defaults={"outcome": CaseFollowUp.Outcome.BETTER, "text": "Dort mieux.", "reported_at": now},
    )
    CaseReading.objects.create(case=world.case, what=CaseReading.What.values[0], reader=by)
    MailHold.objects.create(
        held_at=now - timedelta(days=2), held_by=by, reason="A copy.", released_at=now, released_by=by
    )
    gone, erased = make.make_user("gone@clinic.example"), make.make_user("erased@clinic.example")
    AccountMerge.objects.create(
        kept=person, gone=gone, gone_email=gone.email, reason="Registered twice.", merged_at=now, merged_by=by
    )
    Erasure.objects.create(user=erased, asked_at=now, finished_at=now)
    CategoryRequest.objects.create(
        profile=world.newcomer.profile, category=Category.SPECIALIST, reason="Qualified this year."
    )
    ParticipantView.objects.create(
        viewer=by, participant=person, reason="Cannot find a survey.", started_at=now, ended_at=now
    )
    StaffScope.objects.create(account=make.make_user("limited@echo.example", is_staff=True))
    Construct.objects.create(program=program, key="confidence", name="Confidence", name_fr="Confiance")
    SurveyPlan.objects.create(
        program=program, kind=Instrument.Kind.PRE, opens_from=SurveyPlan.Anchor.REGISTRATION, reminder_days=[]
    )
    SurveyAsk.objects.create(
        window=world.open_survey,
        enrolment=world.running.enrolments.get(participant=person),
        step="invitation",
    )
    pseudonym, _made = Pseudonym.objects.get_or_create(program=program, participant=person)
    PseudonymLookup.objects.create(pseudonym=pseudonym, looked_up_by=by, reason="A question of safety.")
    EmailAddress.objects.create(user=person, email="second@clinic.example", verified=True)
