"""What is written to a group."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import PortalFormMixin
from desk.models import GroupMessage
from desk.services import PLACES
from outbox.models import SUBJECT_LENGTH
from outbox.placeholders import wrong_places


class MessageForm(PortalFormMixin, forms.Form):
    """A message in English, and in French for those who read French; its places are checked."""

    audience = forms.ChoiceField(label=gettext_lazy("To"), choices=GroupMessage.Audience.choices)
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=SUBJECT_LENGTH)
    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 10})
    )
    subject_fr = forms.CharField(
        label=gettext_lazy("Subject in French"), max_length=SUBJECT_LENGTH, required=False
    )
    text_fr = forms.CharField(
        label=gettext_lazy("Text in French"),
        help_text=gettext_lazy("For those who read the portal in French. Without it they get the English."),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse places that are not known, and half a translation."""
        values = super().clean() or {}
        for name in ("subject", "text", "subject_fr", "text_fr"):
            if wrong := wrong_places(values.get(name, ""), PLACES):
                self.add_error(
                    name,
                    _("Not known here: %(places)s. Known are: %(known)s.")
                    % {
                        "places": ", ".join(wrong),
                        "known": ", ".join(f"{{{{ {place} }}}}" for place in PLACES),
                    },
                )
        if bool(values.get("subject_fr")) != bool(values.get("text_fr")):
            missing = "text_fr" if values.get("subject_fr") else "subject_fr"
            self.add_error(missing, _("Give both the subject and the text in French."))
        return values
