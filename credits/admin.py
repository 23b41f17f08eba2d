"""Accreditations, certificates and the closing of cycles in the administration."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.forms import BaseInlineFormSet, ModelChoiceField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin import AuditedAdmin, ReadOnlyAdmin
from core.errors import DomainError
from core.templatetags.portal import quarter_hours
from credits.forms import AccreditationForm, ReasonForm
from credits.models import Accreditation, Certificate, CreditLine, CycleClosing, SessionIdentifier
from credits.queries import cycle_ledgers, issuing_progress
from credits.rendering import pdf_engine_missing
from credits.rules import covers_after_two_an_hour
from credits.services import close_cycle, correct_certificate, retry_certificate, revoke_certificate
from participants.requests import current_user
from sessions_app.admin.sessions import EchoSessionAdmin
from sessions_app.models import Cycle, EchoSession


class CreditLineInline(admin.StackedInline[CreditLine, Accreditation]):
    """The rule for each category."""

    model = CreditLine
    extra = 0
    can_delete = False


class SessionIdentifierInline(admin.StackedInline[SessionIdentifier, Accreditation]):
    """The accreditor's IDs of the sessions."""

    model = SessionIdentifier
    extra = 0
    raw_id_fields = ["session"]


class GivenIdentifierFormSet(BaseInlineFormSet[SessionIdentifier, EchoSession, ModelForm[SessionIdentifier]]):
    """A line for each accreditation that covers the session: what is left to do is to write its ID."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accreditations = _covering(self.instance)
        given = set(self.instance.identifiers.values_list("accreditation_id", flat=True))
        self.initial_extra = [{"accreditation": row.pk} for row in self.accreditations if row.pk not in given]
        self.extra = len(self.initial_extra)

    def add_fields(self, form: ModelForm[SessionIdentifier], index: int | None) -> None:
        """Only those accreditations can be chosen."""
        super().add_fields(form, index)
        field = form.fields.get("accreditation")
        if isinstance(field, ModelChoiceField):
            field.queryset = self.accreditations


class GivenIdentifierInline(admin.StackedInline[SessionIdentifier, EchoSession]):
    """The IDs that accreditors gave to the session."""

    model = SessionIdentifier
    formset = GivenIdentifierFormSet

    def get_max_num(self, request: HttpRequest, obj: EchoSession | None = None, **kwargs: Any) -> int:
        """One of each accreditation."""
        return _covering(obj).count() if obj is not None else 0


admin.site.unregister(EchoSession)


@admin.register(EchoSession)
class AccreditedSessionAdmin(EchoSessionAdmin):
    """Sessions, with the IDs that accreditors gave them: the floor below does not know of accreditation."""

    def get_inlines(self, request: HttpRequest, obj: EchoSession | None) -> list[Any]:
        """The IDs come last, where there is an accreditation to give one."""
        inlines = super().get_inlines(request, obj)
        has_any = obj is not None and _covering(obj).exists()
        return [*inlines, GivenIdentifierInline] if has_any else inlines


def _covering(session: EchoSession) -> QuerySet[Accreditation]:
    """The program's accreditations on the session's day, and any that has given it an ID already."""
    day = timezone.localdate(session.starts_at)
    covers = Q(program=session.cycle.program_id, valid_from__lte=day, valid_to__gte=day)
    return Accreditation.objects.filter(covers | Q(session_identifiers__session=session)).distinct()


@admin.register(Accreditation)
class AccreditationAdmin(AuditedAdmin):
    """Accreditors' grants. Changing one changes no certificate that is issued."""

    form = AccreditationForm
    list_display = ["accreditor", "program", "activity_id", "valid_from", "valid_to"]
    list_filter = ["program"]
    list_select_related = ["program"]
    inlines = [CreditLineInline, SessionIdentifierInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A grant stays on record."""
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the lines, and warn about old rates (rule 11)."""
        super().save_related(request, form, formsets, change)
        accreditation: Accreditation = form.instance
        days = [
            timezone.localdate(starts_at)
            for starts_at in EchoSession.objects.filter(cycle__program=accreditation.program_id)
            .exclude(status=EchoSession.Status.CANCELLED)
            .filter(starts_at__date__range=(accreditation.valid_from, accreditation.valid_to))
            .values_list("starts_at", flat=True)
        ]
        for line in accreditation.lines.all():
            if covers_after_two_an_hour(line.terms, session_days=days):
                self.message_user(
                    request,
                    _(
                        "%(line)s: more than 1 credit an hour for sessions after December 31, 2025. New grants "
                        "give 1 an hour; check the accreditor's letter."
                    )
                    % {"line": line},
                    messages.WARNING,
                )


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    """Certificates: looked at, retried, revoked or corrected; never edited."""

    list_display = ["number", "participant", "category", "cycle", "claimable", "status", "issued_at"]
    list_filter = ["status", "enrolment__cycle", "line__category"]
    search_fields = ["number", "enrolment__participant__email", "enrolment__participant__profile__legal_name"]
    list_select_related = ["enrolment__participant__profile", "enrolment__cycle__program", "line"]
    exclude = ["document", "token", "facts", "lease_token", "leased_until"]
    actions = ["retry"]
    change_form_template = "admin/credits/certificate_change.html"

    @admin.display(
        description=gettext_lazy("participant"), ordering="enrolment__participant__profile__legal_name"
    )
    def participant(self, certificate: Certificate) -> str:
        """The name as printed."""
        return str(certificate.facts["participant_name"])

    @admin.display(description=gettext_lazy("cycle"), ordering="enrolment__cycle")
    def cycle(self, certificate: Certificate) -> str:
        """The cycle, without its program."""
        return certificate.enrolment.cycle.name

    @admin.display(description=gettext_lazy("category"), ordering="line__category")
    def category(self, certificate: Certificate) -> str:
        """The category whose line applies."""
        return str(certificate.line.get_category_display())

    @admin.display(description=gettext_lazy("claimable"), ordering="amount")
    def claimable(self, certificate: Certificate) -> str:
        """How much, and of what."""
        return f"{quarter_hours(certificate.amount)} {certificate.line.get_unit_display()}"

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Who may change certificates may retry, correct and revoke them."""
        return request.user.has_perm("credits.change_certificate")

    @admin.action(
        description=gettext_lazy("Try again to make the chosen certificates"), permissions=["manage"]
    )
    def retry(self, request: HttpRequest, queryset: QuerySet[Certificate]) -> None:
        """Retry those that failed."""
        for certificate in queryset:
            try:
                retry_certificate(certificate_id=certificate.pk, by=current_user(request), now=timezone.now())
            except DomainError as error:
                self.message_user(request, f"{certificate}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{certificate}: {Certificate.Status.PENDING.label}")

    def get_urls(self) -> list[URLPattern]:
        """Revoking and correcting beside the usual pages."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/revoke/", wrap(self.revoke_view), name="credits_certificate_revoke"),
            path("<int:pk>/correct/", wrap(self.correct_view), name="credits_certificate_correct"),
            *super().get_urls(),
        ]

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the reason, then revoke."""
        return self._with_reason(
            request,
            pk,
            verb=revoke_certificate,
            title=_("Revoke the certificate"),
            explanation=_("The verification page will say that it is revoked. This cannot be undone."),
            button=_("Revoke"),
        )

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the reason, then issue a corrected one that supersedes this."""
        return self._with_reason(
            request,
            pk,
            verb=correct_certificate,
            title=_("Issue a corrected certificate"),
            explanation=_(
                "A new certificate is made from the name, attendance and rates on record now, and mailed. "
                "It supersedes this one, which stays on record."
            ),
            button=_("Issue the corrected certificate"),
        )

    def _with_reason(
        self, request: HttpRequest, pk: int, *, verb: Any, title: str, explanation: str, button: str
    ) -> HttpResponse:
        if not self.has_manage_permission(request):
            raise PermissionDenied
        certificate = get_object_or_404(Certificate, pk=pk)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                result = verb(
                    certificate_id=pk,
                    by=current_user(request),
                    reason=form.cleaned_data["reason"],
                    now=timezone.now(),
                )
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                self.message_user(request, f"{result}: {result.get_status_display()}", messages.SUCCESS)
                return redirect("admin:credits_certificate_change", result.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "certificate": certificate,
            "explanation": explanation,
            "button": button,
            "form": form,
        }
        return TemplateResponse(
            request, "admin/credits/certificate_reason.html", context, status=422 if form.errors else 200
        )


@admin.register(CycleClosing)
class CycleClosingAdmin(ReadOnlyAdmin):
    """Closing a cycle: who gets a certificate, who does not and why; then one button."""

    list_display = ["name", "program", "ends_on", "status", "closed_at", "close_link"]
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

    def get_urls(self) -> list[URLPattern]:
        """The closing's own page and its progress."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/close/", wrap(self.close_view), name="credits_cycleclosing_close"),
            path("<int:pk>/progress/", wrap(self.progress_view), name="credits_cycleclosing_progress"),
            *super().get_urls(),
        ]

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The dry run, and, when confirmed, the closing itself. Leaving the page stops nothing."""
        self._require(request)
        cycle = get_object_or_404(
            Cycle.objects.select_related("program", "closed_by").exclude(status=Cycle.Status.PLANNED), pk=pk
        )
        if request.method == "POST":
            try:
                issued = close_cycle(cycle_id=cycle.pk, by=current_user(request), now=timezone.now())
            except DomainError as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                text = ngettext(
                    "%d certificate is being made.", "%d certificates are being made.", len(issued)
                )
                self.message_user(request, text % len(issued), messages.SUCCESS)
            return redirect("admin:credits_cycleclosing_close", pk=cycle.pk)
        ledgers = cycle_ledgers(cycle)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Certificates of the cycle")
            if cycle.status == Cycle.Status.CLOSED
            else _("Close the cycle"),
            "opts": self.opts,
            "cycle": cycle,
            "due": [ledger for ledger in ledgers if ledger.to_issue],
            "not_eligible": [ledger for ledger in ledgers if ledger.missing and not ledger.certified],
            "certified": [ledger for ledger in ledgers if ledger.certified],
            "total": len(ledgers),
            "progress": issuing_progress(cycle),
            "failed": Certificate.objects.filter(enrolment__cycle=cycle, status=Certificate.Status.FAILED),
            "engine_problem": pdf_engine_missing(),
            "is_over": not cycle.sessions.exclude(status=EchoSession.Status.CANCELLED)
            .filter(ends_at__gt=timezone.now())
            .exists(),
        }
        return TemplateResponse(request, "admin/credits/cycle_close.html", context)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The progress alone, for the page to fetch; 286 tells htmx to stop asking."""
        self._require(request)
        cycle = get_object_or_404(Cycle, pk=pk)
        progress = issuing_progress(cycle)
        return TemplateResponse(
            request,
            "admin/credits/_progress.html",
            {"cycle": cycle, "progress": progress},
            status=200 if progress.waiting else 286,
        )

    @staticmethod
    def _require(request: HttpRequest) -> None:
        if not request.user.has_perm("credits.close_cycle"):
            raise PermissionDenied
