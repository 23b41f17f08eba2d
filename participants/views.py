"""One's own profile."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from participants.forms import ProfileForm
from participants.models import Profile
from participants.requests import current_user
from participants.services import save_profile


@login_required
def profile_edit(request: HttpRequest) -> HttpResponse:
    """Fill in or change one's professional profile, then go on to where one came from."""
    user = current_user(request)
    profile = Profile.objects.filter(user=user).first()
    target = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = ""
    # Who fills in a first profile in French most likely wants mails and certificates in French.
    initial = {} if profile else {"language": (get_language() or "en")[:2]}
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=profile, initial=initial)
    if request.method == "POST" and form.is_valid():
        save_profile(user=user, by=user, values=form.cleaned_data)
        messages.success(request, _("Your profile is saved."))
        return redirect(target or "credits:home")
    return render(
        request,
        "participants/profile_edit.html",
        {"form": form, "next": target, "is_new": profile is None},
        status=422 if form.errors else 200,
    )
