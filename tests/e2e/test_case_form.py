"""Writing a case in a browser: it saves by itself, loses nothing, and works without a mouse and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Dialog, Page, expect

from cases.deidentification import warm_up
from cases.models import CaseSubmission, CaseText
from tests import factories as make
from tests.e2e.bars import WCAG
from tests.e2e.conftest import PHONE, Visitor, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

NUMBER = "1234567897"


@pytest.fixture(scope="module", autouse=True)
def _screen_is_loaded() -> None:
    """The web process loads its models before the first save; so does this one."""
    warm_up()


def begin() -> CaseSubmission:
    enrolment = make.make_enrolment(make.make_cycle(sessions=1))
    case = make.make_case(enrolment, content={})
    CaseText.objects.filter(case=case).update(revision=0)
    return case


def kept(case: CaseSubmission) -> Any:
    return CaseText.objects.get(case=case).content


def open_form(visitor: Visitor, case: CaseSubmission) -> Page:
    return visitor.go(f"/cases/{case.echo_id}/edit/")


def saved(page: Page) -> None:
    expect(page.locator("#save-state")).to_contain_text("Saved ", timeout=15_000)


def violations(page: Page, visitor: Visitor) -> list[str]:
    """What axe finds; its own styles are refused by the policy, rightly."""
    visitor.complaints.clear()
    report = Axe().run(page, options=WCAG)
    visitor.complaints.clear()
    return [
        f"{each['id']} {node['html'][:120]}"
        for each in report.response["violations"]
        for node in each["nodes"]
    ]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_what_is_typed_is_saved_hinted_at_and_resumed_on_another_device(
    visit: Callable[..., Visitor],
) -> None:
    case = begin()
    author = case.presenter.participant
    desk = visit(author)
    page = open_form(desk, case)
    page.get_by_label("Age in years").fill("57")
    with page.expect_request(lambda request: request.method == "POST" and "/edit/" in request.url):
        stopped = monotonic()
    assert monotonic() - stopped <= 2
    saved(page)
    # A hint stands beside the field while it is typed, and the reader of the field is told of it.
    field = page.get_by_label("Pain history")
    with page.expect_response(lambda response: "/hints/" in response.url) as hinted:
        field.fill(f"HCN {NUMBER}")
    assert NUMBER not in hinted.value.url
    notes = page.locator("#id_pain_history_notes")
    expect(notes).to_contain_text(NUMBER)
    assert "id_pain_history_notes" in (field.get_attribute("aria-describedby") or "")
    saved(page)
    expect(page.locator("#progress")).to_contain_text("Something must be changed")
    field.fill("Low back pain for twelve years.")
    expect(notes).to_be_empty()
    # The figure and its checkboxes are one answer.
    page.locator(".figures svg").nth(1).locator("[data-site=lower_back]").click()
    assert page.get_by_label("Lower back").is_checked()
    page.get_by_label("Left knee").check()
    assert page.locator("[data-site=knee_left].is-marked").count() == 2
    # A medication, and what is computed from it.
    page.get_by_label("Medication", exact=True).fill("oxycodone")
    page.get_by_label("If it is an opioid: which one").select_option("oxycodone")
    page.get_by_label("If it is an opioid: the whole amount a day").fill("60")
    page.get_by_role("button", name="Add another medication").click()
    second = page.get_by_role("group", name="Medication 2")
    expect(second.get_by_label("Medication", exact=True)).to_be_focused()
    second.get_by_label("Medication", exact=True).fill("gabapentin")
    expect(page.locator("#reading-med")).to_contain_text("at or above 90 mg", timeout=15_000)
    wait_for(lambda: len(kept(case).get("medications", [])) == 2)
    assert kept(case)["sites"] == ["lower_back", "knee_left"]
    second.get_by_role("button", name="Remove medication 2").click()
    wait_for(lambda: len(kept(case)["medications"]) == 1)
    saved(page)
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0
    assert not [cookie for cookie in desk.context.cookies() if "back pain" in cookie["value"]]
    # Another device goes on where this one stopped.
    phone = visit(author, size=PHONE, dark=True)
    other = open_form(phone, case)
    expect(other.get_by_label("Pain history")).to_have_value("Low back pain for twelve years.")
    assert fits(other)
    assert violations(other, phone) == []
    assert fits(page)
    assert violations(page, desk) == []


def test_two_tabs_overwrite_nothing_until_their_author_chooses(visit: Callable[..., Visitor]) -> None:
    case = begin()
    visitor = visit(case.presenter.participant)
    first = open_form(visitor, case)
    second = visitor.context.new_page()
    second.goto(first.url)
    second.get_by_label("The patient's goals").fill("From the second tab.")
    saved(second)
    first.get_by_label("The patient's goals").fill("From the first tab.")
    conflict = first.get_by_role("region", name="This case was saved elsewhere meanwhile")
    expect(conflict).to_be_focused(timeout=15_000)
    expect(conflict.get_by_role("link", name="The patient's goals")).to_be_visible()
    expect(first.locator("#save-state")).to_contain_text("Not saved")
    assert kept(case) == {"goals": "From the second tab."}
    assert violations(first, visitor) == []
    # More typing changes nothing until the choice is made.
    first.get_by_role("textbox", name="Sleep").fill("Five hours.")
    with visitor.context.expect_page() as opened:
        conflict.get_by_role("link", name="Open what was saved in a new tab").click()
    expect(opened.value.get_by_label("The patient's goals")).to_have_value("From the second tab.")
    assert kept(case) == {"goals": "From the second tab."}
    conflict.get_by_role("button", name="Keep what is on this page").click()
    saved(first)
    assert kept(case) == {"goals": "From the first tab.", "sleep": "Five hours."}
    expect(conflict).to_have_count(0)


def test_offline_says_not_saved_keeps_the_text_and_saves_when_back(visit: Callable[..., Visitor]) -> None:
    case = begin()
    visitor = visit(case.presenter.participant)
    page = open_form(visitor, case)
    visitor.context.set_offline(True)
    page.get_by_role("textbox", name="Sleep").fill("Five hours.")
    expect(page.locator("#save-state")).to_have_text(
        "Not saved: you are offline. Your text stays on this page."
    )
    page.get_by_role("button", name="Save and check").click()
    expect(page.locator("#save-state")).to_contain_text("Not saved: you are offline.")
    expect(page.get_by_role("textbox", name="Sleep")).to_have_value("Five hours.")
    assert kept(case) == {}
    # Who leaves now is asked first.
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.evaluate("location.reload()")
    wait_for(lambda: page.evaluate("1") and asked)
    assert asked == ["beforeunload"]
    visitor.context.set_offline(False)
    saved(page)
    assert kept(case) == {"sleep": "Five hours."}


def test_a_new_log_in_in_another_tab_saves_what_was_typed_before(visit: Callable[..., Visitor]) -> None:
    case = begin()
    author = case.presenter.participant
    visitor = visit(author)
    page = open_form(visitor, case)
    session = next(each for each in visitor.context.cookies() if each["name"] == settings.SESSION_COOKIE_NAME)
    visitor.context.clear_cookies()
    page.get_by_role("textbox", name="Sleep").fill("Five hours.")
    expect(page.locator("#save-state")).to_contain_text("no longer logged in", timeout=15_000)
    # A log-in brings a new session, and a new token.
    visitor.context.add_cookies([{"name": session["name"], "value": session["value"], "url": visitor.base}])
    page.get_by_role("textbox", name="Sleep").press("End")
    page.keyboard.type(" Wakes often.")
    saved(page)
    assert kept(case) == {"sleep": "Five hours. Wakes often."}


def test_keyboard_alone_fills_in_the_form_and_goes_on_to_the_check(visit: Callable[..., Visitor]) -> None:
    case = begin()
    page = open_form(visit(case.presenter.participant), case)

    def tab_to(selector: str) -> None:
        for _press in range(150):
            page.keyboard.press("Tab")
            if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                break
        else:
            raise AssertionError(f"{selector} was not reached")
        # What has the focus is seen: nothing that sticks to an edge lies over it.
        assert page.evaluate(
            """() => {
                const box = document.activeElement.getBoundingClientRect();
                const at = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, 20) / 2);
                return document.activeElement.contains(at) || Boolean(at.closest("label"));
            }"""
        ), selector

    tab_to("#id_age")
    page.keyboard.type("57")
    tab_to("[name=sex]")
    page.keyboard.press("Space")
    tab_to("#id_pain_history")
    page.keyboard.type("Low back pain for twelve years.")
    tab_to("[value=lower_back]")
    page.keyboard.press("Space")
    tab_to("[name=peg_pain]")
    page.keyboard.press("ArrowRight")
    tab_to("[name=no_medications]")
    page.keyboard.press("Space")
    tab_to("#id_question_1")
    page.keyboard.type("What next?")
    tab_to("[name=check]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{case.echo_id}/check/")
    assert kept(case) == {
        "age": "57",
        "sex": "female",
        "pain_history": "Low back pain for twelve years.",
        "sites": ["lower_back"],
        "peg_pain": 1,
        "no_medications": True,
        "question_1": "What next?",
    }


def test_without_scripts_a_phone_does_all_of_it(visit: Callable[..., Visitor]) -> None:
    case = begin()
    author = case.presenter.participant
    page = open_form(visit(author, size=PHONE, javascript=False), case)
    page.get_by_label("Age in years").fill("93")
    page.get_by_label("Lower back").check()
    page.get_by_label("Medication", exact=True).fill("codeine")
    page.get_by_role("button", name="Add another medication").click()
    second = page.get_by_role("group", name="Medication 2")
    second.get_by_label("Medication", exact=True).fill("gabapentin")
    second.get_by_label("Effect", exact=True).fill(f"HCN {NUMBER}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Your case is saved.")).to_be_visible()
    expect(page.locator("#id_medications-1-effect_notes")).to_contain_text(NUMBER)
    assert kept(case)["age"] == "90+"
    assert [row["name"] for row in kept(case)["medications"]] == ["codeine", "gabapentin"]
    # Another tab saves; this one is told, and shows both.
    CaseText.objects.filter(case=case).update(content={"sleep": "Six hours."}, revision=9)
    page.get_by_role("textbox", name="Sleep").fill("Five hours.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="This case was saved elsewhere meanwhile")).to_be_visible()
    expect(page.get_by_text("Six hours.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Sleep")).to_have_value("Five hours.")
    page.get_by_role("button", name="Keep what is on this page").click()
    assert kept(case)["sleep"] == "Five hours."
    # What cannot be read is said, and nothing that was typed is lost.
    page.get_by_label("Age in years").fill("9999")
    page.get_by_label("Gender").fill("woman")
    page.get_by_role("button", name="Save", exact=True).click()
    assert page.title().startswith("Error: ")
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="Age in years").click()
    expect(page.get_by_label("Age in years")).to_have_value("9999")
    assert kept(case)["gender"] == "woman"
