"""Every page in both widths, both themes and both languages: no axe violation, no console or CSP error, no overflow."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import DESK, PHONE, Visitor
from tests.e2e.pages import PAGES
from tests.world import make_world

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
SETTINGS = {
    "phone, light, English": {"size": PHONE, "dark": False, "language": "en"},
    "desk, dark, English": {"size": DESK, "dark": True, "language": "en"},
    "phone, dark, French": {"size": PHONE, "dark": True, "language": "fr"},
    "desk, light, French": {"size": DESK, "dark": False, "language": "fr"},
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_page_has_no_violation_no_error_and_no_overflow(
    visit: Callable[..., Visitor], roles: None, agreements: None, setting: str
) -> None:
    world = make_world()
    visitors: dict[object, Visitor] = {}
    found: list[str] = []
    for name, (who, path) in PAGES.items():
        user = who(world)
        if user not in visitors:
            visitors[user] = visit(user, **SETTINGS[setting])
        visitor = visitors[user]
        page = visitor.go(path(world))
        # Before axe, which brings styles of its own that the policy rightly refuses.
        found += [f"{name}: {complaint}" for complaint in visitor.complaints]
        visitor.complaints.clear()
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            found.append(f"{name}: wider than the window")
        assert page.locator("h1").count() == 1, name
        assert page.evaluate("document.documentElement.lang").startswith(SETTINGS[setting]["language"]), name
        report = Axe().run(page, options=WCAG)
        found += [
            f"{name}: {violation['id']} {node['html'][:160]}"
            for violation in report.response["violations"]
            for node in violation["nodes"][:2]
        ]
        visitor.complaints.clear()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("setting", ["phone, light, English", "desk, dark, English"])
def test_error_states_have_no_violation(
    visit: Callable[..., Visitor], agreements: None, setting: str
) -> None:
    world = make_world()
    found: list[str] = []
    for user, path in (
        (None, "/verify/"),
        (None, "/accounts/login/"),
        (None, "/accounts/signup/"),
        (world.participant, f"/surveys/{world.open_survey.pk}/"),
        (world.participant, "/profile/"),
    ):
        visitor = visit(user, **SETTINGS[setting])
        page = visitor.go(path)
        for box in page.locator("main input[type=text]").all():
            box.fill("")
        page.locator("main form button").first.click()
        page.wait_for_load_state()
        assert page.title().startswith("Error: "), path
        assert page.locator(".error-summary").count() == 1, path
        visitor.complaints.clear()
        report = Axe().run(page, options=WCAG)
        found += [f"{path}: {violation['id']}" for violation in report.response["violations"]]
        visitor.complaints.clear()
    assert not found, "\n".join(found)
