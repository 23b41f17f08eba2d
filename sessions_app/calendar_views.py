"""Sessions in people's own calendars: one as a file, all behind a secret address, and the page that gives it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from participants.queries import has_agreed_to_participate
from participants.requests import current_user
from sessions_app.calendars import session_calendar, session_file
from sessions_app.models import CalendarFeed
from sessions_app.queries import enrolled_session, feed_sessions
from sessions_app.services import feed_url, renew_feed

PAGE_METHODS = ["GET", "HEAD", "POST"]


@login_required
@require_safe
def session_calendar_file(request: HttpRequest, pk: int) -> HttpResponse:
    """One session for the calendar of somebody who is in its cycle."""
    user = current_user(request)
    session = enrolled_session(user, pk)
    content = session_file(session, now=timezone.now(), shows_links=has_agreed_to_participate(user))
    return _calendar(content, disposition=f'attachment; filename="session-{session.held_on:%Y-%m-%d}.ics"')


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The sessions of the person whose secret address this is: what they are enrolled in, a year back and all ahead."""
    feed = get_object_or_404(
        CalendarFeed.objects.select_related("user__profile").filter(user__is_active=True), token=token
    )
    now = timezone.now()
    profile = getattr(feed.user, "profile", None)
    with translation.override(profile.language if profile else "en"):
        content = session_calendar(
            feed_sessions(feed.user, now=now), now=now, shows_links=has_agreed_to_participate(feed.user)
        )
    response = _calendar(content, disposition='inline; filename="echo.ics"')
    # The address is the only key: no search engine lists it.
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _calendar(content: bytes, *, disposition: str) -> HttpResponse:
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = disposition
    # It may hold links to join: no cache keeps it.
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(PAGE_METHODS)
def calendar_settings(request: HttpRequest) -> HttpResponse:
    """The address of one's calendar, how to subscribe to it, and a button that exchanges it."""
    user = current_user(request)
    if request.method == "POST":
        renew_feed(user=user, by=user, now=timezone.now())
        messages.success(request, _("Your calendar has a new address. The old one shows nothing any more."))
        return redirect("sessions_app:calendar")
    return render(request, "sessions_app/calendar.html", {"url": feed_url(user)})
