"""Audit packs and purges in the administration: made and downloaded by who may, seen by who may look."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core.admin import ReadOnlyAdmin
from core.errors import DomainError
from credits.models import AuditPack, AuditPackDownload, CycleClosing, Purge
from credits.services import ask_for_audit_pack, download_audit_pack
from participants.requests import current_user
from sessions_app.models import Cycle

SHOWN = 20
"""Packs on the page of a cycle: the newest."""


def audit_pack_urls(site: admin.AdminSite) -> list[URLPattern]:
    """The pages of a cycle's packs, for the administration of its closing."""
    return [
        path(
            "<int:pk>/audit-pack/",
            site.admin_view(cycle_packs_view),
            name="credits_cycleclosing_audit_pack",
        ),
        path(
            "<int:pk>/audit-pack/progress/",
            site.admin_view(progress_view),
            name="credits_cycleclosing_audit_pack_progress",
        ),
    ]


def cycle_packs_view(request: HttpRequest, pk: int) -> HttpResponse:
    """What a pack holds, the button that has one made, how far it is, and the packs there are."""
    _require(request)
    cycle = _cycle(pk)
    if request.method == "POST":
        try:
            ask_for_audit_pack(cycle_id=cycle.pk, by=current_user(request), now=timezone.now())
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The audit pack is being made."))
        return redirect("admin:credits_cycleclosing_audit_pack", pk=cycle.pk)
    context = {
        **admin.site.each_context(request),
        "title": _("Audit pack"),
        "opts": CycleClosing._meta,
        "cycle": cycle,
        "is_purged": cycle.purges.exists(),
        **_packs(cycle),
    }
    return TemplateResponse(request, "admin/credits/audit_pack.html", context)


@require_GET
def progress_view(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is and the packs there are, for the page to fetch; 286 tells htmx to stop asking."""
    _require(request)
    cycle = _cycle(pk)
    context = {"cycle": cycle, **_packs(cycle)}
    return TemplateResponse(
        request, "admin/credits/_audit_packs.html", context, status=200 if context["pending"] else 286
    )


def _packs(cycle: Cycle) -> dict[str, Any]:
    """The cycle's packs, and the one that is being made (1 query)."""
    packs = list(
        AuditPack.objects.filter(cycle=cycle)
        .select_related("asked_by")
        .annotate(times_downloaded=Count("downloads"))
        # Said again: what is counted by groups loses the order of its model.
        .order_by("-asked_at", "-pk")[:SHOWN]
    )
    pending = next((pack for pack in packs if pack.status == AuditPack.Status.PENDING), None)
    return {"packs": packs, "pending": pending}


def _cycle(pk: int) -> Cycle:
    return get_object_or_404(
        Cycle.objects.select_related("program").exclude(status=Cycle.Status.PLANNED), pk=pk
    )


def _require(request: HttpRequest) -> None:
    if not request.user.has_perm("credits.make_auditpack"):
        raise PermissionDenied


@admin.register(AuditPack)
class AuditPackAdmin(ReadOnlyAdmin):
    """Every pack that was asked for, also those whose content is no longer kept."""

    list_display = ["cycle", "status", "asked_at", "asked_by", "made_at", "megabytes", "sha256", "download"]
    list_filter = ["status"]
    list_select_related = ["cycle__program", "asked_by"]
    exclude = ["lease_token", "leased_until"]

    @admin.display(description=gettext_lazy("size"), ordering="size")
    def megabytes(self, pack: AuditPack) -> str:
        """In words."""
        return filesizeformat(pack.size) if pack.size else ""

    @admin.display(description=gettext_lazy("file"))
    def download(self, pack: AuditPack) -> str | SafeString:
        """The way to take it along: auditors have no other page of it."""
        if pack.status != AuditPack.Status.MADE:
            return "–"
        url = reverse("admin:credits_auditpack_download", args=[pack.pk])
        return format_html('<a href="{}">{}</a>', url, _("Download it"))

    def get_urls(self) -> list[URLPattern]:
        """The download beside the usual pages."""
        page = path(
            "<int:pk>/download/",
            self.admin_site.admin_view(self.download_view),
            name="credits_auditpack_download",
        )
        return [page, *super().get_urls()]

    def download_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The ZIP, a part at a time; that it was taken is recorded first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponse(status=405, headers={"Allow": "GET"})
        pack = get_object_or_404(AuditPack, pk=pk)
        try:
            pack, content = download_audit_pack(pack_id=pk, by=current_user(request), now=timezone.now())
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect("admin:credits_cycleclosing_audit_pack", pk=pack.cycle_id)
        return StreamingHttpResponse(
            content,
            content_type="application/zip",
            headers={
                "Content-Length": str(pack.size),
                "Content-Disposition": f'attachment; filename="{pack.filename}"',
                "Cache-Control": "no-store, private",
                "X-Content-Type-Options": "nosniff",
            },
        )


@admin.register(AuditPackDownload)
class AuditPackDownloadAdmin(ReadOnlyAdmin):
    """Who took which pack away."""

    list_display = ["pack", "downloaded_at", "downloaded_by"]
    list_select_related = ["pack__cycle__program", "downloaded_by"]


@admin.register(Purge)
class PurgeAdmin(ReadOnlyAdmin):
    """What was deleted when its time was over. The command purge_cycle does it; nobody does it here."""

    list_display = [
        "cycle",
        "purged_at",
        "purged_by",
        "attendances",
        "attendance_reports",
        "names_on_reports",
        "responses",
        "answers",
        "audit_packs",
    ]
    list_select_related = ["cycle__program", "purged_by"]
