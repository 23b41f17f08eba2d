"""Writing under the six headings, and signing what the team has written."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django import forms
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.content import clean_text
from cases.finding_texts import finding_label, finding_sentence
from cases.models import Heading, Recommendation
from cases.screening import IdentifiersFoundError
from cases.services import ConfirmFirstError
from cases.services.letters import MAX_CORRECTION, MAX_OPENING, TO_THE_CYCLE_AFTER
from cases.services.recommending import MAX_TEXT, Draft
from core.forms import PortalFormMixin
from core.templatetags.portal import labelled

BOX = "identifies_nobody"
ASKED = "asked_about"


class WrittenField(forms.CharField):
    """A text as it is kept: its length is counted with newlines of one kind, whatever the browser sent."""

    def to_python(self, value: Any) -> str:
        """The text without control characters."""
        return clean_text(super().to_python(value) or "")


class RecommendationsForm(PortalFormMixin, forms.Form):
    """One's own text under each heading, with the revision that it was written over.

    A field that is not sent is left alone. After a conflict, `theirs` holds what is kept, by heading.
    """

    def __init__(self, *args: Any, own: Mapping[str, Recommendation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.theirs: dict[str, Recommendation] = {}
        for heading in Heading:
            row = own.get(heading.value)
            self.fields[f"text_{heading.value}"] = WrittenField(
                label=heading.label,
                required=False,
                strip=False,
                max_length=MAX_TEXT,
                initial=row.text if row else "",
                widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
            )
            self.fields[f"revision_{heading.value}"] = forms.IntegerField(
                required=False,
                min_value=0,
                max_value=2_000_000_000,
                initial=row.revision if row else 0,
                widget=forms.HiddenInput,
            )

    def text(self, heading: str) -> forms.BoundField:
        """The field of the text under a heading."""
        return self[f"text_{heading}"]

    def drafts(self) -> dict[str, Draft]:
        """What was sent and can be kept, by heading; asked after `is_valid`."""
        return {
            heading: Draft(
                text=self.cleaned_data[f"text_{heading}"],
                # No revision, or none that could be one, is that of no text.
                revision=self.cleaned_data.get(f"revision_{heading}") or 0,
            )
            for heading in Heading.values
            if f"text_{heading}" in self.data and f"text_{heading}" in self.cleaned_data
        }

    def show_revisions(self, kept: Mapping[str, Recommendation]) -> None:
        """Give the page the revisions of what is kept: the next save replaces it."""
        self.data = {**self.data, **{f"revision_{key}": str(row.revision) for key, row in kept.items()}}


class SignForm(PortalFormMixin, forms.Form):
    """What the signer adds to the letter. `seen` is the fingerprint of what they have read."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    asked_about = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    correction = WrittenField(
        label=gettext_lazy("What is corrected"),
        help_text=gettext_lazy(
            "One sentence at the top of the new letter; for example “The dose of the second item is halved.”"
        ),
        max_length=MAX_CORRECTION,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Write what is corrected.")},
    )
    opening = WrittenField(
        label=gettext_lazy("Opening words"),
        help_text=gettext_lazy(
            "They come before the recommendations: thanks, a summary, the first thing to do."
        ),
        required=False,
        max_length=MAX_OPENING,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )
    cycle_sees = forms.ChoiceField(
        label=gettext_lazy("When the other participants of the cycle see the letter"),
        help_text=gettext_lazy("The presenter has it at once."),
        choices=[
            ("later", gettext_lazy("In 7 days")),
            ("now", gettext_lazy("Now, together with the presenter")),
        ],
        initial="later",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, is_correction: bool, where: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.where = {
            **where,
            "opening": str(self.fields["opening"].label),
            "correction": str(self.fields["correction"].label),
        }
        # The first letter corrects nothing; a later one is seen when the one before was to be.
        self.fields.pop("cycle_sees" if is_correction else "correction")

    def show_seen(self, seen: str) -> None:
        """Give the page the fingerprint of the letter that it shows now: that is what is signed next."""
        self.data = {**self.data, "seen": seen}

    @property
    def to_cycle_after(self) -> timedelta:
        """How long the presenter has the letter alone."""
        return timedelta() if self.cleaned_data.get("cycle_sees") == "now" else TO_THE_CYCLE_AFTER

    @property
    def is_confirmed(self) -> bool:
        """Whether the box is ticked for the very texts that the screen asked about.

        The box is no field until the screen asks: a tick counts only with what it was asked about.
        """
        return bool(self.data.get(BOX)) and self.cleaned_data[ASKED] == self._digest()

    def refuse(self, error: IdentifiersFoundError | ConfirmFirstError, texts: Mapping[str, str]) -> None:
        """Say where in `texts` what was found; what may stay gets its box, unticked."""
        self.data = {key: value for key, value in self.data.items() if key != BOX}
        if isinstance(error, IdentifiersFoundError):
            for key, findings in error.findings.items():
                for sentence in dict.fromkeys(finding_sentence(finding) for finding in findings):
                    self.add_error(
                        key if key in self.fields else None, labelled(self.where.get(key, ""), sentence)
                    )
            return
        self.data = {**self.data, ASKED: self._digest()}
        lines = [
            (self.where.get(key, ""), texts.get(key, "")[finding.start : finding.end], finding_label(finding))
            for key, findings in error.findings.items()
            for finding in findings
        ]
        self.fields[BOX] = forms.BooleanField(
            label=_("I have looked at it: this identifies nobody."),
            required=False,
            help_text=format_html_join(" ", "{}: “{}” ({}).", lines),
        )
        self.add_error(
            BOX, _("Something in the letter may identify somebody. Change it, or confirm that it does not.")
        )

    def _digest(self) -> str:
        values = self.cleaned_data
        return sha256(
            "\n".join([values["seen"], values.get("correction", ""), values["opening"]]).encode()
        ).hexdigest()
