"""No page of the URL map is left out of those that the sweeps look at."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.e2e.pages import FILES_AND_DEEDS, NO_PAGE, every_page, is_page, view_name
from tests.url_map import admin_urls, arguments, url_names
from tests.world import make_world

pytestmark = pytest.mark.django_db

NO_ROW_CAN_BE_MADE = {"admin:credits_purge_change", "admin:credits_purge_history"}
"""The database allows a purge six years after a cycle, and the world is younger."""
STAGES = {
    "account_complete_password_reset",
    "account_confirm_login_code",
    "account_confirm_password_reset_code",
    "account_email_verification_sent",
    "account_reauthenticate",
    "mfa_authenticate",
    "mfa_deactivate_totp",
    "mfa_edit_webauthn",
    "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
}
"""Pages between two steps of a log-in: test_registration and test_second_factor come through them, axe on the way."""
ELSEWHERE = {
    "sessions_app:program-list": "leads to the one program",
    "set_language": "leads back",
    "mfa_download_recovery_codes": "a file",
    "admin:credits_auditpack_download": "a file, once the pack is made",
    "surveys:response-done": "leads to the survey while it is open; the page of one that is done is looked at",
    "admin:login": "leads to the portal's log-in",
    "admin:password_change": "leads to the portal's own page",
    "admin:password_change_done": "as above",
    "admin:desk_groupmessage_change": "leads to the message's progress",
}
LEADS_ON, REFUSED, GONE, ONLY_POSTED, STOP_POLLING = 302, 403, 404, 405, 286


def test_every_url_is_looked_at_or_is_no_page() -> None:
    world = make_world()
    seen = {view_name(path) for _user, path in every_page(world).values()}
    values = arguments(world)
    urls = admin_urls(world) | {
        name: reverse(name, args=values.get(name, []))
        for name in url_names()
        if not name.startswith(("admin:", "mail:"))
    }
    left = urls.keys() - seen - NO_PAGE.keys() - STAGES - ELSEWHERE.keys() - NO_ROW_CAN_BE_MADE
    clients = {}
    for user in (world.coordinator, world.participant):
        clients[user] = Client()
        clients[user].force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])

    unknown = {}
    for name in sorted(left):
        if name.endswith(FILES_AND_DEEDS):
            continue
        answer = clients[world.coordinator if name.startswith("admin:") else world.participant].get(
            urls[name]
        )
        if is_page(answer) or answer.status_code in {LEADS_ON, GONE}:
            unknown[name] = f"{answer.status_code} {answer.headers.get('Location', '')}"

    assert unknown == {}
