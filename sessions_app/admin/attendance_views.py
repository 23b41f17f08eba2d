"""Pages about who was there: reports handed in and checked, names matched, rolls called, minutes corrected."""

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.errors import BadInputError, DomainError
from core.templatetags.portal import eastern_date, localized_text
from participants.requests import current_user
from sessions_app.attendance_forms import Line, MinutesForm, NamesForm
from sessions_app.forms import ReportForm
from sessions_app.models import AttendanceReport, EchoSession, Enrolment, UnmatchedName
from sessions_app.services import (
    apply_report,
    correct_attendance,
    preview_report,
    record_roll_call,
    settle_names,
)
from sessions_app.services.attendance import (
    Crowd,
    NameToMatch,
    OtherMeetingError,
    Preview,
    StaleEntriesError,
    crowd_of,
    names_of_session,
    names_to_match,
    read_preview,
)

if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = object

ROWS_SHOWN = 300
"""People that a preview writes out; the counts tell the rest."""
NAMES_SHOWN = 50
"""Names that one page asks about; the others wait for the next."""


class _Pages(AnyAdmin):
    """What the pages have in common."""

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        form = context.get("form")
        values = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **context}
        return TemplateResponse(
            request,
            f"admin/sessions_app/{template}.html",
            values,
            status=422 if form is not None and form.is_bound and form.errors else 200,
        )


class AttendanceViews(_Pages):
    """For the sessions' admin: import, check, match, and call the roll."""

    def get_urls(self) -> list[URLPattern]:
        """The pages about attendance beside the usual ones."""
        wrap, name = self.admin_site.admin_view, "sessions_app_echosession"
        return [
            path("<int:pk>/attendance/", wrap(self.import_view), name=f"{name}_import"),
            path("<int:pk>/attendance/<int:report_pk>/", wrap(self.preview_view), name=f"{name}_preview"),
            path("<int:pk>/names/", wrap(self.names_view), name=f"{name}_names"),
            path("<int:pk>/roll-call/", wrap(self.roll_call_view), name=f"{name}_roll_call"),
            *super().get_urls(),
        ]

    def import_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand in a report; nothing but the report itself is written yet."""
        _require(request, "add_attendance")
        session = _session(pk)
        form = ReportForm(request.POST, request.FILES) if request.method == "POST" else ReportForm()
        if form.is_bound and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                report = preview_report(
                    session_id=session.pk,
                    filename=file.name or "report.csv",
                    content=file.read(),
                    by=current_user(request),
                    now=timezone.now(),
                    any_meeting=form.cleaned_data.get("any_meeting", False),
                )
            except OtherMeetingError as error:
                form.add_error(
                    "file",
                    _("%(problem)s Choose another file; or choose it again, and tick the box.")
                    % {"problem": error},
                )
                form.ask_for_meeting()
            except DomainError as error:
                form.add_error("file", str(error))
            else:
                return redirect("admin:sessions_app_echosession_preview", pk=session.pk, report_pk=report.pk)
        is_open = Q(unmatched_names__outcome=UnmatchedName.Outcome.OPEN)
        reports = session.attendance_reports.select_related("uploaded_by").annotate(
            open_names=Count("unmatched_names", filter=is_open)
        )
        return self._page(
            request, "attendance_import", _("Import attendance"), session=session, form=form, reports=reports
        )

    def preview_view(self, request: HttpRequest, pk: int, report_pk: int) -> HttpResponse:
        """What the report would write, and whose its other names are; confirming writes it."""
        _require(request, "add_attendance")
        report = get_object_or_404(
            AttendanceReport.objects.select_related("session__cycle__program"), pk=report_pk, session_id=pk
        )
        try:
            preview = read_preview(report)
        except BadInputError as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect("admin:sessions_app_echosession_import", pk=pk)
        names = names_to_match(report.session, preview.open_names)
        form = _names_form(request, names, preview.crowd)
        if form.is_bound and form.is_valid():
            deed = partial(apply_report, report_id=report.pk, decisions=form.decided)
            changed = _tried(form, partial(deed, by=current_user(request), now=timezone.now()))
            if changed is not None:
                return self._imported(request, report.session, changed)
        return self._page(
            request,
            "attendance_preview",
            _("Check the report before it is imported"),
            session=report.session,
            form=form,
            preview=preview,
            rows=preview.rows[:ROWS_SHOWN],
            more_rows=max(len(preview.rows) - ROWS_SHOWN, 0),
            more_names=max(len(names) - NAMES_SHOWN, 0),
            is_done=report.applied_at is not None and not preview.changes and not names,
            tally=_tally(preview),
        )

    def _imported(self, request: HttpRequest, session: EchoSession, changed: int) -> HttpResponse:
        waiting = UnmatchedName.objects.filter(
            report__session=session, outcome=UnmatchedName.Outcome.OPEN
        ).count()
        words = ngettext("%d attendance was written.", "%d attendances were written.", changed) % changed
        self.message_user(
            request, words if changed else _("Nothing was changed: these minutes are on record already.")
        )
        if waiting:
            words = (
                ngettext("%d name waits to be matched.", "%d names wait to be matched.", waiting) % waiting
            )
            self.message_user(request, words, messages.WARNING)
        return redirect("admin:sessions_app_echosession_changelist")

    def names_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Whose the names on a session's reports are: those that wait, or with ?all=1 those decided about as well."""
        _require(request, "change_unmatchedname")
        session = _session(pk)
        crowd = crowd_of(session.cycle_id)
        shows_all = request.method == "POST" or "all" in request.GET
        names = names_of_session(session, crowd, also_decided=shows_all)
        form = _names_form(request, names, crowd)
        if form.is_bound and form.is_valid():
            deed = partial(settle_names, session_id=session.pk, decisions=form.decided)
            changed = _tried(form, partial(deed, by=current_user(request), now=timezone.now()))
            if changed is not None:
                return self._imported(request, session, changed)
        return self._page(
            request,
            "names_to_match",
            _("Names to be matched"),
            session=session,
            form=form,
            shows_all=shows_all,
            more_names=max(len(names) - NAMES_SHOWN, 0),
        )

    def roll_call_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everybody of the cycle on one page; what is changed there is written, with one reason."""
        _require(request, "add_attendance", "change_attendance")
        session = _session(pk)
        form = MinutesForm(
            request.POST if request.method == "POST" else None,
            lines=_roll(session),
            ticks_all="all" in request.GET,
            initial={"reason": _("Roll call")},
        )
        deed = partial(record_roll_call, session_id=session.pk)
        if (written := _written(request, form, deed)) is not None:
            _say_written(self, request, written)
            return redirect("admin:sessions_app_echosession_roll_call", pk=session.pk)
        return self._page(
            request,
            "roll_call",
            _("Roll call"),
            session=session,
            form=form,
            lines=form.by_line(),
            has_begun=session.starts_at <= timezone.now(),
        )


class CorrectionViews(_Pages):
    """For the enrolments' admin: one person's minutes in all sessions of the cycle."""

    def get_urls(self) -> list[URLPattern]:
        """The page of corrections beside the usual ones."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/attendance/", wrap(self.corrections_view), name="sessions_app_enrolment_attendance"
            ),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("attendance"))
    def attendance_link(self, enrolment: Enrolment) -> str:
        """Where the minutes of all sessions are looked at and corrected."""
        url = reverse("admin:sessions_app_enrolment_attendance", args=[enrolment.pk])
        return format_html('<a href="{}">{}</a>', url, _("Look at the minutes and correct them"))

    def corrections_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One person's sessions; what is changed there is written, with one reason."""
        _require(request, "add_attendance", "change_attendance")
        enrolment = get_object_or_404(
            Enrolment.objects.select_related("participant__profile", "cycle__program"), pk=pk
        )
        form = MinutesForm(
            request.POST if request.method == "POST" else None,
            lines=_sessions_of(enrolment),
            with_guests=True,
        )
        deed = partial(correct_attendance, enrolment_id=enrolment.pk)
        if (written := _written(request, form, deed)) is not None:
            _say_written(self, request, written)
            return redirect("admin:sessions_app_enrolment_attendance", pk=enrolment.pk)
        return self._page(
            request,
            "corrections",
            _("Attendance of %(name)s") % {"name": enrolment.participant.get_full_name()},
            enrolment=enrolment,
            form=form,
            lines=form.by_line(),
        )


def _require(request: HttpRequest, *permissions: str) -> None:
    if not all(request.user.has_perm(f"sessions_app.{permission}") for permission in permissions):
        raise PermissionDenied


def _session(pk: int) -> EchoSession:
    return get_object_or_404(EchoSession.objects.select_related("cycle__program"), pk=pk)


def _tried(form: NamesForm | MinutesForm, deed: Any) -> Any:
    """What `deed` returns; None when it refuses, whose words stand at the form then."""
    try:
        return deed()
    except DomainError as error:
        form.add_error(None, str(error))
        return None


def _names_form(request: HttpRequest, names: list[NameToMatch], crowd: Crowd) -> NamesForm:
    """The form about the first names; a sent one about those that it was sent for."""
    if request.method != "POST":
        return NamesForm(names=names[:NAMES_SHOWN], crowd=crowd)
    asked = NamesForm(names=names, crowd=crowd)
    sent = [name for at, name in asked.names.items() if f"{at}-seen" in request.POST]
    return NamesForm(request.POST, names=sent, crowd=crowd)


def _tally(preview: Preview) -> dict[str, int]:
    """How many are in which state."""
    present = [row for row in preview.rows if row.minutes]
    return {
        "present": len(present),
        "counted": sum(row.counts for row in present),
        "absent": len(preview.rows) - len(present),
        "by_hand": sum(row.is_by_hand for row in preview.rows),
    }


def _written(request: HttpRequest, form: MinutesForm, deed: Any) -> int | None:
    """How many minutes were written; None where the form was not sent, or is given back."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        changed: int = deed(
            entries=form.written,
            reason=form.cleaned_data["reason"],
            by=current_user(request),
            now=timezone.now(),
        )
    except StaleEntriesError as error:
        form.show_stale(error)
    except DomainError as error:
        form.add_error(None, str(error))
    else:
        return changed
    return None


def _say_written(page: AnyAdmin, request: HttpRequest, written: int) -> None:
    words = ngettext("%d attendance was written.", "%d attendances were written.", written) % written
    page.message_user(
        request, words if written else _("Nothing was changed: these minutes are on record already.")
    )


def _roll(session: EchoSession) -> list[Line]:
    """Everybody who is in, and whoever has minutes, by name."""
    on_record = {row.enrolment_id: row for row in session.attendances.all()}
    enrolments = Enrolment.objects.filter(
        Q(status=Enrolment.Status.APPROVED) | Q(pk__in=on_record), cycle=session.cycle_id
    ).select_related("participant__profile")
    lines = []
    for enrolment in enrolments:
        row = on_record.get(enrolment.pk)
        name = enrolment.participant.get_full_name()
        lines.append(
            Line(
                enrolment_id=enrolment.pk,
                session_id=session.pk,
                length=session.minutes,
                seen=(row.minutes, row.is_guest) if row else None,
                label=name,
                row={"name": name, "email": enrolment.participant.email, "attendance": row},
            )
        )
    return sorted(lines, key=lambda line: (line.label.casefold(), line.enrolment_id))


def _sessions_of(enrolment: Enrolment) -> list[Line]:
    """Every session of the cycle that has begun and was not cancelled, and whichever has minutes."""
    on_record = {row.session_id: row for row in enrolment.attendances.select_related("recorded_by")}
    sessions = enrolment.cycle.sessions.filter(starts_at__lte=timezone.now())
    lines = []
    for session in sessions.order_by("starts_at", "pk"):
        row = on_record.get(session.pk)
        if row is None and session.status == EchoSession.Status.CANCELLED:
            continue
        lines.append(
            Line(
                enrolment_id=enrolment.pk,
                session_id=session.pk,
                length=session.minutes,
                seen=(row.minutes, row.is_guest) if row else None,
                label=f"{eastern_date(session.starts_at)}, {localized_text(session, 'topic')}",
                row={"session": session, "attendance": row},
            )
        )
    return lines
