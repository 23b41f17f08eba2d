"""The coordinator's list of sessions and the page of one: what it saves, what it refuses, and what is missing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pghistory.models import Events

from core.errors import BadInputError, MoveRefusedError
from core.models import StoredFile
from sessions_app.models import Cycle, EchoSession, Material, SessionNotice, SessionObjective, Speaker
from sessions_app.services import change_session, set_objectives, set_slots
from tests import documents as made
from tests.factories import (
    make_attendance,
    make_cycle,
    make_enrolment,
    make_material,
    make_program,
    make_report,
    make_session,
    make_slot,
    make_speaker,
    make_unmatched,
    make_user,
)

LIST = reverse("admin:sessions_app_echosession_changelist")
Status = EchoSession.Status


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


@pytest.fixture
def cycle(db):
    today = timezone.localdate()
    program = make_program()
    program.objectives.create(position=1, text="Assess pain.", text_fr="Évaluer la douleur.")
    program.objectives.create(position=2, text="Plan treatment.")
    return make_cycle(
        program, name="This season", starts_on=today - timedelta(days=7), ends_on=today + timedelta(days=90)
    )


@pytest.fixture
def session(cycle):
    """A session to come, in a published cycle, with one free slot."""
    session = make_session(cycle, week=3, status=Status.PLANNED, meeting_url="https://video.example/room")
    make_slot(session)
    return session


def page_of(session):
    return reverse("admin:sessions_app_echosession_change", args=[session.pk])


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def as_shown(response):
    """What a browser would send back if nothing were touched."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    fields = [field for form in forms for field in form if not field.field.disabled]
    values = {field.html_name: field.value() for field in fields}
    return {name: value for name, value in values.items() if value is not None}


def save(desk, session, **changes):
    """Save the page of the session as it is shown, but for the changes; __ in a name is a hyphen."""
    shown = as_shown(desk.get(page_of(session)))
    changed = {name.replace("__", "-"): value for name, value in changes.items()}
    return desk.post(page_of(session), shown | changed)


# --- the page -------------------------------------------------------------------------------------------------------


def test_page_saved_untouched_changes_nothing(desk, session):
    make_speaker(session, disclosure=Speaker.Disclosure.NONE)
    make_material(session)
    session.refresh_from_db()
    before = EchoSession.objects.values().get(pk=session.pk)

    saved = save(desk, session)

    assert saved.status_code == 302
    assert EchoSession.objects.values().get(pk=session.pk) == before
    assert (session.speakers.count(), session.materials.count(), session.slots.count()) == (1, 1, 1)
    assert not SessionNotice.objects.exists()


def test_session_its_speaker_its_objectives_and_its_slots_are_saved_as_one_deed(desk, session, coordinator):
    first, second = session.cycle.program.objectives.all()

    saved = save(
        desk,
        session,
        topic="Opioid tapering",
        summary="How to begin.",
        serves=[first.pk, second.pk],
        slot_count=2,
        speakers__0__name="Dr. Ada Okonkwo",
        speakers__0__affiliation="Queen’s University",
        speakers__0__disclosure="declared",
        speakers__0__disclosure_text="Speaker’s fees of a maker of devices.",
    )

    assert saved.status_code == 302
    session.refresh_from_db()
    assert (session.topic, session.summary) == ("Opioid tapering", "How to begin.")
    assert list(session.objectives.all()) == [first, second]
    assert [slot.position for slot in session.slots.all()] == [1, 2]
    speaker = session.speakers.get()
    assert (speaker.name, speaker.disclosure) == ("Dr. Ada Okonkwo", "declared")
    deeds = [Events.objects.tracks(row).order_by("pgh_id").last().pgh_context for row in (session, speaker)]
    assert [(deed["verb"], deed["user"]) for deed in deeds] == [("admin.echosession", coordinator.pk)] * 2


def test_objectives_of_another_program_are_not_offered_and_refused(desk, session):
    foreign = make_program().objectives.create(position=1, text="Something else.")

    assert "Something else." not in text_of(desk.get(page_of(session)))
    refused = save(desk, session, serves=[foreign.pk])

    assert refused.status_code == 422
    assert not SessionObjective.objects.exists()
    with pytest.raises(BadInputError, match="session's own program"):
        set_objectives(session_id=session.pk, objective_ids=[foreign.pk], by=make_user())


def test_objectives_are_set_and_set_again(session, coordinator):
    first, second = session.cycle.program.objectives.all()

    for _time in range(2):
        set_objectives(session_id=session.pk, objective_ids=[first.pk], by=coordinator)
    kept = session.session_objectives.get()
    set_objectives(session_id=session.pk, objective_ids=[first.pk, second.pk], by=coordinator)

    assert list(session.objectives.all()) == [first, second]
    assert session.session_objectives.filter(pk=kept.pk).exists()
    set_objectives(session_id=session.pk, objective_ids=[], by=coordinator)
    assert not session.objectives.exists()


def test_declared_relationships_must_be_written_down(desk, session):
    refused = save(desk, session, speakers__0__name="Dr. Ada Okonkwo", speakers__0__disclosure="declared")

    assert refused.status_code == 422
    assert "Write down the relationships that were declared." in text_of(refused)
    assert 'value="Dr. Ada Okonkwo"' in refused.content.decode()
    assert not Speaker.objects.exists()


@pytest.mark.parametrize(
    ("speakers", "words"),
    [
        ([], "Nobody is named as the speaker yet."),
        ([{"name": "Dr. Bo Lin"}], "The conflict-of-interest disclosure of Dr. Bo Lin is missing."),
        ([{"name": "Dr. Bo Lin", "disclosure": "none"}], ""),
    ],
)
def test_page_says_what_is_missing_about_the_speakers(desk, session, speakers, words):
    for values in speakers:
        make_speaker(session, **values)

    shown = text_of(desk.get(page_of(session)))

    if words:
        assert words in shown
    else:
        assert "Nobody is named" not in shown
        assert "is missing" not in shown


def test_cycle_times_and_status_are_not_the_forms_to_change(desk, session, cycle):
    other = make_cycle(cycle.program, name="Another season")
    before = EchoSession.objects.values().get(pk=session.pk)

    saved = save(
        desk,
        session,
        cycle=other.pk,
        status="held",
        starts_at_0="2020-01-02",
        starts_at_1="10:00",
        ends_at_0="x",
    )

    assert saved.status_code == 302
    assert EchoSession.objects.values().get(pk=session.pk) == before


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        (Status.PLANNED, {"confirm", "move", "cancel"}),
        (Status.CONFIRMED, {"move", "cancel"}),
        (Status.CANCELLED, {"reinstate"}),
        (Status.HELD, set()),
    ],
)
def test_page_offers_what_may_happen_to_the_session(desk, session, status, offered):
    EchoSession.objects.filter(pk=session.pk).update(status=status)

    shown = desk.get(page_of(session)).content.decode()

    for verb in ("confirm", "move", "cancel", "reinstate"):
        url = reverse(f"admin:sessions_app_echosession_{verb}", args=[session.pk])
        assert (f'"{url}"' in shown) is (verb in offered), verb


def test_confirming_from_the_page_confirms(desk, session):
    desk.post(reverse("admin:sessions_app_echosession_confirm", args=[session.pk]))

    session.refresh_from_db()
    assert session.status == Status.CONFIRMED


def test_another_meeting_link_is_told_to_the_enrolled(desk, session):
    save(desk, session, topic="Opioid tapering")
    assert not SessionNotice.objects.exists()

    save(desk, session, meeting_url="https://video.example/another")

    notice = SessionNotice.objects.get()
    assert (notice.session, notice.was_meeting_url) == (session, "https://video.example/room")
    session.refresh_from_db()
    assert session.sequence == 2


def test_another_meeting_link_of_a_planned_cycle_is_told_to_nobody(desk, session):
    Cycle.objects.filter(pk=session.cycle_id).update(status=Cycle.Status.PLANNED)

    save(desk, session, meeting_url="https://video.example/another")

    assert not SessionNotice.objects.exists()
    session.refresh_from_db()
    assert session.meeting_url == "https://video.example/another"


@pytest.mark.parametrize("url", ["ftp://video.example/room", "javascript:alert(1)", "nonsense"])
def test_meeting_link_is_of_the_web(desk, session, url):
    refused = save(desk, session, meeting_url=url)

    assert refused.status_code == 422
    session.refresh_from_db()
    assert session.meeting_url == "https://video.example/room"


def test_change_writes_nothing_but_its_own_fields(session, coordinator):
    stale = EchoSession.objects.get(pk=session.pk)
    EchoSession.objects.filter(pk=session.pk).update(status=Status.CANCELLED)
    stale.topic = "Opioid tapering"

    change_session(session=stale, fields=["topic"], by=coordinator, now=timezone.now())

    session.refresh_from_db()
    assert (session.topic, session.status, stale.status) == ("Opioid tapering", "cancelled", "cancelled")


def test_each_change_stands_in_the_audit_trail_under_its_verb(session, coordinator):
    objective = session.cycle.program.objectives.first()
    session.topic = "Opioid tapering"
    for _time in range(2):
        change_session(session=session, fields=["topic"], by=coordinator, now=timezone.now())
        set_objectives(session_id=session.pk, objective_ids=[objective.pk], by=coordinator)
        set_slots(session_id=session.pk, count=2, by=coordinator)

    rows = (session, session.session_objectives.get(), session.slots.get(position=2))
    deeds = [Events.objects.tracks(row).order_by("pgh_id").last().pgh_context for row in rows]
    assert [(deed["verb"], deed["user"]) for deed in deeds] == [
        ("session.change", coordinator.pk),
        ("session.objectives", coordinator.pk),
        ("session.slots", coordinator.pk),
    ]
    session.refresh_from_db()
    assert (session.sequence, session.session_objectives.count(), session.slots.count()) == (1, 1, 2)


# --- presenter slots ------------------------------------------------------------------------------------------------


def test_slots_are_added_behind_the_last_and_free_ones_taken_away_from_there(session, coordinator):
    presenter = make_enrolment(session.cycle)
    set_slots(session_id=session.pk, count=3, by=coordinator)
    session.slots.filter(position=2).update(enrolment=presenter, taken_at=timezone.now())

    for _time in range(2):
        set_slots(session_id=session.pk, count=1, by=coordinator)

    assert session.slots.get().enrolment == presenter
    set_slots(session_id=session.pk, count=2, by=coordinator)
    assert [slot.position for slot in session.slots.all()] == [2, 3]


@pytest.mark.parametrize(("count", "error"), [(-1, BadInputError), (6, BadInputError), (0, MoveRefusedError)])
def test_slots_that_are_taken_or_too_many_are_refused(session, coordinator, count, error):
    session.slots.update(enrolment=make_enrolment(session.cycle), taken_at=timezone.now())

    with pytest.raises(error):
        set_slots(session_id=session.pk, count=count, by=coordinator)
    assert session.slots.count() == 1


def test_page_refuses_fewer_slots_than_are_taken(desk, session):
    session.slots.update(enrolment=make_enrolment(session.cycle), taken_at=timezone.now())

    refused = save(desk, session, slot_count=0)

    assert refused.status_code == 422
    assert "1 slot is taken." in text_of(refused)
    assert session.slots.count() == 1


# --- materials ------------------------------------------------------------------------------------------------------


def test_file_and_link_are_added_changed_and_removed(desk, session, coordinator):
    upload = SimpleUploadedFile("Évaluation.pdf", made.PDF, content_type="text/html")
    assert save(desk, session, materials__0__title="Slides", materials__0__upload=upload).status_code == 302
    url = "https://library.example/a"
    assert save(desk, session, materials__1__title="To read", materials__1__url=url).status_code == 302

    file, link = session.materials.order_by("pk")
    assert (file.filename, file.file.content_type, file.url) == ("Évaluation.pdf", "application/pdf", "")
    assert (link.url, link.file) == (url, None)
    shown = desk.get(page_of(session)).content.decode()
    assert f'href="{reverse("sessions_app:material", args=[file.pk])}"' in shown
    assert f'<a href="{url}" rel="noreferrer">' in shown

    saved = save(desk, session, materials__0__title="Slides, mended", materials__1__DELETE="on")

    assert saved.status_code == 302
    assert session.materials.get().title == "Slides, mended"
    removed = Events.objects.tracks(link).order_by("pgh_id").last()
    assert (removed.pgh_label, removed.pgh_context["user"]) == ("delete", coordinator.pk)
    save(desk, session, materials__0__DELETE="on")
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("filename", "content", "words"),
    [
        ("slides.pdf", b"", "This file is empty."),
        ("slides.pdf.exe", made.EXE, "Files of this kind are not taken."),
        ("slides.pdf", made.HTML, "not what the end of its name says"),
        ("picture.svg", made.SVG, "Files of this kind are not taken."),
        ("slides.pdf", b"%PDF-" + bytes(20 * 1024 * 1024), "larger than 20 MB"),
        ("a" * 300 + ".pdf", made.PDF, "longer than 200 letters"),
    ],
    ids=["empty", "program", "html", "svg", "large", "long name"],
)
def test_file_that_is_not_taken_is_refused_where_it_was_chosen(desk, session, filename, content, words):
    upload = SimpleUploadedFile(filename, content, content_type="application/pdf")

    refused = save(desk, session, topic="Kept", materials__0__title="Slides", materials__0__upload=upload)

    assert refused.status_code == 422
    assert words in text_of(refused)
    assert "<title>Error: " in refused.content.decode()
    assert 'value="Kept"' in refused.content.decode()
    assert not Material.objects.exists()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    "values",
    [
        {"materials__0__title": "Nothing"},
        {"materials__0__title": "Both", "materials__0__url": "https://library.example/a", "has_file": True},
        {"materials__0__title": "Odd", "materials__0__url": "javascript:alert(1)"},
        {"materials__0__title": "Odd", "materials__0__url": "ftp://library.example/a"},
    ],
)
def test_material_is_one_link_of_the_web_or_one_file(desk, session, values):
    if values.pop("has_file", False):
        values["materials__0__upload"] = SimpleUploadedFile("slides.pdf", made.PDF)

    assert save(desk, session, **values).status_code == 422
    assert not Material.objects.exists()


# --- a new session --------------------------------------------------------------------------------------------------


def new_session(cycle, **changes):
    day = f"{cycle.starts_on + timedelta(days=14):%Y-%m-%d}"
    times = {"starts_at_0": day, "starts_at_1": "12:30", "ends_at_0": day, "ends_at_1": "14:00"}
    return {"cycle": cycle.pk, "topic": "An extra session", "slot_count": 2, **times, **changes}


def test_new_session_is_added_with_its_slots_and_leads_to_its_page(desk, cycle):
    url = reverse("admin:sessions_app_echosession_add")
    assert desk.get(url).status_code == 200

    added = desk.post(url, new_session(cycle))

    session = EchoSession.objects.get()
    assert added["Location"] == page_of(session)
    assert (session.status, session.minutes, session.slots.count()) == ("planned", 90, 2)
    assert not session.speakers.exists()


@pytest.mark.parametrize(
    "changes", [{"ends_at_1": "12:00"}, {"topic": ""}, {"slot_count": 6}, {"meeting_url": "ftp://x.example"}]
)
def test_new_session_that_cannot_be_is_refused(desk, cycle, changes):
    refused = desk.post(reverse("admin:sessions_app_echosession_add"), new_session(cycle, **changes))

    assert refused.status_code == 422
    assert not EchoSession.objects.exists()


def test_second_session_at_the_same_time_is_refused(desk, cycle):
    url = reverse("admin:sessions_app_echosession_add")
    desk.post(url, new_session(cycle))

    assert desk.post(url, new_session(cycle)).status_code == 422
    assert EchoSession.objects.count() == 1


# --- the list -------------------------------------------------------------------------------------------------------


def busy_sessions(cycle, number, *, first=0):
    """Sessions with everything that the list looks at."""
    enrolment = make_enrolment(cycle)
    for week in range(first, first + number):
        session = make_session(cycle, week=week, status=Status.PLANNED)
        make_speaker(session)
        make_slot(session, enrolment)
        make_slot(session)
        make_unmatched(make_report(session))


def test_list_needs_the_same_queries_for_three_sessions_and_for_three_hundred(desk, cycle):
    busy_sessions(cycle, 3)
    # What is asked for is kept for the next visit: the first asks for one write more.
    desk.get(LIST, {"all": ""})
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert desk.get(LIST, {"all": ""}).status_code == 200
    busy_sessions(cycle, 197, first=3)
    with CaptureQueriesContext(connection) as many:
        shown = desk.get(LIST, {"all": ""})

    assert shown.content.decode().count('class="action-select"') == 200
    assert len(many) == len(few) <= 15


def test_list_says_what_each_session_lacks(desk, cycle):
    bare = make_session(cycle, week=1, topic="Bare", status=Status.PLANNED)
    undisclosed = make_session(cycle, week=2, topic="Undisclosed", status=Status.CONFIRMED)
    make_speaker(undisclosed)
    make_slot(undisclosed)
    whole = make_session(cycle, week=3, topic="Whole", status=Status.CONFIRMED)
    make_speaker(whole, disclosure=Speaker.Disclosure.NONE)
    make_slot(whole, make_enrolment(cycle, make_user(name="Petra Presenter")))
    make_unmatched(make_report(whole))
    make_attendance(make_enrolment(cycle), whole)
    make_attendance(make_enrolment(cycle), whole, minutes=0)

    rows = re.findall(r"<tr>.*?</tr>", desk.get(LIST).content.decode(), re.DOTALL)
    words = {
        session.topic: re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))
        for session in (bare, undisclosed, whole)
        for row in rows
        if page_of(session) in row
    }

    assert "Speaker missing" in words["Bare"]
    assert "No slot" in words["Bare"]
    assert "12:30–14:00" in words["Bare"]
    assert "Disclosure missing" in words["Undisclosed"]
    assert "1 free slot" in words["Undisclosed"]
    assert "Complete" in words["Whole"]
    assert "Petra Presenter" in words["Whole"]
    assert "1 attended · 1 name to match" in words["Whole"]
    assert "0 attended · Import a report" in words["Undisclosed"]


@pytest.mark.parametrize(
    ("query", "topics"),
    [
        ({"needs": "speaker"}, {"Bare", "Past"}),
        ({"needs": "disclosure"}, {"Undisclosed"}),
        ({"needs": "presenter"}, {"Undisclosed"}),
        ({"when": "over"}, {"Past"}),
        ({"when": "coming"}, {"Bare", "Undisclosed", "Cancelled"}),
        ({"needs": "nonsense"}, {"Bare", "Undisclosed", "Cancelled", "Past"}),
        ({"q": "Okonkwo"}, {"Undisclosed"}),
    ],
)
def test_list_finds_what_is_looked_for(desk, cycle, query, topics):
    make_session(cycle, week=2, topic="Bare", status=Status.PLANNED)
    undisclosed = make_session(cycle, week=3, topic="Undisclosed", status=Status.PLANNED)
    make_speaker(undisclosed, "Dr. Ada Okonkwo")
    make_speaker(undisclosed, "Dr. Bea Okonkwo")
    make_slot(undisclosed)
    make_slot(make_session(cycle, week=4, topic="Cancelled", status=Status.CANCELLED))
    make_slot(make_session(cycle, week=0, topic="Past", status=Status.HELD))

    found = desk.get(LIST, query).context["cl"].result_list

    assert sorted(session.topic for session in found) == sorted(topics)


def test_chosen_sessions_are_confirmed_and_the_others_named(desk, cycle):
    planned = make_session(cycle, week=1, topic="To come", status=Status.PLANNED)
    held = make_session(cycle, week=0, topic="Held before", status=Status.HELD)

    done = desk.post(LIST, {"action": "confirm", "_selected_action": [planned.pk, held.pk]}, follow=True)

    planned.refresh_from_db()
    held.refresh_from_db()
    assert (planned.status, held.status) == ("confirmed", "held")
    assert "Held before: A session that is “Held” cannot become “Confirmed”." in text_of(done)


# --- who may --------------------------------------------------------------------------------------------------------


def test_who_may_only_look_sees_the_session_and_changes_nothing(client, session):
    from django.contrib.auth.models import Permission

    auditor = make_user(is_staff=True)
    names = ["view_echosession", "view_speaker", "view_material"]
    auditor.user_permissions.set(Permission.objects.filter(codename__in=names))
    session.session_objectives.create(objective=session.cycle.program.objectives.first())
    make_speaker(session, "Dr. Bo Lin")
    client.force_login(auditor)

    shown = client.get(page_of(session))

    assert shown.status_code == 200
    assert "Dr. Bo Lin" in text_of(shown)
    assert "Assess pain." in text_of(shown)
    assert reverse("admin:sessions_app_echosession_confirm", args=[session.pk]) not in shown.content.decode()
    assert client.post(page_of(session), {"topic": "Mine"}).status_code == 403
    assert 'value="confirm"' not in client.get(LIST).content.decode()


def test_staff_without_a_role_find_no_session(client, session):
    client.force_login(make_user(is_staff=True))

    assert client.get(LIST).status_code == 403
    assert client.get(page_of(session)).status_code == 403


def test_nobody_deletes_a_session(desk, session):
    url = reverse("admin:sessions_app_echosession_delete", args=[session.pk])

    assert desk.post(url, {"post": "yes"}).status_code == 403
    assert EchoSession.objects.filter(pk=session.pk).exists()
