"""Answering a survey, section by section."""

import re
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from core.caching import no_store
from core.errors import DomainError
from core.templatetags.portal import clock
from participants.models import User
from participants.requests import current_user
from sessions_app.models import Enrolment
from surveys import rules
from surveys.answer_page import Answering, answering, is_for, survey_list, survey_title
from surveys.forms import SectionForm
from surveys.models import Section, SurveyWindow
from surveys.services import (
    AlreadySubmittedError,
    IncompleteError,
    NotOpenError,
    save_answers,
    submit_response,
)

TYPED = re.compile(r"(seen_)?q\d+|go")


@login_required
@require_GET
@no_store
def survey_list_view(request: HttpRequest) -> HttpResponse:
    """Every survey of the person: open and until when, to come, done."""
    surveys = survey_list(current_user(request), now=timezone.now())
    return render(request, "surveys/survey_list.html", {"surveys": surveys})


@login_required
@require_GET
def response_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Go where this person left off: the first section with something missing, else the review."""
    one = _answering(current_user(request), pk)
    if one.is_submitted or not one.is_open(now=timezone.now()):
        return redirect("surveys:response-done", pk=pk)
    pages = one.pages()
    incomplete = [page for page in pages if not page.is_complete]
    if one.response is None and pages:
        return redirect(pages[0].url)
    return redirect(incomplete[0].url) if incomplete else redirect("surveys:response-review", pk=pk)


@csrf_exempt  # _refused below checks the token: who was logged out meanwhile must not lose what they typed
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def section_edit(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One section: shown, saved, and on to the next."""
    is_sent = request.method == "POST"
    is_refused = is_sent and _is_refused(request)
    is_fetch = request.headers.get("X-Requested-With") == "fetch"
    if not request.user.is_authenticated:
        if is_sent and not is_fetch:
            return _logged_out(request)
        return redirect_to_login(request.get_full_path())
    if is_refused and is_fetch:
        raise PermissionDenied
    user = current_user(request)
    one = _answering(user, pk)
    sections = one.sections()
    if not 1 <= number <= len(sections):
        raise Http404
    # A page that saves by itself is told in words; it would take a redirect for a log-out.
    if not is_fetch and (one.is_submitted or not (is_sent or one.is_open(now=timezone.now()))):
        return redirect("surveys:response-done", pk=pk)
    form = SectionForm(
        request.POST if is_sent else None,
        questions=one.questions,
        answers=one.answers,
        section_id=sections[number - 1].pk,
        only=frozenset(request.POST.get("only", "").split()) if is_fetch else None,
    )
    if is_refused:
        messages.warning(request, _("You have logged in anew. Nothing is lost: save once more."))
        form.is_valid()
    elif is_sent:
        one = _save(form, user, one)
        if is_fetch:
            return _as_json(form, one)
        if not form.errors:
            return _onwards(request, one, number)
    status = HTTPStatus.FORBIDDEN if is_refused else HTTPStatus.OK
    return render(
        request,
        "surveys/section_edit.html",
        _context(one, form, sections[number - 1], number),
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else status,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def response_review(request: HttpRequest, pk: int) -> HttpResponse:
    """All answers before they are sent; what is missing is listed with links. Sending happens once."""
    user = current_user(request)
    one = _answering(user, pk)
    if one.is_submitted:
        if request.method == "POST":
            messages.info(request, _("You have submitted this survey already. Thank you."))
        return redirect("surveys:response-done", pk=pk)
    problem = ""
    if request.method == "POST":
        try:
            submit_response(window_id=pk, by=user, answers={}, now=timezone.now())
        except AlreadySubmittedError:
            return redirect("surveys:response-done", pk=pk)
        except IncompleteError:
            problem = _("Some questions still need an answer.")
        except DomainError as error:
            problem = str(error)
        else:
            messages.success(request, _("Thank you. Your answers are submitted."))
            return redirect("surveys:response-done", pk=pk)
    elif not one.is_open(now=timezone.now()):
        return redirect("surveys:response-done", pk=pk)
    lines = one.lines()
    context = {
        "one": one,
        "window": one.window,
        "title": survey_title(one.window),
        "pages": one.pages(),
        "lines": lines,
        "missing": [line for _page, of_page in lines for line in of_page if line.is_missing],
        "problem": problem,
        "errors": [problem] if problem else [],
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "surveys/response_review.html", context, status=status)


@login_required
@require_GET
@no_store
def response_done(request: HttpRequest, pk: int) -> HttpResponse:
    """That it is sent, or closed; and what else is open."""
    user = current_user(request)
    one = _answering(user, pk)
    now = timezone.now()
    if not one.is_submitted and one.is_open(now=now):
        return redirect("surveys:response-edit", pk=pk)
    others = survey_list(user, now=now).open
    context = {
        "one": one,
        "window": one.window,
        "response": one.response if one.is_submitted else None,
        "title": survey_title(one.window),
        "others": others,
    }
    return render(request, "surveys/response_done.html", context)


def _answering(user: User, pk: int) -> Answering:
    """A survey of a cycle the person is in, once it has opened; for anybody else there is none.

    An evaluation is for who was in the session, or has begun it.
    """
    window = get_object_or_404(
        SurveyWindow.objects.select_related("instrument", "session", "cycle__program"), pk=pk
    )
    enrolment = get_object_or_404(
        Enrolment, cycle=window.cycle_id, participant=user, status=Enrolment.Status.APPROVED
    )
    one = answering(window, enrolment)
    if timezone.now() < window.opens_at or not is_for(one):
        raise Http404
    return one


def _save(form: SectionForm, user: User, one: Answering) -> Answering:
    """Keep what can be kept, though something else on the page cannot; returns where the person stands then."""
    form.is_valid()
    try:
        saved = save_answers(
            window_id=one.window.pk, by=user, answers=form.sent(), seen=form.seen(), now=timezone.now()
        )
    except (AlreadySubmittedError, NotOpenError) as error:
        form.add_error(None, str(error))
        return one
    fresh = answering(one.window, one.enrolment)
    form.answers_kept, form.is_saved = fresh.answers, True
    form.conflicts = dict(saved.conflicts)
    for question_id in saved.conflicts:
        form.add_error(
            f"q{question_id}",
            _("Another device has changed this answer meanwhile. Decide which words count."),
        )
    return fresh


def _onwards(request: HttpRequest, one: Answering, number: int) -> HttpResponse:
    go = request.POST.get("go", "next")
    pages = one.pages()
    if go == "back":
        before = [page for page in pages if page.number < number]
        return redirect(before[-1].url if before else one.pages()[0].url)
    if go == "later":
        messages.success(request, _("Your answers are saved. You can go on later."))
        return redirect("credits:cycle-detail", pk=one.window.cycle_id)
    after = [page for page in pages if page.number > number]
    return redirect(after[0].url) if after else redirect("surveys:response-review", pk=one.window.pk)


def _context(one: Answering, form: SectionForm, section: Section, number: int) -> dict[str, object]:
    pages = one.pages(current=number)
    places = [page.number for page in pages]
    return {
        "one": one,
        "window": one.window,
        "title": survey_title(one.window),
        "form": form,
        "pages": pages,
        "section": section,
        "place": places.index(number) + 1 if number in places else 1,
        "is_first": number == places[0] if places else True,
        "is_last": number == places[-1] if places else True,
    }


def _as_json(form: SectionForm, one: Answering) -> JsonResponse:
    """What the script needs to know: the marks of what is kept, what was refused and why, what is shown now."""
    now = timezone.localtime()
    errors = {name: " ".join(map(str, found)) for name, found in form.errors.items() if name != "__all__"}
    refused = " ".join(map(str, form.non_field_errors()))
    conflicts = {
        f"q{question_id}": {
            "text": text,
            "html": render_to_string("surveys/_conflict.html", {"text": text, "name": f"q{question_id}"}),
        }
        for question_id, text in form.conflicts.items()
    }
    visible = rules.shown([question.asked for question in one.questions], one.answers)
    return JsonResponse(
        {
            "state": refused or _("Saved at %(time)s.") % {"time": clock(now.time())},
            "is_refused": bool(refused),
            "marks": dict(form.marks()),
            "errors": errors,
            "conflicts": conflicts,
            "shown": [f"q{question_id}" for question_id in visible],
        },
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK,
    )


class _Csrf(CsrfViewMiddleware):
    """Says why a token is refused, where the middleware would answer by itself."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(reason, status=HTTPStatus.FORBIDDEN)


def _is_refused(request: HttpRequest) -> bool:
    """Whether the request's token is not this person's: nothing is written then."""
    check = _Csrf(lambda _request: HttpResponse())
    check.process_request(request)
    return check.process_view(request, lambda _request: HttpResponse(), (), {}) is not None


def _logged_out(request: HttpRequest) -> HttpResponse:
    """Hold what somebody typed whose session has ended, until they have logged in and press the button."""
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        if TYPED.fullmatch(name)
        for value in values
        if isinstance(value, str)
    ]
    context = {"typed": typed, "address": request.get_full_path()}
    return render(request, "surveys/logged_out.html", context, status=HTTPStatus.FORBIDDEN)
