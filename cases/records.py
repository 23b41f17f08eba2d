"""What this app keeps about a person: the cases they brought, by their random names."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import CaseSubmission
from core.personal import Kept, Moved, PersonalRecords, Section, choice
from core.templatetags.portal import localized_text
from core.trail import drop_history
from sessions_app.services.merging import shared_enrolments

PRESENTED = (CaseSubmission.Status.PRESENTED, CaseSubmission.Status.RECOMMENDATIONS_SENT)


class CaseRecords(PersonalRecords):
    """Cases. They are de-identified teaching material, so what was presented stays, without its presenter's name."""

    def sections(self, user: AbstractBaseUser) -> Iterable[Section]:
        """Each case, by its ECHO ID."""
        cases = CaseSubmission.objects.filter(presenter__participant=user.pk).select_related(
            "presenter__cycle", "session"
        )
        yield Section(
            key="cases",
            title=_("Cases"),
            labels={
                "echo_id": _("ECHO ID"),
                "cycle": _("Cycle"),
                "status": _("Status"),
                "session": _("Session"),
                "created_at": _("Begun"),
                "moved_at": _("Last moved"),
            },
            rows=[
                {
                    "echo_id": case.echo_id,
                    "cycle": localized_text(case.presenter.cycle, "name"),
                    "status": choice(case, "status"),
                    "session": localized_text(case.session, "topic") if case.session else None,
                    "created_at": case.created_at,
                    "moved_at": case.moved_at,
                }
                for case in cases.order_by("created_at", "pk")
            ],
        )

    def merge(
        self,
        *,
        kept: AbstractBaseUser,
        gone: AbstractBaseUser,
        by: AbstractBaseUser,
        now: datetime,
        moved: Moved,
    ) -> None:
        """Cases of a cycle that both are in; the others come with their enrolment."""
        for own, theirs in shared_enrolments(kept=kept, gone=gone):
            moved.add("cases", theirs.cases.update(presenter=own))

    def removed(self, user: AbstractBaseUser) -> Iterable[str]:
        """What was not presented."""
        count = _not_presented(user).count()
        if count:
            yield ngettext(
                "%(count)d case that you have not presented",
                "%(count)d cases that you have not presented",
                count,
            ) % {"count": count}

    def kept(self, user: AbstractBaseUser) -> Iterable[Kept]:
        """What was presented."""
        count = CaseSubmission.objects.filter(presenter__participant=user.pk, status__in=PRESENTED).count()
        if count:
            yield Kept(
                what=ngettext(
                    "%(count)d case that you presented", "%(count)d cases that you presented", count
                )
                % {"count": count},
                why=_("It is teaching material without anybody's name, and is no longer linked with yours."),
                until=None,
                needs_name=False,
            )

    def erase(self, *, user: AbstractBaseUser, now: datetime, is_kept: bool) -> None:
        """Remove what was not presented, its history included."""
        ids = list(_not_presented(user).values_list("pk", flat=True))
        CaseSubmission.objects.filter(pk__in=ids).delete()
        drop_history(CaseSubmission, Q(pgh_obj__in=ids))


def _not_presented(user: AbstractBaseUser) -> QuerySet[CaseSubmission]:
    return CaseSubmission.objects.filter(presenter__participant=user.pk).exclude(status__in=PRESENTED)
