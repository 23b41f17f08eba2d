"""What this app keeps about a person: enrolments, attendance, applications, invitations and the calendar."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.personal import Kept, Moved, PersonalRecords, Section, addresses_of
from core.retention import kept_until
from core.trail import blank_history, blank_reasons, drop_history
from participants.models import User
from sessions_app.models import (
    ApplicationAnswer,
    Attendance,
    AttendanceAlias,
    CalendarFeed,
    Cycle,
    Enrolment,
    Invitation,
    UnmatchedName,
)
from sessions_app.records.sections import own_invitations, sections
from sessions_app.services import withdraw
from sessions_app.services.merging import (
    exchange,
    hand_over,
    is_stronger,
    lock_enrolments,
    shared_enrolments,
)
from sessions_app.services.striking import strike_from_rosters

RUNNING = (Enrolment.Status.APPLIED, Enrolment.Status.APPROVED, Enrolment.Status.WAITLISTED)


class SessionRecords(PersonalRecords):
    """Everything between an application and the last session attended."""

    # --- export ---------------------------------------------------------------------------------------------------

    def sections(self, user: AbstractBaseUser) -> Iterable[Section]:
        """Enrolments first: the rest hangs on them."""
        return sections(user)

    # --- merge ----------------------------------------------------------------------------------------------------

    def prepare_merge(self, *, kept: AbstractBaseUser, gone: AbstractBaseUser) -> None:
        """Where both are in a cycle, the enrolment that gets further becomes the one of `kept`."""
        lock_enrolments([kept, gone])
        for own, theirs in shared_enrolments(kept=kept, gone=gone):
            if is_stronger(theirs, own):
                exchange(own, theirs)

    def merge(
        self,
        *,
        kept: AbstractBaseUser,
        gone: AbstractBaseUser,
        by: AbstractBaseUser,
        now: datetime,
        moved: Moved,
    ) -> None:
        """Enrolments with all that hangs on them, invitations, and the calendar where `kept` has none."""
        shared = shared_enrolments(kept=kept, gone=gone)
        for own, theirs in shared:
            hand_over(to=own, source=theirs, by=cast("User", by), now=now, moved=moved)
        others = Enrolment.objects.filter(participant=gone.pk).exclude(
            pk__in=[theirs.pk for _own, theirs in shared]
        )
        moved.add("enrolments", others.update(participant_id=kept.pk))
        moved.add("aliases", _merge_aliases(kept=kept, gone=gone))
        moved.add("invitations", Invitation.objects.filter(account=gone.pk).update(account_id=kept.pk))
        if CalendarFeed.objects.filter(user=kept.pk).exists():
            CalendarFeed.objects.filter(user=gone.pk).delete()
        else:
            moved.add("calendars", CalendarFeed.objects.filter(user=gone.pk).update(user_id=kept.pk))

    # --- erasure --------------------------------------------------------------------------------------------------

    def removed(self, user: AbstractBaseUser) -> Iterable[str]:
        """Places that are given up, and what was written on the way to them."""
        running = _running(user).count()
        if running:
            yield ngettext(
                "your place or application in %(count)d cycle, which you leave with this",
                "your places and applications in %(count)d cycles, which you leave with this",
                running,
            ) % {"count": running}
        if ApplicationAnswer.objects.filter(enrolment__participant=user.pk).exists():
            yield _("your answers on applications")
        if own_invitations(user, ever=True).exists():
            yield _("invitations to you, and your line in lists of people to invite")
        if CalendarFeed.objects.filter(user=user.pk).exists():
            yield _("the address of your calendar")
        if AttendanceAlias.objects.filter(participant=user.pk).exists():
            yield _("names under which you were remembered to join sessions")

    def kept(self, user: AbstractBaseUser) -> Iterable[Kept]:
        """Attendance for six years (rule 20); enrolments stay without a name, since the database counts places."""
        attended = Attendance.objects.filter(enrolment__participant=user.pk)
        last_day = attended.aggregate(last=Max("session__cycle__ends_on"))["last"]
        if last_day and kept_until(last_day) >= timezone.localdate():
            count = attended.count()
            yield Kept(
                what=ngettext(
                    "Your attendance at %(count)d session, and the reports of the video platform it was read from",
                    "Your attendance at %(count)d sessions, and the reports of the video platform it was read from",
                    count,
                )
                % {"count": count},
                why=_("Accreditors may ask who attended for six years after a cycle."),
                until=kept_until(last_day),
            )
        if Enrolment.objects.filter(participant=user.pk).exists():
            yield Kept(
                what=_("That somebody was enrolled"),
                why=_(
                    "It is needed to count places and completed cycles; by itself it does not say who the "
                    "person was."
                ),
                until=None,
                needs_name=False,
            )

    def erase(self, *, user: AbstractBaseUser, now: datetime, is_kept: bool) -> None:
        """Leave what runs, so that freed places are offered on; forget applications, invitations and the calendar."""
        actor = cast("User", user)
        for enrolment_id in _running(user).order_by("cycle_id").values_list("pk", flat=True):
            withdraw(enrolment_id=enrolment_id, by=actor, now=now)
        enrolments = list(Enrolment.objects.filter(participant=user.pk).values_list("pk", flat=True))
        ApplicationAnswer.objects.filter(enrolment__in=enrolments).delete()
        drop_history(ApplicationAnswer, Q(enrolment__in=enrolments))
        CalendarFeed.objects.filter(user=user.pk).delete()
        aliases = list(AttendanceAlias.objects.filter(participant=user.pk).values_list("pk", flat=True))
        AttendanceAlias.objects.filter(pk__in=aliases).delete()
        drop_history(AttendanceAlias, Q(pgh_obj__in=aliases) | Q(participant=user.pk))
        if not is_kept:
            _forget_names(user)
        strike_from_rosters(addresses_of(user, ever=True), by=actor)
        for invitation in own_invitations(user, ever=True):
            _forget_invitation(invitation, now=now)

    def finish_erasure(self, *, user: AbstractBaseUser) -> None:
        """Minutes and places stay as numbers; the reasons that people wrote beside them go, and names on reports."""
        by_hand = Attendance.objects.filter(enrolment__participant=user.pk, source=Attendance.Source.MANUAL)
        ids = list(by_hand.values_list("pk", flat=True))
        by_hand.exclude(reason="–").update(reason="–")
        blank_history(Attendance, Q(pgh_obj__in=ids, source=Attendance.Source.MANUAL), reason="–")
        blank_reasons(Attendance, Q(pgh_obj__in=ids))
        _forget_names(user)


def _running(user: AbstractBaseUser) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(participant=user.pk, status__in=RUNNING).exclude(
        cycle__status=Cycle.Status.CLOSED
    )


def _forget_names(user: AbstractBaseUser) -> None:
    """Names on reports that were taken for this person; the decisions stay, without what was written."""
    for unmatched in UnmatchedName.objects.filter(given__enrolment__participant=user.pk).distinct():
        nobody = {"key": f"erased-{unmatched.pk}", "name": "–", "email": ""}
        UnmatchedName.objects.filter(pk=unmatched.pk).exclude(**nobody).update(**nobody)
        blank_history(UnmatchedName, Q(pgh_obj=unmatched.pk), **nobody)


def _merge_aliases(*, kept: AbstractBaseUser, gone: AbstractBaseUser) -> int:
    """Names remembered of `gone` are remembered of `kept`; what both have is kept once."""
    known = set(AttendanceAlias.objects.filter(participant=kept.pk).values_list("kind", "value"))
    theirs = list(AttendanceAlias.objects.filter(participant=gone.pk))
    twice = [alias.pk for alias in theirs if (alias.kind, alias.value) in known]
    AttendanceAlias.objects.filter(pk__in=twice).delete()
    return AttendanceAlias.objects.filter(participant=gone.pk).update(participant_id=kept.pk)


def _forget_invitation(invitation: Invitation, *, now: datetime) -> None:
    """An invitation that stays in the count, taken back, without whom it was for."""
    nobody = {
        "email": f"erased-{invitation.pk}@erased.invalid",
        "name": "",
        "category": "",
        "profession": "",
        "licence_number": "",
        "practice_name": "",
        "practice_city": "",
    }
    Invitation.objects.filter(pk=invitation.pk).update(
        **nobody, account=None, revoked_at=invitation.revoked_at or now
    )
    blank_history(Invitation, Q(pgh_obj=invitation.pk), **nobody, account=None)
