"""A coordinator's review by keyboard: a case is read with its findings, returned, read anew, approved and scheduled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from playwright.sync_api import Locator, expect

from cases.models import CaseSubmission, CaseVersion
from outbox.models import OutgoingMail
from tests.e2e.conftest import DESK, PHONE, Visitor
from tests.e2e.test_season import look_closely
from tests.factories import make_case, make_cycle, make_enrolment, make_session, make_slot, make_user
from tests.world import CASE, EXPLAINED, FOUND

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def enter(control: Locator) -> None:
    """Press a link or a button with the keyboard."""
    control.focus()
    expect(control).to_be_focused()
    control.press("Enter")


@pytest.mark.parametrize(
    ("size", "javascript"), [(DESK, True), (PHONE, False)], ids=["desk", "phone without JavaScript"]
)
def test_case_is_returned_approved_and_scheduled_by_keyboard(
    visit: Callable[..., Visitor], roles: None, size: dict[str, int], javascript: bool
) -> None:
    cycle = make_cycle(starts_on=timezone.localdate(), ends_on=timezone.localdate() + timedelta(days=60))
    session = make_session(
        cycle, starts_at=timezone.now() + timedelta(days=9), status="confirmed", topic="Sleep and pain"
    )
    make_slot(session)
    content = CASE | {"goals": FOUND["goals"]}
    case = make_case(make_enrolment(cycle), status="submitted", content=content, findings=[EXPLAINED])
    draft = make_case(make_enrolment(cycle), content=content)
    coordinator = make_user("cora@echo.example", name="Cora Coordinator", is_staff=True)
    coordinator.groups.add(Group.objects.get(name="Coordinators"))

    # The desk tells what waits, and nothing of what is still being written.
    desk = visit(coordinator, size=size, javascript=javascript)
    page = desk.go("/admin/cases/casesubmission/")
    enter(page.get_by_role("link", name="Review desk"))
    expect(page.get_by_text("1 case is being written.")).to_be_visible()
    expect(page.get_by_text(draft.echo_id)).to_have_count(0)
    look_closely(desk, "Review desk", with_axe=javascript)
    enter(page.get_by_role("link", name=case.echo_id))

    # The finding stands beside the words, with the author's explanation.
    title = f"Review {case.echo_id}"
    expect(page.locator("mark")).to_contain_text("Kapuskasing")
    expect(page.get_by_text("Huit mille personnes y habitent.")).to_be_visible()
    enter(page.locator("mark a"))
    assert page.url.endswith("#note-id_goals-1")
    enter(page.get_by_role("button", name="Start the review"))
    expect(page.get_by_text("The case is in review.")).to_be_visible()
    look_closely(desk, title, with_axe=javascript)

    # It comes back, with comments that repeat no identifier.
    page.get_by_label("Return it to its author").press("Space")
    comments = page.get_by_label("Comments for the author")
    comments.fill("Please leave out the number 1234-567-897 (OHIP).")
    enter(page.get_by_role("button", name="Decide"))
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert page.title().startswith("Error: ")
    expect(page.get_by_role("link", name="Health number")).to_be_visible()
    look_closely(desk, title, with_axe=javascript)
    comments.fill("Please say what was tried before.")
    enter(page.get_by_role("button", name="Decide"))
    expect(page.get_by_text("The case is returned.")).to_be_visible()
    expect(page.get_by_text("Please say what was tried before.")).to_be_visible()
    look_closely(desk, title, with_axe=javascript)

    # Its author mends it and hands it in again.
    again = CaseVersion.objects.create(
        case=case,
        number=2,
        content=content | {"treatments": "Physiothérapie, six mois."},
        findings=[EXPLAINED],
        attestation="I attest.",
        signed_name="Person",
        submitted_at=timezone.now(),
    )
    CaseSubmission.objects.filter(pk=case.pk).update(status="submitted", version=again)
    page.reload()
    expect(page.get_by_text("Physiothérapie, six mois.")).to_be_visible()
    enter(page.get_by_role("button", name="Start the review"))
    page.get_by_label("Approve:").press("Space")
    enter(page.get_by_role("button", name="Decide"))
    expect(page.get_by_text("The case is approved.")).to_be_visible()

    # It gets its session, and its presenter the slot.
    choice = page.get_by_label("Session", exact=True)
    choice.focus()
    choice.press("ArrowDown")
    enter(page.get_by_role("button", name="Schedule the case"))
    expect(page.get_by_text("The case has its session.")).to_be_visible()
    look_closely(desk, title, with_axe=javascript)
    case.refresh_from_db()
    assert (case.status, case.session) == ("scheduled", session)
    assert session.slots.get().enrolment == case.presenter
    mails = OutgoingMail.objects.filter(recipient=case.presenter.participant.email)
    assert mails.count() == 3
    assert not [mail for mail in mails if "tried before" in mail.body_text or "Lombalgie" in mail.body_text]
    # The administration's theme button keeps its choice there, and nothing else.
    stored = [
        item["name"] for origin in desk.context.storage_state()["origins"] for item in origin["localStorage"]
    ]
    assert set(stored) <= {"theme"}
