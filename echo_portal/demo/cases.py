"""The cases of the demonstration, one in each state, with the hub's team and its answers.

Written as rows at the times at which they happened: a case that is handed in now would mail people.
"""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress

from cases.models import (
    CaseFollowUp,
    CaseReview,
    CaseSubmission,
    CaseText,
    CaseVersion,
    Heading,
    HubMember,
    Recommendation,
    RecommendationLetter,
    SuggestedRecommendation,
)
from cases.services.handing_in import ATTESTATION
from cases.services.library import index_case
from core import audit
from echo_portal.demo import case_text
from echo_portal.demo.case_text import Content
from echo_portal.demo.cycles import DemoCycle
from echo_portal.demo.people import DOMAIN
from participants.enums import Category, Profession
from participants.models import Profile, User
from participants.second_factor import set_up_app
from sessions_app.models import EchoSession, Enrolment, Program

HUB_SPECIALIST, HUB_PARTNER = f"hub@{DOMAIN}", f"partner@{DOMAIN}"
Status = CaseSubmission.Status

WAY = (
    Status.SUBMITTED,
    Status.IN_REVIEW,
    Status.APPROVED,
    Status.SCHEDULED,
    Status.PRESENTED,
    Status.RECOMMENDATIONS_SENT,
)


def hub_team(program: Program, *, password: str, joined_at: datetime) -> list[HubMember]:
    """A specialist who signs and a pharmacist from the community, with their accounts; `password` is hashed."""
    people = (
        (HUB_SPECIALIST, "Dr. Ingrid Aaltonen", Category.SPECIALIST, "", "Pain physician, Toronto"),
        (
            HUB_PARTNER,
            "Tomasz Wiśniewski",
            Category.OTHER,
            Profession.PHARMACIST.value,
            "Pharmacist, Kingston",
        ),
    )
    team = []
    for email, name, category, profession, title in people:
        user = User.objects.create(email=email, password=password, joined_at=joined_at, is_staff=True)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        Profile.objects.create(user=user, legal_name=name, category=category, profession=profession)
        set_up_app(user)
        is_specialist = email == HUB_SPECIALIST
        team.append(
            HubMember.objects.create(
                program=program,
                user=user,
                role=HubMember.Role.SPECIALIST if is_specialist else HubMember.Role.PARTNER,
                title=title,
                may_sign=is_specialist,
            )
        )
    SuggestedRecommendation.objects.bulk_create(
        SuggestedRecommendation(program=program, heading=heading, text=text, added_at=joined_at)
        for heading, texts in case_text.SUGGESTIONS.items()
        for text in texts
    )
    return team


def play_cases(
    *,
    finished: DemoCycle,
    running: DemoCycle,
    held: int,
    drafting: Enrolment,
    team: list[HubMember],
    by: User,
) -> None:
    """Two answered cases of last season; of this one a case in each state, `drafting` with an unfinished one.

    `held` is how many sessions of the running cycle are over.
    """
    with audit.act("demo.load", by=None):
        for at, content in ((2, case_text.NEUROPATHY), (7, case_text.FIBROMYALGIA)):
            case = _case(finished.sessions[at], content, to=Status.RECOMMENDATIONS_SENT, by=by)
            _answer(case, team)
        follow_up = case.moved_at + timedelta(days=95)
        CaseFollowUp.objects.create(
            case=case, outcome=CaseFollowUp.Outcome.BETTER, text=case_text.FOLLOW_UP, reported_at=follow_up
        )
        sessions = running.sessions
        _answer(_case(sessions[held - 2], case_text.MIGRAINE, to=Status.RECOMMENDATIONS_SENT, by=by), team)
        _write(_case(sessions[held - 1], case_text.BACK, to=Status.PRESENTED, by=by), team)
        _case(sessions[held], case_text.SHOULDER, to=Status.SCHEDULED, by=by)
        for at, content, status in (
            (4, case_text.NEUROPATHY, Status.APPROVED),
            (5, case_text.FIBROMYALGIA, Status.SUBMITTED),
        ):
            began = sessions[held - 1].starts_at - timedelta(days=at)
            _case(sessions[held + at], content, to=status, by=by, handed_in_at=began)
        _draft(drafting, case_text.BEGUN, at=sessions[held - 1].starts_at - timedelta(days=2))


def _draft(enrolment: Enrolment, content: Content, *, at: datetime) -> CaseSubmission:
    case = CaseSubmission.objects.create(presenter=enrolment, created_at=at, moved_at=at)
    CaseText.objects.create(case=case, content=content, revision=1, saved_at=at)
    return case


def _case(
    session: EchoSession,
    content: Content,
    *,
    to: CaseSubmission.Status,
    by: User,
    handed_in_at: datetime | None = None,
) -> CaseSubmission:
    """A case of who presents in `session`, moved step by step to the state `to`."""
    enrolment = session.slots.exclude(enrolment=None).select_related("enrolment").earliest("pk").enrolment
    assert enrolment is not None  # excluded above
    at = handed_in_at or session.starts_at - timedelta(days=10)
    case = _draft(enrolment, content, at=at - timedelta(days=1))
    case.version = CaseVersion.objects.create(
        case=case,
        number=1,
        content=content,
        attestation=str(ATTESTATION),
        signed_name=enrolment.participant.profile.legal_name,
        submitted_at=at,
    )
    moments = {
        Status.SUBMITTED: at,
        Status.IN_REVIEW: at + timedelta(hours=3),
        Status.APPROVED: at + timedelta(hours=4),
        Status.SCHEDULED: at + timedelta(hours=5),
        Status.PRESENTED: session.ends_at,
        Status.RECOMMENDATIONS_SENT: session.ends_at + timedelta(hours=20),
    }
    for status in WAY[: WAY.index(to) + 1]:
        case.status, case.moved_at = status, moments[status]
        if status == Status.APPROVED:
            CaseReview.objects.create(
                version=case.version,
                decision=CaseReview.Decision.APPROVED,
                reviewed_by=by,
                reviewed_at=moments[status],
            )
        if status == Status.SCHEDULED:
            case.session = session
        case.save(update_fields=["status", "moved_at", "version", "session"])
    return case


def _write(case: CaseSubmission, team: list[HubMember]) -> list[dict[str, str]]:
    """What the team writes on a case; returns the items of its letter."""
    items = []
    for heading in Heading.values:
        for member, text in zip(team, case_text.ANSWERS.get(heading, ("", "")), strict=True):
            if text:
                Recommendation.objects.create(
                    case=case,
                    heading=heading,
                    author=member.user,
                    text=text,
                    revision=1,
                    saved_at=case.moved_at,
                )
                author = member.user.get_full_name()
                items.append({"heading": heading, "text": text, "author": author, "title": member.title})
    return items


def _answer(case: CaseSubmission, team: list[HubMember]) -> None:
    """The signed letter of a case, released after a week, and the case in the library."""
    signer = team[0]
    letter = RecommendationLetter.objects.create(
        case=case,
        number=1,
        opening=case_text.OPENING,
        items=_write(case, team),
        signed_by=signer.user,
        signed_name=signer.user.get_full_name(),
        signed_title=signer.title,
        signed_at=case.moved_at,
        visible_to_cycle_at=case.moved_at + timedelta(days=2),
    )
    index_case(case=case, letter=letter, now=case.moved_at)
