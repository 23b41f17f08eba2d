"""One of everything that a person can own in the portal, for the tests of export, merging and erasure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from cases.models import CaseFollowUp, CaseReading, Heading, Recommendation
from outbox.models import OutgoingMail
from outbox.services import queue_rendered_mail
from participants.enums import College, PracticeSetting, PracticeType
from participants.models import CategoryRequest, ParticipantView, User
from sessions_app.models import ApplicationAnswer, CalendarFeed, Cycle, EchoSession, Enrolment, PlaceOffer
from surveys.models import Pseudonym, SurveyAsk, WindowExtension
from tests import factories as make
from tests.database import write

PROFILE: dict[str, Any] = {
    "name": "Zoraida Quimby-Vantongeren",
    "preferred_name": "Zozoquim",
    "college": College.CPSO,
    "licence_number": "ZQ771177",
    "specialty": "Quimbology",
    "practising_since": 1987,
    "practice_name": "Vantongeren Practice",
    "practice_type": PracticeType.PHARMACY,
    "practice_setting": PracticeSetting.REMOTE,
    "practice_city": "Kapuskasing",
    "postal_prefix": "P5N",
    "accessibility_needs": "Needs zzcaptions.",
}
EMAIL = "zoraida@quimby.example"
SECOND_EMAIL = "zq@second.example"
OLD_EMAIL = "zoraida.before@quimby.example"
SECRETS = (
    "zzreason", "zzanswer", "zznick", "zzdraft", "zzbrowser", "zzclaim", "zzmail", "203.0.113.77", "zzcase", "zzhub",
    "zzleave", "zzhelp",
)  # fmt: skip
"""Words that only this person's rows hold: what they wrote, where they logged in from, what mails said to them."""
NAMES = ("Quimby-Vantongeren", "ZQ771177")
"""What is kept with records: the name as licensed and the licence."""
FORGETTABLE = (
    EMAIL, SECOND_EMAIL, OLD_EMAIL, "quimby.example", "Zozoquim", "Quimbology", "Vantongeren Practice", "Kapuskasing",
    "zzcaptions", *SECRETS,
)  # fmt: skip


def make_owner(email: str = EMAIL, **profile: Any) -> User:
    """A person with a profile of words that stand nowhere else, and an address they no longer have."""
    values = PROFILE | profile
    user = make.make_user(OLD_EMAIL if email == EMAIL else email, **values)
    write(user, email=email)
    user.refresh_from_db()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def own_everything(user: User, *, cycle: Cycle | None = None) -> Enrolment:
    """Give `user` one row of everything; returns the enrolment that the most hangs on."""
    cycle = cycle or make.make_season(sessions=2, starts_on=timezone.localdate() - timedelta(days=30))
    write(cycle, ends_on=timezone.localdate() + timedelta(days=30))
    cycle.refresh_from_db()
    enrolment = make.make_graduate(cycle, user)
    make.make_certificate(enrolment, cycle.program.accreditations.get())
    make.make_waiver(enrolment)
    session = cycle.sessions.earliest("starts_at")
    own_cases(user, enrolment, session)
    make.make_slot(session, enrolment)
    make.give_name(make.make_unmatched(make.make_report(session), f"{PROFILE['name']} {user.pk}"), enrolment)
    make.make_alias(user, f"zznick {user.pk}")
    ParticipantView.objects.create(viewer=make.make_user(), participant=user, reason="zzhelp")
    question = make.make_question(cycle, key=f"why-{user.pk}")
    ApplicationAnswer.objects.create(enrolment=enrolment, question=question, text="zzanswer")
    waiting = make.make_enrolment(
        make.make_cycle(sessions=1, starts_on=timezone.localdate() + timedelta(days=5), capacity=3),
        user,
        status="waitlisted",
    )
    PlaceOffer.objects.create(
        enrolment=waiting, offered_at=timezone.now(), expires_at=timezone.now() + timedelta(days=2)
    )
    draft = make.make_response(waiting, make.make_window(waiting.cycle, "reflection"))
    draft.answers.update(text="zzdraft")
    SurveyAsk.objects.create(window=draft.window, enrolment=waiting, step="invitation")
    WindowExtension.objects.create(
        window=draft.window,
        enrolment=waiting,
        closes_at=timezone.now() + timedelta(days=9),
        reason="zzleave",
        granted_by=make.make_user(is_staff=True),
    )
    Pseudonym.objects.get_or_create(program=cycle.program, participant=user)
    roster = make.make_roster(
        cycle, content=f"Email,Name\nkept@clinic.example,Kept\n{user.email},{PROFILE['name']}\n".encode()
    )
    make.make_invitation(
        cycle,
        user.email,
        account=user,
        roster=roster,
        name=PROFILE["name"],
        licence_number=PROFILE["licence_number"],
        practice_name=PROFILE["practice_name"],
        practice_city=PROFILE["practice_city"],
    )
    CalendarFeed.objects.create(user=user)
    CategoryRequest.objects.create(profile=user.profile, category="specialist", reason="zzreason")
    make.give_second_factor(user)
    address = EmailAddress.objects.create(user=user, email=f"{user.pk}.{SECOND_EMAIL}", verified=True)
    EmailConfirmation.objects.create(email_address=address, key=f"key-{user.pk}")
    linked = SocialAccount.objects.create(
        user=user,
        provider="hospital",
        uid=f"uid-{user.pk}",
        extra_data={"email": user.email, "nick": "zzclaim"},
    )
    SocialToken.objects.create(account=linked, token="zzclaim")
    log_in(user)
    send_mail(user.email)
    return enrolment


def own_cases(user: User, enrolment: Enrolment, session: EchoSession) -> None:
    """A draft, a case that came back, one that was presented and reported on; and a part in the case of another."""
    make.make_case(enrolment, content={"goals": "zzcase"})
    make.make_case(enrolment, status="returned", content={"goals": "zzcase"})
    presented = make.make_case(enrolment, status="recommendations_sent", session=session)
    CaseFollowUp.objects.create(
        case=presented, outcome="better", text="Walks again.", reported_at=timezone.now()
    )
    theirs = make.make_case(make.make_enrolment(enrolment.cycle), status="presented", session=session)
    make.make_hub_member(enrolment.cycle.program, user, title=f"zzhub {user.pk}")
    Recommendation.objects.create(
        case=theirs, heading=Heading.REFERRAL, author=user, text="Ask a physiotherapist."
    )
    CaseReading.objects.create(case=theirs, version=theirs.version, what="case", reader=user)


def log_in(user: User) -> str:
    """A session somewhere, known to the list of devices; its key."""
    store = SessionStore()
    store["_auth_user_id"] = str(user.pk)
    store.save()
    UserSession.objects.create(
        user=user, ip="203.0.113.77", session_key=store.session_key, user_agent="zzbrowser"
    )
    return str(store.session_key)


def send_mail(to: str) -> OutgoingMail:
    """A mail that has been sent, with what the mail server answered."""
    mail = queue_rendered_mail(
        key=f"test:{uuid4()}",
        kind="test",
        to=to,
        subject="About zzmail",
        body_text="Hello zzmail.",
        language="en",
    )
    settle(mail)
    return mail


def settle(*mails: OutgoingMail) -> None:
    """As if a worker had delivered them."""
    for mail in mails:
        write(
            mail,
            status="sending",
            lease_token="6f1c1a3e-4c44-4b6e-9a4e-000000000001",
            leased_until=timezone.now(),
        )
        write(
            mail,
            status="sent",
            sent_at=timezone.now(),
            lease_token=None,
            leased_until=None,
            smtp_reply=f"250 {mail.recipient} ok",
        )
        mail.tries.create(
            number=1,
            started_at=timezone.now(),
            transmitted_at=timezone.now(),
            finished_at=timezone.now(),
            outcome="accepted",
            reply=f"250 {mail.recipient} ok",
        )
        mail.refresh_from_db()
