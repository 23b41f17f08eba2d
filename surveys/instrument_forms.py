"""The forms of instruments in the administration: sections, questions with choices or items, copies, files."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.models import BaseInlineFormSet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import PortalFormMixin
from core.templatetags.portal import labelled
from participants.models import User
from sessions_app.models import Objective, Program
from sessions_app.scope import limited
from surveys import interchange
from surveys.checks import WITH_CHOICES
from surveys.models import Choice, Construct, Instrument, Question, Section
from surveys.queries import has_responses
from surveys.rules import SCALES, QuestionKind, plain

ITEM_OF_MATRIX = ("section_id", "instrument_id", "minimum", "maximum", "shown_if_id", "shown_if_answers")
"""What an item has in common with its matrix."""


class SectionFormSet(BaseInlineFormSet[Section, Instrument, Any]):
    """The sections of an instrument; one with questions is not deleted by a tick."""

    def clean(self) -> None:
        """Say which section still has questions."""
        super().clean()
        for form in self.deleted_forms:
            if form.instance.pk and form.instance.questions.exists():
                text = _("“%(title)s” has questions: delete them or move them first.")
                raise ValidationError(text % {"title": form.instance.title})


class QuestionForm(forms.ModelForm[Question]):
    """A question of an instrument, which is that of its section; an item is edited with its matrix."""

    class Meta:
        model = Question
        exclude = ["instrument", "matrix"]  # noqa: DJ006  # everything else is the coordinator's to say

    def __init__(self, *args: Any, instrument: Instrument | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        instrument = instrument or (self.instance.instrument if self.instance.pk else None)
        if instrument is None:
            # A new question whose section is still to be chosen, or does not exist.
            if "section" in self.fields:
                self._offer("section", self.fields["section"].queryset.select_related("instrument"))  # type: ignore[attr-defined]
                self.fields["section"].label_from_instance = lambda one: labelled(one.instrument, one)  # type: ignore[attr-defined]
            return
        self.instance.instrument = instrument
        for name in ("minimum", "maximum"):
            if self.initial.get(name) is not None:
                self.initial[name] = plain(self.initial[name])
        others = Question.objects.filter(instrument=instrument).exclude(pk=self.instance.pk)
        self._offer("section", Section.objects.filter(instrument=instrument))
        self._offer("shown_if", others.select_related("instrument"))
        self._offer("construct", Construct.objects.filter(program=instrument.program_id))
        self._offer("objective", Objective.objects.filter(program=instrument.program_id))
        if "kind" in self.fields:
            kinds = [choice for choice in Question.Kind.choices if choice[0] != QuestionKind.ITEM]
            self.fields["kind"].choices = [("", "---------"), *kinds]  # type: ignore[attr-defined]
        if "shown_if" in self.fields:
            self.fields["shown_if"].label_from_instance = lambda one: f"{one.key}: {one.text}"  # type: ignore[attr-defined]

    def _offer(self, name: str, queryset: Any) -> None:
        if name in self.fields:
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Say in words what the database would refuse."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        question = self.instance
        if question.instrument_id is None:
            return cleaned
        if has_responses(question.instrument_id):
            raise ValidationError(_("This instrument has answers: make its next version instead."))
        rivals = Question.objects.filter(instrument=question.instrument, key=cleaned.get("key"))
        if rivals.exclude(pk=question.pk).exists():
            self.add_error("key", _("Another question of this instrument has this key."))
        kind, low, high = cleaned.get("kind"), cleaned.get("minimum"), cleaned.get("maximum")
        if kind in SCALES and any(end is not None and end != int(end) for end in (low, high)):
            raise ValidationError(_("A scale has whole numbers."))
        if question.pk and kind not in WITH_CHOICES and question.choices.exists():
            self.add_error("kind", _("Delete its choices first: only one or several choices have any."))
        if question.pk and kind != QuestionKind.MATRIX and question.items.exists():
            self.add_error("kind", _("Delete its items first: only a matrix has any."))
        return cleaned


class ItemForm(forms.ModelForm[Question]):
    """An item of a matrix: its own words and what it measures; the rest is its matrix's."""

    class Meta:
        model = Question
        fields = [
            "position", "key", "text", "text_fr", "help", "help_fr", "is_required", "construct", "objective",
            "is_reversed",
        ]  # fmt: skip


class ItemFormSet(BaseInlineFormSet[Question, Question, Any]):
    """The items of a matrix. Each key is the only one in the instrument."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        take_after(form.instance, self.instance)
        program = self.instance.instrument.program_id
        form.fields["construct"].queryset = Construct.objects.filter(program=program)
        form.fields["objective"].queryset = Objective.objects.filter(program=program)
        return form

    def clean(self) -> None:
        """Say which key is taken."""
        super().clean()
        forms_kept = [form for form in self.forms if form not in self.deleted_forms]
        own = {form.instance.pk for form in self.forms if form.instance.pk}
        others = Question.objects.filter(instrument=self.instance.instrument_id).exclude(pk__in=own)
        taken = {*others.exclude(pk=self.instance.pk).values_list("key", flat=True), self.instance.key}
        for form in forms_kept:
            key = form.cleaned_data.get("key")
            if key in taken:
                form.add_error("key", _("Another question of this instrument has this key."))
            elif key:
                taken.add(key)


def take_after(item: Question, matrix: Question) -> bool:
    """Give an item what its matrix says; returns whether that changed it."""
    was = [getattr(item, name) for name in ITEM_OF_MATRIX]
    item.kind, item.matrix = QuestionKind.ITEM.value, matrix
    for name in ITEM_OF_MATRIX:
        setattr(item, name, getattr(matrix, name))
    return was != [getattr(item, name) for name in ITEM_OF_MATRIX]


class ChoiceFormSet(BaseInlineFormSet[Choice, Question, Any]):
    """The choices of a question. Each key stands once."""

    def clean(self) -> None:
        """Say which key stands twice; the database alone would see it after the form."""
        super().clean()
        seen: set[str] = set()
        for form in self.forms:
            key = form.cleaned_data.get("key")
            if form in self.deleted_forms or not key:
                continue
            if key in seen:
                form.add_error("key", _("Another choice of this question has this key."))
            seen.add(key)


class OwnProgramForm(PortalFormMixin, forms.Form):
    """A form with a program of those that `user` works for."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programs = cast("forms.ModelChoiceField[Program]", self.fields["program"])
        programs.queryset = limited(Program.objects.all(), user, "pk")


class DuplicateForm(OwnProgramForm):
    """Where a copy of an instrument goes."""

    program = forms.ModelChoiceField(
        label=gettext_lazy("Program"),
        queryset=Program.objects.all(),
        help_text=gettext_lazy(
            "In another program, objectives are found by their number and constructs by their key; a construct that is "
            "not there is made."
        ),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Instrument.Kind.choices)


class ImportForm(OwnProgramForm):
    """An instrument as a JSON file, and the program it is for."""

    program = forms.ModelChoiceField(label=gettext_lazy("Program"), queryset=Program.objects.all())
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("JSON as an instrument's page hands it out, up to 1 MB."),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )

    def clean_file(self) -> Any:
        """What the file holds, checked as far as that goes without the program."""
        uploaded: UploadedFile[bytes] = self.cleaned_data["file"]
        if uploaded.size is None or uploaded.size > interchange.MAX_BYTES:
            raise ValidationError(_("The file is larger than 1 MB."))
        try:
            data = interchange.parsed(uploaded.read())
            interchange.checked(data)
        except interchange.UnfitDataError as error:
            raise ValidationError([capfirst(problem) for problem in error.problems]) from None
        return data
