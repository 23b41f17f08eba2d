"""Questions and constructs in the administration, reached from their instrument."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.admin import AuditedAdmin
from surveys.checks import WITH_CHOICES
from surveys.instrument_forms import ChoiceFormSet, ItemForm, ItemFormSet, QuestionForm, take_after
from surveys.models import Choice, Construct, Instrument, Question
from surveys.queries import has_responses
from surveys.rules import QuestionKind


class ChoiceInline(admin.StackedInline[Choice, Question]):
    """The choices of a question of one or several."""

    model = Choice
    formset = ChoiceFormSet
    extra = 1


class ItemInline(admin.StackedInline[Question, Question]):
    """The items of a matrix."""

    model = Question
    fk_name = "matrix"
    form = ItemForm
    formset = ItemFormSet
    extra = 1
    verbose_name = _("item")
    verbose_name_plural = _("items")


@admin.register(Question)
class QuestionAdmin(AuditedAdmin):
    """One question with its choices or items; an item is edited on the page of its matrix."""

    form = QuestionForm
    list_display = ["text", "kind", "key", "instrument", "section"]
    list_filter = ["instrument__program", "instrument__kind"]
    list_select_related = ["instrument", "section"]
    search_fields = ["key", "text", "text_fr"]
    actions = None
    fieldsets = [
        (None, {"fields": ["section", "position", "key", "kind", "text", "text_fr", "help", "help_fr", "is_required"]}),
        (
            _("For a scale, a matrix or a number"),
            {
                "fields": [
                    "minimum", "maximum", "places", "unit", "unit_fr", "low_label", "low_label_fr", "high_label",
                    "high_label_fr",
                ]
            },
        ),
        (_("Asked only after a certain answer"), {"fields": ["shown_if", "shown_if_answers"]}),
        (_("What it serves"), {"fields": ["construct", "objective", "is_reversed", "is_research_consent"]}),
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Question]:
        """Questions with what their pages look up."""
        queryset: QuerySet[Question] = super().get_queryset(request)
        return queryset.select_related("instrument__program", "section", "matrix")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """What its kind has: choices, items or neither; a new question is saved first."""
        if obj is not None and obj.kind in WITH_CHOICES:
            return [ChoiceInline]
        return [ItemInline] if obj is not None and obj.kind == QuestionKind.MATRIX else []

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form for a question of one instrument: the one edited, or the one whose section the link names."""
        form = super().get_form(request, obj, change, **kwargs)
        if obj is not None:
            return form
        section = request.POST.get("section") or request.GET.get("section") or ""
        instruments = self._limited(request, Instrument.objects.all())
        found = instruments.filter(sections=int(section)).first() if section.isdecimal() else None

        class OfInstrument(form):  # type: ignore[misc,valid-type]
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, instrument=found, **kwargs)

        return OfInstrument

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new question stands last in its section."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        if str(initial.get("section", "")).isdecimal():
            of_section = Question.objects.filter(section=int(initial["section"]))
            initial["position"] = (of_section.aggregate(last=Max("position"))["last"] or 0) + 1
        return initial

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """An item's page is that of its matrix."""
        item = (
            Question.objects.filter(pk=object_id, matrix__isnull=False).first()
            if object_id.isdecimal()
            else None
        )
        if item is not None:
            return redirect(_page(item.matrix_id) + "#items-group")
        response: HttpResponse = super().change_view(request, object_id, *args, **kwargs)
        return response

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Items take after their matrix, those that were not touched, too."""
        super().save_related(request, form, formsets, change)
        for item in form.instance.items.all():
            if take_after(item, form.instance):
                item.save()

    def response_add(
        self, request: HttpRequest, obj: Question, post_url_continue: Any = None
    ) -> HttpResponse:
        """Go on to the choices or items it needs; else back to the instrument."""
        is_popup = IS_POPUP_VAR in request.POST
        if not is_popup and (obj.kind in WITH_CHOICES or obj.kind == QuestionKind.MATRIX):
            self.message_user(request, _("Saved. Now add its choices or items below."))
            return redirect(_page(obj.pk))
        return self._back(request, obj, super().response_add(request, obj, post_url_continue))

    def response_change(self, request: HttpRequest, obj: Question) -> HttpResponse:
        """Back to the instrument."""
        return self._back(request, obj, super().response_change(request, obj))

    def _back(self, request: HttpRequest, obj: Question, usual: HttpResponse) -> HttpResponse:
        if {"_continue", "_addanother", IS_POPUP_VAR} & request.POST.keys():
            return usual
        return redirect(reverse("admin:surveys_instrument_change", args=[obj.instrument_id]) + "#questions")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Answers freeze the questions they answer (rule 28)."""
        frozen = obj is not None and has_responses(obj.instrument_id)
        return not frozen and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was asked stays on record."""
        frozen = obj is not None and has_responses(obj.instrument_id)
        return not frozen and bool(super().has_delete_permission(request, obj))


def _page(pk: int | None) -> str:
    return reverse("admin:surveys_question_change", args=[pk])


@admin.register(Construct)
class ConstructAdmin(AuditedAdmin):
    """What several questions measure together."""

    list_display = ["name", "key", "program"]
    list_filter = ["program"]
    list_select_related = ["program"]
