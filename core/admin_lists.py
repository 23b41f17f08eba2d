"""What every list of the administration can: keep its filters, save searches, ask before it acts, and be exported."""

from __future__ import annotations

import csv
import hashlib
import io
import logging
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import display_for_field, display_for_value, label_for_field, lookup_field
from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import strip_tags
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.csv_safe import safe_cell
from core.models import SavedSearch

if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = object

logger = logging.getLogger(__name__)

KEPT = "admin_lists"
"""Where a session keeps the filters of each list."""
DONE = "admin_done"
"""What was done last, where it can be undone."""
NOT_KEPT = ("_popup", "_to_field", "_changelist_filters", "e", "p")
MOST_ROWS = 50_000
"""Rows of an export; more are filtered first."""
MOST_UNDONE = 200
"""Records that one button undoes; of more, somebody looks at the list again."""
NAMED = 10
"""Records that are named before something is done to all of them."""
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Action = Callable[..., Any]


def asks_first(question: Any, *, can_be_undone: Any = "") -> Callable[[Action], Action]:
    """Mark an action that is confirmed before it is done; `question` says what will happen.

    `can_be_undone` says how, where it can be. The action itself offers it, for what it did (`offer_undo`).
    """

    def mark(action: Action) -> Action:
        action.asks_first = (question, can_be_undone)  # type: ignore[attr-defined]
        return action

    return mark


class ListTools(AnyAdmin):
    """For every admin of the portal: its list."""

    can_be_exported = True
    """Whether the list may be taken along as a file."""

    def get_urls(self) -> list[URLPattern]:
        """The exports and the saved searches, beside the usual pages."""
        wrap, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("export/<str:kind>/", wrap(self.export_list_view), name=f"{name}_export"),
            path("searches/", wrap(self.searches_view), name=f"{name}_searches"),
            *super().get_urls(),
        ]

    # --- filters that stay, searches that are kept ----------------------------------------------------------------
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; who comes back to it without a query finds it as they left it."""
        if request.method == "GET" and "_popup" not in request.GET:
            kept: dict[str, str] = request.session.get(KEPT, {})
            query = request.GET.copy()
            for name in NOT_KEPT:
                query.pop(name, None)
            label = self.opts.label_lower
            if not request.GET and label in kept and not self._is_cleared(request):
                return redirect(f"{request.path}?{kept[label]}")
            if "e" not in request.GET and kept.get(label, "") != query.urlencode():
                if query:
                    kept[label] = query.urlencode()
                else:
                    kept.pop(label, None)
                request.session[KEPT] = kept
        try:
            return super().changelist_view(
                request, {"media": self._list_media(request)} | (extra_context or {})
            )
        except DisallowedModelAdminLookup:
            # Not kept: whoever comes back must not meet it again.
            request.session[KEPT] = {
                label: query
                for label, query in request.session.get(KEPT, {}).items()
                if label != self.opts.label_lower
            }
            logger.warning(
                "The list of %s was to be narrowed by what it does not show.", self.opts.label_lower
            )
            messages.warning(request, _("The list cannot be narrowed by this: all of it is shown."))
            return redirect(f"{request.path}?{ERROR_FLAG}=1")

    def _list_media(self, request: HttpRequest) -> forms.Media:
        """A list needs the script of its actions alone, but where it is opened to choose a record from."""
        return self.media if "_popup" in request.GET else forms.Media(js=["admin/js/actions.js"])

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list under its own name, with what its tools show (1 query)."""
        changes: Any = super().get_changelist_instance(request)
        changes.saved_searches = list(
            SavedSearch.objects.filter(owner_id=request.user.pk, list=self.opts.label_lower)
        )
        if not changes.is_popup:
            changes.title = capfirst(self.opts.verbose_name_plural)
        changes.current_query = urlencode(sorted(changes.params.items()), doseq=True)
        done = request.session.get(DONE)
        if done and done["list"] == self.opts.label_lower and request.method == "GET":
            # Offered once, on the page that follows.
            changes.done = request.session.pop(DONE) | {"url": request.path}
        base = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        changes.searches_url = reverse(f"{base}_searches")
        changes.export_urls = self.can_be_exported and [
            (kind.upper(), reverse(f"{base}_export", args=[kind]) + changes.get_query_string())
            for kind in TYPES
        ]
        return changes

    def searches_view(self, request: HttpRequest) -> HttpResponse:
        """Keep the list's present filters under a name, or give a kept one up."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        query = request.POST.get("query", "")[:1000]
        own = SavedSearch.objects.filter(owner_id=request.user.pk, list=self.opts.label_lower)
        if request.method == "POST" and "delete" in request.POST:
            own.filter(pk=int(pk) if (pk := request.POST["delete"][:18]).isdecimal() else 0).delete()
        elif request.method == "POST":
            name = " ".join(request.POST.get("name", "").split())[:60]
            if name and query:
                own.update_or_create(
                    owner_id=request.user.pk, list=self.opts.label_lower, name=name, defaults={"query": query}
                )
                messages.success(request, _("Saved as “%(name)s”.") % {"name": name})
            else:
                messages.warning(request, _("Filter or search first, then give it a name."))
        return redirect(f"{back}?{query}" if query else back)

    def _is_cleared(self, request: HttpRequest) -> bool:
        """Whether the list was asked for without a query from the list itself: its filters were taken away."""
        return urlsplit(request.headers.get("Referer", "")).path == request.path

    # --- asking before it is done ---------------------------------------------------------------------------------
    def response_action(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> Any:
        """Do the chosen action; one that asks first is shown with its count before, and done to just those rows."""
        name = request.POST.get("action", "")
        found = self.get_actions(request).get(name)
        question = getattr(found[0], "asks_first", None) if found else None
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        is_all = request.POST.get("select_across") == "1"
        if question is None or not (chosen or is_all):
            return super().response_action(request, queryset, *args, **kwargs)
        rows = queryset if is_all else queryset.filter(pk__in=chosen)
        # Chosen one by one they are what was shown; a whole list may have changed since.
        seen = _fingerprint(rows) if is_all else ""
        if "confirmed" in request.POST and request.POST.get("seen", "") == seen:
            answer = super().response_action(request, queryset, *args, **kwargs)
            kept = request.session.get(KEPT, {}).get(self.opts.label_lower)
            # An undoing is sent to the whole list; it leads back to the list as it was left.
            return redirect(f"{request.path}?{kept}") if "undone" in request.POST and kept else answer
        if "confirmed" in request.POST:
            text = _("The list has changed since you looked at it. Look again, then confirm.")
            messages.warning(request, text)
        number = rows.count()
        context = {
            **self.admin_site.each_context(request),
            "title": str(found[2]) if found else "",
            "opts": self.opts,
            "what_happens": question[0],
            "undo": question[1],
            "number": number,
            "records": ngettext("%(number)d record", "%(number)d records", number) % {"number": number},
            "rows": list(rows[:NAMED]),
            "more": max(number - NAMED, 0),
            "action": name,
            "chosen": chosen,
            "select_across": "1" if is_all else "0",
            "seen": seen,
            "checkbox": ACTION_CHECKBOX_NAME,
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/confirm_action.html", context)

    def offer_undo(self, request: HttpRequest, *, action: str, pks: list[Any]) -> None:
        """Offer `action` for the records `pks` on the page that follows; not after an undoing, nor for over 200."""
        if pks and len(pks) <= MOST_UNDONE and "undone" not in request.POST:
            request.session[DONE] = {"list": self.opts.label_lower, "undo": action, "rows": pks}

    # --- exports --------------------------------------------------------------------------------------------------
    def export_list_view(self, request: HttpRequest, kind: str) -> HttpResponse | StreamingHttpResponse:
        """All rows of the list as it is filtered, as CSV or as a workbook; who took it along is on record."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if kind not in TYPES or not self.can_be_exported:
            raise Http404
        changes = self.get_changelist_instance(request)
        rows = changes.get_queryset(request)
        number = rows.count()
        if number > MOST_ROWS:
            messages.error(
                request,
                _(
                    "This list has %(number)d rows; at most %(most)d can be downloaded at once. Filter the list"
                    " first."
                )
                % {"number": number, "most": MOST_ROWS},
            )
            return redirect(
                reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
                + changes.get_query_string()
            )
        LogEntry.objects.create(
            user_id=cast("int", request.user.pk),
            content_type=ContentType.objects.get_for_model(self.model, for_concrete_model=False),
            object_repr=ngettext("%(number)d row", "%(number)d rows", number) % {"number": number},
            action_flag=CHANGE,
            change_message=f"Exported as {kind}: {changes.current_query}"[:1000],
        )
        columns = [name for name in self.get_list_display(request) if name != "action_checkbox"]
        headings = [capfirst(str(label_for_field(name, self.model, self))) for name in columns]
        lines = self._lines(rows, columns)
        filename = f"{self.opts.model_name}.{kind}"
        response: HttpResponse | StreamingHttpResponse
        if kind == "xlsx":
            response = HttpResponse(_workbook(headings, lines), content_type=TYPES[kind])
        else:
            response = StreamingHttpResponse(_csv(headings, lines), content_type=TYPES[kind])
        response["Content-Disposition"] = f'attachment; filename="{filename}"'
        response["Cache-Control"] = "no-store, private"
        return response

    def _lines(self, rows: Any, columns: list[Any]) -> Iterator[list[str]]:
        for row in rows.iterator(chunk_size=2000):
            yield [self._cell(row, name) for name in columns]

    def _cell(self, row: Any, name: Any) -> str:
        """What stands in the list, as plain text."""
        try:
            field, attribute, value = lookup_field(name, row, self)
        except ObjectDoesNotExist:
            return ""
        empty = getattr(attribute, "empty_value_display", "")
        if field is None:
            if isinstance(value, bool):
                return _("Yes") if value else _("No")
            return strip_tags(str(display_for_value(value, empty))) if value is not None else ""
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if field.is_relation:
            return str(getattr(row, field.name) or "")
        return str(display_for_field(value, field, ""))


def _fingerprint(rows: Any) -> str:
    """Changes when another row is among them, or one less."""
    pks = ",".join(str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True))
    return hashlib.sha256(pks.encode()).hexdigest()


def _csv(headings: list[str], lines: Iterator[list[str]]) -> Iterator[bytes]:
    """With the mark by which spreadsheets know UTF-8."""
    yield "\N{BYTE ORDER MARK}".encode()
    for line in chain([headings], lines):
        text = io.StringIO()
        csv.writer(text).writerow([safe_cell(cell) for cell in line])
        yield text.getvalue().encode()


def _workbook(headings: list[str], lines: Iterator[list[str]]) -> bytes:
    """One sheet; every cell is text, so that none is a formula."""
    from openpyxl import Workbook  # noqa: PLC0415  (takes long to load, and is needed for this alone)
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.utils.exceptions import IllegalCharacterError  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in chain([headings], lines):
        cells = []
        for value in line:
            try:
                cell = WriteOnlyCell(sheet, value=safe_cell(value))
            except IllegalCharacterError:
                cell = WriteOnlyCell(sheet, value=safe_cell("".join(c for c in value if c.isprintable())))
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
