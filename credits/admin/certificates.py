"""Certificates in the administration: looked at, mailed again, retried, corrected and revoked; never edited."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import ReadOnlyAdmin
from core.errors import DomainError
from core.templatetags.portal import labelled, quarter_hours
from credits.forms import ReasonForm
from credits.models import Certificate
from credits.services import correct_certificate, resend_certificate, retry_certificate, revoke_certificate
from participants.requests import current_user


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
                self.message_user(request, labelled(certificate, error), messages.ERROR)
            else:
                self.message_user(request, labelled(certificate, Certificate.Status.PENDING.label))

    def get_urls(self) -> list[URLPattern]:
        """Revoking and correcting beside the usual pages."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/revoke/", wrap(self.revoke_view), name="credits_certificate_revoke"),
            path("<int:pk>/resend/", wrap(self.resend_view), name="credits_certificate_resend"),
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
                "A new certificate is made from the name, attendance and rates on record now, and emailed. "
                "It supersedes this one, which stays on record."
            ),
            button=_("Issue the corrected certificate"),
        )

    def resend_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Mail a certificate again, to the address on record now."""
        if not self.has_manage_permission(request):
            raise PermissionDenied
        certificate = get_object_or_404(Certificate, pk=pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            mail = resend_certificate(certificate_id=pk, by=current_user(request), now=timezone.now())
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.log_change(request, certificate, f"Emailed again (mail {mail.pk}).")
            self.message_user(
                request,
                _("%(number)s is emailed again, to %(address)s.")
                % {"number": certificate, "address": mail.recipient},
                messages.SUCCESS,
            )
        if request.POST.get("from") == "closing":
            return redirect("admin:credits_cycleclosing_close", certificate.enrolment.cycle_id)
        return redirect("admin:credits_certificate_change", pk)

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
                self.message_user(request, labelled(result, result.get_status_display()), messages.SUCCESS)
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
