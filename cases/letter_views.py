"""The hub's letter to a case: its page, its PDF, and letting the cycle see it."""

from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.access import Access, Relation, readable_case
from cases.models import CaseReading, RecommendationLetter
from cases.rendering import letter_view, render_letter
from cases.services.letters import may_release, release_letter
from cases.services.readings import record_reading
from core.caching import no_store
from core.pdf import PdfEngineMissingError, RenderingError
from participants.requests import current_user


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def case_letter(request: HttpRequest, echo_id: str) -> HttpResponse:
    """The letter in force, or an earlier one by its number. A POST lets the cycle see it now."""
    user, now = current_user(request), timezone.now()
    access = readable_case(user, echo_id, now=now)
    letter = _letter(request, access, now=now)
    case = access.case
    may_let = may_release(case, user)
    if request.method == "POST":
        if not may_let:
            raise Http404
        release_letter(letter_id=letter.pk, by=user, now=now)
        messages.success(request, _("The participants of the cycle can read the letter now."))
        return redirect("cases:case-letter", echo_id=case.echo_id)
    record_reading(case=case, what=CaseReading.What.LETTER, reader=user, now=now)
    newest = _readable(access, now=now).order_by("-number").first()
    return render(
        request,
        "cases/letter.html",
        {
            "access": access,
            "case": case,
            "letter": letter_view(letter, case=case),
            "number": letter.number,
            "newest": newest if newest and newest.number != letter.number else None,
            "earlier": [
                *_readable(access, now=now)
                .filter(number__lt=letter.number)
                .defer("items")
                .order_by("-number")
            ],
            "visible_to_cycle_at": letter.visible_to_cycle_at,
            "is_visible": letter.visible_to_cycle_at <= now,
            "may_release": may_let,
            "has_follow_up": hasattr(case, "follow_up"),
        },
    )


@login_required
@require_safe
@no_store
def case_letter_pdf(request: HttpRequest, echo_id: str) -> HttpResponse:
    """The same letter as PDF, drawn from what was signed."""
    user, now = current_user(request), timezone.now()
    access = readable_case(user, echo_id, now=now)
    letter = _letter(request, access, now=now)
    try:
        pdf = render_letter(letter, case=access.case)
    except (PdfEngineMissingError, RenderingError) as error:
        # Nobody is kept from their letter: its page can be printed.
        return render(
            request,
            "cases/letter_undrawn.html",
            {"case": access.case, "reason": str(error)},
            status=HTTPStatus.SERVICE_UNAVAILABLE,
        )
    record_reading(case=access.case, what=CaseReading.What.LETTER, reader=user, now=now)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = (
        f'attachment; filename="{access.case.echo_id}-letter-{letter.number}.pdf"'
    )
    return response


def _readable(access: Access, *, now: datetime) -> QuerySet[RecommendationLetter]:
    """The letters of a case that this reader may see: the group, those that are released."""
    letters = RecommendationLetter.objects.filter(case=access.case)
    return (
        letters.filter(visible_to_cycle_at__lte=now) if access.relation == Relation.PARTICIPANT else letters
    )


def _letter(request: HttpRequest, access: Access, *, now: datetime) -> RecommendationLetter:
    """The letter that is asked for, the newest without a number; Http404 where this reader has none."""
    letters = _readable(access, now=now)
    number = request.GET.get("number", "")
    if number:
        is_number = number.isascii() and number.isdecimal() and len(number) < 5
        return get_object_or_404(letters, number=int(number) if is_number else 0)
    letter = letters.order_by("-number").first()
    if letter is None:
        raise Http404
    return letter
