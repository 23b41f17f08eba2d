"""Exports under pseudonyms, and the one way back from a pseudonym to a person."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import ReadOnlyAdmin
from core.caching import no_store
from core.csv_safe import csv_response
from core.errors import DomainError
from participants.requests import current_user
from sessions_app.models import Cycle
from surveys.export_forms import ExportForm, FileFormat, LookupForm
from surveys.exports import Dataset, Purpose, Table, as_csv, as_sav, as_xlsx, build_table, codebook_rows
from surveys.models import Pseudonym, PseudonymLookup, SurveyWindow
from surveys.services import look_up_pseudonym

TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.SAV: "application/x-spss-sav",
}


class ExportPages(ReadOnlyAdmin):
    """For the admin of responses: the page that hands answers out under pseudonyms."""

    def get_urls(self) -> list[URLPattern]:
        """The page beside the usual ones."""
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name="surveys_export"), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Choose and look: how many rows there are, who is left out; then download, which is recorded."""
        if not request.user.has_perm("surveys.export_response"):
            raise PermissionDenied
        form = ExportForm(request.POST or None, user=current_user(request))
        table: Table | None = None
        if form.is_bound and form.is_valid():
            cycles, chosen = form.cycles(), form.cleaned_data
            table = build_table(
                cycles, dataset=Dataset(chosen["dataset"]), purpose=Purpose(chosen["purpose"])
            )
            if "download" in request.POST:
                return _download(request, table, cycles, FileFormat(chosen["file_format"]), chosen)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export answers"),
            "opts": self.opts,
            "form": form,
            "table": table,
            "people": len({row[0] for row in table.rows}) if table else 0,
        }
        return TemplateResponse(
            request, "admin/surveys/export.html", context, status=422 if form.errors else 200
        )


def _download(
    request: HttpRequest,
    table: Table,
    cycles: list[Cycle],
    file_format: FileFormat,
    chosen: dict[str, Any],
) -> HttpResponse:
    """The file; who took it, when, what and how many rows stays on record."""
    program = cycles[0].program
    name = f"{program.slug}-{chosen['dataset']}-{timezone.localdate():%Y-%m-%d}"
    LogEntry.objects.create(
        user=current_user(request),
        content_type=ContentType.objects.get_for_model(SurveyWindow),
        object_id="",
        object_repr=f"{program} – {', '.join(cycle.name for cycle in cycles)}"[:200],
        action_flag=CHANGE,
        change_message=(
            f"Exported {len(table.rows)} rows of {chosen['dataset']} for {chosen['purpose']} as {file_format}; "
            f"{table.left_out} people left out."
        ),
    )
    if file_format == FileFormat.CODEBOOK:
        return csv_response(f"{name}-codebook.csv", codebook_rows(table))
    if file_format == FileFormat.CSV:
        content = as_csv(table)
    elif file_format == FileFormat.XLSX:
        content = as_xlsx(table, data_title=_("Data"), codebook_title=_("Codebook"))
    else:
        content = as_sav(table, file_label=str(program))
    response = HttpResponse(content, content_type=TYPES[file_format])
    response["Content-Disposition"] = f'attachment; filename="{name}.{file_format}"'
    response["Cache-Control"] = "no-store, private"
    return response


@admin.register(PseudonymLookup)
class PseudonymLookupAdmin(ReadOnlyAdmin):
    """Who has looked up whose pseudonym, and why; and the page that does it."""

    list_display = ["pseudonym", "looked_up_by", "looked_up_at", "reason", "lookup_link"]
    list_select_related = ["pseudonym", "looked_up_by"]

    @admin.display(description=gettext_lazy("look up"))
    def lookup_link(self, lookup: PseudonymLookup) -> SafeString:
        """The way to the next one."""
        return format_html('<a href="{}">{}</a>', reverse("admin:surveys_lookup"), _("Look a pseudonym up"))

    def get_urls(self) -> list[URLPattern]:
        """The page that links a pseudonym to a person, beside the list of those who did."""
        view = self.admin_site.admin_view(no_store(self.lookup_view))
        return [path("look-up/", view, name="surveys_lookup"), *super().get_urls()]

    def lookup_view(self, request: HttpRequest) -> HttpResponse:
        """A pseudonym and a reason in, a name out, once; that it was asked is kept."""
        if not request.user.has_perm("surveys.link_pseudonym"):
            raise PermissionDenied
        form = LookupForm(request.POST or None)
        found: Pseudonym | None = None
        if form.is_bound and form.is_valid():
            try:
                found = look_up_pseudonym(
                    code=form.cleaned_data["code"],
                    by=current_user(request),
                    reason=form.cleaned_data["reason"],
                    now=timezone.now(),
                )
            except DomainError as error:
                form.add_error(None, str(error))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Look a pseudonym up"),
            "opts": self.opts,
            "form": LookupForm() if found else form,
            "found": found,
        }
        return TemplateResponse(
            request, "admin/surveys/lookup.html", context, status=422 if form.errors else 200
        )
