"""A participant checks in: by the code on the slide, typed or scanned, logged in or only then."""

from datetime import datetime, timedelta
from typing import cast

from allauth.core.internal.ratelimit import RateLimitUsage, consume
from allauth.core.ratelimit import respond_429
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.templatetags.portal import NBSP, clock, to_eastern, zone
from participants.queries import has_agreed_to_participate
from participants.requests import current_user
from sessions_app.check_in import PROOF_SECONDS, is_code, typed
from sessions_app.check_in_forms import CheckInForm
from sessions_app.models import Attendance, EchoSession
from sessions_app.queries import enrolled_session, own_enrolment
from sessions_app.rules import JOIN_MINUTES, Phase, opens_at, phase
from sessions_app.services import check_in

PROOFS = "check_in"
"""In the browser's session: of which session somebody has seen the slide, and when. Log-in keeps it."""
WRONG_CODES = {"user": "10/5m/user", "ip": "30/5m/ip"}
"""Wrong codes that a person, or an address nobody has logged in from, may try in a session."""


@require_http_methods(["GET", "HEAD", "POST"])
def check_in_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Check in. The address of the QR code brings the code along; it is looked at once and leaves the address."""
    now = timezone.now()
    if request.method == "POST" or "code" not in request.GET:
        return _page(request, pk)
    usage = _attempt(request, pk)
    if usage is None:
        return cast("HttpResponse", respond_429(request))
    if is_code(pk, typed(request.GET["code"]), now=now):
        usage.rollback()
        _remember(request, pk, now=now)
    elif request.user.is_authenticated:
        return _page(request, pk, scanned=request.GET["code"])
    return redirect("sessions_app:check-in", pk=pk)


@login_required
def _page(request: HttpRequest, pk: int, *, scanned: str = "") -> HttpResponse:
    """Where the person stands, and the form or the button where there is something to do."""
    user, now = current_user(request), timezone.now()
    session = enrolled_session(user, pk)
    enrolment = own_enrolment(user, session.cycle_id)
    if enrolment is None:
        raise Http404
    attendance = Attendance.objects.filter(enrolment=enrolment, session=session).first()
    at = phase(starts_at=session.starts_at, ends_at=session.ends_at, status=session.status, now=now)
    has_agreed = has_agreed_to_participate(user)
    is_open = attendance is None and at == Phase.OPEN and has_agreed
    if request.method == "POST":
        if attendance is not None:
            return redirect("sessions_app:check-in", pk=pk)
        if is_open:
            return _checked_in(request, session, now=now)
    form = None
    if is_open:
        form = CheckInForm({"code": scanned} if scanned else None, session_id=pk, now=now)
    status = 409 if request.method == "POST" else 200
    return _shown(request, session, attendance, at, has_agreed, form=form, status=status)


def _checked_in(request: HttpRequest, session: EchoSession, *, now: datetime) -> HttpResponse:
    """Check in who has seen the slide: by the code that is sent, or by an earlier one that was valid."""
    pk, user = session.pk, current_user(request)
    if "code" in request.POST or not _has_proof(request, pk, now=now):
        usage = _attempt(request, pk)
        if usage is None:
            return cast("HttpResponse", respond_429(request))
        form = CheckInForm(request.POST, session_id=pk, now=now)
        if not form.is_valid():
            return _shown(request, session, None, Phase.OPEN, True, form=form)
        usage.rollback()
    check_in(session_id=pk, by=user, now=now)
    _forget(request, pk)
    return redirect("sessions_app:check-in", pk=pk)


def _shown(
    request: HttpRequest,
    session: EchoSession,
    attendance: Attendance | None,
    at: Phase,
    has_agreed: bool,
    *,
    form: CheckInForm | None = None,
    status: int = 200,
) -> HttpResponse:
    is_refused = form is not None and form.is_bound and not form.is_valid()
    return render(
        request,
        "sessions_app/check_in.html",
        {
            "session": session,
            "attendance": attendance,
            "since": _time_of_day(attendance.recorded_at) if attendance else "",
            "phase": at,
            "has_agreed": has_agreed,
            "opens_at": opens_at(session.starts_at),
            "join_minutes": JOIN_MINUTES,
            "form": form,
            "has_proof": not is_refused and _has_proof(request, session.pk, now=timezone.now()),
        },
        status=422 if is_refused else status,
    )


def _time_of_day(moment: datetime) -> str:
    """12:34 ET: a session is on one day, and its date stands above."""
    return f"{clock(to_eastern(moment).time())}{NBSP}{zone()}"


def _attempt(request: HttpRequest, pk: int) -> RateLimitUsage | None:
    """Count an attempt before it is looked at, so that many at once are counted too; None when it is one too many."""
    rate = WRONG_CODES["user" if request.user.is_authenticated else "ip"]
    action = f"check-in-{pk}"
    return cast(
        "RateLimitUsage | None",
        consume(request, app="sessions_app", action=action, config={action: rate}, limit_get=True),
    )


def _remember(request: HttpRequest, pk: int, *, now: datetime) -> None:
    proofs = request.session.get(PROOFS, {})
    fresh = {key: at for key, at in proofs.items() if _is_fresh(at, now=now)}
    request.session[PROOFS] = fresh | {str(pk): now.isoformat()}


def _has_proof(request: HttpRequest, pk: int, *, now: datetime) -> bool:
    at = request.session.get(PROOFS, {}).get(str(pk))
    return at is not None and _is_fresh(at, now=now)


def _is_fresh(at: str, *, now: datetime) -> bool:
    return now - datetime.fromisoformat(at) < timedelta(seconds=PROOF_SECONDS)


def _forget(request: HttpRequest, pk: int) -> None:
    proofs = request.session.get(PROOFS, {})
    request.session[PROOFS] = {key: at for key, at in proofs.items() if key != str(pk)}
