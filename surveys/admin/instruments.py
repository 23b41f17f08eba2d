"""Instruments in the administration: sections, questions and choices; checked, released, and made anew as versions."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import AuditedAdmin
from core.errors import DomainError
from participants.models import User
from participants.requests import current_user
from surveys import checks
from surveys.forms import PreviewForm
from surveys.instrument_forms import DuplicateForm, ImportForm, SectionFormSet
from surveys.interchange import as_json
from surveys.models import Instrument, Response, Section
from surveys.queries import asked_questions, has_responses
from surveys.services import (
    duplicate_instrument,
    import_instrument,
    next_number,
    next_version,
    release_instrument,
    withdraw_release,
)


class SectionInline(admin.StackedInline[Section, Instrument]):
    """The pages of an instrument, in order."""

    model = Section
    formset = SectionFormSet
    extra = 0


@admin.register(Instrument)
class InstrumentAdmin(AuditedAdmin):
    """Instruments. One with answers is frozen; its next version can be edited."""

    list_display = ["title", "kind", "version", "is_released", "has_answers", "program"]
    list_filter = ["program", "kind", "is_released"]
    list_select_related = ["program"]
    fields = ["program", "kind", "title", "title_fr", "introduction", "introduction_fr"]
    inlines = [SectionInline]
    actions = None
    change_list_template = "admin/surveys/instrument_list.html"
    change_form_template = "admin/surveys/instrument_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Instrument]:
        """Instruments with whether somebody has answered them."""
        queryset: QuerySet[Instrument] = super().get_queryset(request)
        answers = Response.objects.filter(window__instrument=OuterRef("pk"))
        return queryset.annotate(is_answered=Exists(answers))

    @admin.display(description=gettext_lazy("has answers"), boolean=True)
    def has_answers(self, instrument: Any) -> bool:
        """Whether it is frozen (rule 28)."""
        return bool(instrument.is_answered)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """An instrument keeps its program and its kind: a copy can have others."""
        return [] if obj is None else ["program", "kind"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Answers freeze the questions they answer (rule 28)."""
        frozen = obj is not None and has_responses(obj.pk)
        return not frozen and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An instrument that was asked stays on record."""
        if obj is not None and obj.windows.exists():
            return False
        return bool(super().has_delete_permission(request, obj))

    def save_model(self, request: HttpRequest, obj: Instrument, form: Any, change: bool) -> None:
        """A new one is the version after the latest."""
        if not change:
            obj.version = next_number(program_id=obj.program_id, kind=obj.kind)
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: Instrument, post_url_continue: Any = None
    ) -> HttpResponse:
        """Go on to its questions."""
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, _("Saved. Now add the questions of each section."), messages.SUCCESS)
        return redirect(_page(obj))

    def get_urls(self) -> list[URLPattern]:
        """The instrument as a participant sees it, as a copy and as a file, beside the usual pages."""
        wrap = self.admin_site.admin_view
        name = "surveys_instrument"
        return [
            path("import/", wrap(self.import_view), name=f"{name}_import"),
            path("<int:pk>/do/", wrap(self.deed_view), name=f"{name}_deed"),
            path("<int:pk>/preview/", wrap(self.preview_view), name=f"{name}_preview"),
            path("<int:pk>/duplicate/", wrap(self.duplicate_view), name=f"{name}_duplicate"),
            path("<int:pk>/instrument.json", wrap(self.json_view), name=f"{name}_json"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """The form, with every question in order, and what keeps the instrument from being released."""
        instrument = context.get("original")
        if instrument is not None:
            questions = asked_questions(instrument.pk)
            keys = {question.pk: question.key for question in questions}
            rows = [
                (
                    question,
                    f"{keys[question.shown_if_id]}: {', '.join(question.shown_if_answers)}"
                    if question.shown_if_id
                    else "",
                )
                for question in questions
            ]
            context |= {
                "title": str(instrument),
                "subtitle": None,
                "sections": [
                    (section, [row for row in rows if row[0].section_id == section.pk])
                    for section in instrument.sections.all()
                ],
                "problems": checks.problems(instrument),
                "warnings": checks.warnings(instrument),
                "is_frozen": has_responses(instrument.pk),
                "may_write": request.user.has_perm("surveys.change_instrument"),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def deed_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Release, take the release back, or make the next version, which is then shown."""
        by = _writer(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        instrument = get_object_or_404(Instrument, pk=pk)
        deeds = {
            "release": (release_instrument, _("“%s” is released: cycles can use it.")),
            "withdraw": (withdraw_release, _("“%s” is not released any more.")),
            "next": (next_version, _("“%s” is a copy that you can edit. Release it when it is ready.")),
        }
        if request.POST.get("deed") not in deeds:
            return redirect(_page(instrument))
        deed, said = deeds[request.POST["deed"]]
        try:
            instrument = deed(instrument_id=pk, by=by)
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, said % instrument, messages.SUCCESS)
        return redirect(_page(instrument))

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One section as a participant sees it, in either language; nothing is saved."""
        instrument = self._seen(request, pk)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        questions = asked_questions(pk)
        sections = list({question.section_id: question.section for question in questions}.values())
        number = request.GET.get("section", "1")
        place = int(number) if number.isdecimal() and len(number) < 4 else 0
        if sections and not 1 <= place <= len(sections):
            raise Http404
        language = request.GET.get("language", "")
        language = language if language in {"en", "fr"} else translation.get_language() or "en"
        with translation.override(language):
            context = {
                "instrument": instrument,
                "language": language,
                "count": len(sections),
                "place": place,
                "section": sections[place - 1] if sections else None,
                "form": PreviewForm(questions=questions, section_id=sections[place - 1].pk)
                if sections
                else None,
            }
            return render(request, "surveys/preview.html", context)

    def duplicate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A copy in a program and of a kind."""
        by = _writer(request)
        instrument = self._seen(request, pk)
        usual = {"program": instrument.program_id, "kind": instrument.kind}
        form = DuplicateForm(request.POST or None, initial=usual, user=current_user(request))
        if form.is_valid():
            program, kind = form.cleaned_data["program"], form.cleaned_data["kind"]
            copy = duplicate_instrument(instrument_id=pk, program_id=program.pk, kind=kind, by=by)
            self.message_user(
                request, _("“%s” is the copy. Release it when it is ready.") % copy, messages.SUCCESS
            )
            return redirect(_page(copy))
        return self._form_page(request, form, _("Duplicate"), _("Make the copy"), instrument)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """The next version of a program's instrument from a file."""
        by = _writer(request)
        form = ImportForm(request.POST or None, request.FILES or None, user=current_user(request))
        if form.is_valid():
            try:
                made = import_instrument(
                    program_id=form.cleaned_data["program"].pk, data=form.cleaned_data["file"], by=by
                )
            except DomainError as error:
                form.add_error("file", str(error))
            else:
                said = _("“%s” is made from the file. Release it when it is ready.")
                self.message_user(request, said % made, messages.SUCCESS)
                return redirect(_page(made))
        return self._form_page(request, form, _("Import an instrument"), _("Import"), None)

    def json_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The whole instrument as JSON, to keep or to carry elsewhere."""
        instrument = self._seen(request, pk)
        response = HttpResponse(as_json(instrument), content_type="application/json")
        name = f"{instrument.program.slug}-{instrument.kind}-v{instrument.version}.json"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def _seen(self, request: HttpRequest, pk: int) -> Instrument:
        if not request.user.has_perm("surveys.view_instrument"):
            raise PermissionDenied
        return get_object_or_404(Instrument.objects.select_related("program"), pk=pk)

    def _form_page(
        self, request: HttpRequest, form: Any, title: str, button: str, instrument: Instrument | None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "form": form,
            "button": button,
            "instrument": instrument,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/surveys/instrument_deed.html", context, status=status)


def _writer(request: HttpRequest) -> User:
    """Who asks, if they may make and change instruments. Raises PermissionDenied for others."""
    if not request.user.has_perms(["surveys.add_instrument", "surveys.change_instrument"]):
        raise PermissionDenied
    return current_user(request)


def _page(instrument: Instrument) -> str:
    return reverse("admin:surveys_instrument_change", args=[instrument.pk])
