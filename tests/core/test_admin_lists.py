"""What every list of the administration can: kept filters, saved searches, confirmation, exports; and every history."""

from __future__ import annotations

import csv
import io

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from core.admin import PortalAdmin
from core.models import SavedSearch
from outbox.models import OutgoingMail
from participants.models import Profile, User
from sessions_app.models import Cycle, Enrolment
from sessions_app.services import move_cycle
from tests import factories as make
from tests.database import refused_by, write

pytestmark = pytest.mark.django_db

ENROLMENTS = "/admin/sessions_app/enrolment/"
THEIRS = {"account_emailaddress", "auth_group"}
"""Lists of libraries, which only administrators open."""


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


@pytest.fixture
def cycle(db) -> Cycle:
    return make.make_cycle(make.make_program(name="Pain"), name="Fall", starts_on=timezone.localdate())


def enrol_many(cycle: Cycle, number: int, *, first: int = 0) -> None:
    people = User.objects.bulk_create(
        User(email=f"l{at}@clinic.example", password="argon2$unknown") for at in range(first, first + number)
    )
    Profile.objects.bulk_create(
        Profile(user=person, legal_name=f"Person {at:04}", category="family_physician")
        for at, person in enumerate(people, first)
    )
    Enrolment.objects.bulk_create(
        Enrolment(cycle=cycle, participant=person, status="approved", enrolled_on=cycle.starts_on)
        for person in people
    )


def test_every_list_of_ours_has_the_same_tools() -> None:
    for model, list_admin in admin.site._registry.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        assert isinstance(list_admin, PortalAdmin) or name in THEIRS, name


# --- filters and searches ---


def test_list_is_found_as_it_was_left(desk, cycle) -> None:
    query = f"cycle__id__exact={cycle.pk}&status__exact=applied"
    assert desk.get(f"{ENROLMENTS}?{query}").status_code == 200
    back = desk.get(ENROLMENTS)
    assert (back.status_code, back["Location"]) == (302, f"{ENROLMENTS}?{query}")
    # Another list has its own; a link with a query of its own wins.
    assert desk.get("/admin/sessions_app/cycle/").status_code == 200
    assert desk.get(f"{ENROLMENTS}?status__exact=approved").status_code == 200
    assert desk.get(ENROLMENTS)["Location"] == f"{ENROLMENTS}?status__exact=approved"


def test_filters_that_were_taken_away_stay_away(desk, cycle) -> None:
    desk.get(f"{ENROLMENTS}?status__exact=applied")
    cleared = desk.get(
        ENROLMENTS, headers={"Referer": f"http://testserver{ENROLMENTS}?status__exact=applied"}
    )
    assert cleared.status_code == 200
    assert desk.get(ENROLMENTS).status_code == 200


def test_query_that_no_longer_works_locks_nobody_out(desk, cycle) -> None:
    answer = desk.get(f"{ENROLMENTS}?nothing__exact=3", follow=True)
    assert answer.status_code == 200
    assert desk.get(ENROLMENTS, follow=True).status_code == 200


def test_search_is_saved_for_its_owner_alone_and_given_up(desk, client, cycle, coordinator) -> None:
    query = f"cycle__id__exact={cycle.pk}"
    for _twice in range(2):
        desk.post(f"{ENROLMENTS}searches/", {"name": " My  people ", "query": query})
    search = SavedSearch.objects.get()
    assert (search.owner, search.name, search.query) == (coordinator, "My people", query)
    assert f'<a href="?{query}">My people</a>' in desk.get(f"{ENROLMENTS}?{query}").content.decode()
    desk.post(f"{ENROLMENTS}searches/", {"name": "", "query": query})
    desk.post(f"{ENROLMENTS}searches/", {"name": "Empty", "query": ""})
    assert SavedSearch.objects.count() == 1

    other = make.make_user(is_staff=True)
    other.groups.set(coordinator.groups.all())
    client.force_login(other)
    assert "My people" not in client.get(f"{ENROLMENTS}?{query}").content.decode()
    client.post(f"{ENROLMENTS}searches/", {"delete": str(search.pk)})
    assert SavedSearch.objects.count() == 1
    client.force_login(coordinator)
    client.post(f"{ENROLMENTS}searches/", {"delete": str(search.pk)})
    assert not SavedSearch.objects.exists()


def test_database_keeps_one_search_of_a_name(coordinator) -> None:
    values = {"owner": coordinator, "list": "sessions_app.cycle", "name": "Mine", "query": "q=x"}
    SavedSearch.objects.create(**values)
    with refused_by("core_savedsearch_name_once"):
        SavedSearch.objects.create(**values)


# --- asking first ---


def test_action_that_sends_mail_asks_first_with_a_count(desk, cycle) -> None:
    people = [make.make_enrolment(cycle, status="applied") for _ in range(2)]
    action = {"action": "approve", "_selected_action": [row.pk for row in people]}
    asked = desk.post(ENROLMENTS, action)
    words = asked.content.decode()
    assert "Each gets a place and the welcome email" in words
    assert "2 records" in words
    assert "This cannot be undone." in words
    assert not OutgoingMail.objects.exists()
    assert set(Enrolment.objects.values_list("status", flat=True)) == {"applied"}
    desk.post(ENROLMENTS, {**action, "confirmed": "yes"})
    desk.post(ENROLMENTS, {**action, "confirmed": "yes"})
    assert set(Enrolment.objects.values_list("status", flat=True)) == {"approved"}
    assert OutgoingMail.objects.count() == 2


def test_action_on_all_of_a_filtered_list_counts_all_of_them(desk, cycle) -> None:
    enrol_many(cycle, 120)
    Enrolment.objects.update(status="withdrawn")
    Enrolment.objects.update(status="applied")
    first = Enrolment.objects.earliest("pk")
    url = f"{ENROLMENTS}?cycle__id__exact={cycle.pk}"
    action = {"action": "waitlist", "_selected_action": [first.pk], "select_across": "1"}
    asked = desk.post(url, action)
    words = asked.content.decode()
    assert "120 records" in words
    assert "and 110 more" in words
    assert "People who are waiting can still be approved or declined." in words
    desk.post(url, {**action, "confirmed": "yes", "seen": asked.context["seen"]})
    assert Enrolment.objects.filter(status="waitlisted").count() == 120


def test_action_on_all_of_a_list_that_grew_meanwhile_asks_again(desk, cycle) -> None:
    enrol_many(cycle, 3)
    Enrolment.objects.update(status="withdrawn")
    Enrolment.objects.update(status="applied")
    action = {
        "action": "decline",
        "_selected_action": [Enrolment.objects.earliest("pk").pk],
        "select_across": "1",
    }
    asked = desk.post(f"{ENROLMENTS}?status__exact=applied", action)
    assert "3 records" in asked.content.decode()
    make.make_enrolment(cycle, status="applied")

    confirmed = action | {"confirmed": "yes", "seen": asked.context["seen"]}
    again = desk.post(f"{ENROLMENTS}?status__exact=applied", confirmed)
    words = again.content.decode()
    assert "The list has changed since you looked at it." in words
    assert "4 records" in words
    assert Enrolment.objects.filter(status="applied").count() == 4

    desk.post(f"{ENROLMENTS}?status__exact=applied", confirmed | {"seen": again.context["seen"]})
    assert Enrolment.objects.filter(status="declined").count() == 4


def test_what_can_be_undone_is_offered_once_and_done(desk, cycle) -> None:
    write(cycle, status="planned")
    cycles = "/admin/sessions_app/cycle/"
    action = {"action": "publish", "_selected_action": [cycle.pk], "confirmed": "yes"}
    words = desk.post(cycles, action, follow=True).content.decode()
    assert "Undo, for 1 record" in words
    assert Cycle.objects.get().status == "published"
    assert "Undo, for" not in desk.get(cycles).content.decode()
    undone = {"action": "unpublish", "_selected_action": [cycle.pk], "confirmed": "yes", "undone": "yes"}
    words = desk.post(cycles, undone, follow=True).content.decode()
    assert Cycle.objects.get().status == "planned"
    assert "Undo, for" not in words
    # By somebody who moved it meanwhile, it is refused in words.
    assert "cannot become" in desk.post(cycles, undone, follow=True).content.decode()


def test_undo_is_for_what_was_done_alone(desk, cycle) -> None:
    running = cycle
    planned = make.make_cycle(cycle.program, status="planned")
    action = {"action": "publish", "_selected_action": [planned.pk, running.pk], "confirmed": "yes"}
    words = desk.post("/admin/sessions_app/cycle/?status__exact=planned", action).content.decode()
    assert words == ""
    words = desk.get("/admin/sessions_app/cycle/?status__exact=planned").content.decode()
    assert "Undo, for 1 record" in words
    # To the list itself: as it is filtered, what was published is no longer on it.
    assert '<form class="list-tools" method="post" action="/admin/sessions_app/cycle/">' in words
    assert f'name="_selected_action" value="{planned.pk}"' in words
    assert f'name="_selected_action" value="{running.pk}"' not in words


def test_nothing_done_offers_no_undo(desk, cycle) -> None:
    action = {"action": "publish", "_selected_action": [cycle.pk], "confirmed": "yes"}
    words = desk.post("/admin/sessions_app/cycle/", action, follow=True).content.decode()
    assert "cannot become" in words
    assert "Undo, for" not in words


# --- exports ---


def test_export_holds_the_filtered_rows_as_text_and_is_on_record(desk, cycle, coordinator) -> None:
    make.make_enrolment(cycle, make.make_user(name="=HYPERLINK(1)"), status="applied")
    make.make_enrolment(cycle, make.make_user(name="Zoë"))
    answer = desk.get(f"{ENROLMENTS}export/csv/?status__exact=applied")
    assert answer["Content-Disposition"] == 'attachment; filename="enrolment.csv"'
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows[0][:4] == ["Participant", "Category", "Cycle", "Status"]
    assert [row[0] for row in rows[1:]] == ["'=HYPERLINK(1)"]
    assert rows[1][3] == "Applied"
    book = desk.get(f"{ENROLMENTS}export/xlsx/").content
    cells = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert {cells[1][0], cells[2][0]} == {"'=HYPERLINK(1)", "Zoë"}
    entries = LogEntry.objects.order_by("pk")
    assert [(entry.user, entry.object_repr) for entry in entries] == [
        (coordinator, "1 row"),
        (coordinator, "2 rows"),
    ]
    assert desk.get(f"{ENROLMENTS}export/pdf/").status_code == 404


def test_export_asks_as_many_questions_for_3_rows_as_for_300(desk, cycle) -> None:
    counts = []
    for first, number in ((0, 3), (3, 297)):
        enrol_many(cycle, number, first=first)
        b"".join(desk.get(f"{ENROLMENTS}export/csv/").streaming_content)
        with CaptureQueriesContext(connection) as asked:
            body = b"".join(desk.get(f"{ENROLMENTS}export/csv/").streaming_content)
        counts.append(len(asked))
    assert body.count(b"\n") == 301
    assert counts[0] == counts[1]


def test_only_who_may_see_a_list_takes_it_along(client, cycle) -> None:
    client.force_login(make.make_user(is_staff=True))
    assert client.get(f"{ENROLMENTS}export/csv/").status_code == 403
    assert client.post(f"{ENROLMENTS}searches/", {"name": "x", "query": "q=x"}).status_code == 403


def test_every_list_can_be_taken_along_and_stands_empty(desk) -> None:
    for model in admin.site._registry:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        listed = desk.get(base)
        if listed.status_code != 200:
            continue
        if not listed.context["cl"].result_count:
            assert "There is nothing in this list yet." in listed.content.decode(), base
        answer = desk.get(f"{base}export/csv/")
        if not getattr(admin.site._registry[model], "can_be_exported", False):
            assert answer.status_code == 404
            continue
        assert answer.status_code == 200, base
        assert b"".join(answer.streaming_content).count(b"\n") >= 1, base


# --- 0, 3 and 3,000 rows ---


def test_list_of_3000_pages_and_asks_as_many_questions_as_one_of_3(desk, cycle) -> None:
    counts = []
    for first, number in ((0, 3), (3, 2997)):
        enrol_many(cycle, number, first=first)
        for url in (ENROLMENTS, "/admin/participants/user/", "/admin/participants/profile/"):
            assert desk.get(url).status_code == 200
            with CaptureQueriesContext(connection) as asked:
                response = desk.get(url)
            counts.append(len(asked))
            assert response.context["cl"].result_count >= number
    assert counts[:3] == counts[3:]
    assert all(count <= 15 for count in counts)


# --- history ---


def test_history_says_who_changed_what_from_what_to_what_and_why(desk, cycle, coordinator) -> None:
    session = make.make_session(cycle, topic="Assessing pain", status="planned")
    desk.post(
        f"/admin/sessions_app/echosession/{session.pk}/cancel/",
        {"reason": "The speaker is ill.", "confirmed": "yes"},
    )
    write(session, topic="Tapering opioids")
    speaker = make.make_speaker(session, "Dr. Rao", disclosure="missing")
    write(speaker, disclosure="none")
    words = desk.get(f"/admin/sessions_app/echosession/{session.pk}/history/").content.decode()
    assert "<del>Assessing pain</del> → Tapering opioids" in words
    assert "<del>Missing</del> → Nothing to disclose" in words
    assert "The portal" in words
    move_cycle(cycle_id=cycle.pk, to=Cycle.Status.PLANNED, by=coordinator, now=timezone.now())
    words = desk.get(f"/admin/sessions_app/cycle/{cycle.pk}/history/").content.decode()
    assert "<del>Published</del> → Planned" in words
    assert "Cora Coordinator" in words


def test_history_asks_the_same_number_of_questions_for_3_changes_and_for_100(desk, cycle) -> None:
    url = f"/admin/sessions_app/cycle/{cycle.pk}/history/"
    counts = []
    for number in (3, 100):
        for at in range(number):
            write(cycle, name=f"Name {number} {at}")
        desk.get(url)
        with CaptureQueriesContext(connection) as asked:
            desk.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_history_of_every_record_opens_and_shows_no_secret(client) -> None:
    from tests.world import CASE, make_world

    world = make_world()
    client.force_login(world.coordinator)
    seen = 0
    for model in admin.site._registry:
        row = model._default_manager.first()
        if row is None:
            continue
        answer = client.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/{row.pk}/history/")
        assert answer.status_code in {200, 302, 403, 404}, model
        words = answer.content.decode()
        assert CASE["pain_history"].splitlines()[0] not in words, model
        assert world.participant.password not in words, model
        seen += answer.status_code == 200
    assert seen > 25


def test_history_is_closed_to_who_may_not_see_the_record(client, cycle) -> None:
    client.force_login(make.make_user(is_staff=True))
    assert client.get(f"/admin/sessions_app/cycle/{cycle.pk}/history/").status_code == 403
    assert client.get("/admin/sessions_app/cycle/99999/history/").status_code in {403, 404}


def test_undoing_leads_back_to_the_list_as_it_was_left(desk, cycle) -> None:
    planned = make.make_cycle(cycle.program, status="planned")
    desk.get("/admin/sessions_app/cycle/?status__exact=planned")
    undone = {"action": "unpublish", "_selected_action": [cycle.pk], "confirmed": "yes", "undone": "yes"}

    answer = desk.post("/admin/sessions_app/cycle/", undone)

    assert answer["Location"] == "/admin/sessions_app/cycle/?status__exact=planned"
    assert {planned.status, Cycle.objects.get(pk=cycle.pk).status} == {"planned"}
