"""Forms whose text others will read: the screen refuses what identifies, and asks about what may (rule 24)."""

from hashlib import sha256
from typing import Any, ClassVar

from django import forms
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.content import clean_text
from cases.deidentification.findings import Finding
from cases.finding_texts import finding_label, finding_sentence
from cases.models import CaseFollowUp, CaseReview
from cases.screening import IdentifiersFoundError
from cases.services import ConfirmFirstError
from core.forms import PortalFormMixin
from core.templatetags.portal import localized_text, session_range
from sessions_app.models import EchoSession

BOX = "identifies_nobody"


class ScreenedForm(PortalFormMixin, forms.Form):
    """A form with one text that is screened, the field `screened`.

    The box with which its writer confirms that what was found identifies nobody is there only once the screen has
    asked, and counts only for the text that it was asked about.
    """

    screened: ClassVar[str] = "text"

    asked_about = forms.CharField(widget=forms.HiddenInput, required=False)

    @property
    def is_confirmed(self) -> bool:
        """Whether the box is ticked for the text as it is now; asked after the form was found valid.

        The box is no field until the screen asks: a tick counts only with what it was asked about.
        """
        is_same = self.cleaned_data["asked_about"] == _digest(self.cleaned_data[self.screened])
        return is_same and bool(self.data.get(self.add_prefix(BOX)))

    def clean(self) -> dict[str, Any]:
        """The text as it is kept, so that what was found is found at the same place."""
        values = super().clean() or {}
        if self.screened in values:
            values[self.screened] = clean_text(values[self.screened]).strip()
        return values

    def refuse(self, error: IdentifiersFoundError | ConfirmFirstError) -> None:
        """Say what was found, with why and what to write instead; what may stay gets its box, unticked.

        The words themselves stand beside the box only, on the page of who wrote them.
        """
        findings = [finding for each in error.findings.values() for finding in each]
        text = self.cleaned_data[self.screened]
        # Whatever was ticked was ticked for another text.
        data = {name: value for name, value in self.data.items() if name != self.add_prefix(BOX)}
        self.data = data
        if isinstance(error, IdentifiersFoundError):
            self.add_error(self.screened, [finding_sentence(finding) for finding in _once(findings)])
            return
        data[self.add_prefix("asked_about")] = _digest(text)
        self.fields[BOX] = forms.BooleanField(
            label=_("This identifies nobody"),
            required=False,
            help_text=format_html_join(
                " ",
                "“{}”: {}.",
                ((text[finding.start : finding.end], finding_label(finding)) for finding in findings),
            ),
        )
        self.add_error(BOX, _("The check asks about something in your text. Change it, or tick this box."))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _once(findings: list[Finding]) -> list[Finding]:
    """One of each kind and reason: the same is said once."""
    return list({(finding.kind, finding.reason): finding for finding in findings}.values())


class FollowUpForm(ScreenedForm):
    """What became of the patient."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("How is the patient now, compared with the day you presented?"),
        choices=CaseFollowUp.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    text = forms.CharField(
        label=gettext_lazy("What happened"),
        help_text=gettext_lazy(
            "Which recommendations you tried, what helped, what did not. "
            "As in the case: nothing that identifies the patient."
        ),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Write what happened.")},
    )


class DecisionForm(ScreenedForm):
    """How a review ends."""

    screened = "comments"

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    decision = forms.ChoiceField(
        label=gettext_lazy("Your decision"),
        choices=[
            (
                CaseReview.Decision.APPROVED.value,
                gettext_lazy("Approve: the hub's team reads it at once, the cycle from the session's day on"),
            ),
            (CaseReview.Decision.RETURNED.value, gettext_lazy("Return it to its author with comments")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose whether to approve or to return the case.")},
    )
    comments = forms.CharField(
        label=gettext_lazy("Comments for the author"),
        help_text=gettext_lazy(
            "Needed to return a case: what to change, and where. Say it without repeating what identifies somebody."
        ),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"class": "vLargeTextField", "rows": 5, "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """A case comes back with comments, or not at all."""
        values = super().clean() or {}
        returned = values.get("decision") == CaseReview.Decision.RETURNED
        if returned and not values.get("comments") and "comments" not in self.errors:
            self.add_error("comments", _("Write what the author is to change."))
        return values


class StrikeForm(ScreenedForm):
    """Why a version is emptied."""

    screened = "reason"

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("It stays in the audit trail. Do not repeat what identifies somebody."),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Write why it is struck out.")},
    )


class SessionChoice(forms.ModelChoiceField[EchoSession]):
    """The sessions that a case can be scheduled into."""

    def label_from_instance(self, obj: EchoSession) -> str:
        """When, what, and whether the presenter has a slot in it."""
        when = f"{session_range(obj.starts_at, obj.ends_at)} · {localized_text(obj, 'topic')}"
        return _("%(session)s (the presenter's slot)") % {"session": when} if obj.is_own else when  # type: ignore[attr-defined]


class ScheduleForm(PortalFormMixin, forms.Form):
    """Which session a case is presented in."""

    session = SessionChoice(
        label=gettext_lazy("Session"),
        queryset=EchoSession.objects.none(),
        error_messages={"required": gettext_lazy("Choose a session.")},
    )

    def __init__(self, *args: Any, sessions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["session"]
        assert isinstance(field, SessionChoice)  # declared above
        field.queryset = sessions
        field.initial = next((session for session in sessions if session.is_own), None)
