"""Answering a survey."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from participants.models import User
from participants.requests import current_user
from sessions_app.models import Enrolment
from surveys.forms import SurveyForm
from surveys.models import Response, SurveyWindow
from surveys.services import AlreadySubmittedError, IncompleteError, save_answers, submit_response


@login_required
def response_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a survey: save and go on later, or submit it once."""
    user = current_user(request)
    window = get_object_or_404(
        SurveyWindow.objects.select_related("instrument", "cycle__program").filter(
            cycle__enrolments__participant=user, cycle__enrolments__status=Enrolment.Status.APPROVED
        ),
        pk=pk,
    )
    now = timezone.now()
    if now < window.opens_at:
        raise Http404
    response = Response.objects.filter(window=window, enrolment__participant=user).first()
    is_submitted = response is not None and response.status == Response.Status.SUBMITTED
    if is_submitted or (request.method != "POST" and not window.is_open(now=now)):
        return render(request, "surveys/response_done.html", {"window": window, "response": response})
    kept = (
        {answer.question_id: answer.number or answer.text for answer in response.answers.all()}
        if response
        else {}
    )
    questions = list(window.instrument.questions.all())
    if request.method == "POST":
        is_draft = "submit" not in request.POST
        form = SurveyForm(request.POST, questions=questions, kept=kept, is_draft=is_draft)
        done = _keep(request, form, window, user)
        if done is not None:
            return done
    else:
        form = SurveyForm(questions=questions, kept=kept)
    return render(
        request,
        "surveys/response_edit.html",
        {"form": form, "window": window, "response": response},
        status=422 if form.errors else 200,
    )


def _keep(request: HttpRequest, form: SurveyForm, window: SurveyWindow, user: User) -> HttpResponse | None:
    """Save or submit; None when the form is to be shown again with what is missing.

    What can be read is kept even when the response cannot be submitted yet.
    """
    now = timezone.now()
    try:
        if not form.is_valid():
            save_answers(window_id=window.pk, by=user, answers=form.answers(), now=now)
            return None
        if "submit" in request.POST:
            submit_response(window_id=window.pk, by=user, answers=form.answers(), now=now)
            messages.success(request, _("Thank you. Your answers are submitted."))
        else:
            save_answers(window_id=window.pk, by=user, answers=form.answers(), now=now)
            messages.success(request, _("Your answers are saved. You can go on later."))
    except IncompleteError as error:
        save_answers(window_id=window.pk, by=user, answers=form.answers(), now=now)
        form.add_error(None, str(error))
        return None
    except AlreadySubmittedError as error:
        messages.info(request, str(error))
    except DomainError as error:
        form.add_error(None, str(error))
        return None
    return redirect("credits:cycle-detail", pk=window.cycle_id)
