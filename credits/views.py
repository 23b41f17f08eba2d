"""A participant's home: the cycle, the credits and the certificates; and the public verification page."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.csv_safe import csv_response
from credits.cycle_page import cycle_page
from credits.issued import mail_went_astray
from credits.ledger_page import conditions, csv_rows, prospect_sentences, session_lines, total_lines
from credits.models import Certificate
from credits.queries import Ledger, enrolment_ledger, line_for
from credits.rendering import pdf_engine_missing
from participants.models import Profile, User
from participants.queries import has_agreed_to_participate
from participants.requests import current_user
from sessions_app.models import Cycle, Enrolment
from sessions_app.queries import invitation_for, open_offer, place_on_waiting_list, public_programs
from surveys.answer_page import open_to
from surveys.queries import survey_states


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The running cycle where there is one; else everything one is or was in, or how to begin."""
    user = current_user(request)
    if not Profile.objects.filter(user=user).exists() and not user.is_staff:
        messages.info(request, _("Welcome. First tell us who you are professionally."))
        return redirect("participants:profile-edit")
    enrolments = list(
        Enrolment.objects.filter(participant=user)
        .select_related("cycle__program")
        .order_by("-cycle__starts_on", "pk")
    )
    running = [
        enrolment
        for enrolment in enrolments
        if enrolment.cycle.status == Cycle.Status.PUBLISHED and enrolment.status == Enrolment.Status.APPROVED
    ]
    if len(running) == 1:
        return redirect("credits:cycle-detail", pk=running[0].cycle_id)
    return render(request, "credits/home.html", {"enrolments": enrolments, "programs": public_programs()})


@login_required
@require_safe
def cycle_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """My cycle: what is next, what is to do, the season, and the credits with what is still missing."""
    user = current_user(request)
    enrolment = get_object_or_404(
        Enrolment.objects.select_related("cycle__program", "participant__profile").filter(participant=user),
        cycle_id=pk,
    )
    now = timezone.now()
    certificates = list(own_certificates(user).filter(enrolment=enrolment))
    if enrolment.status != Enrolment.Status.APPROVED:
        is_waiting = enrolment.status == Enrolment.Status.WAITLISTED
        return render(
            request,
            "credits/cycle_waiting.html",
            {
                "enrolment": enrolment,
                "cycle": enrolment.cycle,
                "offer": open_offer(enrolment, now=now) if is_waiting else None,
                "turn": place_on_waiting_list(enrolment) if is_waiting else 0,
                "may_apply": enrolment.status == Enrolment.Status.WITHDRAWN
                and _may_come_back(enrolment, now=now),
            },
        )
    ledger = enrolment_ledger(enrolment)
    page = cycle_page(
        ledger=ledger,
        surveys=open_to(enrolment, survey_states(enrolment, now=now)),
        line=line_for(enrolment.cycle, ledger.profile),
        has_agreed=has_agreed_to_participate(user),
        now=now,
    )
    others = list(
        Enrolment.objects.filter(participant=user)
        .exclude(pk=enrolment.pk)
        .select_related("cycle__program")
        .order_by("-cycle__starts_on", "pk")
    )
    return render(
        request,
        "credits/cycle_detail.html",
        {
            "enrolment": enrolment,
            "cycle": enrolment.cycle,
            "page": page,
            "certificates": certificates,
            "astray": mail_went_astray(certificates),
            "others": others,
        },
    )


def _may_come_back(enrolment: Enrolment, *, now: datetime) -> bool:
    """Whether who left can apply again: while registration is open, or with an invitation."""
    cycle = enrolment.cycle
    if cycle.is_open_for_registration(now=now):
        return True
    invitation = invitation_for(cycle_id=cycle.pk, user=enrolment.participant, now=now)
    return cycle.status == Cycle.Status.PUBLISHED and invitation is not None


@login_required
@require_safe
def ledger_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own ledger of a cycle: each session with what it earned or why not, and how the total comes about."""
    ledger = _own_ledger(request, pk)
    return render(
        request,
        "credits/ledger.html",
        {
            "cycle": ledger.enrolment.cycle,
            "ledger": ledger,
            "lines": session_lines(ledger),
            "has_identifiers": any(row.identifier for row in ledger.rows),
            "totals": total_lines(ledger),
            "prospects": prospect_sentences(ledger),
            "conditions": conditions(
                ledger, open_to(ledger.enrolment, survey_states(ledger.enrolment, now=timezone.now()))
            ),
        },
    )


@login_required
@require_safe
def ledger_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as a table to download."""
    return csv_response(f"credits-{pk}.csv", csv_rows(_own_ledger(request, pk)))


def _own_ledger(request: HttpRequest, cycle_id: int) -> Ledger:
    enrolment = get_object_or_404(
        Enrolment.objects.select_related("cycle__program", "participant__profile").filter(
            participant=current_user(request), status=Enrolment.Status.APPROVED
        ),
        cycle_id=cycle_id,
    )
    return enrolment_ledger(enrolment)


def own_certificates(user: User) -> QuerySet[Certificate]:
    """The certificates of `user`, without their documents' content."""
    return (
        Certificate.objects.filter(enrolment__participant=user)
        .select_related("enrolment__cycle__program", "line")
        .order_by("-year", "-serial")
    )


@login_required
@require_safe
def certificate_list(request: HttpRequest) -> HttpResponse:
    """One's own certificates, for ever."""
    certificates = list(own_certificates(current_user(request)))
    is_waiting = any(certificate.status == Certificate.Status.PENDING for certificate in certificates)
    return render(
        request,
        "credits/certificate_list.html",
        {
            "certificates": certificates,
            "astray": mail_went_astray(certificates),
            "engine_problem": pdf_engine_missing() if is_waiting else None,
        },
    )


@login_required
@require_safe
@never_cache
def certificate_download(request: HttpRequest, number: str) -> HttpResponse:
    """The document of one's own certificate, as it was issued. Anybody else's does not exist."""
    certificate = get_object_or_404(
        Certificate.objects.select_related("document"),
        enrolment__participant=current_user(request),
        document__isnull=False,
        number=number,
    )
    assert certificate.document is not None  # the filter above
    response = HttpResponse(bytes(certificate.document.content), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{certificate.number}.pdf"'
    return response
