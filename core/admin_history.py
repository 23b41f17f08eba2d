"""The History tab of a record: who changed what, when, from what to what, out of the audit trail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.trail import event_model, shown_value

if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = object

LIMIT = 200
"""Changes of a record, and of what belongs to it, that are shown: the newest."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that changed."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: of the record itself, or (`what`) of something that belongs to it."""

    at: datetime
    who: str
    what: str
    change: str
    reason: str
    differences: list[Difference]


class HistoryTab(AnyAdmin):
    """For every admin of the portal: the page behind "History"."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The changes of the record and of its inlines, the newest first; a fixed number of queries."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        entries = history_of(row, hidden=self._hidden(), parts=self._parts(request, row))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"),
            "subtitle": str(row),
            "opts": self.opts,
            "object": row,
            "entries": entries[:LIMIT],
            "is_cut": len(entries) > LIMIT,
            "limit": LIMIT,
            "is_tracked": has_history(type(row)),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/history.html", context)

    def _hidden(self) -> frozenset[str]:
        """Fields that the record's page does not show, its history does not show either."""
        return frozenset(self.exclude or ())

    def _parts(self, request: HttpRequest, row: models.Model) -> list[tuple[type[models.Model], str]]:
        """What belongs to the record: the models of its inlines that are tracked, each with its column."""
        found = []
        for inline in self.get_inline_instances(request, row):
            model = inline.model
            column = next(
                (
                    field.attname
                    for field in model._meta.local_fields
                    if isinstance(field, models.ForeignKey) and isinstance(row, field.related_model)
                ),
                None,
            )
            if column and has_history(model):
                found.append((model, column))
        return found


def has_history(model: type[models.Model]) -> bool:
    """Whether the audit trail keeps the changes of this table."""
    try:
        event_model(_concrete(model))
    except LookupError:
        return False
    return True


def history_of(
    row: models.Model, *, hidden: frozenset[str], parts: Iterable[tuple[type[models.Model], str]] = ()
) -> list[Entry]:
    """The newest changes of `row` and of its `parts` (model and column that refers to it), merged."""
    sources: list[tuple[type[models.Model], dict[str, Any], str]] = []
    model = _concrete(type(row))
    if has_history(model):
        fields = {field.name for field in event_model(model)._meta.fields}
        sources.append((model, {"pgh_obj_id" if "pgh_obj" in fields else "id": row.pk}, ""))
    for part, column in parts:
        sources.append((part, {column: row.pk}, str(part._meta.verbose_name)))
    events: list[tuple[type[models.Model], str, Any]] = []
    for source, where, what in sources:
        found = event_model(source).objects.filter(**where).select_related("pgh_context").order_by("-pgh_id")
        events += [(source, what, event) for event in found[: LIMIT + 1]]
    events.sort(key=lambda one: (one[2].pgh_created_at, one[2].pgh_id))
    names = _names(events, hidden)
    people = _people([event for _source, _what, event in events])
    before: dict[tuple[type[models.Model], Any], dict[str, Any]] = {}
    entries = []
    for source, what, event in events:
        key = (source, getattr(event, "id", None) or getattr(event, "pgh_obj_id", None))
        values = {field.attname: getattr(event, field.attname) for field in _fields(source, hidden)}
        differences = _differences(source, before.get(key), values, hidden, names, label=event.pgh_label)
        before[key] = values
        if event.pgh_label == "update" and not differences:
            continue
        metadata = event.pgh_context.metadata if event.pgh_context else {}
        entries.append(
            Entry(
                at=event.pgh_created_at,
                who=people.get(metadata.get("user"), _("The portal")),
                what=capfirst(what),
                change=_changes().get(event.pgh_label, pgettext("change", "Changed")),
                reason=metadata.get("reason", ""),
                differences=differences,
            )
        )
    return entries[::-1]


def _changes() -> dict[str, str]:
    return {
        "insert": pgettext("change", "Added"),
        "update": pgettext("change", "Changed"),
        "delete": pgettext("change", "Removed"),
    }


def _concrete(model: type[models.Model]) -> type[models.Model]:
    found: type[models.Model] = model._meta.concrete_model or model
    return found


def _fields(model: type[models.Model], hidden: frozenset[str]) -> list[Any]:
    """The fields whose changes are kept and shown."""
    kept = {field.attname for field in event_model(model)._meta.fields}
    return [
        field
        for field in model._meta.local_fields
        if field.attname in kept and field.name not in hidden and not field.primary_key
    ]


def _differences(
    model: type[models.Model],
    old: dict[str, Any] | None,
    new: dict[str, Any],
    hidden: frozenset[str],
    names: dict[type[models.Model], dict[Any, str]],
    *,
    label: str,
) -> list[Difference]:
    if label == "delete":
        return []
    found = []
    for field in _fields(model, hidden):
        was, value = (old or {}).get(field.attname), new[field.attname]
        if value == was or (old is None and value in (None, "", False)):
            continue
        found.append(
            Difference(
                capfirst(str(field.verbose_name)),
                _shown(field, was, names) if old is not None else "",
                _shown(field, value, names),
            )
        )
    return found


def _shown(field: Any, value: Any, names: dict[type[models.Model], dict[Any, str]]) -> str:
    if field.is_relation and value is not None:
        return names.get(field.related_model, {}).get(value, f"#{value}")
    return shown_value(field, value)


def _names(
    events: list[tuple[type[models.Model], str, Any]], hidden: frozenset[str]
) -> dict[type[models.Model], dict[Any, str]]:
    """What the rows are called that the changes refer to (1 query a table)."""
    wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
    for source, _what, event in events:
        for field in _fields(source, hidden):
            value = getattr(event, field.attname)
            if field.is_relation and value is not None:
                wanted[field.related_model].add(value)
    found = {}
    for model, ids in wanted.items():
        rows = model._base_manager.filter(pk__in=ids)  # noqa: SLF001  # as the trail has them, all of them
        related = [field.name for field in model._meta.local_fields if isinstance(field, models.ForeignKey)]
        # A row's name is often made of the rows it refers to; what is large is not needed for it.
        large = [field.name for field in model._meta.local_fields if isinstance(field, models.BinaryField)]
        found[model] = {row.pk: str(row) for row in rows.select_related(*related).defer(*large)}
    return found


def _people(events: list[Any]) -> dict[Any, str]:
    """Who did it, by account (1 query)."""
    ids = {event.pgh_context.metadata.get("user") for event in events if event.pgh_context}
    people = get_user_model()._default_manager.filter(pk__in=ids - {None})
    if any(field.name == "profile" for field in get_user_model()._meta.related_objects):
        people = people.select_related("profile")
    return {person.pk: person.get_full_name() for person in people}
