"""The review desk: what waits, the page of one case, and what a coordinator decides there."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from cases.content import readings
from cases.models import CaseReading, CaseReview, CaseSubmission, CaseVersion
from cases.proof import proof
from cases.queries import desk, is_to_reschedule, reviews_of, sessions_for
from cases.screened_forms import DecisionForm, ScheduleForm, ScreenedForm, StrikeForm
from cases.screening import IdentifiersFoundError
from cases.services import (
    ConfirmFirstError,
    approve_case,
    mark_presented,
    record_reading,
    return_case,
    schedule_case,
    start_review,
    strike_version,
)
from core.admin import ReadOnlyAdmin
from core.caching import no_store
from core.errors import DomainError
from participants.requests import current_user
from sessions_app.models import Cycle, EchoSession, Enrolment
from sessions_app.scope import limited, programs_of

Status = CaseSubmission.Status
DESK = "admin:cases_casesubmission_desk"
REVIEW = "admin:cases_casesubmission_review"
READINGS_SHOWN = 50


@admin.register(CaseSubmission)
class CaseSubmissionAdmin(ReadOnlyAdmin):
    """Who brings a case, and where it stands."""

    list_display = ["echo_id", "presenter", "status", "session", "moved_at"]
    list_filter = ["status", "presenter__cycle"]
    search_fields = ["echo_id"]
    list_select_related = ["presenter__participant", "presenter__cycle__program", "session"]
    change_list_template = "admin/cases/case_list.html"
    change_form_template = "admin/cases/case_change.html"

    def get_urls(self) -> list[URLPattern]:
        """The desk, a case's review and striking a version, beside the usual ones."""
        site = self.admin_site
        return [
            path("desk/", site.admin_view(self.desk_view), name="cases_casesubmission_desk"),
            path("<int:pk>/review/", site.admin_view(self.review_view), name="cases_casesubmission_review"),
            path("<int:pk>/strike/", site.admin_view(self.strike_view), name="cases_casesubmission_strike"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list of all, with the way to the desk."""
        context = {**(extra_context or {}), "may_review": _may_review(request)}
        return super().changelist_view(request, context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One case's record, with the way to its review."""
        context = {**(extra_context or {}), "may_review": _may_review(request)}
        return super().change_view(request, object_id, form_url, context)

    def desk_view(self, request: HttpRequest) -> HttpResponse:
        """All cases by what they wait for, of one cycle or of all."""
        _require_reviewer(request)
        chosen = request.GET.get("cycle", "")
        own = limited(Cycle.objects.all(), request.user, "program")
        cycle = get_object_or_404(own, pk=int(chosen)) if chosen.isdecimal() else None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Review desk"),
            "opts": self.opts,
            "desk": desk(now=timezone.now(), cycle=cycle, programs=programs_of(request.user)),
            "cycle": cycle,
            "cycles": own.filter(enrolments__cases__isnull=False)
            .distinct()
            .select_related("program")
            .order_by("-starts_on", "pk"),
        }
        return TemplateResponse(request, "admin/cases/desk.html", context)

    @method_decorator(sensitive_post_parameters())
    @method_decorator(no_store)
    def review_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A case as it was handed in, with what was found in it, and all that can be done with it."""
        _require_reviewer(request)
        case = _handed_in(pk)
        form, schedule = DecisionForm(), _schedule_form(case, None)
        if request.method == "POST":
            if "decide" in request.POST:
                form = DecisionForm(request.POST)
                is_done = form.is_valid() and self._decided(request, case, form)
            elif "schedule" in request.POST:
                schedule = _schedule_form(case, request.POST)
                is_done = schedule.is_valid() and self._scheduled(request, case, schedule)
            else:
                self._moved(request, case)
                is_done = True
            if is_done:
                return redirect(REVIEW, pk=case.pk)
            case = _handed_in(pk)
        return self._page(request, case, form=form, schedule=schedule)

    @method_decorator(sensitive_post_parameters())
    @method_decorator(no_store)
    def strike_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why a version is struck out, say what that means, and do it."""
        _require_reviewer(request)
        case = _handed_in(pk)
        form = StrikeForm(request.POST) if request.method == "POST" else None
        version = _version(case, request.POST.get("version") if form else request.GET.get("version"))
        if version.struck_at is not None:
            return redirect(REVIEW, pk=case.pk)
        if form is not None and form.is_valid() and self._struck(request, case, version, form):
            return redirect(REVIEW, pk=case.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Strike out a version"),
            "opts": self.opts,
            "case": case,
            "version": version,
            "is_last": version.pk == case.version_id,
            "form": form or StrikeForm(initial={"version": version.pk}),
        }
        return TemplateResponse(
            request, "admin/cases/strike.html", context, status=422 if form is not None else 200
        )

    def _page(
        self, request: HttpRequest, case: CaseSubmission, *, form: DecisionForm, schedule: ScheduleForm
    ) -> HttpResponse:
        now = timezone.now()
        version = _version(case, request.GET.get("version"))
        form.initial["version"] = version.pk
        record_reading(
            case=case, version=version, what=CaseReading.What.REVIEW, reader=current_user(request), now=now
        )
        is_last = version.pk == case.version_id
        page = proof(version.content, version.findings)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Review %(echo_id)s") % {"echo_id": case.echo_id},
            "opts": self.opts,
            "case": case,
            "version": version,
            "is_last": is_last,
            "proof": page,
            "readings": readings(version.content),
            "versions": list(case.versions.defer("content", "findings").order_by("-number")),
            "reviews": list(reviews_of(case)),
            "who_read": list(
                case.readings.select_related("reader__profile", "version").order_by("-read_at", "-pk")[
                    :READINGS_SHOWN
                ]
            ),
            "form": form,
            "schedule": schedule,
            "may_start": is_last and case.status == Status.SUBMITTED,
            "may_decide": is_last and case.status == Status.IN_REVIEW,
            "may_schedule": case.status in {Status.APPROVED, Status.SCHEDULED},
            "may_mark": case.status == Status.SCHEDULED
            and case.session is not None
            and case.session.starts_at <= now
            and case.session.status != EchoSession.Status.CANCELLED,
            "is_to_reschedule": is_to_reschedule(case),
            "has_left": case.presenter.status != Enrolment.Status.APPROVED,
            "follow_up": getattr(case, "follow_up", None),
        }
        refused = form.is_bound or schedule.is_bound
        return TemplateResponse(request, "admin/cases/review.html", context, status=422 if refused else 200)

    def _decided(self, request: HttpRequest, case: CaseSubmission, form: DecisionForm) -> bool:
        """Approve or return the case; what is refused stands at the form."""
        values = form.cleaned_data
        is_approved = values["decision"] == CaseReview.Decision.APPROVED
        decide = approve_case if is_approved else return_case
        done = _tried(
            form,
            lambda: decide(
                case_id=case.pk,
                version_id=values["version"],
                comments=values["comments"],
                is_confirmed=form.is_confirmed,
                by=current_user(request),
                now=timezone.now(),
            ),
        )
        if done:
            text = (
                _("The case is approved. The presenter and the hub's team are told by email.")
                if is_approved
                else _(
                    "The case is returned. Its author is told by email that it came back, and reads why here."
                )
            )
            self.message_user(request, text, messages.SUCCESS)
        return done

    def _scheduled(self, request: HttpRequest, case: CaseSubmission, form: ScheduleForm) -> bool:
        done = _tried(
            form,
            lambda: schedule_case(
                case_id=case.pk,
                session_id=form.cleaned_data["session"].pk,
                by=current_user(request),
                now=timezone.now(),
            ),
        )
        if done:
            self.message_user(
                request,
                _("The case has its session. The presenter and the hub's team are told by email."),
                messages.SUCCESS,
            )
        return done

    def _moved(self, request: HttpRequest, case: CaseSubmission) -> None:
        """Start the review, or write that the case was presented."""
        deed = mark_presented if "present" in request.POST else start_review
        try:
            deed(case_id=case.pk, by=current_user(request), now=timezone.now())
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            text = (
                _("The case is presented. The hub's team can finish its recommendations.")
                if deed is mark_presented
                else _("The case is in review.")
            )
            self.message_user(request, text, messages.SUCCESS)

    def _struck(
        self, request: HttpRequest, case: CaseSubmission, version: CaseVersion, form: StrikeForm
    ) -> bool:
        done = _tried(
            form,
            lambda: strike_version(
                case_id=case.pk,
                version_id=version.pk,
                reason=form.cleaned_data["reason"],
                is_confirmed=form.is_confirmed,
                by=current_user(request),
                now=timezone.now(),
            ),
        )
        if done:
            self.message_user(
                request, _("The version is struck out: nothing of it is left."), messages.SUCCESS
            )
        return done


def _may_review(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("cases.review_casesubmission"))


def _require_reviewer(request: HttpRequest) -> None:
    if not _may_review(request):
        raise PermissionDenied


def _handed_in(pk: int) -> CaseSubmission:
    """The case with all that its page says of it; a draft does not exist for a coordinator."""
    cases = CaseSubmission.objects.exclude(status=Status.DRAFT).select_related(
        "presenter__participant__profile", "presenter__cycle__program", "session", "version", "follow_up"
    )
    return get_object_or_404(cases, pk=pk)


def _version(case: CaseSubmission, chosen: str | None) -> CaseVersion:
    """The version with the id `chosen`, without it the last; one of another case does not exist."""
    if not chosen:
        assert case.version is not None  # constraint cases_casesubmission_handed_in_has_version
        return case.version
    if not chosen.isdecimal():
        raise Http404
    return get_object_or_404(case.versions.all(), pk=int(chosen))


def _schedule_form(case: CaseSubmission, data: Any) -> ScheduleForm:
    return ScheduleForm(data, sessions=sessions_for(case, now=timezone.now()))


def _tried(form: Any, deed: Any) -> bool:
    """Whether `deed` was done; what refused it stands at the form."""
    try:
        deed()
    except (IdentifiersFoundError, ConfirmFirstError) as error:
        assert isinstance(form, ScreenedForm)  # nothing else is screened
        form.refuse(error)
    except DomainError as error:
        form.add_error(None, str(error))
    else:
        return True
    return False
