"""The hub's side of a case: the list of what waits, writing under the six headings, and signing the letter."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from cases.access import hub_case, hub_memberships
from cases.content import readings
from cases.deidentification import hint
from cases.draft_page import note
from cases.hub_queries import (
    fingerprint,
    hub_desk,
    letter_items,
    newest_letter,
    recommendations_of,
    suggestions_for,
    titles_of,
)
from cases.models import (
    CaseReading,
    CaseSubmission,
    Heading,
    Recommendation,
    RecommendationLetter,
    SuggestedRecommendation,
)
from cases.proof import proof
from cases.recommendation_forms import RecommendationsForm, SignForm
from cases.rendering import letter_view
from cases.screening import IdentifiersFoundError
from cases.services import ConfirmFirstError
from cases.services.letters import letter_texts, require_signer, sign_letter
from cases.services.readings import record_reading
from cases.services.recommending import Draft, keep_suggestion, save_recommendations
from core.caching import no_store
from core.errors import DomainError
from core.forms import render_invalid
from core.templatetags.portal import NBSP, clock, localized_text, to_eastern, zone
from participants.models import User
from participants.requests import current_user

Status = CaseSubmission.Status


@login_required
@require_safe
@no_store
def hub_cases(request: HttpRequest) -> HttpResponse:
    """The cases of one's programs from their approval on, with who has written and what is still to do."""
    user = current_user(request)
    members = list(hub_memberships(user).select_related("program"))
    if not members:
        raise Http404
    return render(
        request,
        "cases/hub_cases.html",
        {
            "desk": hub_desk(user, programs=[member.program_id for member in members]),
            "programs": [member.program for member in members],
            "signs_for": {member.program_id for member in members if member.may_sign},
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@no_store
def case_recommend(request: HttpRequest, echo_id: str) -> HttpResponse:
    """One's own recommendations beside the case. A POST saves: from the page's script (as JSON) or from a button."""
    user = current_user(request)
    case = hub_case(user, echo_id)
    if request.method == "POST":
        return _save(request, case, user)
    record_reading(case=case, what=CaseReading.What.RECOMMENDATIONS, reader=user, now=timezone.now())
    return _writing_page(request, case, RecommendationsForm(own=_own(case, user)))


def _save(request: HttpRequest, case: CaseSubmission, user: User) -> HttpResponse:
    form = RecommendationsForm(request.POST, own=_own(case, user))
    is_script = request.headers.get("X-Requested-With") == "fetch"
    # What can be read is saved, even when something else cannot.
    is_valid = form.is_valid()
    drafts = form.drafts()
    written = save_recommendations(case_id=case.pk, drafts=drafts, by=user, now=timezone.now())
    form.theirs = {heading: written.kept[heading] for heading in written.conflicts}
    if is_script:
        return _saved_json(form, drafts, written.kept)
    form.show_revisions(written.kept)
    if form.theirs:
        return _writing_page(request, case, form, status=HTTPStatus.CONFLICT)
    if not is_valid:
        return _writing_page(request, case, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if pk := request.POST.get("use"):
        return _use(case, user, written.kept, pk)
    if request.POST.get("keep") or request.POST.get("keep_confirmed"):
        return _keep(request, case, user, form)
    messages.success(request, _("Your recommendations are saved."))
    return redirect("cases:case-recommend", echo_id=case.echo_id)


def _use(case: CaseSubmission, user: User, kept: Mapping[str, Recommendation], pk: str) -> HttpResponse:
    """Take a suggestion over, after what one has written under its heading."""
    suggestion = get_object_or_404(
        SuggestedRecommendation,
        pk=int(pk) if pk.isascii() and pk.isdecimal() and len(pk) < 10 else 0,
        program=case.presenter.cycle.program_id,
        is_active=True,
    )
    row = kept.get(suggestion.heading)
    text = "\n\n".join(filter(None, [row.text.rstrip() if row else "", localized_text(suggestion, "text")]))
    save_recommendations(
        case_id=case.pk,
        drafts={suggestion.heading: Draft(text, row.revision if row else 0)},
        by=user,
        now=timezone.now(),
    )
    return redirect(reverse("cases:case-recommend", args=[case.echo_id]) + f"#heading-{suggestion.heading}")


def _keep(request: HttpRequest, case: CaseSubmission, user: User, form: RecommendationsForm) -> HttpResponse:
    """Add one's text under a heading to the program's library; what may identify is asked about first."""
    heading, _mark, asked_about = (request.POST.get("keep_confirmed") or request.POST["keep"]).partition(":")
    if heading not in Heading.values:
        raise Http404
    text = form.cleaned_data[f"text_{heading}"].strip()
    digest = sha256(text.encode()).hexdigest()
    asked: dict[str, Any] = {}
    try:
        keep_suggestion(
            program_id=case.presenter.cycle.program_id,
            heading=heading,
            text=text,
            is_confirmed=asked_about == digest,
            by=user,
            now=timezone.now(),
        )
    except ConfirmFirstError as error:
        asked = {heading: {"digest": digest, "notes": _notes(text, error.findings[heading])}}
    except IdentifiersFoundError as error:
        notes = _notes(text, error.findings[heading])
        form.add_error(f"text_{heading}", [f"{each.label}. {each.why} {each.instead}" for each in notes])
    except DomainError as error:
        form.add_error(f"text_{heading}", str(error))
    else:
        messages.success(request, _("Kept: the program's library has it as a suggestion now."))
        return redirect(reverse("cases:case-recommend", args=[case.echo_id]) + f"#heading-{heading}")
    return _writing_page(request, case, form, asked=asked, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _saved_json(
    form: RecommendationsForm, drafts: Mapping[str, Draft], kept: Mapping[str, Recommendation]
) -> JsonResponse:
    """What the page's script shows of a save, by heading: the state in words, the revision, a quick look's notes."""
    answer: dict[str, Any] = {}
    for heading in Heading.values:
        errors = form.errors.get(f"text_{heading}")
        if errors:
            answer[heading] = {"state": _("Not saved: %(why)s") % {"why": " ".join(map(str, errors))}}
        elif heading in form.theirs:
            row = form.theirs[heading]
            html = render_to_string("cases/_recommendation_conflict.html", {"heading": heading, "row": row})
            state = _("Not saved: another text was saved meanwhile.")
            answer[heading] = {"state": state, "conflict": html}
        elif heading in kept:
            text = drafts[heading].text
            notes = render_to_string("cases/_form_notes.html", {"notes": _notes(text, hint(text))})
            row = kept[heading]
            answer[heading] = {"state": _saved_words(row), "revision": row.revision, "notes": notes.strip()}
    return JsonResponse({"headings": answer})


def _writing_page(
    request: HttpRequest,
    case: CaseSubmission,
    form: RecommendationsForm,
    *,
    asked: Mapping[str, Any] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    user = current_user(request)
    rows, titles = recommendations_of(case), titles_of(case)
    own = _own(case, user)
    offered = suggestions_for(case.presenter.cycle.program_id)
    content = case.version.content if case.version else {}
    return render(
        request,
        "cases/recommendation_form.html",
        {
            "case": case,
            "form": form,
            "proof": proof(content),
            "readings": readings(content),
            "letter": newest_letter(case),
            "may_sign": hub_memberships(user)
            .filter(program=case.presenter.cycle.program_id, may_sign=True)
            .exists(),
            "headings": [
                {
                    "key": heading.value,
                    "label": heading.label,
                    "field": form.text(heading.value),
                    "revision": form[f"revision_{heading.value}"],
                    "saved": _saved_words(own[heading.value]) if heading.value in own else "",
                    "theirs": form.theirs.get(heading.value),
                    "asked": (asked or {}).get(heading.value),
                    "suggestions": offered[heading.value],
                    "others": [
                        {"row": row, "title": titles.get(row.author_id, "")}
                        for row in rows
                        if row.heading == heading.value and row.author_id != user.pk
                    ],
                }
                for heading in Heading
            ],
        },
        status=status,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@no_store
def case_sign(request: HttpRequest, echo_id: str) -> HttpResponse:
    """The letter as it will be, and signing it; for who may sign."""
    user, now = current_user(request), timezone.now()
    case = hub_case(user, echo_id)
    require_signer(case, user)
    before, rows = newest_letter(case), recommendations_of(case)
    where = {
        f"{row.heading}.{row.author_id}": f"{row.get_heading_display()}, {row.author.get_full_name()}"
        for row in rows
    }
    seen = fingerprint(number=before.number + 1 if before else 1, rows=rows)
    is_post = request.method == "POST"
    form = SignForm(
        request.POST if is_post else None,
        initial={"seen": seen, "opening": before.opening if before else ""},
        is_correction=before is not None,
        where=where,
    )
    if not is_post:
        record_reading(case=case, what=CaseReading.What.RECOMMENDATIONS, reader=user, now=now)
        return render(request, "cases/recommendation_sign.html", _sign_context(case, form, rows, before))
    if form.is_valid():
        opening, correction = form.cleaned_data["opening"], form.cleaned_data.get("correction", "")
        try:
            sign_letter(
                case_id=case.pk,
                seen=form.cleaned_data["seen"],
                opening=opening,
                correction=correction,
                to_cycle_after=form.to_cycle_after,
                is_confirmed=form.is_confirmed,
                by=user,
                now=now,
            )
        except (IdentifiersFoundError, ConfirmFirstError) as error:
            texts = letter_texts(opening=opening.strip(), correction=" ".join(correction.split()), rows=rows)
            form.refuse(error, texts)
        except DomainError as error:
            form.add_error(None, str(error))
            form.show_seen(seen)
        else:
            messages.success(
                request, _("The letter is signed. The presenter is told by email where to read it.")
            )
            return redirect("cases:case-letter", echo_id=case.echo_id)
    return render_invalid(request, "cases/recommendation_sign.html", _sign_context(case, form, rows, before))


def _sign_context(
    case: CaseSubmission, form: SignForm, rows: list[Recommendation], before: RecommendationLetter | None
) -> dict[str, Any]:
    preview = RecommendationLetter(
        case=case, number=before.number + 1 if before else 1, items=letter_items(case, rows)
    )
    return {
        "case": case,
        "form": form,
        "before": before,
        "letter": letter_view(preview, case=case),
        "is_presented": case.status in {Status.PRESENTED, Status.RECOMMENDATIONS_SENT},
        "is_empty": not rows,
    }


def _own(case: CaseSubmission, user: User) -> dict[str, Recommendation]:
    return {row.heading: row for row in case.recommendations.filter(author=user)}


def _notes(text: str, findings: Iterable[Any]) -> list[Any]:
    """The notes on what was found in one's own text, each once."""
    found = (
        note(text, start=each.start, end=each.end, kind=each.kind, tier=each.tier, reason=each.reason)
        for each in findings
    )
    return list(dict.fromkeys(found))


def _saved_words(row: Recommendation) -> str:
    """Saved 12:31 ET."""
    return _("Saved %(time)s") % {"time": f"{clock(to_eastern(row.saved_at).time())}{NBSP}{zone()}"}
