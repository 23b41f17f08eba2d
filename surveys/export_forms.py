"""The forms of exports and of looking a pseudonym up."""

from enum import StrEnum
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalFormMixin
from core.templatetags.portal import localized_text
from participants.models import User
from sessions_app.models import Cycle, Program
from sessions_app.scope import limited
from surveys.exports import Dataset, Purpose


class FileFormat(StrEnum):
    """What an export is handed out as."""

    CSV = "csv"
    XLSX = "xlsx"
    SAV = "sav"
    CODEBOOK = "codebook"


class ExportForm(PortalFormMixin, forms.Form):
    """What is exported, of whom, for what, and as what."""

    scope = forms.ChoiceField(label=_("Cycle or program"))
    dataset = forms.ChoiceField(
        label=_("What a row is"),
        choices=[
            (Dataset.PEOPLE.value, _("A person in a cycle: pre-survey, post-survey, reflection, follow-up")),
            (Dataset.EVALUATIONS.value, _("A person in a session: the session evaluations")),
        ],
        widget=forms.RadioSelect,
        initial=Dataset.PEOPLE.value,
    )
    purpose = forms.ChoiceField(
        label=_("What it is for"),
        choices=[
            (Purpose.PROGRAM.value, _("Running and improving the program: everybody who has answered")),
            (Purpose.RESEARCH.value, _("Research: those alone who have consented to it")),
        ],
        widget=forms.RadioSelect,
        initial=Purpose.RESEARCH.value,
    )
    file_format = forms.ChoiceField(
        label=_("File"),
        choices=[
            (FileFormat.CSV.value, _("CSV")),
            (FileFormat.XLSX.value, _("Excel, with the codebook")),
            (FileFormat.SAV.value, _("SPSS, with labels")),
            (FileFormat.CODEBOOK.value, _("The codebook alone, as CSV")),
        ],
        widget=forms.RadioSelect,
        initial=FileFormat.XLSX.value,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = limited(Cycle.objects.select_related("program"), user, "program")
        cycles = list(own.order_by("program__name", "-starts_on", "pk"))
        choices: list[tuple[str, Any]] = []
        for program in Program.objects.order_by("name", "pk"):
            name = localized_text(program, "name")
            of_program = [
                (f"cycle-{cycle.pk}", localized_text(cycle, "name"))
                for cycle in cycles
                if cycle.program_id == program.pk
            ]
            if of_program:
                choices.append((name, [(f"program-{program.pk}", _("All cycles")), *of_program]))
        self.fields["scope"].choices = choices  # type: ignore[attr-defined]

    def cycles(self) -> list[Cycle]:
        """The cycles that were chosen, the first one first."""
        what, _dash, pk = self.cleaned_data["scope"].partition("-")
        chosen = {"program": pk} if what == "program" else {"pk": pk}
        return list(Cycle.objects.filter(**chosen).select_related("program").order_by("starts_on", "pk"))


class LookupForm(PortalFormMixin, forms.Form):
    """A pseudonym, and why somebody needs to know whose it is."""

    code = forms.CharField(label=_("Pseudonym"), max_length=12, help_text=_("As it stands in the export."))
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("It is kept on record."))
