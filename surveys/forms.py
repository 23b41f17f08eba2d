"""A survey as a form: one field a question, made from the instrument."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.templatetags.portal import localized_text as localized
from surveys.models import Question
from surveys.services import MAX_TEXT


class SurveyForm(forms.Form):
    """The questions of an instrument. Every field is optional here: a draft may have gaps, submitting may not."""

    def __init__(self, *args: Any, questions: list[Question], kept: Mapping[int, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = {f"q{question.pk}": question for question in questions}
        for name, question in self.questions.items():
            self.fields[name] = _field(question)
            self.fields[name].initial = kept.get(question.pk)

    def answers(self) -> dict[int, int | str | None]:
        """What was answered, by question id; None where nothing was. Call after `is_valid`."""
        return {
            question.pk: self.cleaned_data[name] if self.cleaned_data.get(name) not in ("", None) else None
            for name, question in self.questions.items()
            if name in self.cleaned_data
        }

    def mark_unanswered(self, questions: list[Question]) -> None:
        """Show at each of `questions` that an answer is needed."""
        for question in questions:
            self.add_error(
                f"q{question.pk}",
                _("Choose an answer.") if question.kind == Question.Kind.SCALE else _("Write an answer."),
            )


def _field(question: Question) -> forms.Field:
    label = localized(question, "text")
    if question.kind == Question.Kind.TEXT:
        return forms.CharField(
            label=label,
            required=False,
            max_length=MAX_TEXT,
            widget=forms.Textarea(attrs={"rows": 6, "data-required": str(question.is_required).lower()}),
        )
    low, high = localized(question, "low_label"), localized(question, "high_label")
    choices = [
        ("1", f"1 – {low}" if low else "1"),
        ("2", "2"),
        ("3", "3"),
        ("4", "4"),
        ("5", f"5 – {high}" if high else "5"),
    ]
    return forms.TypedChoiceField(
        label=label,
        required=False,
        coerce=int,
        empty_value=None,
        choices=choices,
        widget=forms.RadioSelect(attrs={"class": "scale"}),
    )
