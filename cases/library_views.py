"""The library of cases that were presented and answered."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.content import clean_text
from cases.library_queries import found_in, library_case, library_of, with_answers
from cases.models import CaseSubmission
from core.caching import no_store
from core.forms import PortalFormMixin
from participants.queries import has_agreed_to_participate
from participants.requests import current_user

PAGE_SIZE = 20
LONGEST = 200


class SearchForm(PortalFormMixin, forms.Form):
    """The words that are looked for; without any, all cases are there."""

    use_required_attribute = False

    q = forms.CharField(
        label=gettext_lazy("Search the cases and their recommendations"),
        help_text=gettext_lazy(
            "In English or French. “Quotation marks” keep words together; a minus leaves one out."
        ),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "maxlength": LONGEST}),
    )


@login_required
@require_safe
@no_store
def library(request: HttpRequest) -> HttpResponse:
    """What one finds: all of it, the newest first, or what holds the words of the search."""
    user, now = current_user(request), timezone.now()
    # Whatever is typed is a search: what no word can hold is taken out rather than refused.
    words = " ".join(clean_text(request.GET.get("q", "")[:LONGEST]).split())
    own = library_of(user, now=now)
    cases = found_in(own if own is not None else CaseSubmission.objects.none(), words)
    page = Paginator(with_answers(cases, now=now), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "cases/library.html",
        {
            "form": SearchForm(initial={"q": words}),
            "words": words,
            "page": page,
            "cases": [library_case(case) for case in page],
            "has_library": own is not None,
            "has_agreed": own is not None or has_agreed_to_participate(user),
        },
    )
