"""The slide that participants check in from: a code and its QR code, for the shared screen."""

from typing import TYPE_CHECKING, Any

import segno
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.templatetags.portal import localized_text
from sessions_app.check_in import WINDOW_SECONDS, code_at, seconds_left
from sessions_app.models import Attendance, EchoSession, Enrolment
from sessions_app.rules import Phase, opens_at, phase

if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = object


class CheckInSlide(AnyAdmin):
    """For the sessions' admin: the slide of a session."""

    def get_urls(self) -> list[URLPattern]:
        """The slide beside the usual pages."""
        view = self.admin_site.admin_view(self.slide_view)
        return [
            path("<int:pk>/check-in/", view, name="sessions_app_echosession_slide"),
            *super().get_urls(),
        ]

    def slide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The code of this moment; htmx asks again for the changing part, and without it the page does."""
        if not request.user.has_perm("sessions_app.view_echosession"):
            raise PermissionDenied
        session = get_object_or_404(EchoSession.objects.select_related("cycle__program"), pk=pk)
        now = timezone.now()
        at = phase(starts_at=session.starts_at, ends_at=session.ends_at, status=session.status, now=now)
        address = settings.PORTAL_URL + reverse("sessions_app:check-in", args=[pk])
        context: dict[str, Any] = {
            "session": session,
            "phase": at,
            "opens_at": opens_at(session.starts_at),
            "address": address.partition("://")[2],
        }
        if at == Phase.OPEN:
            code = code_at(pk, now=now)
            # Two groups of three are read across a room, and kept in mind, as telephone numbers are.
            context["code"] = f"{code[:3]} {code[3:]}"
            context["picture"] = _picture(f"{address}?code={code}")
            context["seconds"], context["of_seconds"] = seconds_left(now), WINDOW_SECONDS
            context["checked_in"] = session.attendances.filter(source=Attendance.Source.CHECK_IN).count()
            context["people"] = session.cycle.enrolments.filter(status=Enrolment.Status.APPROVED).count()
        if request.headers.get("HX-Request"):
            return TemplateResponse(request, "admin/sessions_app/_check_in_now.html", context)
        context |= {
            **self.admin_site.each_context(request),
            "title": _("Check in"),
            "subtitle": localized_text(session, "topic"),
            "opts": self.opts,
            # Nothing of the administration is on the shared screen.
            "is_popup": True,
        }
        return TemplateResponse(request, "admin/sessions_app/check_in_slide.html", context)


def _picture(address: str) -> SafeString:
    """The QR code as markup for the page itself: the policy lets no image come from a data address."""
    # Black on white in the dark as well, because telephones read nothing else; it holds only what we wrote.
    code = segno.make_qr(address, error="m")
    title = _("QR code that opens the check-in with this code")
    return mark_safe(code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, title=title))  # noqa: S308
