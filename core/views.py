"""Pages that belong to no program."""

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.catalogue import entries


def _database_is_up() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker_is_up() -> bool:
    url = settings.REDIS_URL.replace("redis+socket://", "unix://").split("?")[0]
    try:
        with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database and the broker answer, else 503, with which of them is missing."""
    parts = {"database": _database_is_up(), "broker": _broker_is_up()}
    healthy = all(parts.values())
    return JsonResponse({"status": "ok" if healthy else "degraded", **parts}, status=200 if healthy else 503)


@require_safe
def page(request: HttpRequest, template: str) -> HttpResponse:
    """A page of plain text."""
    return render(request, template)


@login_required
@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """The catalogue of components. Raises Http404 for who is not of the staff."""
    if not request.user.is_staff:
        raise Http404
    drawn = list(entries(request, (get_language() or "en")[:2]))
    return render(request, "core/components.html", {"entries": drawn})
