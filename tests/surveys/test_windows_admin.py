"""The coordinator's pages of a survey: who has not answered, reminding, more time, dates by hand; and exports."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from outbox.models import OutgoingMail
from participants.models import User
from sessions_app.models import Cycle
from surveys.models import PseudonymLookup, SurveyAsk, SurveyPlan, SurveyWindow, WindowExtension
from tests.factories import (
    make_cycle,
    make_enrolment,
    make_instrument,
    make_response,
    make_user,
    make_window,
)
from tests.surveys.test_results import answer

pytestmark = pytest.mark.django_db


def staff(client: Client, *groups: str) -> User:
    user = make_user(is_staff=True)
    user.groups.add(*Group.objects.filter(name__in=groups))
    client.force_login(user)
    return user


@pytest.fixture
def coordinator(client) -> User:
    return staff(client, "Coordinators")


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle(sessions=1)


@pytest.fixture
def window(cycle) -> SurveyWindow:
    return make_window(cycle, closes_at=timezone.now() + timedelta(days=3))


def people_url(window: SurveyWindow) -> str:
    return reverse("admin:surveys_surveywindow_people", args=[window.pk])


def test_page_lists_who_has_not_answered_and_reminds_them(client, coordinator, cycle, window):
    late, begun, done = (
        make_enrolment(cycle, make_user(name=name)) for name in ("Lia Late", "Bo Begun", "Dee Done")
    )
    make_response(begun, window)
    make_response(done, window, submitted_at=timezone.now())

    html = client.get(people_url(window)).content.decode()
    assert "1 of 3 people have answered." in html
    assert html.index("Lia Late") < html.index("Dee Done")
    assert "Begun, not sent" in html

    page = client.post(people_url(window), {"chosen": "1", "person": [late.pk, done.pk]}, follow=True)
    assert "1 email is on its way." in page.content.decode()
    page = client.post(people_url(window), {"all": "1"}, follow=True)
    assert "1 email is on its way." in page.content.decode()
    page = client.post(people_url(window), {"all": "1"}, follow=True)
    assert "Nobody is left to remind today" in page.content.decode()

    assert {mail.recipient for mail in OutgoingMail.objects.all()} == {
        late.participant.email,
        begun.participant.email,
    }
    assert {ask.asked_by for ask in SurveyAsk.objects.all()} == {coordinator}


def test_nobody_ticked_reminds_nobody(client, coordinator, cycle, window):
    make_enrolment(cycle)

    page = client.post(people_url(window), {"chosen": "1"}, follow=True)

    assert "Tick who is to be reminded." in page.content.decode()
    assert not SurveyAsk.objects.exists()


def test_closed_survey_reminds_nobody_and_says_so(client, coordinator, cycle, window):
    make_enrolment(cycle)
    SurveyWindow.objects.filter(pk=window.pk).update(closes_at=timezone.now())

    page = client.post(people_url(window), {"all": "1"}, follow=True)

    assert "open for nobody now" in page.content.decode()


def test_page_gives_one_person_more_time_with_a_reason(client, coordinator, cycle, window):
    enrolment = make_enrolment(cycle, make_user(name="Lia Late"))
    values = {"extend": "1", "enrolment": enrolment.pk, "until": "2031-03-12T17:00", "reason": ""}
    assert (
        "More time for Lia Late" in client.get(f"{people_url(window)}?extend={enrolment.pk}").content.decode()
    )

    refused = client.post(people_url(window), values)
    assert refused.status_code == 422
    assert "More time for Lia Late" in refused.content.decode()
    early = client.post(people_url(window), values | {"until": "2020-01-01T00:00", "reason": "On leave."})
    assert early.status_code == 422
    page = client.post(people_url(window), values | {"reason": "On leave."}, follow=True)

    assert "Lia Late has until" in page.content.decode()
    extension = WindowExtension.objects.get()
    assert timezone.localtime(extension.closes_at).strftime("%Y-%m-%d %H:%M") == "2031-03-12 17:00"
    assert (extension.reason, extension.granted_by) == ("On leave.", coordinator)
    assert "(On leave.)" in client.get(people_url(window)).content.decode()


def test_file_of_people_tells_states_and_no_answers(client, coordinator, cycle, window):
    make_response(make_enrolment(cycle, make_user(name="Dee Done")), window, submitted_at=timezone.now())
    make_enrolment(cycle, make_user(name="=Lia Late"))

    response = client.get(reverse("admin:surveys_surveywindow_people_csv", args=[window.pk]))
    rows = list(csv.DictReader(StringIO(response.content.decode("utf-8-sig"))))

    assert {row["Name"]: row["State"] for row in rows} == {"Dee Done": "Answered", "'=Lia Late": "Not begun"}


def test_page_costs_the_same_queries_for_one_as_for_thirty(client, coordinator):
    counts = []
    for number in (1, 30):
        cycle = make_cycle()
        window = make_window(cycle)
        for _ in range(number):
            make_enrolment(cycle)
        client.get(people_url(window))
        with CaptureQueriesContext(connection) as queries:
            client.get(people_url(window))
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 15


def test_who_may_only_look_reminds_nobody(client, cycle, window):
    reader = staff(client)
    assert client.get(people_url(window)).status_code == 403
    reader.user_permissions.add(*permission("view_response"))
    # The page names people, too.
    assert client.get(people_url(window)).status_code == 403
    reader.user_permissions.add(*permission("view_enrolment"))

    assert client.get(people_url(window)).status_code == 200
    assert client.post(people_url(window), {"all": "1"}).status_code == 403


def permission(codename: str):
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename=codename)


def test_dates_set_by_hand_no_longer_follow_the_cycle(client, coordinator, window):
    url = reverse("admin:surveys_surveywindow_change", args=[window.pk])
    values = {
        "instrument": window.instrument_id,
        "opens_at_0": "2025-09-01",
        "opens_at_1": "09:00",
        "closes_at_0": "2031-01-01",
        "closes_at_1": "09:00",
        "reminder_days": ["3", "7"],
    }

    assert client.post(url, values).status_code == 302

    window.refresh_from_db()
    assert window.is_adjusted
    assert window.reminder_days == [3, 7]
    wrong = client.post(url, values | {"closes_at_0": "2020-01-01"})
    assert wrong.status_code == 422
    assert "closes before it opens" in wrong.content.decode()


def test_plan_is_kept_by_the_coordinator(client, coordinator, cycle):
    values = {
        "program": cycle.program_id,
        "kind": "evaluation",
        "opens_from": "session",
        "opens_days": "0",
        "closes_from": "session",
        "closes_days": "7",
        "reminder_days": ["2"],
        "is_active": "on",
    }
    url = reverse("admin:surveys_surveyplan_add")

    refused = client.post(url, values | {"opens_from": "first_day"})
    assert refused.status_code == 422
    assert client.post(url, values).status_code == 302
    assert SurveyPlan.objects.get().reminder_days == [2]


def test_unreleased_instrument_cannot_be_asked(client, coordinator, cycle):
    instrument = make_instrument(cycle.program, is_released=False)
    values = {
        "cycle": cycle.pk,
        "instrument": instrument.pk,
        "opens_at_0": "2025-09-01",
        "opens_at_1": "09:00",
    }

    assert client.post(reverse("admin:surveys_surveywindow_add"), values).status_code == 422


# --- exports and pseudonyms -----------------------------------------------------------------------------------------


def test_export_is_looked_at_then_downloaded_and_recorded(client, coordinator, cycle):
    window = make_window(cycle)
    answer(make_enrolment(cycle), window, q1=3)
    url = reverse("admin:surveys_export")
    values = {"scope": f"cycle-{cycle.pk}", "dataset": "people", "purpose": "program", "file_format": "csv"}

    looked = client.post(url, values | {"look": "1"}).content.decode()
    assert "1 row" in looked
    assert not LogEntry.objects.exists()
    for file_format, begins in (
        ("csv", b"\xef\xbb\xbf"),
        ("xlsx", b"PK"),
        ("sav", b"$FL2"),
        ("codebook", b"\xef\xbb\xbf"),
    ):
        response = client.post(url, values | {"file_format": file_format, "download": "1"})
        assert response.content.startswith(begins)
        assert "attachment" in response["Content-Disposition"]

    assert LogEntry.objects.count() == 4
    assert LogEntry.objects.latest("pk").user == coordinator
    assert "Exported 1 rows of people for program" in LogEntry.objects.latest("pk").change_message


def test_research_export_counts_who_is_left_out(client, coordinator, cycle):
    answer(make_enrolment(cycle), make_window(cycle), q1=3)
    values = {
        "scope": f"program-{cycle.program_id}",
        "dataset": "people",
        "purpose": "research",
        "file_format": "csv",
        "look": "1",
    }

    html = client.post(reverse("admin:surveys_export"), values).content.decode()

    assert "1 person is left out" in html
    assert "Download the file" not in html


@pytest.mark.parametrize(
    "wrong", [{"scope": "cycle-0"}, {"scope": ""}, {"file_format": "exe"}, {"purpose": "fun"}]
)
def test_export_of_nothing_known_is_refused(client, coordinator, cycle, wrong):
    values = {"scope": f"cycle-{cycle.pk}", "dataset": "people", "purpose": "program", "file_format": "csv"}

    assert client.post(reverse("admin:surveys_export"), values | wrong).status_code == 422


def test_pseudonym_is_looked_up_by_the_role_alone(client, cycle):
    enrolment = make_enrolment(cycle, make_user(name="Dee Done"))
    answer(enrolment, make_window(cycle), q1=3)
    code = enrolment.participant.pseudonyms.get().code
    url = reverse("admin:surveys_lookup")
    staff(client, "Coordinators")
    assert client.post(url, {"code": code, "reason": "Curious."}).status_code == 403
    steward = staff(client, "Pseudonym linkage")

    assert "Dee Done" not in client.get(url).content.decode()
    assert client.post(url, {"code": "NOBODY22", "reason": "A wish."}).status_code == 422
    page = client.post(url, {"code": code, "reason": "A wish."})

    assert "Dee Done" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert PseudonymLookup.objects.get().looked_up_by == steward
    assert client.get(reverse("admin:surveys_pseudonymlookup_changelist")).status_code == 200
