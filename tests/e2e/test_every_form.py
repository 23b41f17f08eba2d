"""Every form of every page, sent wrong: a focused summary leads to the fields, the title says so, all typed is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from playwright.sync_api import Page, Route
from playwright.sync_api import TimeoutError as NothingHappenedError

from cases.deidentification import warm_up
from participants.models import User
from tests.e2e import bars
from tests.e2e.conftest import Visitor
from tests.e2e.pages import every_page
from tests.e2e.test_every_page import accessibility, looks_of, set_look
from tests.world import make_world

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

TYPED = "Zzz-éà"
"""Text, and neither an address, nor a number, nor a day."""

KEPT_BY_SCRIPTS = {
    "log in",
    "add a passkey",
    "admin instrument, preview",
    "write a case",
    "recommend",
    "survey draft",
    "survey, second section",
}
"""Pages with a form that a script does not send: it asks the device for a passkey, say, or saves by itself."""

FORMS = """() => [...document.querySelectorAll("main form[method=post], #content form[method=post]")].flatMap(
  (form, at) => {
    form.dataset.at = at;
    const fields = [...form.elements].filter(
      (element) => !element.matches("[type=hidden], button, [type=submit], fieldset, output") && isShown(element));
    return fields.length && form.querySelector("[type=submit], button:not([type])") ? [at] : [];
  })"""
"""The forms of a page that ask for something, by their place."""

FILL_IN = """([at, typed]) => {
  const form = document.querySelector(`form[data-at="${at}"]`);
  // A list that was filtered is shown without its filters the second time.
  if (!form) return null;
  form.noValidate = true;
  const typedInto = [];
  for (const element of form.elements) {
    if (element.disabled || element.readOnly || !element.name || !isShown(element)) continue;
    if (element.matches("textarea, input[type=text]:not([autocomplete=one-time-code])")) {
      element.value = typed;
      typedInto.push(element.name);
    }
    else if (element.matches("[type=checkbox], [type=radio]")) element.checked = false;
    else if (element.matches("input:not([type=file]), select")) element.value = "";
  }
  return typedInto;
}"""
"""Text where text is asked for, nothing anywhere else. Returns the names of the text fields."""

SEND = """(at) => {
  const form = document.querySelector(`form[data-at="${at}"]`);
  form.requestSubmit(form.querySelector("[type=submit], button:not([type])"));
}"""

LOST = """([typed, names]) => names.flatMap((name) => [...document.getElementsByName(name)])
  .filter((element) => isShown(element) && element.value !== typed).map(describe)"""

SUMMARY_LINKS = """() => {
  const found = [];
  for (const link of document.querySelectorAll(".error-summary a[href^='#']")) {
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target) { found.push(`leads nowhere: ${describe(link)}`); continue; }
    const CAN_BE_USED = "input, select, textarea, button, a, [tabindex]";
    if (!target.matches(CAN_BE_USED) && !target.querySelector(CAN_BE_USED)) found.push(`no field: ${describe(link)}`);
    if (!isShown(target)) found.push(`leads to what is hidden: ${describe(link)}`);
  }
  return found;
}"""


@dataclass
class Server:
    """Answers what a browser sends, and takes back what that wrote."""

    user: User | None
    language: str
    answers: list[tuple[int, str]] = field(default_factory=list)

    def take(self, route: Route) -> None:
        """Let the portal answer a form in a transaction that is rolled back; what a script sends does not arrive."""
        request = route.request
        if request.method != "POST":
            route.continue_()
            return
        if not request.is_navigation_request():
            route.abort()
            return
        client = Client(headers={"accept-language": self.language})
        if self.user is not None:
            client.force_login(self.user, backend=settings.AUTHENTICATION_BACKENDS[0])
        path = "/" + request.url.split("/", 3)[3].partition("#")[0]
        with transaction.atomic():
            answer = client.generic(
                "POST",
                path,
                request.post_data_buffer or b"",
                content_type=request.headers.get("content-type", "application/x-www-form-urlencoded"),
                headers={"origin": "null"},
            )
            transaction.set_rollback(True)
        self.answers.append((answer.status_code, path))
        headers = {
            name: value for name, value in answer.items() if name.lower() not in {"location", "set-cookie"}
        }
        status = answer.status_code if answer.status_code < 300 or answer.status_code >= 400 else 200
        body = b"" if answer.streaming else answer.content
        route.fulfill(status=status, headers=headers, body=body or b"<!doctype html><title>gone on</title>")


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("part", ["portal", "administration"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_form_says_what_is_wrong(
    visit: Callable[..., Visitor], roles: None, agreements: None, language: str, part: str
) -> None:
    warm_up()
    looks = looks_of(language)
    visitors: dict[object, tuple[Visitor, Server]] = {}
    found: list[str] = []
    refused = 0
    by_script: list[str] = []
    for name, (user, path) in every_page(make_world()).items():
        if path.startswith("/admin/") != (part == "administration"):
            continue
        if user not in visitors:
            server = Server(user, language)
            visitors[user] = visit(user, **looks[0][1]), server
            visitors[user][0].context.route("**/*", server.take)
        visitor, server = visitors[user]
        set_look(visitor.page, looks[0][1])
        visitor.go(path)
        for at in bars.ask(visitor.page, FORMS):
            if not visitor.page.url.endswith(path) or server.answers:
                visitor.go(path)
                bars.ask(visitor.page, FORMS)
            server.answers.clear()
            visitor.complaints.clear()
            typed_into = bars.ask(visitor.page, FILL_IN, [at, TYPED])
            if typed_into is None:
                continue
            try:
                with visitor.page.expect_navigation(timeout=4000):
                    bars.ask(visitor.page, SEND, at)
            except NothingHappenedError:
                # A script keeps the form on its page: it belongs to the tests of that page.
                by_script.append(name)
                continue
            status, target = server.answers[-1]
            if status == HTTPStatus.UNPROCESSABLE_ENTITY:
                refused += 1
                complaints = [*refusal(visitor.page, language, typed_into), *visitor.complaints]
                complaints += accessibility(visitor.page, looks, frame=part == "portal")
                found += [f"{name}, form {at} to {target} ({language}): {text}" for text in complaints]
        visitor.complaints.clear()
        server.answers.clear()
    assert not found, "\n".join(found)
    assert refused > (20 if part == "portal" else 40)
    assert set(by_script) <= KEPT_BY_SCRIPTS


def refusal(page: Page, language: str, typed_into: list[str]) -> Iterator[str]:
    """What is missing on the page of a refused form."""
    if not page.title().startswith("Erreur" if language == "fr" else "Error:"):
        yield f"the title is {page.title()!r}"
    if page.locator(".error-summary").count() != 1:
        yield f"{page.locator('.error-summary').count()} summaries"
    elif not page.evaluate("document.activeElement.matches('.error-summary')"):
        yield f"the focus is on {page.evaluate('document.activeElement.outerHTML.slice(0, 80)')}"
    if page.evaluate(bars.OVERFLOWS):
        yield "wider than the window"
    yield from bars.ask(page, bars.CLIPPED)
    yield from (f"lost: {text}" for text in bars.ask(page, LOST, [TYPED, typed_into]))
    yield from bars.ask(page, SUMMARY_LINKS)
