"""Explaining what the check found, and signing that the case identifies nobody."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.finding_texts import finding_words
from cases.proof import Note, Proof
from cases.screening import MAX_EXPLANATION, MIN_EXPLANATION, IdentifiersFoundError
from core.forms import PortalFormMixin

PREFIX = "explanation-"


class CheckForm(PortalFormMixin, forms.Form):
    """A line for each finding that may be explained, the attestation's tick, and the name that signs it.

    The first place of each such note in `proof` gets its line (`Note.input`). `is_signing` asks for everything;
    without it explanations may be left for later, and nothing is signed.
    """

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    attests = forms.BooleanField(
        label=_("I attest to this."),
        error_messages={"required": _("Tick this to attest that the case identifies nobody.")},
    )
    signed_name = forms.CharField(
        label=_("Your name, as it stands in your profile"),
        help_text=_("Typing it signs the attestation."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Type your name to sign.")},
    )

    def __init__(self, *args: Any, proof: Proof, is_signing: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proof, self.is_signing = proof, is_signing
        self.notes = {PREFIX + note.key: note for note in proof.confirms}
        for name in ("attests", "signed_name"):
            self.fields[name].required = is_signing
        lines = {name: _line(note, is_required=is_signing) for name, note in self.notes.items()}
        # In the order of the page: the explanations stand in the text above the signature.
        self.fields = {"revision": self.fields.pop("revision"), **lines, **self.fields}
        for name, note in self.notes.items():
            note.input = self[name]

    def explanations(self) -> dict[str, str]:
        """What was explained, by `screening.finding_key`."""
        return {note.key: self.cleaned_data[name] for name, note in self.notes.items()}

    def refuse(self, error: IdentifiersFoundError) -> None:
        """Say at each explanation what must not stand in it."""
        for key, found in error.findings.items():
            label = finding_words(found[0].kind, found[0].reason).label
            self.add_error(
                PREFIX + key,
                forms.ValidationError(
                    _("Your explanation holds what can identify somebody (%(label)s). Take it out."),
                    params={"label": label},
                ),
            )


def _line(note: Note, *, is_required: bool) -> forms.CharField:
    return forms.CharField(
        label=_("Note %(number)d: why it identifies nobody") % {"number": note.number},
        required=is_required,
        initial=note.explanation,
        min_length=MIN_EXPLANATION,
        max_length=MAX_EXPLANATION,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
        error_messages={"required": _("Change the words, or write why they identify nobody.")},
    )
