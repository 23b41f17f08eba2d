"""What the portal's summary of errors needs to know of a change form of the administration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms, template
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from core.forms import error_target

register = template.Library()


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong: in whose words, of which field, and the id of its control ("" where it has none)."""

    message: str
    label: str = ""
    target: str = ""


@register.simple_tag
def change_form_errors(adminform: Any, inline_formsets: Iterable[Any]) -> list[FieldError]:
    """Everything that is wrong with a change form and its inlines, in the order of the page."""
    errors = list(_form_errors(adminform.form))
    for inline in inline_formsets or ():
        errors += [FieldError(message) for message in inline.formset.non_form_errors()]
        for form in inline.formset.forms:
            errors += _form_errors(form)
    return errors


def _form_errors(form: forms.BaseForm) -> Iterator[FieldError]:
    for message in form.non_field_errors():
        yield FieldError(str(message))
    for field in form:
        for message in field.errors:
            target = "" if field.is_hidden else error_target(field)
            yield FieldError(str(message), str(field.label), target)


@register.filter
def is_in_use(choices: list[dict[str, Any]]) -> bool:
    """Whether a filter of a list leaves anything out: its first choice is "All"."""
    return any(choice["selected"] for choice in choices[1:])


@register.filter
def cells(row: Iterable[SafeString], headers: list[dict[str, Any]]) -> Iterator[SafeString]:
    """The cells of a list's row as Django draws them, each with its heading as a label for narrow screens."""
    for cell, header in zip(row, headers, strict=True):
        label = strip_tags(str(header["text"])).strip()
        if label and cell.startswith("<td"):
            cell = format_html('<td data-label="{}"{}', capfirst(label), mark_safe(cell[3:]))  # noqa: PLW2901, S308 (Django's own markup)
        yield cell
