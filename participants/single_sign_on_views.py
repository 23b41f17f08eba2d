"""allauth's two pages of single sign-on, with what they leave open: a nonce, and a provider that does not answer."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import parse_qs, urlsplit

from allauth.account.internal.decorators import login_not_required
from allauth.core.internal.httpkit import add_query_params
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.openid_connect import views
from django.http import HttpRequest, HttpResponse
from requests import RequestException

from participants.single_sign_on import nonce_of


def _answered(view: Callable[..., Any]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def answer(request: HttpRequest, provider_id: str) -> HttpResponse:
        try:
            response: HttpResponse = view(request, provider_id)
        except RequestException as error:
            provider = get_adapter(request).get_provider(request, provider_id)
            response = render_authentication_error(request, provider, exception=error)
        return response

    return login_not_required(answer)  # type: ignore[no-any-return]  # allauth ships no types


@_answered
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Ask first (GET), then go to the provider (POST)."""
    response: HttpResponse = views.login(request, provider_id)
    if url := response.get("Location", ""):
        state = parse_qs(urlsplit(url).query).get("state", [""])[0]
        response["Location"] = add_query_params(url, {"nonce": nonce_of(state)})
    return response


callback = _answered(views.callback)
