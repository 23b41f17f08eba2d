"""The application to a cycle: its own questions, and whatever agreement is not answered yet."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalFormMixin
from core.templatetags.portal import localized_text
from participants.forms import agreement_answers, agreement_fields
from participants.models import Agreement
from sessions_app.models import CycleQuestion
from sessions_app.models.registration import MAX_ANSWER


class ApplicationForm(PortalFormMixin, forms.Form):
    """One field a question, filled in with what the person answered in an earlier cycle.

    A question that is asked once is left out for somebody who has answered it.
    """

    def __init__(
        self,
        *args: Any,
        questions: Iterable[CycleQuestion],
        earlier: Mapping[str, str],
        agreements: Iterable[Agreement],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = {
            f"q{question.pk}": question
            for question in questions
            if not (question.is_asked_once and earlier.get(question.key))
        }
        for name, question in self.questions.items():
            self.fields[name] = _field(question, earlier.get(question.key, ""))
        self.agreements = list(agreements)
        self.fields.update(agreement_fields(self.agreements))

    @property
    def question_fields(self) -> list[forms.BoundField]:
        """The cycle's questions, for the template."""
        return [self[name] for name in self.questions]

    @property
    def agreement_fields(self) -> list[tuple[Agreement, forms.BoundField]]:
        """Each agreement with its field, for the template."""
        return [(agreement, self[f"agreement_{agreement.pk}"]) for agreement in self.agreements]

    def answers(self) -> dict[int, str]:
        """What was answered, by question id."""
        return {question.pk: self.cleaned_data[name] for name, question in self.questions.items()}

    def agreed(self) -> dict[int, bool]:
        """What was agreed to, by agreement id."""
        return agreement_answers(self.cleaned_data)


def _field(question: CycleQuestion, earlier: str) -> forms.Field:
    label = localized_text(question, "text")
    if question.kind == CycleQuestion.Kind.YES_NO:
        return forms.ChoiceField(
            label=label,
            choices=[("yes", _("Yes")), ("no", _("No"))],
            widget=forms.RadioSelect,
            required=question.is_required,
            initial=earlier or None,
            error_messages={"required": _("Choose yes or no.")},
        )
    return forms.CharField(
        label=label,
        max_length=MAX_ANSWER,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=question.is_required,
        initial=earlier,
        error_messages={"required": _("Write an answer; one sentence is enough.")},
    )
