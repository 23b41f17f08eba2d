"""Middleware: pages travel compressed and stay out of shared caches; a refusal of the domain becomes a page."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from core.errors import BadInputError, DomainError, NotAllowedError


class PageCompressionMiddleware(GZipMiddleware):
    """Pages travel compressed: a fifth of their size. Files are compressed by nature, or are read by programs.

    Django pads each answer by a random length, its CSRF tokens are masked anew on every page, and the session's cookie
    is not sent with another site's requests: what BREACH needs is not there.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress a page; leave anything else."""
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class PrivatePagesMiddleware:
    """What a signed-in person is shown is never stored by a cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and mark the answer."""
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response


class DomainErrorMiddleware:
    """A DomainError nobody caught becomes a page that says what is wrong, with a fitting status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Only the domain's own refusals; anything else stays a server error."""
        if not isinstance(exception, DomainError):
            return None
        status = HTTPStatus.CONFLICT
        if isinstance(exception, NotAllowedError):
            status = HTTPStatus.FORBIDDEN
        elif isinstance(exception, BadInputError):
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        return render(request, "refused.html", {"reason": str(exception)}, status=status)
