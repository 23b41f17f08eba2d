"""How every form of the portal is drawn, and how an invalid one answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.formsets import BaseFormSet
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class PortalFormRenderer(TemplatesSetting):
    """`{{ form }}` is an error summary followed by the fields; `{{ field.as_field_group }}` is one field.

    Widgets keep Django's own templates, so Django admin is untouched.
    """

    form_template_name = "_components/form.html"
    field_template_name = "_components/form_field.html"


class PortalFormMixin:
    """What every form of the portal has in common. Put it before `forms.Form` or `forms.ModelForm`."""

    if TYPE_CHECKING:
        fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            drop_blank_radio(field)


def drop_blank_radio(field: forms.Field) -> None:
    """Take the empty choice away from radio buttons.

    Django offers "---------" as a radio button of its own for a model field with choices, and selects it:
    a question that looks answered before anybody has read it.
    """
    widget = field.widget
    if isinstance(widget, forms.RadioSelect) and isinstance(field, forms.ChoiceField):
        field.choices = [choice for choice in _choices(field) if choice[0] not in ("", None)]


def _choices(field: forms.ChoiceField) -> list[tuple[Any, Any]]:
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = None
    return list(field.choices)  # type: ignore[arg-type]


class ScaleSelect(forms.RadioSelect):
    """A row of numbered answers with a word at each end, e.g. 1 "Not confident" to 5 "Very confident".

    The end words are part of the first and last answer's accessible name, so the scale reads the same aloud.
    """

    template_name = "_components/scale.html"

    def __init__(
        self, *args: Any, low: str | _StrPromise = "", high: str | _StrPromise = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.low = low
        self.high = high

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Give the template the words of both ends."""
        context = super().get_context(name, value, attrs)
        labels = [str(label) for value, label in self.choices if value not in {"", None}]
        ends = {"first": labels[0], "last": labels[-1]} if labels else {}
        context["widget"].update(low=self.low, high=self.high, **ends)
        return context


def error_target(field: forms.BoundField) -> str:
    """The id of the control a link in the error summary must land on.

    A group (radio buttons, a date in three parts) has no one labelled control: its first is the target.
    """
    return field.id_for_label or (f"{field.auto_id}_0" if field.auto_id else "")


def has_errors(context: Mapping[Any, Any]) -> bool:
    """Whether a page's context holds a form that was submitted and refused; admin's list of errors counts."""
    for value in context.values():
        # By type, not isinstance: that would ask a lazy object for its class, and so run its query.
        if issubclass(type(value), (forms.BaseForm, BaseFormSet)) and value.is_bound and not value.is_valid():
            return True
    return type(context.get("errors")).__name__ == "AdminErrorList" and bool(context["errors"])


def render_invalid(request: HttpRequest, template_name: str, context: dict[str, Any]) -> HttpResponse:
    """Answer an invalid submit from a function view: the same page, 422, its title beginning "Error:"."""
    return render(request, template_name, context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


class InvalidFormMixin:
    """For class-based form views: an invalid submit answers 422 (quality.md, Interface 4)."""

    def form_invalid(self, form: forms.BaseForm) -> HttpResponse:
        """Answer as the view does, as 422."""
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        return response


class InvalidFormStatusMiddleware:
    """A page that gives a refused form back answers 422, whether its view is ours, allauth's or admin's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing to do before the view."""
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """Change the status before rendering; the title's "Error:" follows from the same forms."""
        refused = request.method == "POST" and response.status_code == HTTPStatus.OK
        if refused and has_errors(response.context_data or {}):
            response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        return response
