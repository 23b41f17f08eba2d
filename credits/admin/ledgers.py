"""Ledgers in the administration: what each of a cycle has earned and what is missing, and one person's in full."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from core.csv_safe import csv_response
from core.errors import DomainError
from core.templatetags.portal import localized_text
from credits.forms import WaiverForm
from credits.ledger_page import (
    MISSING,
    conditions,
    csv_rows,
    prospect_sentences,
    session_lines,
    total_lines,
)
from credits.models import Certificate
from credits.queries import cycle_ledgers, enrolment_ledger
from credits.services import ask_waiver
from participants.requests import current_user
from sessions_app.models import Cycle, Enrolment
from surveys.queries import survey_states

PAGE_SIZE = 50
Wrap = Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]


class LedgerPages:
    """The pages of a cycle's ledgers, for the admin of its closing."""

    if TYPE_CHECKING:
        admin_site: Any
        opts: Any
        require: Callable[..., None]
        message_user: Callable[..., None]

    def ledger_urls(self, wrap: Wrap) -> list[URLPattern]:
        """The list, the list as a table, one person's ledger, and the request for a waiver."""
        name = "credits_cycleclosing_{}".format
        return [
            path("<int:pk>/ledgers/", wrap(self.ledgers_view), name=name("ledgers")),
            path("<int:pk>/ledgers.csv", wrap(self.ledgers_csv_view), name=name("ledgers_csv")),
            path("<int:pk>/ledgers/<int:enrolment>/", wrap(self.ledger_view), name=name("ledger")),
            path("<int:pk>/ledgers/<int:enrolment>.csv", wrap(self.ledger_csv_view), name=name("ledger_csv")),
            path("<int:pk>/ledgers/<int:enrolment>/waive/", wrap(self.waive_view), name=name("waive")),
        ]

    def ledgers_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everybody of the cycle, with what they have earned and what is missing, a page at a time."""
        self.require(request)
        cycle = self._cycle(pk)
        sought = request.GET.get("q", "").strip()
        people = _approved(cycle).order_by("participant__profile__legal_name", "pk")
        for word in sought.split()[:5]:
            people = people.filter(
                Q(participant__profile__legal_name__icontains=word) | Q(participant__email__icontains=word)
            )
        page = Paginator(people, PAGE_SIZE).get_page(request.GET.get("page"))
        ids = [enrolment.pk for enrolment in page]
        ledgers = cycle_ledgers(cycle, enrolments=Enrolment.objects.filter(pk__in=ids))
        context = self._context(request, cycle, title=_("Credits of the cycle")) | {
            "ledgers": [(ledger, total_lines(ledger)) for ledger in ledgers],
            "page": page,
            "sought": sought,
        }
        return TemplateResponse(request, "admin/credits/ledgers.html", context)

    def ledgers_csv_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everybody as a table: a row for each credit line of each person."""
        self.require(request)
        cycle = self._cycle(pk)
        ledgers = cycle_ledgers(cycle)
        numbers = dict(
            Certificate.objects.filter(enrolment__cycle=cycle, status=Certificate.Status.ISSUED).values_list(
                "enrolment_id", "number"
            )
        )
        heading = [
            _("Name"),
            _("Email"),
            _("Category"),
            _("Credit"),
            _("Hours"),
            _("Claimable"),
            _("Unit"),
            _("Beyond the maximum"),
            _("Certified in other cycles"),
            _("Missing"),
            _("Waived"),
            _("Certificate"),
        ]
        rows: list[list[Any]] = [heading]
        for ledger in ledgers:
            person = ledger.enrolment.participant
            who = [
                person.get_full_name(),
                person.email,
                ledger.profile.get_category_display() if ledger.profile else "",
            ]
            gate = [
                "; ".join(str(MISSING[name]) for name in ledger.missing),
                "; ".join(str(MISSING[name]) for name in sorted(ledger.waived)),
                numbers.get(ledger.enrolment.pk, ""),
            ]
            for total in ledger.totals:
                line = total.line
                rows.append(
                    [
                        *who,
                        localized_text(line, "credit_name"),
                        total.hours,
                        total.amount,
                        line.get_unit_display(),
                        total.taken_by_cap,
                        total.claimed_before,
                        *gate,
                    ]
                )
            if not ledger.totals:
                rows.append([*who, "", 0, 0, "", 0, 0, *gate])
        return csv_response(f"credits-{cycle.pk}.csv", rows)

    def ledger_view(self, request: HttpRequest, pk: int, enrolment: int) -> HttpResponse:
        """One person's ledger, as they see it themselves, with the waivers."""
        self.require(request)
        cycle = self._cycle(pk)
        row = _one(cycle, enrolment)
        ledger = enrolment_ledger(row)
        name = row.participant.get_full_name()
        context = self._context(request, cycle, title=name) | {
            "enrolment": row,
            "ledger": ledger,
            "lines": session_lines(ledger),
            "has_identifiers": any(row.identifier for row in ledger.rows),
            "totals": total_lines(ledger),
            "prospects": prospect_sentences(ledger),
            "conditions": conditions(ledger, survey_states(row, now=timezone.now()), with_links=False),
            "waivers": row.waivers.select_related("asked_by__profile", "decided_by__profile"),
            "may_waive": _waivable(ledger.missing) and row.participant_id != request.user.pk,
            "certificates": row.certificates.order_by("-year", "-serial").select_related("line"),
        }
        return TemplateResponse(request, "admin/credits/ledger.html", context)

    def ledger_csv_view(self, request: HttpRequest, pk: int, enrolment: int) -> HttpResponse:
        """One person's ledger as a table."""
        self.require(request)
        row = _one(self._cycle(pk), enrolment)
        return csv_response(f"credits-{pk}-{row.pk}.csv", csv_rows(enrolment_ledger(row)))

    def waive_view(self, request: HttpRequest, pk: int, enrolment: int) -> HttpResponse:
        """Ask that somebody be let off a survey; a second person decides."""
        self.require(request)
        cycle = self._cycle(pk)
        row = _one(cycle, enrolment)
        missing = enrolment_ledger(row).missing
        form = WaiverForm(request.POST if request.method == "POST" else None, missing=missing)
        if request.method == "POST" and form.is_valid():
            try:
                ask_waiver(
                    enrolment_id=row.pk,
                    condition=form.cleaned_data["condition"],
                    reason=form.cleaned_data["reason"],
                    by=current_user(request),
                    now=timezone.now(),
                )
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                self.message_user(
                    request, _("Asked for. It counts once somebody else has granted it."), messages.SUCCESS
                )
                return redirect("admin:credits_cycleclosing_ledger", cycle.pk, row.pk)
        context = self._context(request, cycle, title=_("Ask for a waiver")) | {
            "enrolment": row,
            "form": form,
            "can_be_asked": _waivable(missing),
        }
        return TemplateResponse(
            request, "admin/credits/waive.html", context, status=422 if form.errors else 200
        )

    @staticmethod
    def _cycle(pk: int) -> Cycle:
        return get_object_or_404(
            Cycle.objects.select_related("program").exclude(status=Cycle.Status.PLANNED), pk=pk
        )

    def _context(self, request: HttpRequest, cycle: Cycle, *, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "cycle": cycle,
        }


def _approved(cycle: Cycle) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(cycle=cycle, status=Enrolment.Status.APPROVED)


def _one(cycle: Cycle, pk: int) -> Enrolment:
    return get_object_or_404(
        Enrolment.objects.filter(cycle=cycle).select_related("cycle__program", "participant__profile"), pk=pk
    )


def _waivable(missing: Any) -> bool:
    waivable = {"pre_survey", "post_survey", "reflection"}
    return any(name in waivable for name in missing)
