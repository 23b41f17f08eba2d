"""Plans and windows of surveys in the administration: who has not answered, reminding them, and more time for one."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin import AuditedAdmin, ReadOnlyAdmin
from core.csv_safe import csv_response
from core.errors import DomainError
from core.templatetags.portal import eastern
from participants.requests import current_user
from surveys.admin.exports import ExportPages
from surveys.admin.results import ResultsPages
from surveys.answer_page import survey_title
from surveys.asking_queries import Standing, standings
from surveys.models import Response, SurveyAsk, SurveyPlan, SurveyWindow, WindowExtension
from surveys.services import extend_window, remind_now
from surveys.window_forms import ExtensionForm, PlanForm, WindowForm

HERE = "admin:surveys_surveywindow_people"


@admin.register(SurveyPlan)
class SurveyPlanAdmin(AuditedAdmin):
    """When the cycles of a program ask each kind of survey."""

    form = PlanForm
    list_display = ["kind", "program", "opens_from", "opens_days", "closes_from", "closes_days", "is_active"]
    list_filter = ["program"]
    list_select_related = ["program"]


@admin.register(SurveyWindow)
class SurveyWindowAdmin(AuditedAdmin):
    """Which survey a cycle asks, and when; how many have answered, and who has not."""

    form = WindowForm
    list_display = ["instrument", "cycle", "session", "opens_at", "closes_at", "answered", "people_link"]
    list_filter = ["cycle", "instrument__kind"]
    list_select_related = ["instrument", "cycle__program", "session"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SurveyWindow]:
        """Windows with their count of submitted responses."""
        queryset: QuerySet[SurveyWindow] = super().get_queryset(request)
        return queryset.annotate(
            submitted=Count("responses", filter=Q(responses__status=Response.Status.SUBMITTED))
        )

    @admin.display(description=gettext_lazy("answered"))
    def answered(self, window: Any) -> int:
        """How many have submitted."""
        return int(window.submitted)

    @admin.display(description=gettext_lazy("people"))
    def people_link(self, window: SurveyWindow) -> SafeString:
        """The way to who has not answered."""
        return format_html('<a href="{}">{}</a>', reverse(HERE, args=[window.pk]), _("Who has not answered"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A window keeps its cycle and session, and its instrument once somebody has answered."""
        if obj is None:
            return []
        fixed = ["cycle", "session"]
        return [*fixed, "instrument"] if Response.objects.filter(window=obj).exists() else fixed

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A survey that somebody was asked or has answered stays on record."""
        if obj is not None and (obj.responses.exists() or obj.asks.exists() or obj.extensions.exists()):
            return False
        return bool(super().has_delete_permission(request, obj))

    def get_urls(self) -> list[URLPattern]:
        """The page of those asked and its file, beside the usual pages."""
        wrap, name = self.admin_site.admin_view, "surveys_surveywindow_people"
        return [
            path("<int:pk>/people/", wrap(self.people_view), name=name),
            path("<int:pk>/people.csv", wrap(self.people_csv_view), name=f"{name}_csv"),
            *super().get_urls(),
        ]

    def people_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everybody who is asked and where they stand; remind those who have not answered, or give one more time."""
        window = _window(request, pk)
        may_change = request.user.has_perm("surveys.change_surveywindow")
        if request.method == "POST" and not may_change:
            raise PermissionDenied
        form = ExtensionForm(request.POST if "extend" in request.POST else None)
        if request.method == "POST":
            done = self._extended(request, window, form) if form.is_bound else self._reminded(request, window)
            if done:
                return redirect(HERE, pk=pk)
        now = timezone.now()
        people = standings(window)
        chosen = request.POST.get("enrolment") or request.GET.get("extend", "")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Who has not answered"),
            "opts": self.opts,
            "window": window,
            "survey": survey_title(window),
            "open": [one for one in people if not one.is_submitted],
            "answered": [one for one in people if one.is_submitted],
            "total": len(people),
            "is_open": any(one.is_open(window, now=now) for one in people if not one.is_submitted),
            "may_change": may_change,
            "may_extend": may_change and window.closes_at is not None,
            "extending": next((one for one in people if str(one.enrolment.pk) == chosen), None),
            "form": form if form.is_bound else ExtensionForm(initial={"enrolment": chosen}),
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/surveys/window_people.html", context, status=status)

    def _reminded(self, request: HttpRequest, window: SurveyWindow) -> bool:
        """Write to all who have not answered, or to those who were ticked."""
        ticked = [int(pk) for pk in request.POST.getlist("person") if pk.isdecimal()]
        if "chosen" in request.POST and not ticked:
            self.message_user(request, _("Tick who is to be reminded."), messages.WARNING)
            return True
        people = ticked if "chosen" in request.POST else None
        try:
            count = remind_now(
                window_id=window.pk, enrolment_ids=people, by=current_user(request), now=timezone.now()
            )
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
            return True
        text = (
            ngettext("%(count)d email is on its way.", "%(count)d emails are on their way.", count)
            if count
            else _("Nobody is left to remind today: each person is written to by hand once a day.")
        )
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.INFO)
        return True

    def _extended(self, request: HttpRequest, window: SurveyWindow, form: ExtensionForm) -> bool:
        """Give one person more time; what the service refuses stands at the form."""
        if not form.is_valid():
            return False
        chosen = form.cleaned_data
        try:
            extension = extend_window(
                window_id=window.pk,
                enrolment_id=chosen["enrolment"],
                until=chosen["until"],
                reason=chosen["reason"],
                by=current_user(request),
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
            return False
        words = {
            "name": extension.enrolment.participant.get_full_name(),
            "moment": eastern(extension.closes_at),
        }
        self.message_user(request, _("%(name)s has until %(moment)s.") % words, messages.SUCCESS)
        return True

    def people_csv_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The same as a file: who, and where they stand; not what they answered."""
        window = _window(request, pk)
        heading = [_("Name"), _("Email"), _("State"), _("Last asked"), _("Times asked"), _("Open until")]
        rows = [_line(one) for one in standings(window)]
        return csv_response(f"survey-{window.pk}-people.csv", [heading, *rows])


def _window(request: HttpRequest, pk: int) -> SurveyWindow:
    if not request.user.has_perms(["surveys.view_response", "sessions_app.view_enrolment"]):
        raise PermissionDenied
    return get_object_or_404(
        SurveyWindow.objects.select_related("instrument", "session", "cycle__program"), pk=pk
    )


def _line(one: Standing) -> list[Any]:
    state = _("Begun, not sent") if one.response else _("Not begun")
    if one.is_submitted:
        state = _("Answered")
    person = one.enrolment.participant
    return [
        person.get_full_name(),
        person.email,
        state,
        eastern(one.last_asked_at),
        len(one.asks),
        eastern(one.closes_at),
    ]


@admin.register(Response)
class ResponseAdmin(ResultsPages, ExportPages):
    """Who has answered what, and when; what was answered only as results."""

    # Rule 32: what leaves the portal of answers carries a pseudonym (Export answers), never a name.
    can_be_exported = False
    list_display = ["enrolment", "window", "status", "started_at", "submitted_at"]
    list_filter = ["window__cycle", "window__instrument__kind", "status"]
    search_fields = ["enrolment__participant__email"]
    list_select_related = [
        "enrolment__participant",
        "enrolment__cycle__program",
        "window__instrument",
        "window__cycle__program",
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The list names people: for who may see who is enrolled. Results and exports do not."""
        may_see = bool(super().has_view_permission(request, obj))
        return may_see and request.user.has_perm("sessions_app.view_enrolment")


@admin.register(SurveyAsk)
class SurveyAskAdmin(ReadOnlyAdmin):
    """Every request to answer: to whom, about what, and when."""

    list_display = ["enrolment", "window", "step", "asked_at", "asked_by"]
    list_filter = ["window__cycle", "window__instrument__kind"]
    search_fields = ["enrolment__participant__email"]
    list_select_related = [
        "enrolment__participant",
        "enrolment__cycle__program",
        "window__instrument",
        "window__cycle__program",
        "asked_by",
    ]


@admin.register(WindowExtension)
class WindowExtensionAdmin(ReadOnlyAdmin):
    """Every extension: for whom, until when, why, and who granted it."""

    list_display = ["enrolment", "window", "closes_at", "reason", "granted_by", "granted_at"]
    list_filter = ["window__cycle"]
    list_select_related = [
        "enrolment__participant",
        "enrolment__cycle__program",
        "window__instrument",
        "window__cycle__program",
        "granted_by",
    ]
