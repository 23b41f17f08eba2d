"""One's own profile, another category, and the agreements."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import BadInputError, DomainError
from participants.forms import (
    AgreementsForm,
    CategoryForm,
    ProfileForm,
    agreement_answers,
    invited_values,
    licence_note,
)
from participants.models import CategoryRequest, Profile, User
from participants.queries import answers_in_force, is_category_fixed, unanswered_agreements
from participants.requests import current_user, next_page
from participants.services import answer_agreements, ask_for_category, end_session, save_profile
from participants.services.viewing import end_view
from participants.view_as_admin import SESSION_KEY

INVITED_PROFILE = "invited_profile"
"""Where the session keeps what an invitation knows about a person, until their profile is saved."""


# --- the profile ------------------------------------------------------------------------------------------------
@login_required
def profile_edit(request: HttpRequest) -> HttpResponse:
    """Fill in or change one's professional profile, then go on to where one came from."""
    user = current_user(request)
    profile = Profile.objects.filter(user=user).first()
    target = next_page(request)
    is_fixed = profile is not None and is_category_fixed(user)
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        instance=profile,
        initial={} if profile else _first_values(request),
        is_category_fixed=is_fixed,
    )
    if request.method == "POST" and form.is_valid():
        saved = save_profile(user=user, by=user, values=form.cleaned_data)
        request.session.pop(INVITED_PROFILE, None)
        messages.success(request, _("Your profile is saved."))
        if note := licence_note(saved):
            messages.warning(request, note)
        return redirect(target or "credits:home")
    return render(
        request,
        "participants/profile_edit.html",
        {
            "form": form,
            "next": target,
            "is_new": profile is None,
            "is_category_fixed": is_fixed,
            "asked": _open_request(profile) if is_fixed else None,
            "profile": profile,
        },
        status=422 if form.errors else 200,
    )


def _first_values(request: HttpRequest) -> dict[str, str]:
    """What a first profile begins with: what an invitation knows, and the language of the page."""
    # Who fills in a first profile in French most likely wants mails and certificates in French.
    return {
        "language": (get_language() or "en")[:2],
        **invited_values(request.session.get(INVITED_PROFILE)),
    }


def _open_request(profile: Profile | None) -> CategoryRequest | None:
    return CategoryRequest.objects.filter(profile=profile, status=CategoryRequest.Status.OPEN).first()


@login_required
def category_ask(request: HttpRequest) -> HttpResponse:
    """Ask for another category, once the one that credit was earned in is fixed; before, the profile changes it."""
    user = current_user(request)
    profile = Profile.objects.filter(user=user).first()
    if profile is None or not is_category_fixed(user):
        return redirect("participants:profile-edit")
    asked = _open_request(profile)
    form = CategoryForm(
        request.POST if request.method == "POST" and asked is None else None, current=profile.category
    )
    if form.is_valid():
        try:
            ask_for_category(user=user, by=user, now=timezone.now(), **_asked_values(form))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("Your request is in. You get an email when a coordinator has decided.")
            )
            return redirect("participants:profile-edit")
    return render(
        request,
        "participants/category_ask.html",
        {"form": form, "asked": asked, "profile": profile},
        status=422 if form.errors else 200,
    )


def _asked_values(form: CategoryForm) -> dict[str, str]:
    data = form.cleaned_data
    return {
        "category": data["category"],
        "profession": data.get("profession", ""),
        "reason": data["reason"],
    }


# --- agreements -------------------------------------------------------------------------------------------------
@login_required
def agreements(request: HttpRequest) -> HttpResponse:
    """What one is asked to agree to, first what has no answer yet; and what one answered, to change one's mind."""
    user = current_user(request)
    target = next_page(request)
    if "change" in request.POST:
        _change_answer(request, user)
        here = reverse("participants:agreements")
        return redirect(f"{here}?{urlencode({'next': target})}" if target else here)
    waiting = unanswered_agreements(user)
    form = AgreementsForm(request.POST if request.method == "POST" else None, agreements=waiting)
    if form.is_valid():
        if waiting:
            answer_agreements(
                user=user, by=user, answers=agreement_answers(form.cleaned_data), now=timezone.now()
            )
            messages.success(request, _("Your answers are saved."))
        return redirect(target or "participants:agreements")
    return render(
        request,
        "participants/agreements.html",
        {"form": form, "answers": answers_in_force(user), "next": target},
        status=422 if form.errors else 200,
    )


def _change_answer(request: HttpRequest, user: User) -> None:
    """Turn one answer round: `change` is the agreement, `answer` is yes or no."""
    answer = next(
        (kept for kept in answers_in_force(user) if str(kept.agreement_id) == request.POST["change"]), None
    )
    if answer is None or request.POST.get("answer") not in {"yes", "no"}:
        raise BadInputError(_("One of these agreements is not in force. Reload the page."))
    is_given = request.POST["answer"] == "yes"
    answer_agreements(user=user, by=user, answers={answer.agreement_id: is_given}, now=timezone.now())
    if answer.agreement.is_required and not is_given:
        messages.warning(
            request,
            _(
                "You have withdrawn the participation agreement: no case and no session link is shown any more."
            ),
        )
    else:
        messages.success(request, _("Your answer is changed."))


@login_required
@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Log out one device; another person's does not exist."""
    if not end_session(session_id=pk, by=current_user(request)):
        raise Http404
    messages.success(request, _("That device is logged out."))
    return redirect("usersessions_list")


@login_required
@require_POST
def view_end(request: HttpRequest) -> HttpResponse:
    """End the look through a participant's eyes, and go back to the administration."""
    end_view(by=current_user(request), now=timezone.now())
    request.session.pop(SESSION_KEY, None)
    return redirect("admin:index" if request.user.is_staff else "credits:home")
