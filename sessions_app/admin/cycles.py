"""Cycles, from planned to closed, with what they ask their applicants."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin_lists import asks_first
from core.errors import DomainError
from core.templatetags.portal import labelled
from participants.requests import current_user
from sessions_app.admin.presenters import PresentersAdmin
from sessions_app.admin.seasons import TimetableAdmin
from sessions_app.models import (
    Cycle,
    CycleQuestion,
    EchoSession,
    Enrolment,
)
from sessions_app.season_forms import CycleForm
from sessions_app.services import (
    add_questions,
    move_cycle,
    tend_waiting_list,
)


class EchoSessionInline(admin.TabularInline[EchoSession, Cycle]):
    """The sessions of a cycle at a glance, each with a link to where it is edited."""

    model = EchoSession
    extra = 0
    can_delete = False
    show_change_link = True
    fields = ["topic", "starts_at", "hub", "status", "ways"]
    readonly_fields = ["topic", "starts_at", "hub", "status", "ways"]
    ordering = ["starts_at", "pk"]

    @admin.display(description=gettext_lazy("timetable"))
    def ways(self, session: EchoSession) -> str:
        """What can be done with its time."""
        if session.status in {EchoSession.Status.CANCELLED, EchoSession.Status.HELD}:
            return "–"
        return format_html_join(
            " · ",
            '<a href="{}">{}<span class="visually-hidden"> {}</span></a>',
            (
                (reverse(f"admin:sessions_app_echosession_{verb}", args=[session.pk]), words, session.topic)
                for verb, words in (("move", _("Move")), ("cancel", _("Cancel")))
            ),
        )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Sessions are added among the sessions."""
        return False


class CycleQuestionInline(admin.StackedInline[CycleQuestion, Cycle]):
    """What the cycle asks its applicants."""

    model = CycleQuestion
    extra = 0
    prepopulated_fields = {"key": ["text"]}


@admin.register(Cycle)
class CycleAdmin(TimetableAdmin, PresentersAdmin):
    """Cycles, from planned to closed."""

    form = CycleForm
    list_display = [
        "name",
        "program",
        "starts_on",
        "ends_on",
        "status",
        "applications",
        "participants",
        "invite_link",
        "season_link",
    ]
    list_filter = ["program", "status"]
    list_select_related = ["program"]
    search_fields = ["name", "program__name"]
    inlines = [CycleQuestionInline, EchoSessionInline]
    readonly_fields = ["status", "closed_at", "closed_by"]
    actions = ["publish", "unpublish"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cycle]:
        """Cycles with their head counts."""
        queryset: QuerySet[Cycle] = super().get_queryset(request)
        return queryset.annotate(
            applied=Count("enrolments", filter=Q(enrolments__status=Enrolment.Status.APPLIED)),
            approved=Count("enrolments", filter=Q(enrolments__status=Enrolment.Status.APPROVED)),
        )

    @admin.display(description=gettext_lazy("applications waiting"))
    def applications(self, cycle: Any) -> str:
        """How many wait for a decision, linked to them."""
        return _enrolments_link(cycle, Enrolment.Status.APPLIED, cycle.applied)

    @admin.display(description=gettext_lazy("participants"))
    def participants(self, cycle: Any) -> str:
        """How many are in, linked to them."""
        return _enrolments_link(cycle, Enrolment.Status.APPROVED, cycle.approved)

    @admin.display(description=gettext_lazy("invitations"))
    def invite_link(self, cycle: Cycle) -> str:
        """Where people are invited."""
        url = reverse("admin:sessions_app_cycle_invite", args=[cycle.pk])
        return format_html('<a href="{}">{}</a>', url, _("Invite people"))

    @admin.display(description=gettext_lazy("sessions"))
    def season_link(self, cycle: Cycle) -> str:
        """Where its sessions are created."""
        if cycle.status == Cycle.Status.CLOSED:
            return "–"
        url = reverse("admin:sessions_app_cycle_season", args=[cycle.pk])
        return format_html('<a href="{}">{}</a>', url, _("Build the season"))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A new cycle without questions gets the program's usual ones; more places are offered to who waits."""
        super().save_related(request, form, formsets, change)
        cycle = form.instance
        if not change:
            add_questions(cycle_id=cycle.pk, by=current_user(request))
        tend_waiting_list(cycle_id=cycle.pk, now=timezone.now())

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A closed cycle is history."""
        if obj is not None and obj.status == Cycle.Status.CLOSED:
            return False
        return bool(super().has_change_permission(request, obj))

    @admin.action(
        description=gettext_lazy("Publish: show on the public page and open registration"),
        permissions=["change"],
    )
    @asks_first(
        gettext_lazy("They appear on the public page, and people can apply."),
        can_be_undone=gettext_lazy("They can be returned to “Planned”."),
    )
    def publish(self, request: HttpRequest, queryset: QuerySet[Cycle]) -> None:
        """Publish the chosen cycles."""
        self._move(request, queryset, Cycle.Status.PUBLISHED, undo="unpublish")

    @admin.action(description=gettext_lazy("Return to “Planned”"), permissions=["change"])
    @asks_first(
        gettext_lazy("They disappear from the public page, and nobody can apply."),
        can_be_undone=gettext_lazy("They can be published again."),
    )
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Cycle]) -> None:
        """Hide the chosen cycles again."""
        self._move(request, queryset, Cycle.Status.PLANNED, undo="publish")

    def _move(self, request: HttpRequest, queryset: QuerySet[Cycle], to: Cycle.Status, *, undo: str) -> None:
        moved = []
        for cycle in queryset:
            try:
                move_cycle(cycle_id=cycle.pk, to=to, by=current_user(request), now=timezone.now())
            except DomainError as error:
                self.message_user(request, labelled(cycle, error), messages.ERROR)
            else:
                moved.append(cycle.pk)
                self.message_user(request, labelled(cycle, to.label), messages.SUCCESS)
        self.offer_undo(request, action=undo, pks=moved)


def _enrolments_link(cycle: Cycle, status: Enrolment.Status, count: int) -> str:
    url = reverse("admin:sessions_app_enrolment_changelist")
    return format_html(
        '<a href="{}?cycle__id__exact={}&amp;status__exact={}">{}</a>', url, cycle.pk, status.value, count
    )
