"""Answering a survey in a browser: it saves by itself, loses nothing, and works without a mouse and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from time import monotonic
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from participants.models import User
from surveys.models import Answer, Choice, Question, Response, SurveyWindow
from tests import factories as make
from tests.e2e.bars import WCAG
from tests.e2e.conftest import PHONE, Visitor, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Visitor]


@dataclass
class Asked:
    """A survey of two sections with every kind of question, and who answers it."""

    window: SurveyWindow
    person: User
    questions: dict[str, Question] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/surveys/{self.window.pk}/"

    def name(self, key: str) -> str:
        return f"q{self.questions[key].pk}"

    def kept(self) -> dict[str, Any]:
        return {
            answer.question.key: answer.value
            for answer in Answer.objects.filter(response__window=self.window)
        }


@pytest.fixture
def asked(transactional_db: None) -> Asked:
    cycle = make.make_cycle(sessions=1)
    enrolment = make.make_enrolment(cycle)
    instrument = make.make_instrument(
        cycle.program, questions=[], title="Before the cycle", title_fr="Avant le cycle"
    )
    first = make.make_section(instrument, title="Your practice", title_fr="Votre pratique")
    second = make.make_section(instrument, title="Tasks", title_fr="Gestes")
    ends = {
        "low_label": "Not at all",
        "high_label": "Fully",
        "low_label_fr": "Pas du tout",
        "high_label_fr": "Tout à fait",
    }
    found: dict[str, Question] = {}

    def ask(section: Any, kind: str, key: str, text: str, french: str, **values: Any) -> Question:
        found[key] = make.make_survey_question(section, kind, key=key, text=text, text_fr=french, **values)
        return found[key]

    ask(first, "scale", "sure", "How sure are you?", "À quel point êtes-vous sûr?", **ends)
    ask(first, "single", "place", "Where do you work?", "Où travaillez-vous?")
    ask(first, "multiple", "tools", "What do you use?", "Qu’utilisez-vous?", is_required=False)
    ask(
        first, "number", "years", "Years in practice", "Années de pratique",
        minimum=0, maximum=60, unit="years", unit_fr="ans",
    )  # fmt: skip
    ask(first, "short", "role", "Your role", "Votre rôle", is_required=False)
    ask(first, "text", "hope", "What do you hope for?", "Qu’espérez-vous?")
    matrix = ask(second, "matrix", "tasks", "How well can you do this?", "Comment faites-vous ceci?", **ends)
    ask(second, "item", "start", "Start an opioid", "Amorcer un opioïde", matrix=matrix)
    ask(second, "item", "taper", "Taper an opioid", "Réduire un opioïde", matrix=matrix)
    ask(
        second, "consent", "research", "May we use this for research?", "Pouvons-nous en faire une recherche?"
    )
    ask(
        second, "text", "why", "Why not?", "Pourquoi pas?",
        shown_if=found["research"], shown_if_answers=["no"],
    )  # fmt: skip
    Choice.objects.filter(question__instrument=instrument).update(text_fr="Choix")
    return Asked(make.make_window(cycle, instrument=instrument), enrolment.participant, found)


def box(page: Page, asked: Asked, key: str, value: object = None) -> Locator:
    """The field of a question, or one of its choices."""
    at = f"[name={asked.name(key)}]" + ("" if value is None else f'[value="{value}"]')
    return page.locator(at)


def pick(page: Page, asked: Asked, key: str, value: object) -> None:
    page.locator(f'label:has([name={asked.name(key)}][value="{value}"])').click()


def saved(page: Page) -> None:
    expect(page.locator("#save-state")).to_contain_text("Saved at", timeout=15_000)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def violations(page: Page, visitor: Visitor) -> list[str]:
    """What axe finds; its own styles are refused by the policy, rightly."""
    before = list(visitor.complaints)
    report = Axe().run(page, options=WCAG)
    visitor.complaints[:] = before
    return [
        f"{each['id']} {node['html'][:120]}"
        for each in report.response["violations"]
        for node in each["nodes"]
    ]


def stored(page: Page) -> int:
    return int(page.evaluate("localStorage.length + sessionStorage.length"))


def fill_first(page: Page, asked: Asked) -> None:
    pick(page, asked, "sure", 4)
    pick(page, asked, "place", "a")
    pick(page, asked, "tools", "b")
    box(page, asked, "years").fill("12")
    box(page, asked, "role").fill("Nurse")
    box(page, asked, "hope").fill("To taper safely.")


FIRST = {
    "sure": Decimal(4),
    "place": ("a",),
    "tools": ("b",),
    "years": Decimal(12),
    "role": "Nurse",
    "hope": "To taper safely.",
}


def test_phone_goes_the_whole_way_from_the_cycle_to_the_thanks(visit: Visit, asked: Asked) -> None:
    visitor = visit(asked.person, size=PHONE)
    page = visitor.go(f"/my/cycles/{asked.window.cycle_id}/")
    page.locator(f'a[href="{asked.path}"]').first.click()
    page.wait_for_url(f"**{asked.path}1/")
    assert fits(page)
    fill_first(page, asked)
    with page.expect_request(lambda request: request.method == "POST"):
        stopped = monotonic()
    assert monotonic() - stopped <= 2
    saved(page)
    wait_for(lambda: asked.kept() == FIRST, seconds=10)
    assert stored(page) == 0
    assert violations(page, visitor) == []
    page.get_by_role("button", name="Save and go on", exact=True).click()
    page.wait_for_url(f"**{asked.path}2/")
    assert fits(page)
    pick(page, asked, "start", 2)
    pick(page, asked, "research", "no")
    box(page, asked, "why").fill("Not yet.")
    saved(page)
    assert violations(page, visitor) == []
    page.get_by_role("button", name="Save and review").click()
    page.wait_for_url(f"**{asked.path}review/")
    assert fits(page)
    expect(page.get_by_role("heading", name="1 question still needs an answer")).to_be_visible()
    # The link of what is missing lands on its field.
    page.get_by_role("link", name="Taper an opioid").click()
    page.wait_for_url(f"**{asked.path}2/#*")
    expect(page.locator(f"fieldset:has([name={asked.name('taper')}])").first).to_be_in_viewport()
    pick(page, asked, "taper", 3)
    page.get_by_role("button", name="Save and review").click()
    page.get_by_role("button", name="Submit my answers").click()
    # A browser carries the fragment of the link through the redirects.
    page.wait_for_url(lambda url: f"{asked.path}done/" in url)
    assert fits(page)
    expect(page.get_by_text("You submitted this survey on")).to_be_visible()
    assert Response.objects.get(window=asked.window).status == Response.Status.SUBMITTED
    assert asked.kept() == FIRST | {
        "start": Decimal(2), "taper": Decimal(3), "research": ("no",), "why": "Not yet.",
    }  # fmt: skip
    assert stored(page) == 0


def test_without_scripts_everything_is_answered_with_the_condition_in_words(
    visit: Visit, asked: Asked
) -> None:
    visitor = visit(asked.person, size=PHONE, javascript=False)
    page = visitor.go(asked.path)
    fill_first(page, asked)
    page.get_by_role("button", name="Save and go on", exact=True).click()
    assert asked.kept() == FIRST
    expect(page.get_by_text("Only if you answered “No” to: May we use this for research?")).to_be_visible()
    expect(box(page, asked, "why")).to_be_visible()
    for key, value in (("start", 2), ("taper", 3), ("research", "yes")):
        pick(page, asked, key, value)
    page.get_by_role("button", name="Previous section", exact=True).click()
    expect(box(page, asked, "hope")).to_have_value("To taper safely.")
    # A number outside its range is said; nothing is lost.
    box(page, asked, "years").fill("99")
    page.get_by_role("button", name="Save and go on", exact=True).click()
    assert page.title().startswith("Error: ")
    expect(box(page, asked, "years")).to_have_value("99")
    assert asked.kept()["years"] == Decimal(12)
    box(page, asked, "years").fill("13")
    page.get_by_role("button", name="Save and go on", exact=True).click()
    page.get_by_role("button", name="Save and review").click()
    page.get_by_role("button", name="Submit my answers").click()
    expect(page.get_by_text("You submitted this survey on")).to_be_visible()
    assert asked.kept()["years"] == Decimal(13)


def test_session_that_ended_without_scripts_keeps_what_was_typed(visit: Visit, asked: Asked) -> None:
    visitor = visit(asked.person, javascript=False)
    page = visitor.go(f"{asked.path}1/")
    session = next(each for each in visitor.context.cookies() if each["name"] == settings.SESSION_COOKIE_NAME)
    fill_first(page, asked)
    visitor.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Save and go on", exact=True).click()
    expect(page.get_by_role("heading", name="You are logged out")).to_be_visible()
    assert asked.kept() == {}
    visitor.context.add_cookies([{"name": session["name"], "value": session["value"], "url": visitor.base}])
    page.get_by_role("button", name="I have logged in: show my answers again").click()
    expect(box(page, asked, "hope")).to_have_value("To taper safely.")
    page.get_by_role("button", name="Save and go on", exact=True).click()
    page.wait_for_url(f"**{asked.path}2/")
    assert asked.kept() == FIRST


def test_session_that_ended_saves_by_itself_after_a_log_in_elsewhere(visit: Visit, asked: Asked) -> None:
    visitor = visit(asked.person)
    page = visitor.go(f"{asked.path}1/")
    session = next(each for each in visitor.context.cookies() if each["name"] == settings.SESSION_COOKIE_NAME)
    visitor.context.clear_cookies()
    box(page, asked, "hope").fill("To taper safely.")
    expect(page.locator("#save-state")).to_contain_text("you are logged out", timeout=15_000)
    expect(box(page, asked, "hope")).to_have_value("To taper safely.")
    assert asked.kept() == {}
    visitor.context.add_cookies([{"name": session["name"], "value": session["value"], "url": visitor.base}])
    saved(page)
    assert asked.kept() == {"hope": "To taper safely."}


def test_offline_keeps_the_words_and_another_device_goes_on_at_the_first_gap(
    visit: Visit, asked: Asked
) -> None:
    phone = visit(asked.person, size=PHONE)
    page = phone.go(f"{asked.path}1/")
    fill_first(page, asked)
    saved(page)
    phone.context.set_offline(True)
    box(page, asked, "role").fill("Nurse practitioner")
    expect(page.locator("#save-state")).to_contain_text("Not saved: you are offline.")
    expect(box(page, asked, "role")).to_have_value("Nurse practitioner")
    assert asked.kept() == FIRST
    phone.context.set_offline(False)
    saved(page)
    assert asked.kept() == FIRST | {"role": "Nurse practitioner"}
    desk = visit(asked.person)
    page = desk.go(asked.path)
    page.wait_for_url(f"**{asked.path}2/")
    page.get_by_role("button", name="Previous section", exact=True).click()
    expect(box(page, asked, "role")).to_have_value("Nurse practitioner")


@pytest.mark.parametrize(
    ("button", "counts"),
    [("Use the other text", "From the phone."), ("Keep what I wrote here", "From the desk.")],
)
def test_two_devices_ask_which_words_count(visit: Visit, asked: Asked, button: str, counts: str) -> None:
    phone, desk = (visit(asked.person, size=PHONE), visit(asked.person))
    first, second = (device.go(f"{asked.path}1/") for device in (phone, desk))
    box(first, asked, "hope").fill("From the phone.")
    saved(first)
    box(second, asked, "hope").fill("From the desk.")
    panel = second.locator(".conflict")
    expect(panel).to_contain_text("From the phone.", timeout=15_000)
    expect(second.locator("#save-state")).to_have_text("Not saved: decide which words count.")
    expect(box(second, asked, "hope")).to_have_value("From the desk.")
    assert asked.kept() == {"hope": "From the phone."}
    assert violations(second, desk) == []
    second.get_by_role("button", name=button).click()
    expect(panel).to_have_count(0)
    saved(second)
    expect(box(second, asked, "hope")).to_have_value(counts)
    expect(box(second, asked, "hope")).to_be_focused()
    assert asked.kept() == {"hope": counts}


def test_question_with_a_condition_comes_and_goes_with_the_answer(visit: Visit, asked: Asked) -> None:
    page = visit(asked.person).go(f"{asked.path}2/")
    why = box(page, asked, "why")
    expect(why).to_be_hidden()
    pick(page, asked, "research", "no")
    expect(why).to_be_visible()
    why.fill("Not yet.")
    pick(page, asked, "research", "yes")
    expect(why).to_be_hidden()
    # Its words are there again, should the answer change back.
    pick(page, asked, "research", "no")
    expect(why).to_have_value("Not yet.")


def test_keyboard_alone_answers_and_sends(visit: Visit, asked: Asked) -> None:
    page = visit(asked.person).go(f"{asked.path}1/")

    def tab_to(selector: str) -> None:
        for _press in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} was not reached")

    def at(key: str, value: str = "") -> str:
        return f"[name={asked.name(key)}]" + (f'[value="{value}"]' if value else "")

    tab_to(at("sure"))
    page.keyboard.press("ArrowRight")
    tab_to(at("place"))
    page.keyboard.press("Space")
    tab_to(at("tools", "b"))
    page.keyboard.press("Space")
    tab_to(at("years"))
    page.keyboard.type("12")
    tab_to(at("hope"))
    page.keyboard.type("Rest.")
    tab_to("[name=go][value=next]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{asked.path}2/")
    tab_to(at("start"))
    page.keyboard.press("Space")
    tab_to(at("taper"))
    page.keyboard.press("Space")
    tab_to(at("research"))
    page.keyboard.press("Space")
    tab_to("[name=go][value=next]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{asked.path}review/")
    tab_to("main [type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{asked.path}done/")
    assert asked.kept() == {
        "sure": Decimal(2),
        "place": ("a",),
        "tools": ("b",),
        "years": Decimal(12),
        "hope": "Rest.",
        "start": Decimal(1),
        "taper": Decimal(1),
        "research": ("yes",),
    }


def test_french_reader_is_asked_in_french(visit: Visit, asked: Asked) -> None:
    visitor = visit(asked.person, size=PHONE, language="fr")
    visitor.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "fr", "url": visitor.base}])
    page = visitor.go(f"{asked.path}1/")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre pratique")
    expect(page.get_by_text("À quel point êtes-vous sûr?").first).to_be_visible()
    expect(page.get_by_text("Pas du tout").first).to_be_visible()
    assert fits(page)
    pick(page, asked, "sure", 4)
    box(page, asked, "years").fill("12")
    box(page, asked, "hope").fill("Réduire en sécurité.")
    page.locator("[name=go][value=next]").click()
    page.wait_for_url(f"**{asked.path}2/")
    expect(page.get_by_text("Comment faites-vous ceci?")).to_be_visible()
    page.locator("[name=go][value=next]").click()
    page.wait_for_url(f"**{asked.path}review/")
    expect(page.get_by_role("link", name="Où travaillez-vous?")).to_be_visible()
    expect(page.get_by_text("Réduire en sécurité.")).to_be_visible()
    assert fits(page)
    assert asked.kept()["hope"] == "Réduire en sécurité."
