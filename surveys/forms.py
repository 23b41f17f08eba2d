"""A section of a survey as a form: one field a question, made from the instrument."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import BadInputError
from core.forms import PortalFormMixin, ScaleSelect, drop_blank_radio
from core.templatetags.portal import is_french, localized_text
from surveys import rules
from surveys.models import Question
from surveys.rules import MAX_LENGTH, QuestionKind, Value
from surveys.services.answering import checked

YES_NO = [(rules.YES, gettext_lazy("Yes")), (rules.NO, gettext_lazy("No"))]


@dataclasses.dataclass(slots=True)
class Block:
    """What stands on the page in one piece: a question, or a matrix with its items.

    `condition` says in words when it is to be answered, "" for always; `kept_elsewhere` is the text that another device
    has written meanwhile.
    """

    question: Question
    condition: str
    is_shown: bool
    field: forms.BoundField | None = None
    items: list[forms.BoundField] = dataclasses.field(default_factory=list)
    scale: list[int] = dataclasses.field(default_factory=list)
    kept_elsewhere: str = ""

    @property
    def key(self) -> str:
        """The name of its field, or of the matrix."""
        return name_of(self.question)

    @property
    def depends_on(self) -> str:
        """The name of the field that decides whether it is shown; "" for none."""
        return f"q{self.question.shown_if_id}" if self.question.shown_if_id else ""

    @property
    def depends_on_answers(self) -> str:
        """The answers that show it, for the script."""
        return " ".join(self.question.shown_if_answers)


def name_of(question: Question) -> str:
    """What the field of a question is called on the page."""
    return f"q{question.pk}"


class NumberField(forms.CharField):
    """A number as people write it, with a comma or a point; None for none."""

    def to_python(self, value: Any) -> Any:
        """Read it; what is no number is left to the rule that says so."""
        text = str(super().to_python(value) or "").replace(" ", "").replace("\u00a0", "").replace(",", ".")
        try:
            return Decimal(text) if text else None
        except InvalidOperation:
            raise forms.ValidationError(_("Write a number."), code="invalid") from None

    def prepare_value(self, value: Any) -> Any:
        """Show it without zeros at its end, with a comma in French."""
        if isinstance(value, Decimal):
            value = rules.plain(value)
            return value.replace(".", ",") if is_french() else value
        return value


class ChoicesField(forms.MultipleChoiceField):
    """Several choices, as the tuple of keys that is kept."""

    def clean(self, value: Any) -> tuple[str, ...] | None:
        """The keys, or None for none."""
        return tuple(super().clean(value)) or None

    def prepare_value(self, value: Any) -> Any:
        """Django's widget wants a list."""
        return list(value) if isinstance(value, tuple) else value


class ChoiceField(forms.ChoiceField):
    """One choice, as the tuple of its key."""

    def clean(self, value: Any) -> tuple[str, ...] | None:
        """The key, or None for none."""
        cleaned = super().clean(value)
        return (cleaned,) if cleaned else None

    def prepare_value(self, value: Any) -> Any:
        """Django's widget wants the key."""
        return (value[0] if value else None) if isinstance(value, tuple) else value


class ScaleField(forms.TypedChoiceField):
    """A number of a scale."""

    def prepare_value(self, value: Any) -> Any:
        """The number as its choice is written."""
        return rules.plain(value) if isinstance(value, Decimal) else value


class SectionForm(PortalFormMixin, forms.Form):
    """The questions of one section; it is saved with gaps, the review asks for what is missing.

    `answers` are those kept so far, by question id, of the whole instrument: conditions look at other sections too.
    A page carries a mark for each answer it was filled with (rules.fingerprint), so that it never overwrites what
    another device has written meanwhile. `only` names the questions that are saved, where a page saves by itself.
    """

    use_required_attribute = False

    def __init__(
        self,
        *args: Any,
        questions: Sequence[Question],
        answers: Mapping[int, Value],
        section_id: int,
        only: frozenset[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.all_questions = list(questions)
        self.answers_kept = dict(answers)
        self.conflicts: dict[int, str] = {}
        self.is_saved = False
        self.questions: dict[str, Question] = {}
        for question in self.all_questions:
            name = name_of(question)
            if question.section_id != section_id or question.kind == QuestionKind.MATRIX:
                continue
            if only is not None and name not in only:
                continue
            self.questions[name] = question
            made = _field(question)
            made.required = question.is_required
            made.initial = self.answers_kept.get(question.pk)
            drop_blank_radio(made)
            self.fields[name] = made

    def full_clean(self) -> None:
        """Read what was sent; a gap is no error here."""
        required = {name: made.required for name, made in self.fields.items()}
        for made in self.fields.values():
            made.required = False
        super().full_clean()
        for name, made in self.fields.items():
            made.required = required[name]

    def clean(self) -> dict[str, Any]:
        """Say of each answer what keeps it from being one."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, question in self.questions.items():
            if name not in cleaned:
                continue
            try:
                cleaned[name] = checked(question, cleaned[name])
            except BadInputError as error:
                self.add_error(name, str(error))
        return self.cleaned_data

    def sent(self) -> dict[int, Value | None]:
        """The answers that can be kept, by question id; None where nothing was answered. Call after `is_valid`."""
        return {
            question.pk: self.cleaned_data[name]
            for name, question in self.questions.items()
            if name in self.cleaned_data
        }

    def seen(self) -> dict[int, str]:
        """The marks that came with the page, by question id."""
        return {
            question.pk: self.data[f"seen_{name}"]
            for name, question in self.questions.items()
            if f"seen_{name}" in self.data
        }

    def marks(self) -> Iterator[tuple[str, str]]:
        """The name and value of each mark that the page is to carry."""
        for name, question in self.questions.items():
            mark = rules.fingerprint(self.answers_kept.get(question.pk))
            if self.is_bound and question.pk not in self.conflicts:
                is_kept = name in self.cleaned_data and rules.fingerprint(self.cleaned_data[name]) == mark
                if not self.is_saved or not is_kept:
                    # The page does not show what is kept: it goes on carrying the mark of what it was filled with.
                    mark = self.data.get(f"seen_{name}", mark)
            yield f"seen_{name}", mark

    def blocks(self) -> list[Block]:
        """The section's questions as they stand on the page, a matrix with its items as one."""
        visible = rules.shown([question.asked for question in self.all_questions], self.answers_kept)
        by_id = {question.pk: question for question in self.all_questions}
        found: list[Block] = []
        matrices: dict[int, Block] = {}
        sections = {question.section_id for question in self.questions.values()}
        for question in self.all_questions:
            if question.section_id not in sections:
                continue
            block = Block(question, _condition(question, by_id), question.pk in visible)
            if question.kind == QuestionKind.MATRIX:
                assert question.minimum is not None
                assert question.maximum is not None
                block.scale = list(range(int(question.minimum), int(question.maximum) + 1))
                matrices[question.pk] = block
                found.append(block)
            elif question.matrix_id in matrices:
                matrices[question.matrix_id].items.append(self[name_of(question)])
            else:
                block.field = self[name_of(question)]
                block.kept_elsewhere = self.conflicts.get(question.pk, "")
                found.append(block)
        return found


class PreviewForm(SectionForm):
    """A section as a participant meets it, with nothing answered: what depends on another section is shown."""

    def __init__(self, *, questions: Sequence[Question], section_id: int) -> None:
        super().__init__(questions=questions, answers={}, section_id=section_id)

    def blocks(self) -> list[Block]:
        """The section's questions; the page hides what its own answers decide."""
        return [dataclasses.replace(block, is_shown=True) for block in super().blocks()]


def _condition(question: Question, by_id: Mapping[int, Question]) -> str:
    other = by_id.get(question.shown_if_id or 0)
    if other is None:
        return ""
    texts = {choice.key: localized_text(choice, "text") for choice in other.choices.all()}
    texts |= {rules.YES: _("Yes"), rules.NO: _("No")} if other.kind == QuestionKind.CONSENT else {}
    words = ", ".join(texts.get(answer, answer) for answer in question.shown_if_answers)
    return _("Only if you answered “%(answer)s” to: %(question)s") % {
        "answer": words,
        "question": localized_text(other, "text"),
    }


def _field(question: Question) -> forms.Field:
    label, help_text = localized_text(question, "text"), localized_text(question, "help")
    kind = QuestionKind(question.kind)
    common: dict[str, Any] = {"label": label, "help_text": help_text}
    if kind in {QuestionKind.SCALE, QuestionKind.ITEM}:
        return _scale_field(question, common)
    if kind == QuestionKind.NUMBER:
        return _number_field(question, common)
    if kind in {QuestionKind.SINGLE, QuestionKind.CONSENT}:
        choices = YES_NO if kind == QuestionKind.CONSENT else _choices(question)
        return ChoiceField(widget=forms.RadioSelect, choices=choices, **common)
    if kind == QuestionKind.MULTIPLE:
        return ChoicesField(widget=forms.CheckboxSelectMultiple, choices=_choices(question), **common)
    limit = MAX_LENGTH[kind]
    widget: forms.Widget = (
        forms.TextInput(attrs={"maxlength": limit})
        if kind == QuestionKind.SHORT
        else forms.Textarea(attrs={"rows": 5})
    )
    # The rule counts characters: what is too long is shown again whole, not cut.
    return forms.CharField(widget=widget, **common)


def _choices(question: Question) -> list[tuple[str, str]]:
    return [(choice.key, localized_text(choice, "text")) for choice in question.choices.all()]


def _scale_field(question: Question, common: dict[str, Any]) -> forms.Field:
    assert question.minimum is not None
    assert question.maximum is not None
    numbers = range(int(question.minimum), int(question.maximum) + 1)
    ends = question.matrix or question
    return ScaleField(
        coerce=Decimal,
        empty_value=None,
        choices=[(str(number), str(number)) for number in numbers],
        widget=ScaleSelect(low=localized_text(ends, "low_label"), high=localized_text(ends, "high_label")),
        error_messages={
            "invalid_choice": _("Choose a number from %(low)s to %(high)s.")
            % {"low": numbers[0], "high": numbers[-1]}
        },
        **common,
    )


def _number_field(question: Question, common: dict[str, Any]) -> forms.Field:
    unit = localized_text(question, "unit")
    low, high = question.minimum, question.maximum
    parts = [unit]
    if low is not None and high is not None:
        parts.append(_("from %(low)s to %(high)s") % {"low": rules.plain(low), "high": rules.plain(high)})
    hint = ", ".join(part for part in parts if part)
    common["help_text"] = " ".join(part for part in (common["help_text"], hint and f"({hint})") if part)
    mode = "decimal" if question.places else "numeric"
    return NumberField(widget=forms.TextInput(attrs={"inputmode": mode, "size": 8}), **common)
