"""One person's part of the audit trail: read out for them, and blanked when they are erased.

The trail is append-only by triggers, for everybody and for ever, with one exception: what names a person who asked to
be erased, once no rule keeps it. This module is the only place where those triggers are passed by; the rows of the
trail stay, or go with the row they tell of, and say no more who it was.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from pghistory.models import Context

from core.personal import Choice, Section
from core.templatetags.portal import eastern, eastern_date, labelled

BLANK = "–"
"""What stands where a reason was that must not be empty."""
LIMIT = 300
"""Changes of one kind that are shown: the newest."""


def event_model(model: type[models.Model]) -> Any:
    """The table that the triggers of `model` write to."""
    return apps.get_model(model._meta.app_label, f"{model.__name__}Event")


# --- blanking -------------------------------------------------------------------------------------------------------


def blank_history(model: type[models.Model], where: Q, **values: Any) -> None:
    """Overwrite columns in the history of `model`, where its event rows match."""
    events = event_model(model)
    with pgtrigger.ignore(f"{events._meta.label}:append_only"):
        events.objects.filter(where).update(**values)


def drop_history(model: type[models.Model], where: Q) -> None:
    """Remove the history of rows that are removed themselves."""
    events = event_model(model)
    with pgtrigger.ignore(f"{events._meta.label}:append_only"):
        events.objects.filter(where).delete()


def blank_reasons(model: type[models.Model], where: Q) -> None:
    """Take the reasons out of the deeds behind these events: people write names into them."""
    deeds = event_model(model).objects.filter(where).values("pgh_context_id")
    for deed in Context.objects.filter(pk__in=deeds).exclude(metadata__reason=""):
        deed.metadata["reason"] = ""
        deed.save(update_fields=["metadata"])


def blank_words(model: type[models.Model], rows: models.QuerySet[Any], column: str) -> None:
    """Take what staff wrote about a person out of `column`, of its history, and of the deeds that wrote it."""
    where = Q(pgh_obj__in=list(rows.values_list("pk", flat=True)))
    rows.exclude(**{column: BLANK}).update(**{column: BLANK})
    blank_history(model, where, **{column: BLANK})
    blank_reasons(model, where)


# --- reading --------------------------------------------------------------------------------------------------------


def changes_section(rows: list[dict[str, Any]]) -> Section:
    """What `changes` gave, as the section that all apps add to; the newest first."""
    return Section(
        key="changes",
        title=_("Changes on record"),
        labels={
            "when": _("When"),
            "what": _("What"),
            "change": pgettext("change", "Change"),
            "by": pgettext("change", "By"),
            "details": _("Details"),
        },
        rows=rows,
    )


def changes(
    model: type[models.Model], where: Q, *, fields: list[str], owners: set[int]
) -> list[dict[str, Any]]:
    """The newest changes of the rows `where`: when, what became of which of `fields`, and whose deed it was.

    `owners` are the ids of the person's accounts; who else did something is "the office", without a name.
    """
    found = list(
        event_model(model).objects.filter(where).select_related("pgh_context").order_by("-pgh_id")[:LIMIT]
    )
    before: dict[int, dict[str, Any]] = {}
    rows = []
    for event in reversed(found):
        values = {name: getattr(event, name) for name in fields}
        details = [] if event.pgh_label == "delete" else _differences(model, before.get(event.id, {}), values)
        before[event.id] = values
        if event.pgh_label == "update" and not details:
            continue
        rows.append(
            {
                "when": event.pgh_created_at,
                "what": str(model._meta.verbose_name),
                "change": Choice(event.pgh_label, _labels().get(event.pgh_label, event.pgh_label)),
                "by": _whose(event.pgh_context, owners),
                "details": "; ".join(details),
            }
        )
    return rows[::-1]


def _labels() -> dict[str, str]:
    return {
        "insert": pgettext("change", "Added"),
        "update": pgettext("change", "Changed"),
        "delete": pgettext("change", "Removed"),
    }


def _whose(deed: Context | None, owners: set[int]) -> Choice:
    actor = deed.metadata.get("user") if deed else None
    if actor is None:
        return Choice("portal", _("The portal"))
    return Choice("you", _("You")) if actor in owners else Choice("office", _("The program's office"))


def _differences(model: type[models.Model], old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    words = []
    for name, value in new.items():
        was = old.get(name)
        if value == was or (not old and value in (None, "")):
            continue
        field: Any = model._meta.get_field(name)
        label = str(field.verbose_name)
        label = label[:1].upper() + label[1:]
        shown = shown_value(field, value)
        words.append(f"{label}: {shown_value(field, was)} → {shown}" if old else f"{label}: {shown}")
    return words


def shown_value(field: Any, value: Any) -> str:
    """A value of a field as people read it: the words of a choice, a moment in Toronto, a dash for nothing."""
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return "; ".join(labelled(key, one) for key, one in value.items())
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return eastern(value)
    if field.get_internal_type() == "DateField":
        return eastern_date(value)
    return str(dict(field.flatchoices).get(value, value))
