"""Sessions: what each is about, who speaks and presents, what there is to read, and what is still missing."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin import AuditedAdmin
from core.errors import DomainError
from core.templatetags.portal import clock, labelled, localized_text, to_eastern
from participants.models import User
from participants.requests import current_user
from sessions_app.admin.attendance_views import AttendanceViews
from sessions_app.admin.check_in import CheckInSlide
from sessions_app.admin.session_parts import MaterialInline, NeedsFilter, SpeakerInline, WhenFilter
from sessions_app.materials import Checked
from sessions_app.models import (
    Attendance,
    EchoSession,
    Material,
    PresenterSlot,
    Speaker,
    UnmatchedName,
)
from sessions_app.services.details import change_session, set_objectives, set_slots
from sessions_app.services.materials import add_material, remove_material
from sessions_app.services.sessions import confirm_session
from sessions_app.session_forms import EchoSessionForm

TONES = {
    EchoSession.Status.PLANNED: "quiet",
    EchoSession.Status.CONFIRMED: "information",
    EchoSession.Status.CANCELLED: "problem",
    EchoSession.Status.HELD: "done",
}


@admin.register(EchoSession)
class EchoSessionAdmin(CheckInSlide, AttendanceViews, AuditedAdmin):
    """Sessions, from planned to held."""

    form = EchoSessionForm
    list_display = [
        "topic",
        "when",
        "status_tag",
        "speaker_state",
        "presenter",
        "attendance",
        "cycle_name",
    ]
    list_filter = ["cycle", "status", NeedsFilter, WhenFilter]
    list_select_related = ["cycle__program"]
    search_fields = ["topic", "topic_fr", "speakers__name"]
    date_hierarchy = "starts_at"
    actions = ["confirm"]
    change_form_template = "admin/sessions_app/echosession/change_form.html"

    def get_list_display(self, request: HttpRequest) -> Any:
        """Who presents is named to those who may know who takes part."""
        columns: list[Any] = list(super().get_list_display(request))
        if not request.user.has_perm("sessions_app.view_presenterslot"):
            columns.remove("presenter")
        return columns

    # --- the list -----------------------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[EchoSession]:
        """Sessions with how many attended, how many names wait, who speaks and who presents."""
        queryset: QuerySet[EchoSession] = super().get_queryset(request)
        attended = Attendance.objects.filter(minutes__gt=0)
        waiting = UnmatchedName.objects.filter(outcome=UnmatchedName.Outcome.OPEN)
        # Counted row by row, for the rows that are shown alone: a join would count all attendances there are.
        return queryset.annotate(
            attended_count=_counted(attended, "session"), waiting_count=_counted(waiting, "report__session")
        ).prefetch_related(
            "speakers",
            Prefetch(
                "slots", queryset=PresenterSlot.objects.select_related("enrolment__participant__profile")
            ),
        )

    @admin.display(description=gettext_lazy("cycle"), ordering="cycle")
    def cycle_name(self, session: EchoSession) -> str:
        """The cycle, without its program."""
        return session.cycle.name

    @admin.display(description=gettext_lazy("when"), ordering="starts_at")
    def when(self, session: EchoSession) -> str:
        """The day and the times, short enough for a column."""
        start, end = to_eastern(session.starts_at), to_eastern(session.ends_at)
        return f"{date_format(start, 'DATE_FORMAT')}, {clock(start.time())}–{clock(end.time())}"

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_tag(self, session: EchoSession) -> str:
        """The status as a word, a shape and a colour."""
        return _tag(session.get_status_display(), TONES[EchoSession.Status(session.status)])

    @admin.display(description=gettext_lazy("speakers"))
    def speaker_state(self, session: EchoSession) -> str:
        """What is missing about the speakers, if anything is; of a session that takes place."""
        if session.status == EchoSession.Status.CANCELLED:
            return "–"
        speakers = session.speakers.all()
        if not speakers:
            return _tag(_("Speaker missing"), "attention")
        if any(speaker.disclosure == Speaker.Disclosure.MISSING for speaker in speakers):
            return _tag(_("Disclosure missing"), "attention")
        return _tag(_("Complete"), "done")

    @admin.display(description=gettext_lazy("presenters"))
    def presenter(self, session: EchoSession) -> str:
        """Who presents a case, and how many slots are free."""
        slots = session.slots.all()
        names = [slot.enrolment.participant.profile.legal_name for slot in slots if slot.enrolment]
        if free := len(slots) - len(names):
            names.append(ngettext("%d free slot", "%d free slots", free) % free)
        return ", ".join(names) or _("No slot")

    @admin.display(description=gettext_lazy("attendance"))
    def attendance(self, session: Any) -> str:
        """How many have minutes; and the way to its reports, by the names that wait where there are any."""
        attended, waiting = session.attended_count, session.waiting_count
        return format_html(
            '{} · <a href="{}">{}</a>',
            ngettext("%d attended", "%d attended", attended) % attended,
            reverse("admin:sessions_app_echosession_import", args=[session.pk]),
            ngettext("%d name to match", "%d names to match", waiting) % waiting
            if waiting
            else _("Import a report"),
        )

    @admin.action(description=gettext_lazy("Confirm the chosen sessions"), permissions=["change"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[EchoSession]) -> None:
        """Confirm those that are planned; say of the others why not."""
        for session in queryset:
            try:
                confirm_session(session_id=session.pk, by=current_user(request))
            except DomainError as error:
                self.message_user(request, labelled(session, error), messages.ERROR)
            else:
                self.message_user(
                    request, labelled(session, EchoSession.Status.CONFIRMED.label), messages.SUCCESS
                )

    # --- the page of a session ----------------------------------------------------------------------------------
    def get_fieldsets(self, request: HttpRequest, obj: EchoSession | None = None) -> list[Any]:
        """A new session has its times; one that stands is moved instead, and has all that belongs to it."""
        if obj is None:
            return [
                (
                    None,
                    {
                        "fields": [
                            "cycle",
                            "topic",
                            "topic_fr",
                            "starts_at",
                            "ends_at",
                            "hub",
                            "meeting_url",
                            "slot_count",
                        ]
                    },
                )
            ]
        return [
            (
                gettext_lazy("The session"),
                {"fields": ["cycle", "topic", "topic_fr", "summary", "summary_fr", "serves"]},
            ),
            (
                gettext_lazy("Where, and who presents"),
                {"fields": ["hub", "meeting_url", "slot_count", *self._presenters(request)]},
            ),
        ]

    @staticmethod
    def _presenters(request: HttpRequest) -> list[str]:
        return ["presenters_link"] if request.user.has_perm("sessions_app.view_presenterslot") else []

    def get_readonly_fields(self, request: HttpRequest, obj: EchoSession | None = None) -> list[str]:
        """A session stays in its cycle."""
        return ["presenters_link"] if obj is None else ["cycle", "presenters_link"]

    def get_inlines(self, request: HttpRequest, obj: EchoSession | None) -> list[Any]:
        """Speakers and materials, once the session is there."""
        return [] if obj is None else [SpeakerInline, MaterialInline]

    @admin.display(description=gettext_lazy("presenters"))
    def presenters_link(self, session: EchoSession) -> str:
        """Who presents, with the way to where slots are given."""
        url = reverse("admin:sessions_app_cycle_presenters", args=[session.cycle_id])
        return format_html('{} · <a href="{}">{}</a>', self.presenter(session), url, _("Give or free slots"))

    @admin.display(description=gettext_lazy("objectives it serves"))
    def serves(self, session: EchoSession) -> str:
        """The objectives, for who may look only."""
        return "; ".join(localized_text(objective, "text") for objective in session.objectives.all())

    @admin.display(description=gettext_lazy("presenter slots"))
    def slot_count(self, session: EchoSession) -> int:
        """How many there are, for who may look only."""
        return len(session.slots.all())

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """What is missing stands above the form."""
        session: EchoSession | None = kwargs.get("obj")
        if session is not None:
            context["status_tone"] = TONES[EchoSession.Status(session.status)]
            context["speakers"] = session.speakers.all()
            context["undisclosed"] = [
                speaker
                for speaker in session.speakers.all()
                if speaker.disclosure == Speaker.Disclosure.MISSING
            ]
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response

    def save_model(self, request: HttpRequest, obj: EchoSession, form: Any, change: bool) -> None:
        """A new row as it is; of one that stands, what was changed here and no more."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        own = {field.name for field in obj._meta.concrete_fields}
        fields = [name for name in form.changed_data if name in own]
        # Also where there are none: it locks what the rest of the page then writes to, in the usual order.
        change_session(session=obj, fields=fields, by=current_user(request), now=timezone.now())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Its objectives and slots are the session's own; the rest is theirs."""
        super().save_related(request, form, formsets, change)
        by, pk = current_user(request), form.instance.pk
        if "serves" in form.changed_data:
            set_objectives(
                session_id=pk, objective_ids=[row.pk for row in form.cleaned_data["serves"]], by=by
            )
        if not change or "slot_count" in form.changed_data:
            set_slots(session_id=pk, count=form.cleaned_data["slot_count"], by=by)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Materials come and go by their services; the other rows are saved as they are."""
        if formset.model is not Material:
            super().save_formset(request, form, formset, change)
            return
        formset.save(commit=False)
        by = current_user(request)
        for material in formset.deleted_objects:
            remove_material(material_id=material.pk, by=by)
        for material, fields in formset.changed_objects:
            material.save(update_fields=fields)
        for added in formset.extra_forms:
            if added.has_changed() and added not in formset.deleted_forms:
                _add(form.instance, added.cleaned_data, by=by)

    def response_add(
        self, request: HttpRequest, obj: EchoSession, post_url_continue: Any = None
    ) -> HttpResponse:
        """Go on to the new session's page: its speakers and materials are added there."""
        if "_addanother" in request.POST or "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(
            request,
            _("The session is added. Now say who speaks, and what there is to read."),
            messages.SUCCESS,
        )
        return redirect("admin:sessions_app_echosession_change", obj.pk)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A session is cancelled, not deleted."""
        return False


def _counted(rows: QuerySet[Any], session: str) -> Coalesce:
    """How many of `rows` point to each session by the path `session`."""
    groups = rows.filter(**{session: OuterRef("pk")}).order_by().values(session)
    return Coalesce(Subquery(groups.annotate(number=Count("pk")).values("number")), 0)


def _tag(label: str, tone: str) -> str:
    return render_to_string("_components/status_tag.html", {"label": label, "tone": tone})


def _add(session: EchoSession, values: dict[str, Any], *, by: User) -> None:
    """Add the material of a form that was filled in."""
    upload: Checked | None = values["upload"]
    add_material(
        session_id=session.pk,
        title=values["title"],
        title_fr=values["title_fr"],
        url=values["url"],
        content=upload.content if upload else None,
        filename=upload.filename if upload else "",
        position=values["position"],
        by=by,
        now=timezone.now(),
    )
