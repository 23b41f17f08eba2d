"""What this app keeps about a person: the certificates, and what their attendance has earned."""

from collections.abc import Iterable
from datetime import datetime

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.personal import Kept, Moved, PersonalRecords, Section, choice
from core.retention import kept_until
from core.templatetags.portal import localized_text
from core.trail import blank_history, blank_reasons
from credits.models import Certificate, Waiver
from credits.services.audit_packs import discard_packs_about
from credits.states import LIVE
from participants.models import Profile
from sessions_app.models import Attendance, EchoSession, Enrolment
from sessions_app.services.merging import exchange, shared_enrolments


class CreditRecords(PersonalRecords):
    """Certificates and earned credit.

    A certificate is never blanked, not even when the six years of an erased person are over: it is the accreditor's
    record, its facts and its document are frozen by the database (rule 16), its holder may still show the paper, and
    its verification page, which says no more than the paper, must go on answering. Whoever asks to be erased is told.
    """

    def fixes_category(self, user: AbstractBaseUser) -> bool:
        """Whether a certificate was made for `user`, or minutes stand on record that can earn.

        Minutes are taken as they stand, not through the ledger of every cycle: those too few to count ask a
        coordinator for once too often, which costs a mail; the other mistake would move credit to another line unseen.
        """
        return (
            Certificate.objects.filter(enrolment__participant=user.pk)
            .exclude(status=Certificate.Status.FAILED)
            .exists()
            or Attendance.objects.filter(enrolment__participant=user.pk, minutes__gt=0, is_guest=False)
            .exclude(session__status=EchoSession.Status.CANCELLED)
            .exists()
        )

    def sections(self, user: AbstractBaseUser) -> Iterable[Section]:
        """Every certificate that has a number, whatever became of it."""
        certificates = Certificate.objects.filter(enrolment__participant=user.pk).select_related(
            "enrolment__cycle", "accreditation", "line"
        )
        yield Section(
            key="certificates",
            title=_("Certificates"),
            labels={
                "number": _("Number"),
                "status": _("Status"),
                "name": _("Name"),
                "cycle": _("Cycle"),
                "accreditor": _("Accreditor"),
                "credit": _("Credit"),
                "hours": _("Hours"),
                "amount": _("Claimable"),
                "issued_at": _("Issued"),
                "ended_at": _("Superseded or revoked"),
                "end_reason": _("Reason"),
            },
            rows=[
                {
                    "number": certificate.number,
                    "status": choice(certificate, "status"),
                    "name": certificate.facts["participant_name"],
                    "cycle": localized_text(certificate.enrolment.cycle, "name"),
                    "accreditor": localized_text(certificate.accreditation, "accreditor"),
                    "credit": localized_text(certificate.line, "credit_name"),
                    "hours": certificate.hours,
                    "amount": certificate.amount,
                    "issued_at": certificate.issued_at,
                    "ended_at": certificate.ended_at,
                    "end_reason": certificate.end_reason,
                }
                for certificate in certificates.order_by("year", "serial")
            ],
        )
        waivers = Waiver.objects.filter(enrolment__participant=user.pk).select_related("enrolment__cycle")
        yield Section(
            key="waivers",
            title=_("Waivers"),
            labels={
                "cycle": _("Cycle"),
                "condition": _("Condition"),
                "reason": _("Reason"),
                "status": _("State"),
                "asked_at": _("Asked"),
                "decided_at": _("Decided"),
            },
            rows=[
                {
                    "cycle": localized_text(waiver.enrolment.cycle, "name"),
                    "condition": choice(waiver, "condition"),
                    "reason": waiver.reason,
                    "status": choice(waiver, "status"),
                    "asked_at": waiver.asked_at,
                    "decided_at": waiver.decided_at,
                }
                for waiver in waivers.order_by("asked_at", "pk")
            ],
        )

    # --- merge ----------------------------------------------------------------------------------------------------

    def refuse_merge(self, *, kept: AbstractBaseUser, gone: AbstractBaseUser) -> str:
        """Two valid certificates for one cycle, or credit that would move to another line."""
        for own, theirs in shared_enrolments(kept=kept, gone=gone):
            numbers = [_live_number(enrolment) for enrolment in (own, theirs)]
            if all(numbers):
                return _(
                    "Both accounts have a valid certificate for %(cycle)s: %(one)s and %(other)s. Revoke one first."
                ) % {
                    "cycle": localized_text(own.cycle, "name"),
                    "one": min(numbers),
                    "other": max(numbers),
                }
        categories = set(
            Profile.objects.filter(user__in=[kept.pk, gone.pk]).values_list("category", flat=True)
        )
        if len(categories) > 1 and self.fixes_category(gone):
            return _(
                "The profiles have different professional categories, and credit was earned under both or one of "
                "them. Correct the category of one profile first."
            )
        return ""

    def prepare_merge(self, *, kept: AbstractBaseUser, gone: AbstractBaseUser) -> None:
        """A certificate cannot leave its enrolment, so an enrolment with a valid one survives."""
        for own, theirs in shared_enrolments(kept=kept, gone=gone):
            if _live_number(theirs) and not _live_number(own):
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
        """Certificates come with their enrolments; here they are counted.

        In a cycle that both are in, a waiver moves where `kept` has none for that survey; else it stays on record.
        """
        staying = [theirs.pk for _own, theirs in shared_enrolments(kept=kept, gone=gone)]
        coming = Certificate.objects.filter(enrolment__participant=gone.pk).exclude(enrolment__in=staying)
        moved.add("certificates", coming.count())
        for own, theirs in shared_enrolments(kept=kept, gone=gone):
            held = own.waivers.exclude(status=Waiver.Status.REFUSED).values("condition")
            moved.add("waivers", theirs.waivers.exclude(condition__in=held).update(enrolment=own))

    # --- erasure --------------------------------------------------------------------------------------------------

    def erase(self, *, user: AbstractBaseUser, now: datetime, is_kept: bool) -> None:
        """Audit packs repeat what the rest of the portal forgets; one made anew has what is still on record."""
        discard_packs_about(user)

    def finish_erasure(self, *, user: AbstractBaseUser) -> None:
        """The same for those made since: they hold the name. Why somebody was let off a survey is forgotten, too."""
        discard_packs_about(user)
        waivers = Waiver.objects.filter(enrolment__participant=user.pk)
        ids = list(waivers.values_list("pk", flat=True))
        with pgtrigger.ignore("credits.Waiver:waiver_request_is_frozen"):
            waivers.exclude(reason="–").update(reason="–")
        blank_history(Waiver, Q(pgh_obj__in=ids), reason="–")
        blank_reasons(Waiver, Q(pgh_obj__in=ids))

    def kept(self, user: AbstractBaseUser) -> Iterable[Kept]:
        """Certificates: the record of them for six years, the documents themselves for good."""
        waivers = Waiver.objects.filter(enrolment__participant=user.pk)
        last_day = waivers.aggregate(last=Max("enrolment__cycle__ends_on"))["last"]
        if last_day and kept_until(last_day) >= timezone.localdate():
            yield Kept(
                what=_("That you were exempted from a survey, and why"),
                why=_("Accreditors and your college may ask about it for six years after a cycle."),
                until=kept_until(last_day),
            )
        certificates = Certificate.objects.filter(enrolment__participant=user.pk)
        facts = certificates.aggregate(last=Max("enrolment__cycle__ends_on"))
        count = certificates.count()
        if not count:
            return
        if kept_until(facts["last"]) >= timezone.localdate():
            yield Kept(
                what=ngettext(
                    "The record that you hold %(count)d certificate",
                    "The record that you hold %(count)d certificates",
                    count,
                )
                % {"count": count},
                why=_("Accreditors and your college may ask about it for six years after a cycle."),
                until=kept_until(facts["last"]),
            )
        yield Kept(
            what=ngettext(
                "The certificate itself, with the name printed on it",
                "The certificates themselves, with the name printed on them",
                count,
            ),
            why=_(
                "Its number was given once and for all: whoever holds the paper can still have it verified."
            ),
            until=None,
            needs_name=False,
        )


def _live_number(enrolment: Enrolment) -> str:
    """The number of the enrolment's valid certificate, or ""."""
    numbers = Certificate.objects.filter(enrolment=enrolment, status__in=sorted(LIVE))
    return numbers.values_list("number", flat=True).first() or ""
