"""The mission's one way, in a browser: register, get in, attend, answer, and hold a certificate that verifies."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from credits.models import Certificate
from sessions_app.models import Cycle, EchoSession
from surveys.models import Instrument, SurveyWindow
from tests.e2e.conftest import PHONE, Post, Visitor, wait_for
from tests.factories import (
    make_accreditation,
    make_cycle,
    make_hub,
    make_instrument,
    make_program,
    make_session,
    make_user,
)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

EMAIL = "marie-eve@clinique.example"
NAME = "Marie-Ève Tremblay-O’Neil"
PASSWORD = "a walk along the Rideau 1832"
WEEKS = timedelta(weeks=4)


@pytest.fixture
def season(transactional_db: None) -> Cycle:
    """A cycle that opens today: two sessions in the coming weeks, surveys at its start and its end."""
    now = timezone.now().replace(second=0, microsecond=0)
    today = timezone.localdate(now)
    program = make_program(hubs=[make_hub("University Hub", "Toronto"), make_hub("Lake Hub", "Kingston")])
    cycle = make_cycle(
        program,
        starts_on=today,
        ends_on=today + timedelta(days=21),
        registration_opens_at=now - timedelta(days=10),
        registration_closes_at=now + timedelta(days=10),
        name="Winter season",
    )
    for week, topic in enumerate(["Neuropathic pain", "Tapering opioids"], 1):
        make_session(
            cycle,
            starts_at=now + timedelta(weeks=week),
            topic=topic,
            status=EchoSession.Status.CONFIRMED,
            meeting_url="https://video.example/room",
        )
    make_accreditation(program, valid_from=today - timedelta(days=365), valid_to=today + timedelta(days=365))
    for kind, opens, questions in (
        (Instrument.Kind.PRE, now - timedelta(days=1), ["scale", "scale"]),
        (Instrument.Kind.POST, now + timedelta(days=15), ["scale", "scale"]),
        (Instrument.Kind.REFLECTION, now + timedelta(days=15), ["text"]),
    ):
        SurveyWindow.objects.create(
            cycle=cycle, instrument=make_instrument(program, kind, questions=questions), opens_at=opens
        )
    return cycle


def let_time_pass(cycle: Cycle) -> None:
    """Four weeks go by: everything of the cycle lies that much further back."""
    Cycle.objects.filter(pk=cycle.pk).update(starts_on=F("starts_on") - WEEKS, ends_on=F("ends_on") - WEEKS)
    cycle.sessions.update(
        starts_at=F("starts_at") - WEEKS, ends_at=F("ends_at") - WEEKS, status=EchoSession.Status.HELD
    )
    cycle.survey_windows.update(opens_at=F("opens_at") - WEEKS)
    cycle.enrolments.update(enrolled_on=F("enrolled_on") - WEEKS)


@pytest.mark.usefixtures("roles", "agreements")
def test_clinician_goes_from_registration_to_a_certificate_that_verifies(
    visit: Callable[..., Visitor], post: Post, season: Cycle, tmp_path: Any
) -> None:
    from django.contrib.auth.models import Group

    coordinator = make_user("cora@echo.example", name="Cora Coordinator", is_staff=True)
    coordinator.groups.add(Group.objects.get(name="Coordinators"))

    # A clinician who has never seen the portal applies on a phone.
    clinician = visit(size=PHONE)
    page = clinician.go("/")
    page.get_by_role("link", name="Apply for Winter season").click()
    page.locator("[name=email]").fill(EMAIL)
    page.locator("[name=password1]").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    mail = post.to(EMAIL)
    code = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", body(mail), re.MULTILINE)
    assert code, body(mail)
    page.locator("[name=code]").fill(code[1])
    page.get_by_role("main").get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your profile")
    page.get_by_label("Name as licensed").fill(NAME)
    page.get_by_label("Family physician").check()
    page.get_by_role("button", name="Save and go on").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Apply for a place")
    page.get_by_label("I agree to the participation agreement").check()
    for consent in page.get_by_role("radio", name="No").all():
        consent.check()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Your application is in.")).to_be_visible()

    # The coordinator approves.
    desk = visit(coordinator)
    admin = desk.go("/admin/sessions_app/enrolment/")
    admin.get_by_role("checkbox", name="Select this object for an action").check()
    admin.get_by_label("Action:").select_option(label="Approve: give a place and send the welcome email")
    admin.get_by_role("button", name=re.compile("Run|Go")).first.click()
    admin.get_by_role("button", name="Yes, do it").click()
    expect(admin.get_by_text("Approved: 1")).to_be_visible()
    assert "You have a place in Winter season" in post.to(EMAIL, about="place")["Subject"]

    # The participant sees when the link to the next session will be there, and answers the pre-survey.
    page = clinician.go("/my/")
    expect(page.get_by_text("The link to join appears here 15 minutes before the start.")).to_be_visible()
    expect(page.get_by_text("Not yet claimable")).to_be_visible()
    answer_scales(clinician, "Pre-survey")

    # Four weeks later the coordinator imports who was there; a bad line is refused, the good ones are shown first.
    let_time_pass(season)
    for session in season.sessions.all():
        report = tmp_path / f"{session.pk}.csv"
        report.write_text(
            f"Email,Minutes\n{EMAIL},88\nnobody@clinic.example,90\n{EMAIL},many\n", encoding="utf-8"
        )
        admin = desk.go(f"/admin/sessions_app/echosession/{session.pk}/attendance/")
        admin.get_by_label("Attendance report").set_input_files(report)
        admin.get_by_role("button", name="Check the report").click()
        expect(admin.get_by_role("row", name=re.compile(r"^4 many "))).to_be_visible()
        admin.get_by_role("group", name=re.compile("^nobody@clinic.example")).get_by_label(
            "Nobody in the cycle"
        ).check()
        admin.get_by_role("button", name="Import 1 attendance").click()
        expect(admin.get_by_text("1 attendance was written.")).to_be_visible()

    page = clinician.go("/my/")
    expect(page.get_by_text("You have 6 Mainpro+ credits.")).to_be_visible()
    answer_scales(clinician, "Post-survey")
    page = clinician.go("/my/")
    page.get_by_role("link", name=re.compile(r"^Answer\s*: Reflection question")).click()
    page.get_by_role("button", name="Save and review").click()
    page.get_by_role("button", name="Submit my answers").click()
    expect(page).to_have_title(re.compile("^Error: "))
    page.locator(".error-summary").get_by_role("link", name="Question 1?").click()
    page.get_by_label("Question 1?").fill("I now ask about sleep before I ask about dose.")
    page.get_by_role("button", name="Save and review").click()
    page.get_by_role("button", name="Submit my answers").click()
    expect(page.get_by_text("Your answers are submitted.")).to_be_visible()
    page = clinician.go("/my/")
    expect(page.get_by_text("Everything is done: your credits are claimable.")).to_be_visible()

    # The coordinator looks at the dry run, closes, and watches the work end.
    admin = desk.go(f"/admin/credits/cycleclosing/{season.pk}/close/")
    expect(admin.get_by_role("row", name=re.compile(NAME))).to_contain_text("6 credits")
    admin.get_by_role("button", name="Close the cycle and issue the certificates").click()
    expect(admin.get_by_text("All certificates are made and on their way by email.")).to_be_visible(
        timeout=40_000
    )

    # The mail arrives, once, with a document that says what it must.
    mail = post.to(EMAIL, about="Certificate")
    (attachment,) = mail.iter_attachments()
    pdf = attachment.get_content()
    certificate = Certificate.objects.get()
    assert attachment.get_filename() == f"{certificate.number}.pdf"
    text = " ".join("".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages).split())
    assert NAME in text
    assert "6 Mainpro+ credits" in text
    assert "Neuropathic pain" in text
    assert certificate.number in text
    assert "Section 3" not in text

    # Anybody with the paper can check it; the address stands on it.
    address = re.search(r"/verify/(\w+)", certificate.facts["verification_url"])
    assert address
    assert address[1] in "".join(text.split())
    stranger = visit()
    page = stranger.go("/verify/")
    page.get_by_label("Verification code").fill(address[1].lower())
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("This certificate is valid.")).to_be_visible()
    expect(page.get_by_text(NAME)).to_be_visible()
    assert EMAIL not in page.content()

    # And its owner can download the very same file for ever.
    page = clinician.go("/my/certificates/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the PDF").click()
    assert download.value.path().read_bytes() == pdf
    wait_for(lambda: post.count(EMAIL) >= 3)
    assert sum("Certificate" in subject for subject in subjects(post)) == 1


def answer_scales(visitor: Visitor, survey: str) -> None:
    """Answer every scale of the survey named `survey` with 4, and submit it."""
    page = visitor.page
    page.get_by_role("link", name=re.compile(rf"^Answer\s*: {survey}")).click()
    for group in page.get_by_role("radiogroup").all():
        group.get_by_role("radio", name="4").check(force=True)
    page.get_by_role("button", name="Save and review").click()
    page.get_by_role("button", name="Submit my answers").click()
    expect(page.get_by_text("Your answers are submitted.")).to_be_visible()


def body(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    text: str = part.get_content()
    return text


def subjects(post: Post) -> list[str]:
    """The subject of every mail so far."""
    from email import message_from_bytes, policy

    return [
        str(message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"])
        for path in post.folder.glob("*.eml")
    ]
