"""A case from its author's side, and as its readers see it: the list, the check, the case, and the summary."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from cases.access import (
    EDITABLE,
    Access,
    Relation,
    is_hub_member,
    may_review,
    own_case,
    readable_case,
)
from cases.check_forms import CheckForm
from cases.content import FIELDS, missing, readings
from cases.models import (
    CaseFollowUp,
    CaseReading,
    CaseReview,
    CaseSubmission,
    CaseText,
    RecommendationLetter,
)
from cases.my_cases import TONES, cycles_to_bring_to, my_case, my_cases
from cases.proof import field_anchor, proof
from cases.screening import IdentifiersFoundError
from cases.services import (
    ATTESTATION,
    CaseChangedError,
    check_case,
    explain_findings,
    record_reading,
    submit_case,
)
from cases.summary_page import summary
from core.caching import no_store
from core.errors import DomainError
from participants.requests import current_user

FIRST_OF = {"medications": "medications.0.name"}
"""Where a field is many: the first of them."""


@login_required
@require_safe
@no_store
def case_list(request: HttpRequest) -> HttpResponse:
    """One's own cases and what to do next with each, and the way to begin another."""
    user = current_user(request)
    return render(
        request,
        "cases/case_list.html",
        {
            "lines": my_cases(user, now=timezone.now()),
            "cycles": cycles_to_bring_to(user),
            "is_hub_member": is_hub_member(user),
            "may_review": may_review(user),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@no_store
def case_check(request: HttpRequest, echo_id: str) -> HttpResponse:
    """What the screen found in one's own case; explaining it, signing, and handing in."""
    user = current_user(request)
    case = own_case(user, echo_id)
    if case.status not in EDITABLE:
        # Handed in meanwhile, or handed in twice: what there is to see is where it stands.
        return redirect("cases:case-detail", echo_id=echo_id)
    if not hasattr(case, "text"):
        # Begun before texts were kept here.
        return redirect("cases:case-edit", echo_id=echo_id)
    text = check_case(case_id=case.pk, by=user)
    page = proof(text.content, text.findings)
    if request.method != "POST":
        return _check_page(request, case, text, CheckForm(proof=page, initial={"revision": text.revision}))
    if request.POST.get("revision") != str(text.revision):
        return _changed_page(request, case, text)
    form = CheckForm(request.POST, proof=page, is_signing="hand-in" in request.POST)
    try:
        answer = _answered(request, case, form)
    except CaseChangedError:
        return _changed_page(request, case, check_case(case_id=case.pk, by=user))
    return answer or _check_page(request, case, text, form)


def _answered(request: HttpRequest, case: CaseSubmission, form: CheckForm) -> HttpResponse | None:
    """Keep the explanations, and hand in where that was asked for; None where the form says what is in the way."""
    if not form.is_valid():
        return None
    user, revision = current_user(request), form.cleaned_data["revision"]
    try:
        explain_findings(case_id=case.pk, revision=revision, explanations=form.explanations(), by=user)
        if form.is_signing:
            submit_case(
                case_id=case.pk,
                revision=revision,
                signed_name=form.cleaned_data["signed_name"],
                by=user,
                now=timezone.now(),
            )
    except CaseChangedError:
        raise
    except IdentifiersFoundError as error:
        form.refuse(error)
        return None
    except DomainError as error:
        form.add_error(None, str(error))
        return None
    if form.is_signing:
        messages.success(
            request, _("Your case is handed in. You hear by email when a coordinator has read it.")
        )
        return redirect("cases:case-detail", echo_id=case.echo_id)
    messages.success(request, _("Your explanations are kept."))
    return redirect("cases:case-check", echo_id=case.echo_id)


def _changed_page(request: HttpRequest, case: CaseSubmission, text: CaseText) -> HttpResponse:
    """The newest text to be read anew, with what was typed on the page of before."""
    typed = {key: value for key, value in request.POST.items() if key != "attests"}
    form = CheckForm(proof=proof(text.content, text.findings), initial=typed | {"revision": text.revision})
    return _check_page(request, case, text, form, problem=str(CaseChangedError()))


def _check_page(
    request: HttpRequest, case: CaseSubmission, text: CaseText, form: CheckForm, *, problem: str = ""
) -> HttpResponse:
    gaps = missing(text.content)
    return render(
        request,
        "cases/case_check.html",
        {
            "case": case,
            "text": text,
            "proof": form.proof,
            "form": form,
            "gaps": [(FIELDS[key].label, field_anchor(FIRST_OF.get(key, key))) for key in gaps],
            "can_sign": not gaps and not form.proof.stops,
            "attestation": ATTESTATION,
            "problem": problem,
        },
        status=HTTPStatus.CONFLICT
        if problem
        else HTTPStatus.UNPROCESSABLE_ENTITY
        if form.errors
        else HTTPStatus.OK,
    )


@login_required
@require_safe
@no_store
def case_detail(request: HttpRequest, echo_id: str) -> HttpResponse:
    """A case for who may read it; what belongs to it depends on who that is."""
    user, now = current_user(request), timezone.now()
    access = readable_case(user, echo_id, now=now)
    case, version = access.case, access.version
    record_reading(case=case, what=CaseReading.What.CASE, reader=user, now=now)
    content = _content(access)
    findings = version.findings if version and access.is_coordinator else []
    letter = _letter(access, now=now)
    sees_outcome = letter is not None or access.relation != Relation.PARTICIPANT
    return render(
        request,
        "cases/case_detail.html",
        {
            "access": access,
            "case": case,
            "version": version,
            "tone": TONES[CaseSubmission.Status(case.status)],
            "proof": proof(content, findings),
            "readings": readings(content),
            "line": my_case(case, now=now) if access.is_author else None,
            "review": _asked_for(access),
            "letter": letter,
            "follow_up": CaseFollowUp.objects.filter(case=case).first() if sees_outcome else None,
            "sees_summary": access.relation != Relation.PARTICIPANT,
        },
    )


@login_required
@require_safe
@no_store
def case_summary(request: HttpRequest, echo_id: str) -> HttpResponse:
    """The essentials of a case on one page, for the shared screen; not for the participants, who read the case."""
    user, now = current_user(request), timezone.now()
    access = readable_case(user, echo_id, now=now)
    if access.relation == Relation.PARTICIPANT:
        raise Http404
    record_reading(case=access.case, what=CaseReading.What.SUMMARY, reader=user, now=now)
    return render(
        request, "cases/case_summary.html", {"case": access.case, "summary": summary(_content(access))}
    )


def _content(access: Access) -> dict[str, Any]:
    """What this reader reads: the version handed in, or the author's own draft."""
    if access.version is not None:
        return cast("dict[str, Any]", access.version.content)
    text = CaseText.objects.filter(case=access.case).first()
    return text.content if text else {}


def _letter(access: Access, *, now: datetime) -> RecommendationLetter | None:
    """The newest letter that this reader may see."""
    letters = access.case.letters.order_by("-number")
    if access.relation == Relation.PARTICIPANT:
        letters = letters.filter(visible_to_cycle_at__lte=now)
    return letters.first()


def _asked_for(access: Access) -> CaseReview | None:
    """The review that returned the case, for its author, as long as it is returned."""
    if not access.is_author or access.case.status != CaseSubmission.Status.RETURNED:
        return None
    return CaseReview.objects.filter(version=access.version).first()
