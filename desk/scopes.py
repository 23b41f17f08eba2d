"""How each record of the administration belongs to a program, for those who work for some programs only.

Every model of the administration stands here: a path to its program, a way to find its people, or the reason why it
belongs to no program. One that is missing fails a test.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.db.models import Q, QuerySet

from cases.models import HubMember
from participants.models import User
from sessions_app.models import Enrolment

Programs = Collection[int]
Limit = Callable[[QuerySet[Any], Programs], QuerySet[Any]]


def by(path: str) -> Limit:
    """By the program that the path leads to."""
    return lambda rows, programs: rows.filter(**{f"{path}__in": programs})


def by_person(path: str) -> Limit:
    """By the account that the path leads to: who applied to a cycle of the programs, or is in their hub's team."""

    def limit(rows: QuerySet[Any], programs: Programs) -> QuerySet[Any]:
        return rows.filter(**{f"{path}__in": people(programs)})

    return limit


def people(programs: Programs) -> QuerySet[User]:
    """The accounts of the programs' people."""
    return User.objects.filter(
        Q(pk__in=Enrolment.objects.filter(cycle__program__in=programs).values("participant"))
        | Q(pk__in=HubMember.objects.filter(program__in=programs).values("user"))
    )


def _mails(rows: QuerySet[Any], programs: Programs) -> QuerySet[Any]:
    """A mail names no program: those to the programs' people."""
    return rows.filter(recipient__in=people(programs).values("email"))


def nothing(rows: QuerySet[Any], _programs: Programs) -> QuerySet[Any]:
    """What concerns the whole portal is for those who work for all of it."""
    return rows.none()


def everything(rows: QuerySet[Any], _programs: Programs) -> QuerySet[Any]:
    """What all programs share: everybody sees it, and only those who work for all of them write it."""
    return rows


LIMITS: dict[str, Limit] = {
    "auth.Group": nothing,
    "account.EmailAddress": by_person("user"),
    "outbox.OutgoingMail": _mails,
    "outbox.MailHold": nothing,
    "participants.AccountMerge": by_person("kept"),
    "participants.Erasure": by_person("user"),
    "participants.User": by_person("pk"),
    "participants.Profile": by_person("user"),
    "participants.CategoryRequest": by_person("profile__user"),
    "participants.Agreement": everything,
    "participants.AgreementAnswer": by_person("user"),
    "participants.ParticipantView": by_person("participant"),
    "sessions_app.Attendance": by("session__cycle__program"),
    "sessions_app.AttendanceReport": by("session__cycle__program"),
    "sessions_app.UnmatchedName": by("report__session__cycle__program"),
    "sessions_app.AttendanceAlias": by_person("participant"),
    "sessions_app.Cycle": by("program"),
    "sessions_app.EchoSession": by("cycle__program"),
    "sessions_app.Enrolment": by("cycle__program"),
    "sessions_app.Invitation": by("cycle__program"),
    "sessions_app.Roster": by("cycle__program"),
    "sessions_app.Hub": everything,
    "sessions_app.Program": by("pk"),
    "sessions_app.StaffScope": nothing,
    "surveys.PseudonymLookup": by("pseudonym__program"),
    "surveys.Instrument": by("program"),
    "surveys.Question": by("instrument__program"),
    "surveys.Construct": by("program"),
    "surveys.SurveyPlan": by("program"),
    "surveys.SurveyWindow": by("cycle__program"),
    "surveys.Response": by("window__cycle__program"),
    "surveys.SurveyAsk": by("window__cycle__program"),
    "surveys.WindowExtension": by("window__cycle__program"),
    "cases.HubMember": by("program"),
    "cases.SuggestedRecommendation": by("program"),
    "cases.RecommendationLetter": by("case__presenter__cycle__program"),
    "cases.CaseReview": by("version__case__presenter__cycle__program"),
    "cases.CaseReading": by("case__presenter__cycle__program"),
    "cases.CaseFollowUp": by("case__presenter__cycle__program"),
    "cases.CaseSubmission": by("presenter__cycle__program"),
    "credits.Accreditation": by("program"),
    "credits.Certificate": by("accreditation__program"),
    "credits.AuditPack": by("cycle__program"),
    "credits.AuditPackDownload": by("pack__cycle__program"),
    "credits.Purge": by("cycle__program"),
    "credits.CycleClosing": by("program"),
    "credits.Waiver": by("enrolment__cycle__program"),
    "credits.DryRun": by("cycle__program"),
    "desk.GroupMessage": by("cycle__program"),
}

CHOSEN: dict[str, Limit] = {
    "cases.CaseVersion": by("case__presenter__cycle__program"),
    "core.StoredFile": nothing,
    "credits.CreditLine": by("accreditation__program"),
    "sessions_app.Objective": by("program"),
    "surveys.Pseudonym": by("program"),
    "surveys.Section": by("instrument__program"),
}
"""Records without a list of their own that a form or a filter of the administration offers."""

OF_ANOTHER_MODEL = {
    "credits_accreditation_preview": "credits.CreditLine",
    "surveys_results": "sessions_app.Cycle",
    "sessions_app_roster": "sessions_app.Roster",
    "surveys_lookup": "surveys.PseudonymLookup",
}
"""Pages whose address begins with another word than the record's that they are about."""
FOR_THE_WHOLE_PORTAL = ("outbox_outgoingmail_hold",)
"""Pages that nobody opens who works for some programs only."""
