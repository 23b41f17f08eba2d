"""Handing out a material's file: to who is in the cycle, as a download, never as a page."""

from urllib.parse import urlencode

from csp.constants import HEADER
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from participants.queries import has_agreed_to_participate
from participants.requests import current_user
from sessions_app.materials import content_type_of
from sessions_app.models import Material
from sessions_app.queries import enrolled_session
from sessions_app.scope import works_for


@login_required
@require_safe
def material(request: HttpRequest, pk: int) -> HttpResponse:
    """The file, for who is in the session's cycle and has agreed to take part, and for staff who may see sessions.

    Whatever the file turns out to be, nothing of it runs on the portal's own address: it is a download of a type
    from a fixed list, and a browser that shows it all the same shows it without scripts, styles and origin.
    """
    user = current_user(request)
    kept = get_object_or_404(Material.objects.filter(file__isnull=False), pk=pk)
    session = enrolled_session(user, kept.session_id)
    may_look = (
        user.is_staff
        and user.has_perm("sessions_app.view_echosession")
        and works_for(user, session.cycle.program_id)
    )
    if not may_look and not has_agreed_to_participate(user):
        return redirect(f"{reverse('participants:agreements')}?{urlencode({'next': request.path})}")
    assert kept.file is not None  # the filter above
    response = HttpResponse(
        bytes(kept.file.content), content_type=content_type_of(kept.filename) or "application/octet-stream"
    )
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=kept.filename) or "attachment"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response[HEADER] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
