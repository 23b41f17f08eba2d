"""On paper, in forced colours and with less motion: what there is to read is there, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.conftest import Visitor
from tests.world import World, make_world

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PRINTED: dict[str, Callable[[World], str]] = {
    "schedule": lambda world: f"/cycles/{world.running.pk}/schedule/",
    "credits": lambda world: f"/my/cycles/{world.running.pk}/credits/",
    "results": lambda world: f"/admin/surveys/response/results/{world.running.pk}/",
}
NAVIGATION = (
    ".menu-panel, .menu, .skip-link, .colophon ul, .subnav, .button, .actions, "
    "#header, #nav-sidebar, .breadcrumbs"
)
SHOWN = """(selector) => [...document.querySelectorAll(selector)]
  .filter((element) => element.checkVisibility()).map((element) => element.className || element.id)"""


@pytest.mark.parametrize("what", PRINTED)
def test_schedule_credits_and_results_print_without_navigation(
    visit: Callable[..., Visitor], roles: None, agreements: None, what: str
) -> None:
    world = make_world()
    visitor = visit(world.coordinator if what == "results" else world.participant)
    page = visitor.go(PRINTED[what](world))
    page.emulate_media(media="print")

    assert page.evaluate(SHOWN, NAVIGATION) == []
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.locator("main table").first.is_visible()
    # Paper is white, whatever the screen was.
    assert page.evaluate("getComputedStyle(document.body).color") in {"rgb(22, 33, 31)", "rgb(0, 0, 0)"}


def test_forced_colours_keep_every_word_and_the_focus(
    visit: Callable[..., Visitor], agreements: None
) -> None:
    world = make_world()
    visitor = visit(world.participant)
    page = visitor.page
    page.emulate_media(forced_colors="active")
    visitor.go(f"/my/cycles/{world.running.pk}/")

    # A status is a word and a shape, so nothing is lost with its colour.
    statuses = page.locator(".status:visible, .timeline li:visible").all_inner_texts()
    assert statuses
    assert all(text.strip() for text in statuses)
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


def test_pages_change_without_motion_where_it_is_reduced(visit: Callable[..., Visitor]) -> None:
    make_world()
    visitor = visit()  # reduced motion
    page = visitor.go("/programs/pain/")

    def durations() -> set[str]:
        found = page.locator(".button").first.evaluate(
            "(element) => getComputedStyle(element).transitionDuration"
        )
        return set(found.split(", "))

    assert durations() == {"0s"}
    page.emulate_media(reduced_motion="no-preference")
    assert durations() != {"0s"}
