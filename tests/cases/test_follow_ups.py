"""What became of it: asked once, three months after the letter, and reported once, without identifying anybody."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import CaseFollowUp, CaseSubmission
from cases.screening import IdentifiersFoundError
from cases.services import ConfirmFirstError, ask_for_follow_ups, report_follow_up
from cases.states import CaseStatus
from cases.tasks import ask_for_follow_ups as ask_task
from core.errors import BadInputError, MoveRefusedError, NotAllowedError
from outbox.models import OutgoingMail
from tests.cases.reviewing import ASK, STOP, mails
from tests.clock import toronto
from tests.database import write
from tests.factories import make_case, make_cycle, make_enrolment, make_letter
from tests.history import audit_row, events
from tests.races import THREADS, at_once

pytestmark = pytest.mark.django_db

SIGNED_AT = toronto(2025, 9, 26, 9)
NOW = SIGNED_AT + timedelta(days=90)
TEXT = "She tapered slowly and sleeps better."


def answered(*, signed_at: Any = SIGNED_AT) -> CaseSubmission:
    case = make_case(make_enrolment(make_cycle(sessions=1)), status="recommendations_sent")
    make_letter(case, signed_at=signed_at)
    return case


@pytest.fixture
def case(db: None) -> CaseSubmission:
    return answered()


def report(case: CaseSubmission, **values: Any) -> CaseFollowUp:
    given: dict[str, Any] = {
        "case_id": case.pk,
        "outcome": "better",
        "text": TEXT,
        "by": case.presenter.participant,
        "now": NOW,
    }
    return report_follow_up(**given | values)


# --- asking ---------------------------------------------------------------------------------------------------------


def test_presenter_is_asked_once_three_months_after_the_first_letter(case):
    make_letter(case, signed_at=SIGNED_AT + timedelta(days=60))

    assert ask_for_follow_ups(now=NOW - timedelta(seconds=1)) == 0
    assert ask_for_follow_ups(now=NOW) == 1
    assert ask_for_follow_ups(now=NOW) == 0
    assert ask_for_follow_ups(now=NOW + timedelta(days=200)) == 0

    assert mails() == [(case.presenter.participant.email, f"What became of your case {case.echo_id}?")]
    assert f"/cases/{case.echo_id}/follow-up/" in OutgoingMail.objects.get().body_text


def test_what_is_a_year_old_is_not_asked_about(case):
    assert ask_for_follow_ups(now=SIGNED_AT + timedelta(days=365)) == 0


def test_who_has_reported_left_or_closed_the_account_is_not_asked(case):
    report(case, now=SIGNED_AT)
    write(answered().presenter, status="withdrawn")
    write(answered().presenter.participant, is_active=False)
    make_case(status="presented")

    assert ask_for_follow_ups(now=NOW) == 0


@pytest.mark.parametrize("number", [1, 3])
def test_sweep_that_finds_nothing_new_takes_two_queries(number, db, django_assert_num_queries):
    for _number in range(number):
        answered()
    assert ask_for_follow_ups(now=NOW) == number

    with django_assert_num_queries(2):
        assert ask_for_follow_ups(now=NOW) == 0


def test_task_asks_the_service():
    answered(signed_at=timezone.now() - timedelta(days=91))

    ask_task()

    assert len(mails()) == 1


# --- reporting ------------------------------------------------------------------------------------------------------


def test_report_is_kept_once(case):
    kept = report(case, text=f"  {TEXT}\r\n")
    again = report(case, now=NOW + timedelta(days=1))

    assert (kept.outcome, kept.text, kept.reported_at) == ("better", TEXT, NOW)
    assert again == kept
    assert audit_row(kept, "insert") == ("case.follow-up", case.presenter.participant_id, "")
    assert not {field.name for field in events(kept).last()._meta.fields} & {"text"}
    with pytest.raises(MoveRefusedError, match="already"):
        report(case, text="Something else.")


def test_only_the_presenter_reports(case, coordinator):
    for user in (coordinator, make_enrolment(case.presenter.cycle).participant):
        with pytest.raises(NotAllowedError):
            report(case, by=user)


@pytest.mark.parametrize("status", sorted(set(CaseStatus) - {CaseStatus.RECOMMENDATIONS_SENT}))
def test_report_follows_the_letter(status):
    with pytest.raises(MoveRefusedError, match="once you have its recommendations"):
        report(make_case(status=status.value))


@pytest.mark.parametrize("values", [{"text": " \n"}, {"outcome": ""}, {"outcome": "cured"}])
def test_report_says_something(case, values):
    with pytest.raises(BadInputError):
        report(case, **values)


def test_report_identifies_nobody(case):
    with pytest.raises(IdentifiersFoundError):
        report(case, text=STOP, is_confirmed=True)
    with pytest.raises(ConfirmFirstError):
        report(case, text=ASK)
    assert not CaseFollowUp.objects.exists()

    assert report(case, text=ASK, is_confirmed=True).text == ASK


@pytest.mark.django_db(transaction=True)
def test_report_sent_twenty_times_at_once_is_kept_once():
    case = answered()

    results = at_once([partial(report, case)] * THREADS)

    assert {result.pk for result in results} == {CaseFollowUp.objects.get().pk}


# --- the page -------------------------------------------------------------------------------------------------------


def url_of(case: CaseSubmission) -> str:
    return reverse("cases:case-follow-up", args=[case.echo_id])


def test_page_is_the_presenters_alone(client, case, coordinator, outsider):
    peer = make_enrolment(case.presenter.cycle).participant
    response = client.get(url_of(case))
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={url_of(case)}")

    for user in (coordinator, outsider, peer):
        client.force_login(user)
        assert client.get(url_of(case)).status_code == 404
        assert client.post(url_of(case), {"outcome": "better", "text": TEXT}).status_code == 404
    assert not CaseFollowUp.objects.exists()


def test_page_is_not_there_before_the_letter(client):
    case = make_case(status="presented")
    client.force_login(case.presenter.participant)

    assert client.get(url_of(case)).status_code == 404


def test_report_is_sent_and_shown(client, case):
    client.force_login(case.presenter.participant)
    page = client.get(url_of(case))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert "identifies nobody" not in page.content.decode()

    response = client.post(url_of(case), {"outcome": "better", "text": TEXT})

    assert (response.status_code, response["Location"]) == (
        302,
        reverse("cases:case-detail", args=[case.echo_id]),
    )
    assert CaseFollowUp.objects.get().text == TEXT
    shown = client.get(url_of(case)).content.decode()
    assert TEXT in shown
    assert "<textarea" not in shown


def test_empty_report_is_refused_with_what_is_missing(client, case):
    client.force_login(case.presenter.participant)

    response = client.post(url_of(case), {})

    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in page
    assert "Choose one." in page
    assert "Write what happened." in page


def test_identifier_is_refused_at_the_field_without_being_quoted(client, case):
    client.force_login(case.presenter.participant)

    response = client.post(url_of(case), {"outcome": "same", "text": STOP})

    page = response.content.decode()
    assert response.status_code == 422
    assert "Health number" in page
    assert page.count("1234567897") == 1, "in the text alone, where it was typed"
    assert 'name="identifies_nobody"' not in page
    assert not CaseFollowUp.objects.exists()


def test_what_may_identify_is_asked_about_and_confirmed_for_this_text_only(client, case):
    client.force_login(case.presenter.participant)
    data = {"outcome": "same", "text": ASK}

    response = client.post(url_of(case), data)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'name="identifies_nobody"' in page
    assert "checked" not in page.split('name="identifies_nobody"')[1].split(">")[0]
    assert "“Sudbury”: Name of a place." in page
    asked_about = response.context["form"]["asked_about"].value()

    ticked = {"asked_about": asked_about, "identifies_nobody": "on"}
    other = client.post(url_of(case), data | ticked | {"text": "Her village is Wawa now."})
    assert other.status_code == 422
    assert not CaseFollowUp.objects.exists()

    assert client.post(url_of(case), data | ticked).status_code == 302
    assert CaseFollowUp.objects.get().text == ASK
