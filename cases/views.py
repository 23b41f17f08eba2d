"""The page of a session: it shows the session's cases, too, and so stands on their floor."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases.session_page import session_page
from participants.queries import has_agreed_to_participate
from participants.requests import current_user
from sessions_app.queries import enrolled_session, own_enrolment


@login_required
@require_safe
def session_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A session before, during and after, for who is in its cycle; to everybody else it does not exist."""
    user = current_user(request)
    session = enrolled_session(user, pk)
    page = session_page(
        session=session,
        enrolment=own_enrolment(user, session.cycle_id),
        has_agreed=has_agreed_to_participate(user),
        now=timezone.now(),
    )
    return render(request, "cases/session_detail.html", {"page": page, "session": session})
