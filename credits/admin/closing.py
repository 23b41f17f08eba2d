"""Closing a cycle in the administration: the dry run, the confirmation, the progress, and what is left to mend."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin import ReadOnlyAdmin
from core.errors import DomainError
from credits.admin.ledgers import LedgerPages
from credits.audit_pack_admin import audit_pack_urls
from credits.closing import changes, fingerprint, last_dry_run, outcomes
from credits.issued import differences, issuing_progress, undelivered
from credits.models import Certificate, CycleClosing, Waiver
from credits.queries import cycle_ledgers
from credits.rendering import pdf_engine_missing
from credits.services import close_cycle, make_dry_run, retry_certificate
from participants.requests import current_user
from sessions_app.models import Cycle, EchoSession

SHOWN = 200
"""Rows of a list on the page; all of them are in the table to download."""


@admin.register(CycleClosing)
class CycleClosingAdmin(LedgerPages, ReadOnlyAdmin):
    """Closing a cycle: who gets a certificate, who does not and why; then one button."""

    list_display = ["name", "program", "ends_on", "status", "closed_at", "close_link", "ledgers_link"]
    list_filter = ["program", "status"]
    list_select_related = ["program"]
    list_display_links = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[CycleClosing]:
        """Cycles that can be closed or are."""
        queryset: QuerySet[CycleClosing] = super().get_queryset(request)
        return queryset.exclude(status=Cycle.Status.PLANNED)

    @admin.display(description=gettext_lazy("certificates"))
    def close_link(self, cycle: CycleClosing) -> str:
        """To the closing's page."""
        label = _("See the certificates") if cycle.status == Cycle.Status.CLOSED else _("Prepare the closing")
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:credits_cycleclosing_close", args=[cycle.pk]), label
        )

    @admin.display(description=gettext_lazy("credits"))
    def ledgers_link(self, cycle: CycleClosing) -> str:
        """To what each has earned."""
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:credits_cycleclosing_ledgers", args=[cycle.pk]),
            _("Who has earned what"),
        )

    def get_urls(self) -> list[URLPattern]:
        """The closing's own page, what is done from it, and its progress."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/close/", wrap(self.close_view), name="credits_cycleclosing_close"),
            path("<int:pk>/dry-run/", wrap(self.dry_run_view), name="credits_cycleclosing_dry_run"),
            path("<int:pk>/retry/", wrap(self.retry_view), name="credits_cycleclosing_retry"),
            path("<int:pk>/progress/", wrap(self.progress_view), name="credits_cycleclosing_progress"),
            *self.ledger_urls(wrap),
            *audit_pack_urls(self.admin_site),
            *super().get_urls(),
        ]

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What a closing would do, and, when confirmed, the closing itself. Leaving the page stops nothing."""
        self.require(request)
        cycle = get_object_or_404(
            Cycle.objects.select_related("program", "closed_by").exclude(status=Cycle.Status.PLANNED), pk=pk
        )
        if request.method == "POST":
            return self._close(request, cycle)
        ledgers = cycle_ledgers(cycle)
        last = last_dry_run(cycle)
        due = [ledger for ledger in ledgers if ledger.to_issue]
        not_eligible = [ledger for ledger in ledgers if ledger.missing and not ledger.certified]
        is_closed = cycle.status == Cycle.Status.CLOSED
        progress = issuing_progress(cycle)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Certificates of the cycle") if is_closed else _("Close the cycle"),
            "opts": self.opts,
            "cycle": cycle,
            "is_closed": is_closed,
            "purge": cycle.purges.last() if is_closed else None,
            "due": due[:SHOWN],
            "due_count": len(due),
            "not_eligible": not_eligible[:SHOWN],
            "not_eligible_count": len(not_eligible),
            "total": len(ledgers),
            "seen": fingerprint(outcomes(ledgers)),
            "last": last,
            "changes": changes(last.outcomes, ledgers)[:SHOWN] if last else [],
            "waivers": waiting_waivers(cycle),
            "may_decide": request.user.has_perm("credits.decide_waiver"),
            "may_mend": request.user.has_perm("credits.change_certificate"),
            "progress": progress,
            "failed": _failed(cycle).order_by("serial") if progress.failed else [],
            "undelivered": undelivered(cycle),
            "differences": differences(cycle, ledgers),
            "engine_problem": pdf_engine_missing(),
            "is_over": is_closed or _is_over(cycle),
        }
        return TemplateResponse(request, "admin/credits/cycle_close.html", context)

    def _close(self, request: HttpRequest, cycle: Cycle) -> HttpResponse:
        try:
            issued = close_cycle(
                cycle_id=cycle.pk,
                by=current_user(request),
                now=timezone.now(),
                seen=request.POST.get("seen", ""),
            )
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            text = ngettext("%d certificate is being made.", "%d certificates are being made.", len(issued))
            self.message_user(request, text % len(issued), messages.SUCCESS)
        return redirect("admin:credits_cycleclosing_close", pk=cycle.pk)

    def dry_run_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep the list as it is now, so that the page can say what changes from here on."""
        self.require(request)
        cycle = get_object_or_404(Cycle.objects.exclude(status=Cycle.Status.PLANNED), pk=pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        make_dry_run(cycle_id=cycle.pk, by=current_user(request), now=timezone.now())
        self.message_user(
            request,
            _("The list is kept. From now on this page says what has changed since."),
            messages.SUCCESS,
        )
        return redirect("admin:credits_cycleclosing_close", pk=cycle.pk)

    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have one certificate that could not be made tried again, or all of the cycle."""
        self.require(request, "credits.change_certificate")
        cycle = get_object_or_404(Cycle, pk=pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        failed = _failed(cycle)
        if chosen := request.POST.get("number"):
            failed = failed.filter(number=chosen)
        retried = 0
        for certificate_id in list(failed.order_by("serial").values_list("pk", flat=True)):
            try:
                retry_certificate(certificate_id=certificate_id, by=current_user(request), now=timezone.now())
            except DomainError:
                # Somebody else has pressed the same button.
                continue
            retried += 1
        text = ngettext("%d certificate is being retried.", "%d certificates are being retried.", retried)
        self.message_user(request, text % retried, messages.SUCCESS if retried else messages.WARNING)
        return redirect("admin:credits_cycleclosing_close", pk=cycle.pk)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The progress alone, for the page to fetch; 286 tells htmx to stop asking."""
        self.require(request)
        cycle = get_object_or_404(Cycle, pk=pk)
        progress = issuing_progress(cycle)
        return TemplateResponse(
            request,
            "admin/credits/_progress.html",
            {"cycle": cycle, "progress": progress},
            status=200 if progress.waiting else 286,
        )

    @staticmethod
    def require(request: HttpRequest, permission: str = "credits.close_cycle") -> None:
        """Refuse who may not."""
        if not request.user.has_perm(permission):
            raise PermissionDenied


def _failed(cycle: Cycle) -> QuerySet[Certificate]:
    return Certificate.objects.filter(enrolment__cycle=cycle, status=Certificate.Status.FAILED)


def _is_over(cycle: Cycle) -> bool:
    running = cycle.sessions.exclude(status=EchoSession.Status.CANCELLED)
    return not running.filter(ends_at__gt=timezone.now()).exists()


def waiting_waivers(cycle: Cycle) -> QuerySet[Waiver]:
    """The waivers of the cycle that wait for a second person, the oldest first."""
    return (
        Waiver.objects.filter(enrolment__cycle=cycle, status=Waiver.Status.ASKED)
        .select_related("enrolment__participant__profile", "asked_by__profile")
        .order_by("asked_at", "pk")
    )
