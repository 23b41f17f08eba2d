"""Every page of the URL map holds the bars of the interface, in both widths, both themes and both languages."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from cases.deidentification import warm_up
from tests.e2e import bars
from tests.e2e.conftest import DESK, PHONE, Visitor
from tests.e2e.pages import every_page
from tests.world import make_world

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

SETTINGS: dict[str, dict[str, Any]] = {
    "phone, light, English": {"size": PHONE, "dark": False, "language": "en"},
    "desk, dark, English": {"size": DESK, "dark": True, "language": "en"},
    "desk, light, French": {"size": DESK, "dark": False, "language": "fr"},
    "phone, dark, French": {"size": PHONE, "dark": True, "language": "fr"},
}
STILL = {"portal": 0.005, "administration": 0.1}
"""Of the cumulative layout shift. Django's scripts finish its forms and lists once they are there; 0.1 is "good"."""
BUILT_BY_SCRIPTS = {"admin:auth_group_add", "admin:auth_group_change"}
"""Django's two lists side by side are made from one by its script, and so move once."""
TABLET = {"width": 768, "height": 1024}
NARROWEST = {"width": 320, "height": 225}
"""A desk's window at 400 %: also what reflow at 320 px is measured on."""


def looks_of(language: str) -> list[tuple[str, dict[str, Any]]]:
    return [(name, look) for name, look in SETTINGS.items() if look["language"] == language]


@pytest.mark.timeout(1500)  # some three hundred pages, on a machine that may be doing much else
@pytest.mark.parametrize("part", ["portal", "administration"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_holds_every_bar(
    visit: Callable[..., Visitor], roles: None, agreements: None, language: str, part: str
) -> None:
    """Each page is asked for once a language: the server knows neither width nor theme, the browser changes both."""
    warm_up()  # a page that screens a text shall not be waited for as long as the models take to load
    looks = looks_of(language)
    visitors: dict[object, Visitor] = {}
    found: list[str] = []
    framed = False
    for name, (user, path) in every_page(make_world()).items():
        if path.startswith("/admin/") != (part == "administration"):
            continue
        if user not in visitors:
            visitors[user] = visit(user, **looks[0][1])
            visitors[user].context.add_init_script(bars.WATCH_SHIFTS)
        visitor = visitors[user]
        # The second look follows the change of the same page, so it sees what the change leaves behind, too.
        set_look(visitor.page, looks[0][1])
        answer = visitor.page.goto(visitor.base + path)
        assert answer is not None, name
        html = answer.body()
        if answer.headers.get("content-encoding") == "gzip":
            html = gzip.compress(html)
        complaints = [
            *look_at(visitor.page, html, language=language, part=part, moves=name in BUILT_BY_SCRIPTS)
        ]
        complaints += visitor.complaints
        complaints += accessibility(visitor.page, looks, frame=part == "portal" or not framed)
        framed = True
        complaints += growth(visitor.page, looks)
        found += [f"{name} ({language}): {complaint}" for complaint in complaints]
        visitor.complaints.clear()
    assert not found, "\n".join(found)


def look_at(page: Page, html: bytes, *, language: str, part: str, moves: bool) -> Iterator[str]:
    """What anybody sees before axe, which brings styles of its own that the policy rightly refuses."""
    if page.locator("h1").count() != 1:
        yield f"{page.locator('h1').count()} headings of the first level"
    if not page.evaluate("document.documentElement.lang").startswith(language):
        yield "in another language"
    if (shifted := page.evaluate("window.shifted")) > STILL[part] and not moves:
        yield f"moves by itself: {shifted:.3f}"
    yield from bars.too_heavy(page, html, is_first=part == "portal")
    yield from bars.ask(page, bars.FIRST_IS_NO_SKIP_LINK)
    page.keyboard.press("Tab")  # from here on, what a script focuses shows it as by the keyboard
    main = bars.MAIN_CONTROLS if part == "portal" else bars.NO_MAIN_CONTROLS
    for size in (PHONE, DESK, TABLET, NARROWEST):
        resize(page, size)
        where = f"at {size['width']} px"
        if page.evaluate(bars.OVERFLOWS):
            yield f"wider than the window {where}"
        if size in (PHONE, DESK):
            yield from (f"{complaint} {where}" for complaint in bars.ask(page, bars.UNSEEN_FOCUS))
            yield from (f"{complaint} {where}" for complaint in bars.ask(page, bars.SMALL_TARGETS, main))
        yield from (f"{complaint} {where}" for complaint in bars.ask(page, bars.CLIPPED))
    yield from (f"without words: {chart}" for chart in bars.ask(page, bars.CHARTS_WITHOUT_WORDS))


def accessibility(
    page: Page, looks: list[tuple[str, dict[str, Any]]], *, frame: bool = True
) -> Iterator[str]:
    """What axe finds in each look; from the last back to the first is one change less.

    All of it is asked in the first look, which is a phone in English and a desk in French; in the other what a width or
    a theme can change.
    """
    bars.bring_axe(page)
    for at, (setting, look) in reversed(list(enumerate(looks))):
        set_look(page, look)
        violations = bars.axe_violations(page, of_looks=at > 0, frame=frame)
        yield from (f"{violation} ({setting})" for violation in violations)


def growth(page: Page, looks: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    """What has no room for words that are longer."""
    page.evaluate(bars.GROW)
    for setting, look in looks:
        resize(page, look["size"])
        if page.evaluate(bars.OVERFLOWS):
            yield f"wider than the window with longer words ({setting})"
        yield from (f"{complaint}, of longer words ({setting})" for complaint in bars.ask(page, bars.CLIPPED))


def resize(page: Page, size: dict[str, int]) -> None:
    if page.viewport_size != size:
        page.set_viewport_size({"width": size["width"], "height": size["height"]})


def set_look(page: Page, look: dict[str, Any]) -> None:
    """Give the page that is open another width and theme."""
    resize(page, look["size"])
    page.emulate_media(color_scheme="dark" if look["dark"] else "light")
