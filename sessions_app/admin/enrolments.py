"""Applications and participants: decided here, by actions."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy

from core.admin import ReadOnlyAdmin
from core.admin_lists import asks_first
from core.errors import DomainError
from core.templatetags.portal import eastern, labelled
from participants.requests import current_user
from sessions_app.admin.attendance_views import CorrectionViews
from sessions_app.models import Enrolment
from sessions_app.services import decide_enrolment, withdraw

YES_NO = {"yes": gettext_lazy("Yes"), "no": gettext_lazy("No")}


@admin.register(Enrolment)
class EnrolmentAdmin(CorrectionViews, ReadOnlyAdmin):
    """Applications and participants: decided here, by actions."""

    list_display = ["participant_name", "category", "cycle_name", "status", "applied_at", "enrolled_on"]
    list_filter = ["cycle", "status", "participant__profile__category"]
    search_fields = ["participant__email", "participant__profile__legal_name"]
    list_select_related = ["cycle__program", "participant__profile"]
    actions = ["approve", "waitlist", "decline", "withdraw"]
    fieldsets = [
        (None, {"fields": ["participant_name", "category", "cycle", "status", "applied_at", "enrolled_on"]}),
        (gettext_lazy("Attendance"), {"fields": ["attendance_link"]}),
        (gettext_lazy("Application"), {"fields": ["application"]}),
        (gettext_lazy("Waiting list"), {"fields": ["waitlisted_at", "offers"]}),
        (gettext_lazy("Decision"), {"fields": ["decided_at", "decided_by"]}),
    ]
    readonly_fields = ["participant_name", "category", "application", "offers", "attendance_link"]

    @admin.display(description=gettext_lazy("participant"), ordering="participant__profile__legal_name")
    def participant_name(self, enrolment: Enrolment) -> str:
        """The name as licensed."""
        return enrolment.participant.get_full_name()

    @admin.display(description=gettext_lazy("category"), ordering="participant__profile__category")
    def category(self, enrolment: Enrolment) -> str:
        """The professional category."""
        profile = getattr(enrolment.participant, "profile", None)
        return str(profile.get_category_display()) if profile else "–"

    @admin.display(description=gettext_lazy("cycle"), ordering="cycle")
    def cycle_name(self, enrolment: Enrolment) -> str:
        """The cycle, without its program."""
        return enrolment.cycle.name

    @admin.display(description=gettext_lazy("answers"))
    def application(self, enrolment: Enrolment) -> str:
        """What the cycle asked, and what the applicant answered."""
        answers = enrolment.application_answers.select_related("question")
        rows = [
            (
                answer.question.text,
                YES_NO.get(answer.text, answer.text) if answer.question.is_yes_no else answer.text,
            )
            for answer in answers
        ]
        return format_html_join("", "<p><strong>{}</strong><br>{}</p>", rows) or "–"

    @admin.display(description=gettext_lazy("places offered"))
    def offers(self, enrolment: Enrolment) -> str:
        """Each place that was held for the applicant, and what became of it."""
        rows = [
            (eastern(offer.offered_at), eastern(offer.expires_at), offer.get_outcome_display())
            for offer in enrolment.offers.all()
        ]
        return format_html_join("", "<p>{} – {}: {}</p>", rows) or "–"

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Who may change enrolments may decide them."""
        return request.user.has_perm("sessions_app.change_enrolment")

    @admin.action(
        description=gettext_lazy("Approve: give a place and send the welcome email"), permissions=["decide"]
    )
    @asks_first(gettext_lazy("Each gets a place and the welcome email, where there is one."))
    def approve(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        """Approve the chosen applications."""
        self._decide(request, queryset, Enrolment.Status.APPROVED)

    @admin.action(description=gettext_lazy("Put on the waiting list"), permissions=["decide"])
    @asks_first(
        gettext_lazy("Each goes to the end of the waiting list, and is told by email."),
        can_be_undone=gettext_lazy("People who are waiting can still be approved or declined."),
    )
    def waitlist(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        """Put the chosen applications on the waiting list."""
        self._decide(request, queryset, Enrolment.Status.WAITLISTED)

    @admin.action(description=gettext_lazy("Decline"), permissions=["decide"])
    @asks_first(gettext_lazy("Each is told by email that there is no place."))
    def decline(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        """Decline the chosen applications."""
        self._decide(request, queryset, Enrolment.Status.DECLINED)

    @admin.action(
        description=gettext_lazy("Take out of the cycle, as the person asked"), permissions=["decide"]
    )
    @asks_first(gettext_lazy("Each loses their place and is told by email; their places are offered on."))
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        """Withdraw the chosen people; their places are offered on."""
        self._each(request, queryset, withdraw, said=str(Enrolment.Status.WITHDRAWN.label))

    def _decide(self, request: HttpRequest, queryset: QuerySet[Enrolment], to: Enrolment.Status) -> None:
        self._each(request, queryset, partial(decide_enrolment, to=to), said=str(to.label))

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Enrolment], deed: Callable[..., Any], *, said: str
    ) -> None:
        """Do `deed` to each of the chosen, the longest waiting first, and say what became of them."""
        done = 0
        for enrolment in queryset.order_by("applied_at", "pk"):
            try:
                deed(enrolment_id=enrolment.pk, by=current_user(request), now=timezone.now())
            except DomainError as error:
                self.message_user(request, labelled(self.participant_name(enrolment), error), messages.ERROR)
            else:
                done += 1
        if done:
            self.message_user(request, labelled(said, done), messages.SUCCESS)
