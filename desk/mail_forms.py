"""A program's own words for a mail."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalFormMixin
from outbox.models import SUBJECT_LENGTH


class WordingForm(PortalFormMixin, forms.Form):
    """Subject and text; what may stand in them is checked by the service that keeps them."""

    subject = forms.CharField(label=_("Subject"), max_length=SUBJECT_LENGTH)
    text = forms.CharField(
        label=_("Text"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true"})
    )
