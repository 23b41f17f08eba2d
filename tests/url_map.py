"""The URL map, filled in: every address of the portal and of its administration, about rows that exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from core.models import store_file
from sessions_app.models import Material
from sessions_app.services import calendar_feed
from sessions_app.services.invitations import invitation_token
from tests import factories as make
from tests.documents import PDF
from tests.world import World


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every URL of the map with its full name."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from patterns(entry, inner)
        else:
            yield f"{prefix}{entry.name}", entry


def url_names() -> set[str]:
    return {
        name for name, _pattern in patterns(get_resolver()) if not name.endswith(":None") and name != "None"
    }


def handout(world: World) -> Material:
    """A file of a session of the running cycle."""
    session = world.running.sessions.earliest("starts_at")
    return session.materials.exclude(file=None).first() or make.make_material(
        session,
        file=store_file(PDF, content_type="application/pdf"),
        filename="slides.pdf",
    )


def arguments(world: World) -> dict[str, list[Any]]:
    return {
        "sessions_app:program-detail": ["pain"],
        "sessions_app:cycle-apply": [world.running.pk],
        "sessions_app:cycle-schedule": [world.running.pk],
        "sessions_app:cycle-slots": [world.running.pk],
        "cases:session-detail": [world.report.session_id],
        "cases:case-start": [world.running.pk],
        "cases:case-edit": [world.draft.echo_id],
        "cases:case-hints": [world.draft.echo_id],
        "cases:case-delete": [world.draft.echo_id],
        "cases:case-detail": [world.case.echo_id],
        "cases:case-summary": [world.case.echo_id],
        "cases:case-check": [world.draft.echo_id],
        "cases:case-follow-up": [world.case.echo_id],
        "cases:case-recommend": [world.case.echo_id],
        "cases:case-sign": [world.case.echo_id],
        "cases:case-letter": [world.case.echo_id],
        "cases:case-letter-pdf": [world.case.echo_id],
        "participants:session-end": [0],
        "sessions_app:cycle-place": [world.running.pk],
        "sessions_app:cycle-withdraw": [world.running.pk],
        "sessions_app:invitation": [invitation_token(world.invitation)],
        "sessions_app:calendar-feed": [calendar_feed(world.participant).token],
        "sessions_app:session-calendar": [world.running.sessions.earliest("starts_at").pk],
        "sessions_app:check-in": [world.report.session_id],
        "sessions_app:material": [handout(world).pk],
        "surveys:response-edit": [world.open_survey.pk],
        "surveys:section-edit": [world.open_survey.pk, 1],
        "surveys:response-review": [world.open_survey.pk],
        "surveys:response-done": [world.open_survey.pk],
        "credits:cycle-detail": [world.running.pk],
        "credits:ledger-detail": [world.running.pk],
        "credits:ledger-csv": [world.running.pk],
        "credits:certificate-download": [world.certificate.number],
        "credits:certificate-verify": [world.certificate.token],
        "mfa_edit_webauthn": [1],
        "mfa_remove_webauthn": [1],
    }


def admin_urls(world: World) -> dict[str, str]:
    """Every URL of the administration, filled in with a row that exists where it asks for one."""
    rows: dict[str, Any] = {}
    urls: dict[str, str] = {}
    for model in admin.site._registry:
        rows[f"{model._meta.app_label}_{model._meta.model_name}"] = model._default_manager.first()
    about = {
        "admin:credits_accreditation_preview": world.certificate.line_id,
        "admin:surveys_results_": world.running.pk,
        "admin:cycle-": world.running.pk,
        "admin:set-up-program": world.running.program_id,
        "admin:mail-": world.running.program_id,
        "admin:message-": world.message.pk,
        "admin:credits_cycleclosing_": world.closed.pk,
        "admin:sessions_app_echosession_preview": world.report.session_id,
    }
    for name, pattern in patterns(get_resolver()):
        if not name.startswith("admin:") or name.endswith(":None"):
            continue
        keys = list(pattern.pattern.converters) or list(pattern.pattern.regex.groupindex)
        kind = next(
            (key for key in sorted(rows, key=len, reverse=True) if name.startswith(f"admin:{key}_")), ""
        )
        row = rows.get(kind)
        values = {
            "object_id": getattr(row, "pk", 1) or 1,
            "pk": getattr(row, "pk", 1) or 1,
            "report_pk": world.report.pk,
            "app_label": "sessions_app",
            "content_type_id": 1,
            "url": "nowhere",
            "enrolment": world.certificate.enrolment_id,
            "language": "fr",
            "key": "sessions_app-approved",
            "kind": "csv",
        }
        for prefix, pk in about.items():
            if name.startswith(prefix):
                values["pk"] = pk
        if name == "admin:view_on_site":
            continue
        urls[name] = reverse(name, kwargs={key: values[key] for key in keys})
    return urls
