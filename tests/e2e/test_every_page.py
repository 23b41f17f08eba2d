"""Every page in both widths, both themes and both languages: no axe violation, no console or CSP error, no overflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from cases.deidentification import warm_up
from tests.e2e.conftest import DESK, PHONE, Visitor
from tests.e2e.pages import PAGES
from tests.world import make_world

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # What is in order need not be described, and no rule of these asks for the style sheets' sources.
    "resultTypes": ["violations"],
    "preload": False,
}
AXE = Axe()
RUN_AXE = "options => axe.run(options).then(found => found.violations)"
OVERFLOWS = "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
SETTINGS: dict[str, dict[str, Any]] = {
    "phone, light, English": {"size": PHONE, "dark": False, "language": "en"},
    "desk, dark, English": {"size": DESK, "dark": True, "language": "en"},
    "desk, light, French": {"size": DESK, "dark": False, "language": "fr"},
    "phone, dark, French": {"size": PHONE, "dark": True, "language": "fr"},
}


@pytest.mark.timeout(900)  # some three hundred looks, on a machine that may be doing much else
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_has_no_violation_no_error_and_no_overflow(
    visit: Callable[..., Visitor], roles: None, agreements: None, language: str
) -> None:
    """Each page is asked for once a language: the server knows neither width nor theme, the browser changes both."""
    warm_up()  # a page that screens a text shall not be waited for as long as the models take to load
    world = make_world()
    # The second look follows the change of the same page, so it sees what the change leaves behind, too.
    looks = [(name, look) for name, look in SETTINGS.items() if look["language"] == language]
    visitors: dict[object, Visitor] = {}
    found: list[str] = []
    for name, (who, path) in PAGES.items():
        user = who(world)
        if user not in visitors:
            visitors[user] = visit(user, **looks[0][1])
        visitor = visitors[user]
        page = visitor.page
        set_look(page, looks[0][1])
        visitor.go(path(world))
        assert page.locator("h1").count() == 1, name
        assert page.evaluate("document.documentElement.lang").startswith(language), name
        # All before axe, which brings styles of its own that the policy rightly refuses.
        for setting, look in looks:
            set_look(page, look)
            if page.evaluate(OVERFLOWS):
                found.append(f"{name} ({setting}): wider than the window")
        found += [f"{name}: {complaint}" for complaint in visitor.complaints]
        page.evaluate(AXE.axe_script)
        # From the last look back to the first: one change less.
        for setting, look in reversed(looks):
            set_look(page, look)
            violations = page.evaluate(RUN_AXE, WCAG)
            found += [
                f"{name} ({setting}): {violation['id']} {node['html'][:160]}"
                for violation in violations
                for node in violation["nodes"][:2]
            ]
        visitor.complaints.clear()
    assert not found, "\n".join(found)


def set_look(page: Page, look: dict[str, Any]) -> None:
    """Give the page that is open another width and theme."""
    if page.viewport_size != look["size"]:
        page.set_viewport_size(look["size"])
    page.emulate_media(color_scheme="dark" if look["dark"] else "light")


@pytest.mark.parametrize("setting", ["phone, light, English", "desk, dark, English"])
def test_error_states_have_no_violation(
    visit: Callable[..., Visitor], agreements: None, setting: str
) -> None:
    world = make_world()
    found: list[str] = []
    survey = f"/surveys/{world.open_survey.pk}/"
    for user, path, text in (
        (None, "/verify/", ""),
        (None, "/accounts/login/", ""),
        (None, "/accounts/signup/", ""),
        # A gap is saved; words are no number.
        (world.participant, f"{survey}1/", "many"),
        (world.participant, f"{survey}review/", ""),
        (world.participant, "/profile/", ""),
    ):
        visitor = visit(user, **SETTINGS[setting])
        page = visitor.go(path)
        for box in page.locator("main input[type=text]").all():
            box.fill(text)
        page.locator("main form button").first.click()
        page.wait_for_load_state()
        assert page.title().startswith("Error: "), path
        assert page.locator(".error-summary").count() == 1, path
        visitor.complaints.clear()
        report = AXE.run(page, options=WCAG)
        found += [f"{path}: {violation['id']}" for violation in report.response["violations"]]
        visitor.complaints.clear()
    assert not found, "\n".join(found)
