"""Instruments in the administration: sections, questions and choices; checked, released, and made anew as versions."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import AuditedAdmin
from core.errors import DomainError
from participants.requests import current_user
from surveys import checks
from surveys.interchange import as_json
from surveys.models import Choice, Construct, Instrument, Question, Response, Section
from surveys.queries import asked_questions
from surveys.rules import QuestionKind
from surveys.services import next_version, release_instrument, withdraw_release


def is_frozen(instrument: Instrument | None) -> bool:
    """Whether answers freeze it (rule 28)."""
    return instrument is not None and Response.objects.filter(window__instrument=instrument).exists()


class SectionInline(admin.StackedInline[Section, Instrument]):
    """The pages of an instrument, in order."""

    model = Section
    extra = 0


@admin.register(Instrument)
class InstrumentAdmin(AuditedAdmin):
    """Instruments. One with answers is frozen; its next version can be edited."""

    list_display = ["title", "kind", "version", "is_released", "program"]
    list_filter = ["program", "kind", "is_released"]
    list_select_related = ["program"]
    inlines = [SectionInline]
    actions = ["release", "withdraw", "make_next_version"]
    change_form_template = "admin/surveys/instrument_form.html"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Answers freeze the questions they answer (rule 28)."""
        return not is_frozen(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An instrument that was asked stays on record."""
        if obj is not None and obj.windows.exists():
            return False
        return bool(super().has_delete_permission(request, obj))

    def get_urls(self) -> list[URLPattern]:
        """The instrument as a file, beside the usual pages."""
        view = self.admin_site.admin_view(self.json_view)
        return [path("<int:pk>/instrument.json", view, name="surveys_instrument_json"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """The form, with every question in order, and what keeps the instrument from being released."""
        instrument = context.get("original")
        if instrument is not None:
            context |= {
                "questions": asked_questions(instrument.pk),
                "sections": list(instrument.sections.all()),
                "problems": checks.problems(instrument),
                "warnings": checks.warnings(instrument),
                "is_frozen": is_frozen(instrument),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def json_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The whole instrument as JSON, to keep or to carry elsewhere."""
        if not request.user.has_perm("surveys.view_instrument"):
            raise PermissionDenied
        instrument = get_object_or_404(Instrument.objects.select_related("program"), pk=pk)
        response = HttpResponse(as_json(instrument), content_type="application/json")
        name = f"{instrument.program.slug}-{instrument.kind}-v{instrument.version}.json"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @admin.action(description=gettext_lazy("Release, so that cycles can ask it"), permissions=["change"])
    def release(self, request: HttpRequest, queryset: QuerySet[Instrument]) -> None:
        """Let cycles ask the chosen ones; what keeps one from it is said."""
        self._each(request, queryset, release_instrument, _("Released: %s"))

    @admin.action(description=gettext_lazy("Take the release back"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Instrument]) -> None:
        """Let no cycle ask the chosen ones any more."""
        self._each(request, queryset, withdraw_release, _("No longer released: %s"))

    @admin.action(description=gettext_lazy("Make the next version, to edit it"), permissions=["add"])
    def make_next_version(self, request: HttpRequest, queryset: QuerySet[Instrument]) -> None:
        """Copy the chosen instruments with their sections, questions and choices."""
        self._each(request, queryset, next_version, _("Ready to be edited: %s"))

    def _each(self, request: HttpRequest, queryset: QuerySet[Instrument], deed: Any, said: str) -> None:
        for instrument in queryset:
            try:
                done = deed(instrument_id=instrument.pk, by=current_user(request))
            except DomainError as error:
                self.message_user(request, f"{instrument}: {error}", messages.ERROR)
            else:
                self.message_user(request, said % done, messages.SUCCESS)


class QuestionForm(forms.ModelForm[Question]):
    """A question; an item takes its scale from its matrix, and a question its instrument from its section."""

    class Meta:
        model = Question
        exclude = ["instrument"]  # noqa: DJ006  # everything else is the coordinator's to say

    def clean(self) -> dict[str, Any]:
        """Say in words what the database would refuse."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        section, matrix, other = cleaned.get("section"), cleaned.get("matrix"), cleaned.get("shown_if")
        if section is None:
            return cleaned
        self.instance.instrument = section.instrument
        if cleaned.get("kind") == QuestionKind.ITEM and matrix is not None:
            cleaned["minimum"], cleaned["maximum"] = matrix.minimum, matrix.maximum
            if matrix.kind != QuestionKind.MATRIX or matrix.section_id != section.pk:
                self.add_error("matrix", _("Choose a matrix of the same section."))
        if other is not None and (
            other.instrument_id != section.instrument_id or other.pk == self.instance.pk
        ):
            self.add_error("shown_if", _("Choose another question of the same instrument."))
        for name in ("construct", "objective"):
            chosen = cleaned.get(name)
            if chosen is not None and chosen.program_id != section.instrument.program_id:
                self.add_error(name, _("This belongs to another program."))
        rivals = Question.objects.filter(instrument=section.instrument, key=cleaned.get("key"))
        if rivals.exclude(pk=self.instance.pk).exists():
            self.add_error("key", _("Another question of this instrument has this key."))
        if is_frozen(section.instrument):
            raise ValidationError(_("This instrument has answers: make its next version instead."))
        return cleaned


class ChoiceInline(admin.StackedInline[Choice, Question]):
    """The choices of a question of one or several."""

    model = Choice
    extra = 0


@admin.register(Question)
class QuestionAdmin(AuditedAdmin):
    """One question with its choices; reached from its instrument."""

    form = QuestionForm
    list_display = ["key", "kind", "instrument", "section"]
    list_filter = ["instrument__program", "instrument__kind"]
    list_select_related = ["instrument", "section"]
    inlines = [ChoiceInline]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Only a question of choices has choices; a new one is saved first."""
        has_choices = obj is not None and obj.kind in {QuestionKind.SINGLE, QuestionKind.MULTIPLE}
        return [ChoiceInline] if has_choices else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Answers freeze the questions they answer (rule 28)."""
        frozen = obj is not None and is_frozen(obj.instrument)
        return not frozen and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was asked stays on record."""
        frozen = obj is not None and is_frozen(obj.instrument)
        return not frozen and bool(super().has_delete_permission(request, obj))


@admin.register(Construct)
class ConstructAdmin(AuditedAdmin):
    """What several questions measure together."""

    list_display = ["name", "key", "program"]
    list_filter = ["program"]
    list_select_related = ["program"]
