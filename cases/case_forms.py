"""A case as a form: one field a question, and rows of medications. Nothing is required: a draft may have gaps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.body_map import BACK, FRONT
from cases.content import (
    FIELDS,
    MAX_FIELD,
    MEDICATION,
    SECTIONS,
    CaseField,
    Content,
    Kind,
    Section,
    clean_text,
)
from cases.content.choices import PEG_TOP, SITES
from cases.content.tidying import MAX_MEDICATIONS, MAX_SHORT, OLDEST, OVER, age_of, is_amount, is_blank
from cases.draft_page import Note
from core.forms import PortalFormMixin, ScaleSelect, error_target

ROWS = "medication_rows"
ENDS = {
    "peg_pain": (gettext_lazy("No pain"), gettext_lazy("As bad as one can imagine")),
    "peg_enjoyment": (gettext_lazy("Not at all"), gettext_lazy("Completely")),
    "peg_activity": (gettext_lazy("Not at all"), gettext_lazy("Completely")),
}
"""The words at both ends of the scales."""
TEMPLATE_ROW = "__row__"
"""Stands for a row's number where the page holds an empty row to be copied."""


class CaseBoundField(forms.BoundField):
    """A field with its margin notes; a reader of the field is told of them."""

    @property
    def notes(self) -> list[Note]:
        """What the screen found in what is kept of this field."""
        notes: dict[str, list[Note]] = getattr(self.form, "notes", {})
        return notes.get(self.name, [])

    @property
    def theirs(self) -> str | None:
        """What another device saved in this field meanwhile; None where there is no difference."""
        theirs: dict[str, str] = getattr(self.form, "theirs", {})
        return theirs.get(self.name)

    @property
    def is_noted(self) -> bool:
        """Whether something is typed in it, of which a note may have to speak."""
        return isinstance(self.field, (WrittenField, AmountField, forms.IntegerField))

    @property
    def aria_describedby(self) -> str | None:
        """The ids of help, error and notes."""
        described = super().aria_describedby
        if not self.is_noted or described is None:
            return described
        return f"{described} {self.auto_id}_notes".strip()


class WrittenField(forms.CharField):
    """Text kept as it is typed; the browser does not cut what is too long, since nobody would see it go."""

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.limit = limit

    def to_python(self, value: Any) -> str:
        """Refuse a hostile length before anything reads it."""
        text = super().to_python(value) or ""
        if len(text) > 2 * self.limit or len(text := clean_text(text)) > self.limit:
            raise forms.ValidationError(
                _(
                    "This has %(length)s characters, and %(limit)s fit. Shorten it: it is not saved as it stands."
                ),
                params={"length": len(text), "limit": self.limit},
            )
        return text


class AmountField(forms.CharField):
    """A decimal number, as a string; a comma is a decimal sign, too."""

    def clean(self, value: Any) -> str:
        """The number without spaces."""
        typed: str = "".join(super().clean(value).split()).replace(",", ".")
        if typed and not is_amount(typed):
            raise forms.ValidationError(_("Write the amount as a number, for example 60 or 7.5."))
        return typed


class SitesSelect(forms.CheckboxSelectMultiple):
    """The regions of the body as checkboxes in groups, and two figures that show the same."""

    template_name = "cases/_form_body_map.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Give the template the figures, and what is marked on them."""
        context = super().get_context(name, value, attrs)
        context["widget"].update(figures=((_("Front"), FRONT), (_("Back"), BACK)), marked=set(value or ()))
        return context


@dataclass(frozen=True, slots=True)
class MedicationRow:
    """The fields of one medication; `number` is counted from 1, or stands for it in the row to be copied."""

    number: int | str
    fields: list[forms.BoundField]


class CaseForm(PortalFormMixin, forms.Form):
    """The form of a case. `content` is what is kept; `more` empty rows of medications are offered beyond it."""

    bound_field_class = CaseBoundField

    def __init__(self, *args: Any, content: Mapping[str, Any], more: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = content
        self.notes: dict[str, list[Note]] = {}
        self.theirs: dict[str, str] = {}
        self.rows = self._row_count(more)
        for field in FIELDS.values():
            if field.kind != Kind.MEDICATIONS:
                self._add(field.key, field, content.get(field.key))
        rows = content.get("medications", [])
        for number in range(self.rows):
            row = rows[number] if number < len(rows) else {"when": "now"}
            self._add_row(number, row)

    def _row_count(self, more: int) -> int:
        if self.is_bound:
            sent = str(self.data.get(ROWS, ""))
            # As many as the page had; more than a case can have are cut.
            return min(int(sent[:4]), MAX_MEDICATIONS) if sent.isascii() and sent.isdecimal() else 0
        return min(max(len(self.kept.get("medications", [])) + more, 1), MAX_MEDICATIONS)

    def _add(self, name: str, field: CaseField, value: Any) -> None:
        self.fields[name] = _form_field(field)
        self.fields[name].initial = str(OLDEST + 1) if value == OVER else value

    def _add_row(self, number: int | str, row: Mapping[str, Any]) -> None:
        for field in MEDICATION:
            self._add(f"medications-{number}-{field.key}", field, row.get(field.key))

    @property
    def sections(self) -> Iterator[tuple[Section, list[forms.BoundField]]]:
        """Each section with its fields, for the template; the rows of medications stand in `medications`."""
        for section in SECTIONS:
            yield section, [self[field.key] for field in section.fields if field.key in self.fields]

    @property
    def noted_fields(self) -> list[CaseBoundField]:
        """Those in which something is typed."""
        return [field for field in self if isinstance(field, CaseBoundField) and field.is_noted]

    @property
    def medications_theirs(self) -> str | None:
        """What another device saved as medications meanwhile; None where there is no difference."""
        return self.theirs.get("medications")

    @property
    def medications(self) -> list[MedicationRow]:
        """The rows, for the template."""
        return [MedicationRow(number + 1, self._row_fields(number)) for number in range(self.rows)]

    @property
    def row_to_copy(self) -> MedicationRow:
        """An empty row, whose number the page's script fills in."""
        blank = CaseForm(content={})
        blank._add_row(TEMPLATE_ROW, {"when": "now"})
        return MedicationRow("__number__", blank._row_fields(TEMPLATE_ROW))

    def _row_fields(self, number: int | str) -> list[forms.BoundField]:
        return [self[f"medications-{number}-{field.key}"] for field in MEDICATION]

    def content(self) -> Content:
        """What was typed, as content. Call after `is_valid`.

        Where a field is not valid, what was kept before stays; in a row of medications it is left out, since an amount
        of before may be another drug's.
        """
        content = {key: self.kept[key] for key in FIELDS if key in self.errors and key in self.kept}
        content |= {key: value for key, value in self.cleaned_data.items() if key in FIELDS}
        content["medications"] = [row for _number, row in self._rows_written()]
        return content

    def anchor_of(self, key: str) -> str:
        """The id that a link to the field must point to."""
        return key if key == "medications" else error_target(self[key])

    def label_of(self, key: str) -> str:
        """What the field is called."""
        return str(FIELDS[key].label)

    def field_of(self, path: str) -> str:
        """The name of the field in which the text at `path` of `content()` was typed: empty rows are left out there."""
        key, _dot, rest = path.partition(".")
        if not rest:
            return path
        index, _dot, part = rest.partition(".")
        if self.is_bound:
            numbers = [number for number, _row in self._rows_written()]
            index = str(numbers[int(index)]) if int(index) < len(numbers) else index
        return f"{key}-{index}-{part}"

    def _rows_written(self) -> list[tuple[int, dict[str, Any]]]:
        rows = []
        for number in range(self.rows):
            names = {field.key: f"medications-{number}-{field.key}" for field in MEDICATION}
            row = {key: self.cleaned_data.get(name, "") for key, name in names.items()}
            if not is_blank(row):
                rows.append((number, row))
        return rows

    def clean_age(self) -> str:
        """Years as they are kept: "90+" above 89 (rule 23)."""
        years = self.cleaned_data["age"]
        return "" if years is None else age_of(years)


def _form_field(field: CaseField) -> forms.Field:
    common: dict[str, Any] = {
        "label": field.label,
        "help_text": field.help,
        "required": False,
        "template_name": "cases/_form_field.html",
    }
    form_field = _of_kind(field, common)
    # For the template: what is needed to hand in is marked, and the rest needs no "(optional)".
    form_field.is_needed = field.is_required  # type: ignore[attr-defined]
    form_field.is_conditional = True  # type: ignore[attr-defined]
    return form_field


def _of_kind(field: CaseField, common: dict[str, Any]) -> forms.Field:  # noqa: PLR0911  # one for each kind
    match field.kind:
        case Kind.AGE:
            return forms.IntegerField(
                min_value=0,
                max_value=130,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
                error_messages=dict.fromkeys(
                    ("invalid", "min_value", "max_value"), _("Write the age in whole years, as a number.")
                ),
                **common,
            )
        case Kind.CHOICE if field.key == "sex":
            return forms.ChoiceField(choices=field.choices, widget=forms.RadioSelect, **common)
        case Kind.CHOICE:
            blank = _("Not an opioid") if field.key == "opioid" else _("Not answered")
            return forms.ChoiceField(choices=[("", blank), *field.choices], **common)
        case Kind.CODES:
            is_map = field.key == "sites"
            return forms.MultipleChoiceField(
                choices=SITES if is_map else field.choices,
                widget=SitesSelect if is_map else forms.CheckboxSelectMultiple,
                **common,
            )
        case Kind.SCALE:
            low, high = ENDS[field.key]
            return forms.TypedChoiceField(
                coerce=int,
                empty_value=None,
                choices=[(str(number), str(number)) for number in range(PEG_TOP + 1)],
                widget=ScaleSelect(low=low, high=high),
                **common,
            )
        case Kind.FLAG:
            return forms.BooleanField(**common)
        case Kind.AMOUNT:
            return AmountField(widget=forms.TextInput(attrs={"inputmode": "decimal"}), **common)
        case Kind.SHORT:
            return WrittenField(limit=MAX_SHORT, **common)
    return WrittenField(limit=MAX_FIELD, widget=forms.Textarea(attrs={"rows": 4}), **common)
