"""What this app keeps about a person: the cases they brought, what they wrote to others' cases, and what they read."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cases.content import readable
from cases.models import (
    CaseFollowUp,
    CaseReading,
    CaseReview,
    CaseSubmission,
    CaseText,
    CaseVersion,
    HubMember,
    Recommendation,
    RecommendationLetter,
)
from core.personal import Kept, Moved, PersonalRecords, Section, choice
from core.templatetags.portal import labelled, localized_text
from core.trail import blank_history, drop_history
from sessions_app.services.merging import shared_enrolments

Status = CaseSubmission.Status
PRESENTED = (Status.PRESENTED, Status.RECOMMENDATIONS_SENT)


class CaseRecords(PersonalRecords):
    """Cases. They are de-identified teaching material, so what was presented stays, without its presenter's name.

    What somebody wrote for others' cases is the hub's, and stays with the case; a letter keeps the names it has.
    """

    def sections(self, user: AbstractBaseUser) -> Iterable[Section]:
        """Each case with what was written in it, and all that the person did with the cases of others."""
        yield _cases(user)
        yield _versions(user)
        yield _reviews(user)
        yield _follow_ups(user)
        yield _readings(user)
        yield _memberships(user)
        yield _recommendations(user)
        yield _letters(user)

    def merge(
        self,
        *,
        kept: AbstractBaseUser,
        gone: AbstractBaseUser,
        by: AbstractBaseUser,
        now: datetime,
        moved: Moved,
    ) -> None:
        """Cases of a cycle that both are in, the others come with their enrolment; and what both did with cases."""
        for own, theirs in shared_enrolments(kept=kept, gone=gone):
            moved.add("cases", theirs.cases.update(presenter=own))
        moved.add("case_readings", CaseReading.objects.filter(reader=gone.pk).update(reader=kept.pk))
        moved.add("recommendations", _join_recommendations(kept=kept, gone=gone, now=now))
        moved.add("hub_memberships", _join_memberships(kept=kept, gone=gone))

    def removed(self, user: AbstractBaseUser) -> Iterable[str]:
        """What was not presented, the working text of the rest, and the places in hub teams."""
        count = _not_presented(user).count()
        if count:
            yield ngettext(
                "%(count)d case that you have not presented",
                "%(count)d cases that you have not presented",
                count,
            ) % {"count": count}
        if HubMember.objects.filter(user=user.pk).exists():
            yield _("your place in the hub's team")

    def kept(self, user: AbstractBaseUser) -> Iterable[Kept]:
        """What was presented, what was written to the cases of others, and who read what."""
        yield from _kept(
            _presented(user).count(),
            lambda count: ngettext(
                "%(count)d case that you presented", "%(count)d cases that you presented", count
            ),
            _("It is teaching material without anybody's name, and is no longer linked with yours."),
        )
        yield from _kept(
            RecommendationLetter.objects.filter(signed_by=user.pk).count(),
            lambda count: ngettext(
                "%(count)d letter of recommendations that you signed",
                "%(count)d letters of recommendations that you signed",
                count,
            ),
            _(
                "It is signed professional advice on somebody's care, and keeps the names that it was sent with."
            ),
        )
        yield from _kept(
            Recommendation.objects.filter(author=user.pk).count(),
            lambda count: ngettext(
                "%(count)d recommendation that you wrote", "%(count)d recommendations that you wrote", count
            ),
            _(
                "It is part of the hub's answer to a case. A letter in which you are named stays as it was sent."
            ),
        )
        yield from _kept(
            CaseReading.objects.filter(reader=user.pk).count(),
            lambda count: ngettext(
                "the record of %(count)d reading of a case",
                "the record of %(count)d readings of cases",
                count,
            ),
            _("Who read a case stays on record, without your name."),
        )

    def erase(self, *, user: AbstractBaseUser, now: datetime, is_kept: bool) -> None:
        """Remove what was not presented, its history included, and take the name out of what was."""
        _remove_cases(list(_not_presented(user).values_list("pk", flat=True)))
        presented = list(_presented(user).values_list("pk", flat=True))
        CaseText.objects.filter(case__in=presented).delete()
        drop_history(CaseText, Q(case__in=presented))
        # A signature never changes, but for this.
        with pgtrigger.ignore(
            "cases.CaseVersion:version_keeps_its_signature", "cases.CaseVersion:version_never_changes"
        ):
            CaseVersion.objects.filter(case__in=presented).exclude(signed_name="").update(signed_name="")
        blank_history(CaseVersion, Q(case__in=presented) & ~Q(signed_name=""), signed_name="")
        HubMember.objects.filter(user=user.pk).delete()
        drop_history(HubMember, Q(user=user.pk))


def _not_presented(user: AbstractBaseUser) -> QuerySet[CaseSubmission]:
    return CaseSubmission.objects.filter(presenter__participant=user.pk).exclude(status__in=PRESENTED)


def _presented(user: AbstractBaseUser) -> QuerySet[CaseSubmission]:
    return CaseSubmission.objects.filter(presenter__participant=user.pk, status__in=PRESENTED)


def _kept(count: int, what: Any, why: str) -> Iterable[Kept]:
    if count:
        yield Kept(what=what(count) % {"count": count}, why=why, until=None, needs_name=False)


def _remove_cases(ids: list[int]) -> None:
    versions = list(CaseVersion.objects.filter(case__in=ids).values_list("pk", flat=True))
    # A case and its last version point at each other, and neither goes before the other: the case lets go first.
    with pgtrigger.ignore("cases.CaseSubmission:case_moves"):
        CaseSubmission.objects.filter(pk__in=ids).update(status=Status.DRAFT, version=None, session=None)
    CaseSubmission.objects.filter(pk__in=ids).delete()
    drop_history(CaseSubmission, Q(pgh_obj__in=ids))
    for model in (CaseText, CaseVersion, CaseFollowUp, Recommendation):
        drop_history(model, Q(case__in=ids))
    drop_history(CaseReview, Q(version__in=versions))


def _join_recommendations(*, kept: AbstractBaseUser, gone: AbstractBaseUser, now: datetime) -> int:
    """Where both wrote under one heading of a case, their texts are joined, those of the account that stays first."""
    own = {
        (each.case_id, each.heading): each
        for each in Recommendation.objects.select_for_update().filter(author=kept.pk)
    }
    count = 0
    for theirs in Recommendation.objects.select_for_update().filter(author=gone.pk).order_by("pk"):
        mine = own.get((theirs.case_id, theirs.heading))
        if mine is None:
            Recommendation.objects.filter(pk=theirs.pk).update(author=kept.pk)
        else:
            mine.text = "\n\n".join(text for text in (mine.text, theirs.text) if text.strip())
            mine.revision, mine.saved_at = mine.revision + 1, now
            mine.save(update_fields=["text", "revision", "saved_at"])
            theirs.delete()
        count += 1
    return count


def _join_memberships(*, kept: AbstractBaseUser, gone: AbstractBaseUser) -> int:
    """Somebody is once in a program's team, with whatever either account was allowed."""
    own = {member.program_id: member for member in HubMember.objects.filter(user=kept.pk)}
    count = 0
    for theirs in HubMember.objects.filter(user=gone.pk).order_by("pk"):
        mine = own.get(theirs.program_id)
        if mine is None:
            HubMember.objects.filter(pk=theirs.pk).update(user=kept.pk)
        else:
            mine.may_sign = mine.may_sign or theirs.may_sign
            mine.is_active = mine.is_active or theirs.is_active
            mine.title, mine.title_fr = mine.title or theirs.title, mine.title_fr or theirs.title_fr
            mine.save(update_fields=["may_sign", "is_active", "title", "title_fr"])
            theirs.delete()
        count += 1
    return count


# --- what is shown to the person ------------------------------------------------------------------------------------


def _written(content: Mapping[str, Any]) -> str:
    """A case's answers as lines, in the active language."""
    return "\n".join(
        labelled(item.label, item.text) for section in readable(content) for item in section.items
    )


def _cases(user: AbstractBaseUser) -> Section:
    cases = CaseSubmission.objects.filter(presenter__participant=user.pk).select_related(
        "presenter__cycle", "session", "text"
    )
    return Section(
        key="cases",
        title=_("Cases"),
        labels={
            "echo_id": _("ECHO ID"),
            "cycle": _("Cycle"),
            "status": _("Status"),
            "session": _("Session"),
            "created_at": _("Begun"),
            "moved_at": _("Last moved"),
            "text": _("What you have written"),
        },
        rows=[
            {
                "echo_id": case.echo_id,
                "cycle": localized_text(case.presenter.cycle, "name"),
                "status": choice(case, "status"),
                "session": localized_text(case.session, "topic") if case.session else None,
                "created_at": case.created_at,
                "moved_at": case.moved_at,
                "text": _written(case.text.content) if hasattr(case, "text") else None,
            }
            for case in cases.order_by("created_at", "pk")
        ],
    )


def _versions(user: AbstractBaseUser) -> Section:
    versions = CaseVersion.objects.filter(case__presenter__participant=user.pk).select_related("case")
    return Section(
        key="case_versions",
        title=_("Cases as you handed them in"),
        labels={
            "echo_id": _("ECHO ID"),
            "number": _("Version"),
            "submitted_at": _("Handed in"),
            "signed_name": _("Signed"),
            "struck_at": _("Struck out"),
            "text": _("Text"),
        },
        rows=[
            {
                "echo_id": version.case.echo_id,
                "number": version.number,
                "submitted_at": version.submitted_at,
                "signed_name": version.signed_name,
                "struck_at": version.struck_at,
                "text": _written(version.content),
            }
            for version in versions.order_by("case__created_at", "case_id", "number")
        ],
    )


def _reviews(user: AbstractBaseUser) -> Section:
    reviews = CaseReview.objects.filter(version__case__presenter__participant=user.pk)
    return Section(
        key="case_reviews",
        title=_("What was decided about your cases"),
        labels={
            "echo_id": _("ECHO ID"),
            "number": _("Version"),
            "decision": _("Decision"),
            "comments": _("Comments"),
            "reviewed_at": _("When"),
        },
        rows=[
            {
                "echo_id": review.version.case.echo_id,
                "number": review.version.number,
                "decision": choice(review, "decision"),
                "comments": review.comments,
                "reviewed_at": review.reviewed_at,
            }
            for review in reviews.select_related("version__case").order_by("reviewed_at", "pk")
        ],
    )


def _follow_ups(user: AbstractBaseUser) -> Section:
    reports = CaseFollowUp.objects.filter(case__presenter__participant=user.pk).select_related("case")
    return Section(
        key="case_follow_ups",
        title=_("What you reported afterwards"),
        labels={
            "echo_id": _("ECHO ID"),
            "outcome": _("How the patient is"),
            "text": _("What happened"),
            "reported_at": _("Reported"),
        },
        rows=[
            {
                "echo_id": report.case.echo_id,
                "outcome": choice(report, "outcome"),
                "text": report.text,
                "reported_at": report.reported_at,
            }
            for report in reports.order_by("reported_at", "pk")
        ],
    )


def _readings(user: AbstractBaseUser) -> Section:
    readings = CaseReading.objects.filter(reader=user.pk).select_related("case")
    return Section(
        key="case_readings",
        title=_("Cases you read"),
        labels={"echo_id": _("ECHO ID"), "what": _("What"), "read_at": _("When")},
        rows=[
            {"echo_id": reading.case.echo_id, "what": choice(reading, "what"), "read_at": reading.read_at}
            for reading in readings.order_by("read_at", "pk")
        ],
    )


def _memberships(user: AbstractBaseUser) -> Section:
    members = HubMember.objects.filter(user=user.pk).select_related("program")
    return Section(
        key="hub_memberships",
        title=_("Hub teams"),
        labels={
            "program": _("Program"),
            "role": pgettext("hub team", "Role"),
            "title": _("Title in letters"),
            "title_fr": _("Title in letters, in French"),
            "may_sign": _("May sign letters"),
            "is_active": _("Active"),
        },
        rows=[
            {
                "program": localized_text(member.program, "name"),
                "role": choice(member, "role"),
                "title": member.title,
                "title_fr": member.title_fr,
                "may_sign": member.may_sign,
                "is_active": member.is_active,
            }
            for member in members.order_by("pk")
        ],
    )


def _recommendations(user: AbstractBaseUser) -> Section:
    written = Recommendation.objects.filter(author=user.pk).select_related("case")
    return Section(
        key="recommendations",
        title=_("Recommendations you wrote"),
        labels={
            "echo_id": _("ECHO ID"),
            "heading": _("Heading"),
            "text": _("Text"),
            "saved_at": _("Saved"),
        },
        rows=[
            {
                "echo_id": each.case.echo_id,
                "heading": choice(each, "heading"),
                "text": each.text,
                "saved_at": each.saved_at,
            }
            for each in written.order_by("case_id", "pk")
        ],
    )


def _letters(user: AbstractBaseUser) -> Section:
    letters = RecommendationLetter.objects.filter(signed_by=user.pk).select_related("case")
    return Section(
        key="letters_signed",
        title=_("Letters of recommendations you signed"),
        labels={
            "echo_id": _("ECHO ID"),
            "number": _("Letter"),
            "signed_name": _("Signed"),
            "signed_title": _("Title"),
            "signed_at": _("When"),
        },
        rows=[
            {
                "echo_id": letter.case.echo_id,
                "number": letter.number,
                "signed_name": letter.signed_name,
                "signed_title": letter.signed_title,
                "signed_at": letter.signed_at,
            }
            for letter in letters.order_by("signed_at", "pk")
        ],
    )
