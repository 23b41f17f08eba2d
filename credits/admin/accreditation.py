"""Accreditors' grants in the administration: their lines, a preview of each certificate, and a warning of old rates."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import AuditedAdmin, LimitedChoices
from credits.forms import AccreditationForm
from credits.issued import signature_of
from credits.models import Accreditation, CreditLine, SessionIdentifier
from credits.previews import sample_facts
from credits.rendering import RenderingError, pdf_engine_missing, render_certificate
from credits.rules import covers_after_two_an_hour
from sessions_app.models import EchoSession


class CreditLineInline(admin.StackedInline[CreditLine, Accreditation]):
    """The rule for each category."""

    model = CreditLine
    extra = 0
    can_delete = False
    readonly_fields = ["preview"]

    @admin.display(description=gettext_lazy("preview"))
    def preview(self, line: CreditLine) -> str:
        """The certificate as it would be, in each language, as the line was last saved."""
        if line.pk is None:
            return _("Save first, then look at the certificate here.")
        return format_html_join(
            " · ",
            '<a href="{}">{}</a>',
            [
                (reverse("admin:credits_accreditation_preview", args=[line.pk, code]), name)
                for code, name in (("en", _("In English")), ("fr", _("In French")))
            ],
        )


class SessionIdentifierInline(LimitedChoices, admin.StackedInline[SessionIdentifier, Accreditation]):
    """The accreditor's IDs of the sessions."""

    model = SessionIdentifier
    extra = 0
    raw_id_fields = ["session"]


@admin.register(Accreditation)
class AccreditationAdmin(AuditedAdmin):
    """Accreditors' grants. Changing one changes no certificate that is issued."""

    form = AccreditationForm
    list_display = ["accreditor", "program", "activity_id", "valid_from", "valid_to"]
    list_filter = ["program"]
    list_select_related = ["program"]
    inlines = [CreditLineInline, SessionIdentifierInline]

    def get_urls(self) -> list[URLPattern]:
        """The previews beside the usual pages."""
        preview = self.admin_site.admin_view(self.preview_view)
        return [
            path(
                "lines/<int:pk>/preview/<str:language>/",
                preview,
                name="credits_accreditation_preview",
            ),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """The certificate of one line, in one language, with sample data."""
        if not request.user.has_perm("credits.view_accreditation"):
            raise PermissionDenied
        line = get_object_or_404(CreditLine.objects.select_related("accreditation__program"), pk=pk)
        problem = pdf_engine_missing()
        if problem is None:
            facts = sample_facts(line, language="fr" if language == "fr" else "en")
            try:
                pdf = render_certificate(facts, signature_png=signature_of(facts))
            except RenderingError as error:
                problem = str(error)
        if problem is not None:
            self.message_user(request, problem, messages.ERROR)
            return redirect("admin:credits_accreditation_change", line.accreditation_id)
        response = HttpResponse(pdf, content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="sample-{line.pk}-{facts.language}.pdf"'
        response["Cache-Control"] = "no-store"
        return response

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
