"""Writing a case: the form, its autosave and its hints."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cases.access import EDITABLE, own_case
from cases.case_forms import CaseForm
from cases.content import MAX_FIELD, clean_text, readings, tidy
from cases.deidentification import hint
from cases.draft_page import differences, note, notes_by_path, once, progress
from cases.models import CaseSubmission, CaseText
from cases.services import ConflictError, Saved, delete_draft, save_draft, start_case
from core.caching import no_store
from core.errors import DomainError
from core.templatetags.portal import NBSP, clock, eastern, to_eastern, zone
from participants.requests import current_user
from sessions_app.models import Enrolment


@login_required
@require_POST
def case_start(request: HttpRequest, cycle_pk: int) -> HttpResponse:
    """Begin a case in a cycle, and open its form."""
    user = current_user(request)
    enrolment = get_object_or_404(
        Enrolment, participant=user, cycle_id=cycle_pk, status=Enrolment.Status.APPROVED
    )
    case = start_case(enrolment=enrolment, by=user, now=timezone.now())
    return redirect("cases:case-edit", case.echo_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def case_edit(request: HttpRequest, echo_id: str) -> HttpResponse:
    """The form of a case, for its author. A POST saves: from the page's script (answered as JSON) or from a button."""
    case = own_case(current_user(request), echo_id)
    if request.method == "POST":
        return _save(request, case)
    if case.status not in EDITABLE:
        return redirect("cases:case-detail", echo_id)
    text = _text(case)
    form = CaseForm(content=text.content, more=1 if "add" in request.GET else 0)
    return _page(request, case, form, text)


@login_required
@require_POST
@no_store
def case_hints(request: HttpRequest, echo_id: str) -> HttpResponse:
    """What a quick look finds in a text that is being typed: the notes of its field, as HTML."""
    own_case(current_user(request), echo_id, statuses=EDITABLE)
    typed = request.POST.get("text", "")
    if len(typed) > MAX_FIELD:
        # The save says that it is too long.
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    text = clean_text(typed)
    found = [
        note(text, start=each.start, end=each.end, kind=each.kind, tier=each.tier, reason=each.reason)
        for each in hint(text)
    ]
    return HttpResponse(_notes_html(once(found)))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def case_delete(request: HttpRequest, echo_id: str) -> HttpResponse:
    """Throw a draft away, asked once more before."""
    user = current_user(request)
    case = own_case(user, echo_id, statuses=(CaseSubmission.Status.DRAFT,))
    if request.method == "POST":
        delete_draft(case_id=case.pk, by=user)
        messages.success(request, _("The draft is deleted."))
        return redirect("cases:case-list")
    return render(request, "cases/case_delete.html", {"case": case})


def _save(request: HttpRequest, case: CaseSubmission) -> HttpResponse:
    text = _text(case)
    form = CaseForm(request.POST, content=text.content)
    is_script = request.headers.get("X-Requested-With") == "fetch"
    # What can be read is saved, even when something else cannot.
    is_valid = form.is_valid()
    try:
        saved = save_draft(
            case_id=case.pk,
            content=form.content(),
            revision=_sent(request),
            by=current_user(request),
            now=timezone.now(),
        )
    except ConflictError as conflict:
        return _conflict(request, case, form, conflict, is_script=is_script)
    except DomainError as error:
        form.add_error(None, str(error))
        if is_script:
            return JsonResponse({"state": str(error)}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _page(request, case, form, text, status=status, revision=_sent(request), saved=_("Not saved"))
    if is_script:
        return _saved_json(form, saved)
    if not is_valid:
        text = _text_now(case)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _page(request, case, form, text, status=status, saved=_state(form, saved))
    return _next(request, case)


def _next(request: HttpRequest, case: CaseSubmission) -> HttpResponse:
    """After a save without a script: where the button that was pressed leads."""
    if "check" in request.POST:
        return redirect("cases:case-check", case.echo_id)
    if "add" in request.POST:
        return redirect(reverse("cases:case-edit", args=[case.echo_id]) + "?add=1#last-medication")
    messages.success(request, _("Your case is saved. You can go on later, on any device."))
    return redirect("cases:case-edit", case.echo_id)


def _saved_json(form: CaseForm, saved: Saved) -> JsonResponse:
    """What the page's script shows of a save: the state in words, and parts of the page by their id."""
    notes = {form.field_of(path): each for path, each in notes_by_path(saved.content, saved.findings).items()}
    fragments = {
        f"{field.auto_id}_notes": _notes_html(notes.get(field.name, []), field.errors)
        for field in form.noted_fields
    }
    for key, html in _readings_html(saved.content).items():
        fragments[f"reading-{key}"] = html
    fragments["progress"] = render_to_string(
        "cases/_form_progress.html", {"progress": progress(saved.content, saved.findings)}
    )
    fragments["conflict"] = ""
    return JsonResponse(
        {
            "state": _state(form, saved),
            "revision": saved.revision,
            "invalid": [field.id_for_label for field in form if field.errors],
            "fragments": fragments,
        }
    )


def _conflict(
    request: HttpRequest, case: CaseSubmission, form: CaseForm, conflict: ConflictError, *, is_script: bool
) -> HttpResponse:
    """Nothing was overwritten: what is kept now stands beside what was typed, and the author chooses."""
    text = _text_now(case)
    theirs = differences(tidy(form.content()), text.content)
    context = {
        "conflict": conflict,
        "differing": [(form.anchor_of(key), form.label_of(key)) for key in theirs],
    }
    state = _("Not saved: another version was saved meanwhile.")
    if is_script:
        html = render_to_string("cases/_form_conflict.html", {"case": case, "is_script": True, **context})
        return JsonResponse({"state": state, "fragments": {"conflict": html}}, status=HTTPStatus.CONFLICT)
    form.theirs = theirs
    status = HTTPStatus.CONFLICT
    return _page(request, case, form, text, status=status, revision=_sent(request), saved=state, **context)


def _page(
    request: HttpRequest,
    case: CaseSubmission,
    form: CaseForm,
    text: CaseText,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The form, with what belongs to the text that is kept; in a conflict that is not the text in the fields."""
    if "conflict" not in more:
        notes = notes_by_path(text.content, text.findings)
        form.notes = {form.field_of(path): each for path, each in notes.items()}
    review = getattr(case.version, "review", None) if case.version else None
    return render(
        request,
        "cases/case_form.html",
        {
            "case": case,
            "form": form,
            "revision": text.revision,
            "saved": _saved_words(text) if text.revision else "",
            "progress": progress(text.content, text.findings),
            "readings": _readings_html(text.content),
            "returned": review,
            **more,
        },
        status=status,
    )


def _text(case: CaseSubmission) -> CaseText:
    """The text of a case; an empty one where nothing was kept yet."""
    return getattr(case, "text", None) or CaseText(case=case)


def _text_now(case: CaseSubmission) -> CaseText:
    """The same, after somebody has saved."""
    return CaseText.objects.filter(case=case).first() or CaseText(case=case)


def _state(form: CaseForm, saved: Saved) -> str:
    """What a save came to, in words."""
    words = _saved_words(saved)
    return _("%(saved)s, except what is marked.") % {"saved": words} if form.errors else words


def _saved_words(text: CaseText | Saved) -> str:
    """Saved 12:31 ET; with the day when it was another one."""
    moment = to_eastern(text.saved_at)
    if moment.date() == timezone.localdate():
        return _("Saved %(time)s") % {"time": f"{clock(moment.time())}{NBSP}{zone()}"}
    return _("Saved on %(moment)s") % {"moment": eastern(text.saved_at)}


def _readings_html(content: dict[str, Any]) -> dict[str, str]:
    """Each computed number as a part of the page, "" for one that cannot be computed."""
    found = {reading.key: reading for reading in readings(content)}
    return {
        key: render_to_string("cases/_form_reading.html", {"reading": found[key]}) if key in found else ""
        for key in ("med", "ort", "peg")
    }


def _notes_html(notes: list[Any], errors: Any = ()) -> str:
    return render_to_string("cases/_form_notes.html", {"notes": notes, "errors": errors}).strip()


def _sent(request: HttpRequest) -> int:
    """The revision that the sent text was made from, or that its author chose to replace; -1, which is none's."""
    text = request.POST.get("keep") or request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
