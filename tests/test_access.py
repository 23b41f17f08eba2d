"""Who may open what: every URL of the map × every role × every method. A new URL fails until it is classified."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import reverse

from participants.middleware import OPEN_PAGES
from participants.models import User
from tests import factories as make
from tests.history import count_events
from tests.url_map import admin_urls, arguments, url_names
from tests.world import World, make_world

LOGIN = "to log-in"
HOME = "elsewhere"
OK, REFUSED, HIDDEN, INVALID, WRONG_METHOD, REFUSED_MOVE = 200, 403, 404, 422, 405, 409

ROLES = ("anonymous", "outsider", "peer", "owner", "coordinator")
"""outsider: an account in no cycle; peer: somebody else in the same cycle; owner: whose page it is."""


@dataclass(frozen=True)
class Access:
    """What GET and an empty POST answer to each of ROLES, in their order."""

    get: tuple[Any, ...]
    post: tuple[Any, ...]


def everybody(get: Any, post: Any = WRONG_METHOD) -> Access:
    return Access((get,) * 5, (post,) * 5)


def members(get: Any = OK, post: Any = WRONG_METHOD) -> Access:
    """Anybody who is logged in, each for themselves."""
    return Access((LOGIN, get, get, get, get), (LOGIN, post, post, post, post))


PORTAL: dict[str, Access] = {
    "core:healthz": everybody(OK),
    "core:accessibility": everybody(OK),
    "core:privacy": everybody(OK),
    # For who builds pages.
    "core:components": Access((LOGIN, HIDDEN, HIDDEN, HIDDEN, OK), (LOGIN,) + (WRONG_METHOD,) * 4),
    "sessions_app:program-list": everybody(HOME),
    "sessions_app:program-detail": everybody(OK),
    "sessions_app:cycle-schedule": everybody(OK),
    "sessions_app:cycle-slots": Access((LOGIN, HIDDEN, OK, OK, HIDDEN), (LOGIN,) + (HIDDEN,) * 4),
    "sessions_app:my-schedule": members(),
    # The coordinator looks in without being enrolled.
    "cases:session-detail": Access((LOGIN, HIDDEN, OK, OK, OK), (LOGIN,) + (WRONG_METHOD,) * 4),
    "cases:case-list": members(),
    "cases:case-start": Access((LOGIN,) + (WRONG_METHOD,) * 4, (LOGIN, HIDDEN, HOME, HOME, HIDDEN)),
    # A draft is its author's alone. An empty POST was made from no text that is kept: it overwrites nothing.
    "cases:case-edit": Access(
        (LOGIN, HIDDEN, HIDDEN, OK, HIDDEN), (LOGIN, HIDDEN, HIDDEN, REFUSED_MOVE, HIDDEN)
    ),
    "cases:case-hints": Access((LOGIN,) + (WRONG_METHOD,) * 4, (LOGIN, HIDDEN, HIDDEN, OK, HIDDEN)),
    "cases:case-delete": Access((LOGIN, HIDDEN, HIDDEN, OK, HIDDEN), (LOGIN, HIDDEN, HIDDEN, HOME, HIDDEN)),
    # Of the session's day and later; the coordinator reviews.
    "cases:case-detail": Access((LOGIN, HIDDEN, OK, OK, OK), (LOGIN,) + (WRONG_METHOD,) * 4),
    "cases:case-summary": Access((LOGIN, HIDDEN, HIDDEN, OK, OK), (LOGIN,) + (WRONG_METHOD,) * 4),
    # Its presenter's alone, from the letter on.
    "cases:case-follow-up": Access(
        (LOGIN, HIDDEN, HIDDEN, OK, HIDDEN), (LOGIN, HIDDEN, HIDDEN, INVALID, HIDDEN)
    ),
    # The hub's alone, whom none of these are: tests/cases/test_recommendation_views.py knows them.
    "cases:hub-cases": Access((LOGIN,) + (HIDDEN,) * 4, (LOGIN,) + (WRONG_METHOD,) * 4),
    "cases:case-recommend": Access((LOGIN,) + (HIDDEN,) * 4, (LOGIN,) + (HIDDEN,) * 4),
    "cases:case-sign": Access((LOGIN,) + (HIDDEN,) * 4, (LOGIN,) + (HIDDEN,) * 4),
    # The cycle reads it once it is released; a POST releases it, which is the coordinator's and the signers'.
    "cases:case-letter": Access((LOGIN, HIDDEN, OK, OK, OK), (LOGIN, HIDDEN, HIDDEN, HIDDEN, HOME)),
    "cases:case-letter-pdf": Access((LOGIN, HIDDEN, OK, OK, OK), (LOGIN,) + (WRONG_METHOD,) * 4),
    # Everybody has the page; what it shows is each one's own: tests/cases/test_library.py.
    "cases:library": members(),
    # An empty POST names no text that it is about: it is answered as one about an older text.
    "cases:case-check": Access(
        (LOGIN, HIDDEN, HIDDEN, OK, HIDDEN), (LOGIN, HIDDEN, HIDDEN, REFUSED_MOVE, HIDDEN)
    ),
    # Who is not logged in is led to sign-up, which has a way to the log-in.
    "sessions_app:cycle-apply": Access((HOME, OK, OK, OK, HOME), (HOME, INVALID, HOME, HOME, HOME)),
    "sessions_app:cycle-place": Access(
        # Nothing is offered to who has a place: tests/sessions_app/test_views_joining.py takes and refuses one.
        (LOGIN, HIDDEN, HOME, HOME, HIDDEN),
        (LOGIN, HIDDEN, REFUSED_MOVE, REFUSED_MOVE, HIDDEN),
    ),
    "sessions_app:cycle-withdraw": Access(
        (LOGIN, HIDDEN, OK, OK, HIDDEN), (LOGIN, HIDDEN, HOME, HOME, HIDDEN)
    ),
    # The address is the key here, too; the button is only for the person it was sent to.
    "sessions_app:invitation": Access((OK,) * 5, (LOGIN, REFUSED, REFUSED, HOME, REFUSED)),
    "sessions_app:calendar": members(OK, HOME),
    # The address is the key: whoever has it is let in, and nobody finds it.
    "sessions_app:calendar-feed": everybody(OK),
    "sessions_app:session-calendar": Access((LOGIN, HIDDEN, OK, OK, OK), (LOGIN,) + (WRONG_METHOD,) * 4),
    # The session is over: who has minutes is led to them, who has none is told that it is too late.
    "sessions_app:check-in": Access(
        (LOGIN, HIDDEN, OK, OK, HIDDEN), (LOGIN, HIDDEN, REFUSED_MOVE, HOME, HIDDEN)
    ),
    "sessions_app:material": Access((LOGIN, HIDDEN, OK, OK, OK), (LOGIN,) + (WRONG_METHOD,) * 4),
    # Nobody's but one's own: tests/participants/test_second_factor.py ends one.
    "participants:session-end": Access((LOGIN,) + (WRONG_METHOD,) * 4, (LOGIN,) + (HIDDEN,) * 4),
    "participants:profile-edit": members(OK, INVALID),
    # Who has earned nothing yet changes the category in the profile itself.
    "participants:category-ask": Access((LOGIN, HOME, HOME, OK, HOME), (LOGIN, HOME, HOME, INVALID, HOME)),
    # The coordinator is the one who has not answered.
    "participants:agreements": Access((LOGIN, OK, OK, OK, OK), (LOGIN, HOME, HOME, HOME, INVALID)),
    # The files, and the erasure itself, ask for the password first (HOME is that page).
    # Who looks at nobody's pages is led home.
    "participants:view-end": Access((LOGIN,) + (WRONG_METHOD,) * 4, (LOGIN, HOME, HOME, HOME, HOME)),
    "participants:own-data": members(),
    "participants:own-data-json": members(HOME),
    "participants:own-data-html": members(HOME),
    "participants:own-data-erase": members(OK, HOME),
    "participants:own-data-erased": everybody(OK),
    "surveys:survey-list": members(),
    # It leads on to the section that has something missing.
    "surveys:response-edit": Access((LOGIN, HIDDEN, HOME, HOME, HIDDEN), (LOGIN,) + (WRONG_METHOD,) * 4),
    # Who was logged out meanwhile gets a page that holds what was typed; nothing is written.
    "surveys:section-edit": Access((LOGIN, HIDDEN, OK, OK, HIDDEN), (REFUSED, HIDDEN, HOME, HOME, HIDDEN)),
    # Nothing is answered yet.
    "surveys:response-review": Access(
        (LOGIN, HIDDEN, OK, OK, HIDDEN), (LOGIN, HIDDEN, INVALID, INVALID, HIDDEN)
    ),
    # It is still to be answered.
    "surveys:response-done": Access((LOGIN, HIDDEN, HOME, HOME, HIDDEN), (LOGIN,) + (WRONG_METHOD,) * 4),
    "credits:home": Access((LOGIN, OK, HOME, HOME, OK), (LOGIN,) + (WRONG_METHOD,) * 4),
    "credits:cycle-detail": Access((LOGIN, HIDDEN, OK, OK, HIDDEN), (LOGIN,) + (WRONG_METHOD,) * 4),
    # Nobody's but one's own, and only of a cycle one was let into.
    "credits:ledger-detail": Access((LOGIN, HIDDEN, OK, OK, HIDDEN), (LOGIN,) + (WRONG_METHOD,) * 4),
    "credits:ledger-csv": Access((LOGIN, HIDDEN, OK, OK, HIDDEN), (LOGIN,) + (WRONG_METHOD,) * 4),
    "credits:certificate-list": members(),
    "credits:certificate-download": Access(
        (LOGIN, HIDDEN, HIDDEN, OK, HIDDEN), (LOGIN,) + (WRONG_METHOD,) * 4
    ),
    "credits:verify-form": everybody(OK, INVALID),
    "credits:verify-file": everybody(WRONG_METHOD, INVALID),
    "credits:certificate-verify": everybody(OK),
    "set_language": everybody(HOME, HOME),
}

# allauth's own pages. What matters here: none of them shows or changes anything of somebody else's.
ACCOUNT: dict[str, Access] = {
    "account_login": Access((OK, HOME, HOME, HOME, HOME), (INVALID, HOME, HOME, HOME, HOME)),
    "account_signup": Access((OK, HOME, HOME, HOME, HOME), (INVALID, HOME, HOME, HOME, HOME)),
    "account_logout": Access((HOME, OK, OK, OK, OK), (HOME,) * 5),
    "account_inactive": everybody(OK),
    "account_email": members(OK, HOME),
    "account_email_verification_sent": Access(
        (LOGIN, HOME, HOME, HOME, HOME), (LOGIN, HOME, HOME, HOME, HOME)
    ),
    "account_change_password": members(OK, INVALID),
    "account_set_password": members(HOME, HOME),
    "account_reauthenticate": members(OK, INVALID),
    "account_password_reset_completed": everybody(OK),
    "account_reset_password": everybody(OK, INVALID),
    "account_confirm_password_reset_code": everybody(LOGIN, LOGIN),
    "account_complete_password_reset": everybody(HOME, HOME),
    "account_request_login_code": Access((OK, HOME, HOME, HOME, HOME), (INVALID, HOME, HOME, HOME, HOME)),
    "account_confirm_login_code": Access((LOGIN, HOME, HOME, HOME, HOME), (LOGIN, HOME, HOME, HOME, HOME)),
    # The second factor: who has none is asked for the password first, who has one for a code (HOME is that page).
    "mfa_index": members(),
    "mfa_authenticate": members(HOME, HOME),
    "mfa_reauthenticate": Access((LOGIN, HOME, HOME, HOME, OK), (LOGIN, HOME, HOME, HOME, INVALID)),
    "mfa_reauthenticate_webauthn": members(HOME, HOME),
    "mfa_activate_totp": members(HOME, HOME),
    "mfa_deactivate_totp": Access(
        (LOGIN, HIDDEN, HIDDEN, HIDDEN, HOME), (LOGIN, HIDDEN, HIDDEN, HIDDEN, HOME)
    ),
    "mfa_view_recovery_codes": Access((LOGIN,) + (HIDDEN,) * 4, (LOGIN,) + (WRONG_METHOD,) * 4),
    "mfa_download_recovery_codes": Access((LOGIN,) + (HIDDEN,) * 4, (LOGIN,) + (HIDDEN,) * 4),
    "mfa_generate_recovery_codes": members(HOME, HOME),
    "mfa_list_webauthn": members(),
    "mfa_add_webauthn": members(HOME, HOME),
    "mfa_edit_webauthn": members(HOME, HOME),
    "mfa_remove_webauthn": members(HOME, HOME),
    "mfa_login_webauthn": Access((LOGIN, HOME, HOME, HOME, HOME), (LOGIN, HOME, HOME, HOME, HOME)),
    "usersessions_list": members(OK, HOME),
}


@dataclass(frozen=True)
class Cast:
    world: World
    users: dict[str, User | None]

    def client(self, role: str) -> Client:
        client = Client(raise_request_exception=True)
        if user := self.users[role]:
            user.refresh_from_db()
            client.force_login(user)
        return client


@pytest.fixture
def cast(db: None) -> Cast:
    world = make_world()
    peer = make.make_user("peer@clinic.example", name="Petra Peer")
    make.make_enrolment(world.running, peer)
    # A coordinator with the role and nothing more, and without a profile: no participant.
    coordinator = User.objects.create_user("carl@echo.example", is_staff=True)
    make.give_second_factor(coordinator)
    coordinator.groups.add(Group.objects.get(name="Coordinators"))
    outsider = make.make_user("otto@elsewhere.example", name="Otto Outsider")
    # They have passwords; nobody needs to know which.
    User.objects.update(password="argon2$unknown")
    # And addresses that are confirmed, as of everybody who has logged in.
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user in User.objects.filter(emailaddress=None)
    )
    return Cast(
        world,
        {
            "anonymous": None,
            "outsider": outsider,
            "peer": peer,
            "owner": world.participant,
            "coordinator": coordinator,
        },
    )


def outcome(response: Any) -> Any:
    if response.status_code in {301, 302}:
        return (
            LOGIN
            if "/accounts/login/" in response["Location"] or "/admin/login/" in response["Location"]
            else HOME
        )
    return response.status_code


# The page of caught mail is part of the map only where a mail catcher runs: never in production.
ELSEWHERE_TESTED = ("admin:", "mail:")


def test_every_url_is_classified() -> None:
    named = {name for name in url_names() if not name.startswith(ELSEWHERE_TESTED)}
    assert named == set(PORTAL) | set(ACCOUNT)


@contextmanager
def undone() -> Iterator[None]:
    """What the block writes is taken back, so that every question is asked of the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_every_url_answers_each_role_as_classified(cast: Cast) -> None:
    wrong = []
    for name, access in sorted((PORTAL | ACCOUNT).items()):
        url = reverse(name, args=arguments(cast.world).get(name, []))
        for role, *expected in zip(ROLES, access.get, access.post, strict=True):
            for method, wanted in zip(("get", "post"), expected, strict=True):
                with undone():
                    answer = outcome(getattr(cast.client(role), method)(url))
                if answer != wanted:
                    wrong.append(f"{method} {url} as {role}: {answer}, not {wanted}")
    assert not wrong, "\n".join(wrong)


def test_other_methods_change_nothing(cast: Cast) -> None:
    for name in sorted(PORTAL | ACCOUNT):
        url = reverse(name, args=arguments(cast.world).get(name, []))
        for role in ROLES:
            client = cast.client(role)
            before = count_events()
            for method in ("put", "patch", "delete"):
                response = getattr(client, method)(url)
                assert response.status_code < 500, f"{method} {url} as {role}"
            assert count_events() == before, f"{url} as {role}"


# What a coordinator may not open, and why.
CLOSED_TO_COORDINATORS = (
    "delete",  # records are not deleted
    "auth_group",  # roles are a superuser's to give
    "account_emailaddress",
    "user_add",  # people register by themselves
    "outgoingmail_add",
    "staffscope",  # who works for which programs is a superuser's to say
    "pseudonymlookup",  # who belongs to a pseudonym is a role of its own
)


def test_administration_is_closed_to_all_but_staff(cast: Cast) -> None:
    for name, url in admin_urls(cast.world).items():
        for role in ("anonymous", "outsider", "peer", "owner"):
            for method in ("get", "post"):
                response = getattr(cast.client(role), method)(url)
                if name == "admin:jsi18n":
                    continue
                assert outcome(response) in {LOGIN, REFUSED, HIDDEN, HOME}, f"{method} {name} as {role}"
                if outcome(response) == HOME:
                    assert response["Location"] == "/admin/", name


def test_staff_without_a_role_see_no_record(cast: Cast) -> None:
    nobody = User.objects.create_user("new@echo.example", is_staff=True)
    make.give_second_factor(nobody)
    client = Client()
    client.force_login(nobody)
    open_to_all = {"admin:index", "admin:login", "admin:logout", "admin:jsi18n", "admin:password_change"}
    for name, url in admin_urls(cast.world).items():
        if name in open_to_all or name == "admin:password_change_done":
            continue
        assert outcome(client.get(url)) in {REFUSED, HIDDEN, HOME}, name


def test_staff_without_a_second_factor_reach_nothing_but_its_set_up(cast: Cast) -> None:
    bare = User.objects.create_superuser("bare@echo.example", "a long passphrase")
    EmailAddress.objects.create(user=bare, email=bare.email, verified=True, primary=True)
    client = Client()
    client.force_login(bare)
    urls = {
        name: reverse(name, args=arguments(cast.world).get(name, [])) for name in {*PORTAL, *ACCOUNT}
    } | admin_urls(cast.world)
    wrong = []
    for name, url in sorted(urls.items()):
        before = count_events()
        for method in ("get", "post"):
            response = getattr(client, method)(url)
            is_led = response.status_code == 302 and response["Location"] == reverse("mfa_index")
            if is_led == (name in OPEN_PAGES) and name != "account_logout":
                wrong.append(f"{method} {url}: {response.status_code}")
            if name == "account_logout":
                client.force_login(bare)
        if count_events() != before:
            wrong.append(f"{url} wrote something")
    assert not wrong, "\n".join(wrong)


def test_coordinator_opens_every_room_but_deletes_nothing(cast: Cast) -> None:
    client = cast.client("coordinator")
    for name, url in admin_urls(cast.world).items():
        status = outcome(client.get(url))
        assert status in {OK, HOME, REFUSED, HIDDEN, WRONG_METHOD, 286}, f"{name}: {status}"
        if name.endswith("_changelist") and not any(part in name for part in CLOSED_TO_COORDINATORS):
            assert status == OK, name
        # Questions and constructs of an instrument that nobody has answered may go, as it may itself.
        is_editable = any(part in name for part in ("instrument", "surveys_question", "surveys_construct"))
        if name.endswith("_delete") and not is_editable:
            assert status == REFUSED, name
