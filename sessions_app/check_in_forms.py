"""The code of the slide, typed in by a participant."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import PortalFormMixin
from sessions_app.check_in import is_code, typed


class CheckInForm(PortalFormMixin, forms.Form):
    """Six digits, as they are on the slide now."""

    code = forms.CharField(
        label=gettext_lazy("Code on the slide"),
        help_text=gettext_lazy("Six digits. They change every half minute; the last ones still count."),
        # A code with gaps is longer than its digits.
        max_length=20,
        error_messages={"required": gettext_lazy("Type the six digits that are on the slide.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, session_id: int, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session_id, self.now = session_id, now

    def clean_code(self) -> str:
        """The code, if the slide shows it or has just shown it."""
        code = typed(self.cleaned_data["code"])
        if not is_code(self.session_id, code, now=self.now):
            raise forms.ValidationError(
                _("This code is not, or no longer, on the slide. Type the one you see there now.")
            )
        return code
