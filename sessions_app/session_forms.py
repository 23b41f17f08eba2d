"""The forms of a session's page in the administration: the session itself, a speaker, a material."""

from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import BadInputError
from core.templatetags.portal import localized_text
from sessions_app.materials import MAX_BYTES, TYPES, Checked
from sessions_app.models import EchoSession, Material, Objective, Speaker
from sessions_app.services.details import slots_taken
from sessions_app.services.materials import REFUSALS, check_file
from sessions_app.services.seasons import MAX_SLOTS

ONLY_THE_WEB = URLValidator(
    schemes=["http", "https"], message=gettext_lazy("Give a whole link that begins with http:// or https://.")
)


def _lines() -> forms.Textarea:
    """Room for a few sentences."""
    return forms.Textarea(attrs={"class": "vLargeTextField", "rows": 3})


class ObjectivesField(forms.ModelMultipleChoiceField[Objective]):
    """The objectives of a program, each to be ticked."""

    # The class is the administration's: labels as wide as what they say.
    widget = forms.CheckboxSelectMultiple(attrs={"class": "radiolist"})

    def label_from_instance(self, obj: Objective) -> str:
        """Its number and its text in the reader's language."""
        return f"{obj.position}. {localized_text(obj, 'text')}"


class EchoSessionForm(forms.ModelForm[EchoSession]):
    """A session, the objectives it serves, and how many cases are presented in it."""

    serves = ObjectivesField(
        label=gettext_lazy("Objectives it serves"), queryset=Objective.objects.none(), required=False
    )
    slot_count = forms.IntegerField(
        label=gettext_lazy("Presenter slots"),
        min_value=0,
        max_value=MAX_SLOTS,
        initial=1,
        help_text=gettext_lazy("How many cases are presented in the session."),
    )

    class Meta:
        model = EchoSession
        fields: ClassVar[list[str]] = [
            "cycle",
            "topic",
            "topic_fr",
            "summary",
            "summary_fr",
            "starts_at",
            "ends_at",
            "hub",
            "meeting_url",
        ]
        widgets: ClassVar[dict[str, forms.Widget]] = {"summary": _lines(), "summary_fr": _lines()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _keep_to_the_web(self, "meeting_url")
        self.taken = 0
        if self.instance.pk is None:
            return
        serves = self.fields["serves"]
        assert isinstance(serves, ObjectivesField)  # declared above
        serves.queryset = Objective.objects.filter(program=self.instance.cycle.program_id)
        slots = list(self.instance.slots.all())
        self.taken = sum(slot.enrolment_id is not None for slot in slots)
        self.initial["slot_count"] = len(slots)
        self.initial["serves"] = list(self.instance.session_objectives.values_list("objective_id", flat=True))

    def clean_slot_count(self) -> int:
        """Not fewer than are taken."""
        count = int(self.cleaned_data["slot_count"])
        if count < self.taken:
            raise forms.ValidationError(slots_taken(self.taken))
        return count


class SpeakerForm(forms.ModelForm[Speaker]):
    """A speaker; what was declared is written down."""

    class Meta:
        model = Speaker
        fields: ClassVar[list[str]] = [
            "name",
            "affiliation",
            "affiliation_fr",
            "disclosure",
            "disclosure_text",
            "disclosure_text_fr",
            "position",
        ]
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "disclosure_text": _lines(),
            "disclosure_text_fr": _lines(),
        }

    def clean(self) -> None:
        """Say at the field what the constraint sessions_app_speaker_declared_has_text would refuse."""
        super().clean()
        is_declared = self.cleaned_data.get("disclosure") == Speaker.Disclosure.DECLARED
        if is_declared and not str(self.cleaned_data.get("disclosure_text", "")).strip():
            self.add_error("disclosure_text", _("Write down the relationships that were declared."))


class MaterialForm(forms.ModelForm[Material]):
    """A material: a link, or a file that is chosen here. What is there keeps its file; another one is added."""

    upload = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ",".join(f".{ending}" for ending in TYPES)}),
        help_text=gettext_lazy(
            "PDF, PowerPoint, Word, Excel, OpenDocument, PNG or JPEG; 20 MB at most. Or give a link above."
        ),
    )

    class Meta:
        model = Material
        fields: ClassVar[list[str]] = ["title", "title_fr", "url", "position"]
        # Where it leads stands below as a link that tells the other side nothing.
        widgets: ClassVar[dict[str, forms.Widget]] = {"url": forms.URLInput(attrs={"class": "vURLField"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _keep_to_the_web(self, "url")
        if self.instance.pk is None:
            return
        self._hide("upload")
        if self.instance.filename:
            self._hide("url")

    def clean_upload(self) -> Checked | None:
        """The file, looked at."""
        upload: UploadedFile[bytes] | None = self.cleaned_data.get("upload")
        if upload is None:
            return None
        if (upload.size or 0) > MAX_BYTES:
            raise forms.ValidationError(str(REFUSALS["too_large"]))
        try:
            return check_file(filename=upload.name or "", content=upload.read())
        except BadInputError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> None:
        """One of the two, at the field one would mend."""
        super().clean()
        if self.errors or self.instance.filename:
            return
        has_url, has_file = bool(self.cleaned_data.get("url")), bool(self.cleaned_data.get("upload"))
        if has_url == has_file:
            self.add_error("url", _("Give a link or a file, one of the two."))

    def _hide(self, name: str) -> None:
        if name in self.fields:
            self.fields[name].disabled = True
            self.fields[name].widget = forms.HiddenInput()


def _keep_to_the_web(form: forms.BaseForm, name: str) -> None:
    """Let a field take http and https alone: Django's own check lets ftp pass."""
    if name in form.fields:
        field = form.fields[name]
        others = [check for check in field.validators if not isinstance(check, URLValidator)]
        field.validators = [*others, ONLY_THE_WEB]
