"""The review desk: who comes to it, what it lists, what a case's page shows, and what is decided there."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import CaseFollowUp, CaseReading, CaseReview, CaseSubmission, CaseVersion
from sessions_app.models import EchoSession
from tests.cases.reviewing import ASK, STOP, let_go
from tests.database import write
from tests.factories import (
    CASE_CONTENT,
    make_case,
    make_cycle,
    make_enrolment,
    make_session,
    make_slot,
    make_user,
)

pytestmark = pytest.mark.django_db

SECRET = "zzlumbar"
CONTENT = CASE_CONTENT | {"pain_history": f"Twelve years of {SECRET} pain near the mill in Sudbury."}
START = CONTENT["pain_history"].index("Sudbury")
FINDINGS = [
    {
        "path": "pain_history",
        "start": START,
        "end": START + len("Sudbury"),
        "kind": "PLACE",
        "tier": "confirm",
        "reason": "gazetteer",
        "explanation": "A city of a hundred and sixty thousand.",
    }
]
DESK = "/admin/cases/casesubmission/desk/"


def url_of(case: CaseSubmission, page: str = "review") -> str:
    return reverse(f"admin:cases_casesubmission_{page}", args=[case.pk])


def text_of(response: HttpResponse) -> str:
    return unescape(response.content.decode())


@pytest.fixture
def desk(client: Client, coordinator: Any) -> Client:
    client.force_login(coordinator)
    return client


@pytest.fixture
def case(db: None) -> CaseSubmission:
    return make_case(status="in_review", content=CONTENT, findings=FINDINGS)


def version_of(case: CaseSubmission) -> CaseVersion:
    version = CaseSubmission.objects.get(pk=case.pk).version
    assert version is not None
    return version


def decide(client: Client, case: CaseSubmission, decision: str = "returned", **values: Any) -> Any:
    data = {"version": version_of(case).pk, "decision": decision, "comments": "", "decide": "1"} | values
    return client.post(url_of(case), data)


# --- who comes to it ------------------------------------------------------------------------------------------------


def test_desk_is_for_those_who_review(client, case, family_physician):
    bare = make_user(is_staff=True)
    viewer = make_user(is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_casesubmission"))
    pages = [DESK, url_of(case), url_of(case, "strike")]

    for page in pages:
        assert client.get(page).status_code == 302
    client.force_login(family_physician)
    for page in pages:
        assert client.get(page).status_code == 302
    for user in (bare, viewer):
        client.force_login(user)
        for page in pages:
            assert client.get(page).status_code == 403
            assert client.post(page, {"start": "1", "decide": "1"}).status_code == 403
    assert not CaseReading.objects.exists()
    case.refresh_from_db()
    assert case.status == "in_review"


def test_record_of_a_case_leads_to_the_desk_and_to_its_review(desk, case):
    draft = make_case(content=CONTENT)

    assert f'href="{DESK}"' in text_of(desk.get("/admin/cases/casesubmission/"))
    assert f'href="{url_of(case)}"' in text_of(desk.get(url_of(case, "change")))
    assert url_of(draft) not in text_of(desk.get(url_of(draft, "change")))


@pytest.mark.parametrize("kind", ["casesubmission", "casereview", "casereading", "casefollowup"])
def test_records_hold_no_word_of_a_text(desk, case, kind):
    other = make_case(status="returned", content=CONTENT, findings=FINDINGS)
    report = CaseFollowUp.objects.create(
        case=other, outcome="better", text=SECRET, reported_at=timezone.now()
    )
    reading = CaseReading.objects.create(case=other, version=other.version, what="case", reader=make_user())
    rows = {
        "casesubmission": case,
        "casereview": CaseReview.objects.get(),
        "casereading": reading,
        "casefollowup": report,
    }

    for page in (f"/admin/cases/{kind}/", f"/admin/cases/{kind}/{rows[kind].pk}/change/"):
        response = desk.get(page)
        assert response.status_code == 200
        assert SECRET not in text_of(response)
        assert "what was tried before" not in text_of(response)


# --- what it lists --------------------------------------------------------------------------------------------------


def test_desk_lists_each_case_by_what_it_waits_for_and_of_drafts_only_how_many(desk):
    now = timezone.now()
    cycle = make_cycle(starts_on=timezone.localdate(now))
    ahead = make_session(cycle, starts_at=now + timedelta(days=9), status="confirmed")
    over = make_session(cycle, starts_at=now - timedelta(days=1), status="confirmed")
    cancelled = make_session(cycle, starts_at=now + timedelta(days=2), status="cancelled")

    def brought(status: str, session: EchoSession | None = None) -> CaseSubmission:
        return make_case(make_enrolment(cycle), status=status, session=session, content=CONTENT)

    expected = {
        "To be reviewed (2)": [brought("submitted"), brought("in_review")],
        "To be scheduled (1)": [brought("approved")],
        "To be rescheduled: their session is cancelled, or their presenter let it go (2)": [
            brought("scheduled", cancelled),
            let_go(brought("scheduled", over)),
        ],
        "Session over: was it presented? (1)": [brought("scheduled", over)],
        "Scheduled (1)": [brought("scheduled", ahead)],
        "Presented: the recommendations are being written (1)": [brought("presented", over)],
        "Returned: with their authors (1)": [brought("returned")],
    }
    draft = brought("draft")
    brought("recommendations_sent", over)

    page = text_of(desk.get(DESK)).split('id="content-main"')[1]

    tables = {
        part.split("</caption>")[0].strip(): part.split("</table>")[0] for part in page.split("<caption>")[1:]
    }
    assert {
        caption: [case.echo_id in table for case in expected[caption]] for caption, table in tables.items()
    } == {caption: [True] * len(cases) for caption, cases in expected.items()}
    assert draft.echo_id not in page
    assert draft.presenter.participant.get_full_name() not in page
    assert "1 case is being written." in page
    assert "1 case has its recommendations" in page
    assert SECRET not in page


def test_desk_of_one_cycle_shows_that_cycle(desk):
    here, there = make_case(status="submitted"), make_case(status="submitted")

    page = text_of(desk.get(f"{DESK}?cycle={here.presenter.cycle_id}"))

    assert here.echo_id in page
    assert there.echo_id not in page
    assert desk.get(f"{DESK}?cycle=999999").status_code == 404
    assert text_of(desk.get(f"{DESK}?cycle=x")).count("ECHO-") == 2


def test_empty_desk_says_so(desk):
    assert "No case waits to be read." in text_of(desk.get(DESK))


@pytest.mark.parametrize("number", [1, 3])
def test_desk_takes_the_same_queries_for_any_number(desk, number, django_assert_num_queries):
    cycle = make_cycle(sessions=1)
    for status in ("submitted", "approved", "scheduled", "returned"):
        for _number in range(number):
            make_case(make_enrolment(cycle), status=status)
    desk.get(DESK)

    with django_assert_num_queries(9):
        desk.get(DESK)


# --- the page of a case ---------------------------------------------------------------------------------------------


def test_draft_does_not_exist_for_a_coordinator(desk):
    draft = make_case(content=CONTENT)

    for page in ("review", "strike"):
        assert desk.get(url_of(draft, page)).status_code == 404
        assert desk.post(url_of(draft, page), {"start": "1"}).status_code == 404
    assert not CaseReading.objects.exists()


def test_case_is_shown_with_its_findings_and_what_was_signed(desk, case, coordinator):
    response = desk.get(url_of(case))

    page = text_of(response)
    assert "no-store" in response["Cache-Control"]
    assert SECRET in page
    assert SECRET not in page.split("</title>")[0]
    assert "Name of a place" in page
    assert "A city of a hundred and sixty thousand." in page
    version = version_of(case)
    assert version.attestation in page
    assert f"Signed {version.signed_name}" in page
    reading = CaseReading.objects.get()
    assert (reading.case, reading.version, reading.what, reading.reader) == (
        case,
        version,
        "review",
        coordinator,
    )
    assert "Cora Coordinator</th>" in page.split("Who read this case")[1]


def test_earlier_version_is_shown_with_what_was_decided_about_it(desk):
    case = make_case(status="returned", content=CONTENT | {"goals": "zzearlier"})
    first = version_of(case)
    second = CaseVersion.objects.create(
        case=case, number=2, content=CONTENT, attestation="–", signed_name="–", submitted_at=timezone.now()
    )
    write(case, version=second, status="submitted")

    page = text_of(desk.get(url_of(case)))
    assert "zzearlier" not in page
    assert "Please say what was tried before." in page
    assert "Start the review" in page

    earlier = text_of(desk.get(f"{url_of(case)}?version={first.pk}"))
    assert "zzearlier" in earlier
    assert "You are looking at the earlier version 1." in earlier
    assert "Start the review" not in earlier
    assert list(CaseReading.objects.order_by("pk").values_list("version", flat=True)) == [second.pk, first.pk]


def test_version_of_another_case_does_not_exist_here(desk, case):
    other = version_of(make_case(status="submitted"))

    for page in ("review", "strike"):
        assert desk.get(f"{url_of(case, page)}?version={other.pk}").status_code == 404
        assert desk.get(f"{url_of(case, page)}?version=x").status_code == 404
    assert desk.post(url_of(case, "strike"), {"version": other.pk, "reason": "A name."}).status_code == 404


def test_case_without_a_text_says_so(desk):
    case = make_case(status="submitted", content={})

    assert "The text of this case was not kept" in text_of(desk.get(url_of(case)))


@pytest.mark.parametrize("number", [1, 3])
def test_page_takes_the_same_queries_for_any_number(desk, case, number, django_assert_num_queries):
    for place in range(number):
        CaseReading.objects.create(case=case, version=case.version, what="case", reader=make_user())
        make_slot(
            make_session(
                case.presenter.cycle, starts_at=timezone.now() + timedelta(days=place + 1), status="confirmed"
            )
        )
        version = CaseVersion.objects.create(
            case=case,
            number=place + 2,
            content={},
            attestation="–",
            signed_name="–",
            submitted_at=timezone.now(),
        )
        CaseReview.objects.create(
            version=version, decision="approved", reviewed_by=make_user(), reviewed_at=timezone.now()
        )
    desk.get(url_of(case))

    with django_assert_num_queries(11):
        desk.get(url_of(case))


# --- deciding -------------------------------------------------------------------------------------------------------


def test_review_is_started_with_a_button(desk):
    case = make_case(status="submitted")

    response = desk.post(url_of(case), {"start": "1"}, follow=True)

    assert "The case is in review." in text_of(response)
    case.refresh_from_db()
    assert case.status == "in_review"


def test_case_is_approved(desk, case):
    response = decide(desk, case, "approved")

    assert (response.status_code, response["Location"]) == (302, url_of(case))
    case.refresh_from_db()
    assert case.status == "approved"


def test_case_is_returned_with_comments(desk, case):
    assert decide(desk, case, comments="Please say what was tried.").status_code == 302

    case.refresh_from_db()
    assert case.status == "returned"
    assert CaseReview.objects.get().comments == "Please say what was tried."


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"decision": ""}, "Choose whether to approve or to return the case."),
        ({"comments": "  "}, "Write what the author is to change."),
    ],
)
def test_decision_that_is_not_complete_is_refused_on_the_same_page(desk, case, values, words):
    response = decide(desk, case, **values)

    page = text_of(response)
    assert response.status_code == 422
    assert "<title>Error: " in page
    assert words in page
    assert SECRET in page
    assert not CaseReview.objects.exists()


def test_comment_with_an_identifier_is_refused_and_one_that_may_be_is_asked_about(desk, case):
    refused = decide(desk, case, comments=STOP)
    assert refused.status_code == 422
    assert "Health number" in text_of(refused)

    asked = decide(desk, case, comments=ASK)
    assert asked.status_code == 422
    assert 'name="identifies_nobody"' in text_of(asked)
    assert not CaseReview.objects.exists()

    confirmed = {"asked_about": asked.context["form"]["asked_about"].value(), "identifies_nobody": "on"}
    assert decide(desk, case, comments=ASK, **confirmed).status_code == 302
    assert CaseReview.objects.get().comments == ASK


def test_version_that_was_replaced_meanwhile_is_not_decided(desk, case):
    read = version_of(case).pk
    newer = CaseVersion.objects.create(
        case=case, number=2, content=CONTENT, attestation="–", signed_name="–", submitted_at=timezone.now()
    )
    write(case, version=newer)

    response = decide(desk, case, "approved", version=read)

    assert response.status_code == 422
    assert "another version" in text_of(response)
    assert not CaseReview.objects.exists()


# --- scheduling -----------------------------------------------------------------------------------------------------


def coming(case: CaseSubmission, **values: Any) -> EchoSession:
    given: dict[str, Any] = {
        "starts_at": timezone.now() + timedelta(days=7),
        "status": "confirmed",
        "topic": "Sleep",
    } | values
    return make_session(case.presenter.cycle, **given)


def test_case_is_scheduled_into_a_coming_session_with_a_slot(desk):
    case = make_case(status="approved")
    session = coming(case)
    make_slot(session)
    days = iter(range(8, 20))

    def later() -> Any:
        return timezone.now() + timedelta(days=next(days))

    make_slot(coming(case, starts_at=later(), status="cancelled", topic="Cancelled one"))
    make_slot(coming(case, starts_at=later(), status="held", topic="Held one"))
    make_slot(coming(case, starts_at=timezone.now() - timedelta(days=1), topic="Past one"))
    make_slot(coming(case, starts_at=later(), topic="Full one"), make_enrolment(case.presenter.cycle))
    coming(case, starts_at=later(), topic="One without slots")
    make_slot(coming(case, starts_at=later(), topic="Own one"), case.presenter)
    elsewhere = make_session(make_cycle(), topic="Elsewhere", starts_at=later(), status="confirmed")
    make_slot(elsewhere)

    options = text_of(desk.get(url_of(case))).split("<select")[1].split("</select>")[0]
    assert "Sleep" in options
    assert "Own one (the presenter's slot)" in options
    for word in ("Cancelled", "Held", "Past", "Full", "without", "Elsewhere"):
        assert word not in options

    assert desk.post(url_of(case), {"schedule": "1", "session": elsewhere.pk}).status_code == 422
    assert desk.post(url_of(case), {"schedule": "1", "session": session.pk}).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.session) == ("scheduled", session)


def test_cycle_without_a_free_slot_says_where_slots_are_added(desk):
    case = make_case(status="approved")

    page = text_of(desk.get(url_of(case)))

    assert "No coming session of the cycle has a slot" in page
    assert f'href="/admin/sessions_app/cycle/{case.presenter.cycle_id}/change/"' in page


def test_case_of_a_cancelled_session_is_to_be_rescheduled(desk):
    case = make_case(status="approved")
    gone, session = (
        coming(case, status="cancelled"),
        coming(case, starts_at=timezone.now() + timedelta(days=9)),
    )
    make_slot(session)
    case = make_case(case.presenter, status="scheduled", session=gone)

    assert "The session of this case is cancelled. Choose another one." in text_of(desk.get(url_of(case)))
    desk.post(url_of(case), {"schedule": "1", "session": session.pk})

    case.refresh_from_db()
    assert case.session == session


def test_case_whose_presenter_let_the_session_go_is_to_be_rescheduled_even_into_it_again(desk):
    case = make_case(status="approved")
    session = coming(case)
    case = let_go(make_case(case.presenter, status="scheduled", session=session))

    page = text_of(desk.get(url_of(case)))
    assert "The presenter has let this session go. Choose another one." in page
    assert f'<option value="{session.pk}">' in page
    assert desk.post(url_of(case), {"schedule": "1", "session": session.pk}).status_code == 302

    assert session.slots.filter(enrolment=case.presenter).exists()
    assert "has let this session go" not in text_of(desk.get(url_of(case)))


def test_case_of_who_has_left_the_cycle_says_so(desk):
    case = let_go(make_case(status="scheduled"))
    write(case.presenter, status="withdrawn")

    assert "The presenter is not in the cycle any more, so the case is not presented." in text_of(
        desk.get(url_of(case))
    )


def test_coordinator_may_say_that_it_was_presented_although_the_slot_was_let_go(desk):
    case = make_case(status="approved")
    begun = coming(case, starts_at=timezone.now() - timedelta(minutes=5))
    case = let_go(make_case(case.presenter, status="scheduled", session=begun))
    assert "Yes, it was presented" in text_of(desk.get(url_of(case)))

    desk.post(url_of(case), {"present": "1"})

    case.refresh_from_db()
    assert case.status == "presented"


def test_case_is_marked_as_presented_once_its_session_has_begun(desk):
    case = make_case(status="approved")
    ahead, begun = coming(case), coming(case, starts_at=timezone.now() - timedelta(minutes=5))
    later = make_case(case.presenter, status="scheduled", session=ahead)
    now = make_case(case.presenter, status="scheduled", session=begun)

    assert "Yes, it was presented" not in text_of(desk.get(url_of(later)))
    refused = desk.post(url_of(later), {"present": "1"}, follow=True)
    assert "has not begun yet" in text_of(refused)
    assert "Yes, it was presented" in text_of(desk.get(url_of(now)))
    desk.post(url_of(now), {"present": "1"})

    assert [CaseSubmission.objects.get(pk=each.pk).status for each in (later, now)] == [
        "scheduled",
        "presented",
    ]


# --- striking out ---------------------------------------------------------------------------------------------------


def test_version_is_struck_out_after_a_page_that_says_what_that_means(desk, case, coordinator):
    version = version_of(case)
    assert f"{url_of(case, 'strike')}?version={version.pk}" in text_of(desk.get(url_of(case)))
    asked = desk.get(f"{url_of(case, 'strike')}?version={version.pk}")
    assert "This cannot be undone." in text_of(asked)
    assert SECRET not in text_of(asked)

    empty = desk.post(url_of(case, "strike"), {"version": version.pk, "reason": " "})
    assert empty.status_code == 422
    assert version_of(case).content == CONTENT

    response = desk.post(url_of(case, "strike"), {"version": version.pk, "reason": "It holds a name."})
    assert (response.status_code, response["Location"]) == (302, url_of(case))
    page = text_of(desk.get(url_of(case)))
    assert SECRET not in page
    assert "This version was struck out on" in page
    assert version_of(case).struck_by == coordinator
    assert desk.get(f"{url_of(case, 'strike')}?version={version.pk}").status_code == 302
