"""A survey as a form: one field a question, made from the instrument."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalFormMixin, ScaleSelect
from core.templatetags.portal import localized_text
from surveys.models import Question
from surveys.rules import MAX_LENGTH, QuestionKind


class SurveyForm(PortalFormMixin, forms.Form):
    """The questions of an instrument. A draft may have gaps; `is_draft` is True when one is only saved."""

    def __init__(
        self,
        *args: Any,
        questions: list[Question],
        kept: Mapping[int, Any],
        is_draft: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = {f"q{question.pk}": question for question in questions}
        for name, question in self.questions.items():
            field = _field(question)
            field.required = question.is_required and not is_draft
            # The browser must not stand in the way of the server's words, which link to each gap.
            field.widget.is_required = field.required
            field.initial = kept.get(question.pk)
            self.fields[name] = field

    def answers(self) -> dict[int, int | str | None]:
        """What was answered, by question id; None where nothing was. Call after `is_valid`, valid or not."""
        return {
            question.pk: self.cleaned_data[name] if self.cleaned_data[name] != "" else None
            for name, question in self.questions.items()
            if name in self.cleaned_data
        }


def _field(question: Question) -> forms.Field:
    label = localized_text(question, "text")
    if question.kind == Question.Kind.TEXT:
        return forms.CharField(
            label=label,
            max_length=MAX_LENGTH[QuestionKind.TEXT],
            widget=forms.Textarea(attrs={"rows": 6}),
            error_messages={"required": _("Write an answer.")},
        )
    return forms.TypedChoiceField(
        label=label,
        coerce=int,
        empty_value=None,
        choices=[(str(number), str(number)) for number in range(1, 6)],
        widget=ScaleSelect(
            low=localized_text(question, "low_label"), high=localized_text(question, "high_label")
        ),
        error_messages={"required": _("Choose a number from 1 to 5.")},
    )
