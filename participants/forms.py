"""The professional profile, as its owner fills it in; another category; the agreements, as fields of any form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.forms import PortalFormMixin
from participants.enums import Category, College
from participants.licences import LICENCE_FORMATS, looks_like, usual_college
from participants.models import Agreement, CategoryRequest, Profile
from participants.models.profile import POSTAL_PREFIX

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


# --- the profile ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Section:
    """Some fields of a form under one heading."""

    key: str
    title: str | _StrPromise
    fields: list[forms.BoundField]


NEEDED = (
    ("name", _("Your name"), ("legal_name", "preferred_name")),
    ("work", _("What you do"), ("category", "profession")),
)
OPTIONAL = (
    ("licence", _("Licence and experience"), ("college", "licence_number", "specialty", "practising_since")),
    (
        "practice",
        _("Where you practise"),
        ("practice_name", "practice_type", "practice_setting", "practice_city", "postal_prefix"),
    ),
    ("access", _("Language and access"), ("language", "accessibility_needs")),
)
"""The parts of the profile in the order of the page: what everybody must fill in comes first."""

INVITED = (
    "legal_name",
    "category",
    "profession",
    "licence_number",
    "practice_name",
    "practice_city",
    "language",
)
"""What an invitation can know about somebody before they come."""


class ProfessionMixin:
    """A profession goes with the category `other`, and with no other."""

    if TYPE_CHECKING:
        fields: dict[str, forms.Field]

    def expect_profession(self) -> None:
        """The category beside it decides whether the profession is needed: no label calls it optional."""
        self.fields["profession"].is_conditional = True  # type: ignore[attr-defined]  # _components/_optional.html

    def require_profession(self, data: dict[str, Any], category: str) -> None:
        """Ask for a missing profession, and drop one that does not belong."""
        if category == Category.OTHER:
            if not data.get("profession") and "profession" not in self.errors:  # type: ignore[attr-defined]  # a form
                self.add_error("profession", _("Choose your profession."))  # type: ignore[attr-defined]  # a form
        elif "profession" in data:
            data["profession"] = ""


class ProfileForm(ProfessionMixin, PortalFormMixin, forms.ModelForm[Profile]):
    """Who one is professionally. Required are the name and the category, with a profession for `other`.

    Once the category is fixed it is not a field; another one is asked for on a page of its own.
    """

    postal_prefix = forms.CharField(
        label=capfirst(Profile._meta.get_field("postal_prefix").verbose_name),
        required=False,
        max_length=20,
        help_text=_(
            "Of your practice, for example K7L: shows which regions the program reaches. "
            "Of a whole postal code only the first three characters are kept."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )

    class Meta:
        model = Profile
        fields: ClassVar[list[str]] = [name for _key, _title, names in NEEDED + OPTIONAL for name in names]
        widgets: ClassVar[dict[str, Any]] = {
            "legal_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "preferred_name": forms.TextInput(attrs={"autocomplete": "nickname"}),
            "category": forms.RadioSelect,
            "specialty": forms.TextInput(attrs={"autocomplete": "off"}),
            "practising_since": forms.NumberInput(attrs={"inputmode": "numeric"}),
            "practice_name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "practice_city": forms.TextInput(attrs={"autocomplete": "address-level2"}),
            "language": forms.RadioSelect,
            "accessibility_needs": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "practice_setting": _("The program's reports count rural and urban practices."),
            "practice_city": _("Tells the hub where its participants work."),
        }
        error_messages: ClassVar[dict[str, Any]] = {
            "legal_name": {"required": _("Write your name as your college has it.")},
            "category": {"required": _("Choose your category.")},
        }

    def __init__(self, *args: Any, is_category_fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expect_profession()
        if is_category_fixed:
            del self.fields["category"]
            if self.instance.category != Category.OTHER:
                del self.fields["profession"]
        if not self.initial.get("college"):
            self.initial["college"] = usual_college(
                self.initial.get("category") or "", self.initial.get("profession") or ""
            )
        if note := licence_note(self.instance):
            licence = self.fields["licence_number"]
            licence.help_text = format_html("<strong>{}</strong> {}", note, licence.help_text)

    @property
    def needed(self) -> list[Section]:
        """The sections that everybody fills in."""
        return self._sections(NEEDED)

    @property
    def optional(self) -> list[Section]:
        """The sections that can stay empty."""
        return self._sections(OPTIONAL)

    def _sections(self, parts: Iterable[tuple[str, _StrPromise, tuple[str, ...]]]) -> list[Section]:
        return [
            Section(key, title, [self[name] for name in names if name in self.fields])
            for key, title, names in parts
        ]

    def clean_legal_name(self) -> str:
        """The name on one line, without stray blanks."""
        return " ".join(str(self.cleaned_data["legal_name"]).split())

    def clean_practising_since(self) -> int | None:
        """A year that has begun."""
        year: int | None = self.cleaned_data["practising_since"]
        if year is not None and year > timezone.localdate().year:
            raise forms.ValidationError(_("This year is still to come. Write a year, for example 2012."))
        return year

    def clean_postal_prefix(self) -> str:
        """The first three characters, however the code was typed; the rest is forgotten here."""
        prefix = re.sub(r"[^A-Z0-9]", "", str(self.cleaned_data["postal_prefix"]).upper())[:3]
        if self.cleaned_data["postal_prefix"] and not re.fullmatch(POSTAL_PREFIX, prefix):
            raise forms.ValidationError(
                _("A Canadian postal code begins with a letter, a digit and a letter, for example K7L.")
            )
        return prefix

    def clean(self) -> dict[str, Any]:
        """A profession is asked of other health professionals alone."""
        data = super().clean() or {}
        # Once it is fixed the category is not among the fields; the profession within it stays free.
        self.require_profession(data, data.get("category", self.instance.category))
        return data


def invited_values(known: Any) -> dict[str, str]:
    """What an invitation knows (request.session["invited_profile"]) as initial values; anything else is passed over."""
    if not isinstance(known, Mapping):
        return {}
    return {name: known[name] for name in INVITED if isinstance(known.get(name), str) and known[name]}


def licence_note(profile: Profile) -> str:
    """A sentence for a licence number that its college would hardly give out, else "". Never a reason to refuse it."""
    if looks_like(profile.college, profile.licence_number) is not False:
        return ""
    return gettext(
        "Please check the licence number: numbers of the %(college)s look like %(example)s. "
        "If it is right, leave it as it is."
    ) % {
        "college": College(profile.college).label,
        "example": LICENCE_FORMATS[profile.college].example,
    }


class CategoryForm(ProfessionMixin, PortalFormMixin, forms.ModelForm[CategoryRequest]):
    """Another category than the one that credit was earned in, and why."""

    class Meta:
        model = CategoryRequest
        fields: ClassVar[list[str]] = ["category", "profession", "reason"]
        widgets: ClassVar[dict[str, Any]] = {
            "category": forms.RadioSelect,
            "reason": forms.Textarea(attrs={"rows": 3}),
        }
        labels: ClassVar[dict[str, Any]] = {"category": _("New category")}
        error_messages: ClassVar[dict[str, Any]] = {
            "category": {"required": _("Choose the new category.")},
            "reason": {"required": _("Say in a sentence why your category changes.")},
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "profession": _("For other health professionals."),
            "reason": _("A sentence for the coordinator, for example “I finished my residency in June.”"),
        }

    def __init__(self, *args: Any, current: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expect_profession()
        category = self.fields["category"]
        assert isinstance(category, forms.ChoiceField)
        category.choices = [choice for choice in Category.choices if choice[0] != current]
        if current == Category.OTHER:
            del self.fields["profession"]

    def clean(self) -> dict[str, Any]:
        """A profession is asked of other health professionals alone."""
        data = super().clean() or {}
        self.require_profession(data, data.get("category", ""))
        return data


# --- agreements -------------------------------------------------------------------------------------------------
AGREEMENT_FIELD = "agreement_"

CONSENT_QUESTIONS = {
    Agreement.Kind.RESEARCH: _("Do you consent to evaluation research?"),
    Agreement.Kind.RECORDING: _("Do you consent to recording?"),
}


def agreement_fields(agreements: Iterable[Agreement]) -> dict[str, forms.Field]:
    """A field for each agreement, named `agreement_<id>`: a box to tick, or yes and no with neither chosen.

    The text itself stands above the field: participants/_agreement_text.html.
    """
    return {f"{AGREEMENT_FIELD}{agreement.pk}": _agreement_field(agreement) for agreement in agreements}


def agreement_answers(cleaned_data: Mapping[str, Any]) -> dict[int, bool]:
    """What was answered, by agreement id; other fields of the form are passed over."""
    return {
        int(name.removeprefix(AGREEMENT_FIELD)): bool(value)
        for name, value in cleaned_data.items()
        if name.startswith(AGREEMENT_FIELD)
    }


def _agreement_field(agreement: Agreement) -> forms.Field:
    if agreement.is_required:
        return forms.BooleanField(
            label=_("I agree to the participation agreement"),
            error_messages={
                "required": _("Tick the box to take part. Without it no case and no session link is shown.")
            },
        )
    return forms.TypedChoiceField(
        label=CONSENT_QUESTIONS[Agreement.Kind(agreement.kind)],
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda answer: answer == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no. Either is fine.")},
    )


class AgreementsForm(PortalFormMixin, forms.Form):
    """One field for each agreement that has no answer yet."""

    def __init__(self, *args: Any, agreements: list[Agreement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agreements = agreements
        self.fields.update(agreement_fields(agreements))

    @property
    def questions(self) -> list[tuple[Agreement, forms.BoundField]]:
        """Each agreement with its field, for the template."""
        return [(agreement, self[f"{AGREEMENT_FIELD}{agreement.pk}"]) for agreement in self.agreements]
