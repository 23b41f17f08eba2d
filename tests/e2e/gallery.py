"""A picture of every page in every width, theme and language: script/gallery. No test: pytest is given it by name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils.text import slugify
from playwright.sync_api import Page

from cases.deidentification import warm_up
from participants.models import User
from tests.e2e.conftest import Visitor
from tests.e2e.pages import every_page
from tests.world import make_world

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

WIDTHS = {360: 740, 768: 1024, 1280: 900}
TALLEST = 6000
"""Pixels of a page that its picture shows."""
THEMES = ("light", "dark")
LANGUAGES = ("en", "fr")


def is_wanted(name: str, words: list[str]) -> bool:
    return not words or any(word in name for word in words)


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", ["portal", "administration"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_gallery(
    visit: Callable[..., Visitor], roles: None, agreements: None, language: str, part: str
) -> None:
    """Pictures of the pages whose names hold one of the words of ECHO_GALLERY_ONLY, or of all, into ECHO_GALLERY."""
    folder = Path(os.environ["ECHO_GALLERY"])
    words = os.environ.get("ECHO_GALLERY_ONLY", "").split()
    warm_up()
    visitors: dict[User | None, Visitor] = {}
    for name, (user, path) in every_page(make_world()).items():
        if path.startswith("/admin/") != (part == "administration") or not is_wanted(name, words):
            continue
        if user not in visitors:
            visitors[user] = visit(user, language=language)
        page = visitors[user].page
        page.set_viewport_size({"width": 1280, "height": 900})
        visitors[user].go(path)
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            for theme in THEMES:
                page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
                take(page, folder / slugify(name) / f"{width}-{theme}-{language}.png", width)
        visitors[user].complaints.clear()
    assert visitors or words, "no page was found"


def take(page: Page, picture: Path, width: int) -> None:
    """The whole page, down to TALLEST."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST)
    page.screenshot(
        path=picture,
        full_page=True,
        clip={"x": 0, "y": 0, "width": width, "height": height},
        animations="disabled",
    )
