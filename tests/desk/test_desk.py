"""The coordinator's desk: what waits in a cycle, in few questions, and only what somebody may do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import CaseSubmission
from credits.models import Certificate
from outbox.models import OutgoingMail
from participants.models import User
from sessions_app.models import Cycle, EchoSession, Enrolment
from tests import factories as make
from tests.database import write

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle(db) -> Cycle:
    """A season whose first two sessions are held, and whose next is in a week."""
    program = make.make_program(slug="pain", name="Pain")
    today = timezone.localdate()
    make.make_accreditation(
        program, valid_from=today - timedelta(days=400), valid_to=today + timedelta(days=400)
    )
    cycle = make.make_cycle(
        program,
        name="This season",
        starts_on=today - timedelta(days=20),
        ends_on=today + timedelta(days=20),
    )
    for week in range(4):
        session = make.make_session(
            cycle,
            topic=f"Topic {week}",
            starts_at=timezone.now() + timedelta(days=7 * week - 13),
            status=EchoSession.Status.HELD if week < 2 else EchoSession.Status.CONFIRMED,
            meeting_url="https://video.example/room",
        )
        make.make_speaker(session, disclosure="none")
    return cycle


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


def page(desk, cycle: Cycle):
    response = desk.get(f"/admin/cycles/{cycle.pk}/")
    assert response.status_code == 200
    return response


def said(desk, cycle: Cycle) -> dict[str, str]:
    """What is to do, and where."""
    return {duty.words: duty.url for duty in page(desk, cycle).context["duties"]}


def enrol_many(cycle: Cycle, number: int) -> list[Enrolment]:
    people = User.objects.bulk_create(
        User(email=f"p{number}-{at}@clinic.example", password="argon2$unknown") for at in range(number)
    )
    return Enrolment.objects.bulk_create(
        Enrolment(cycle=cycle, participant=person, status="approved", enrolled_on=cycle.starts_on)
        for person in people
    )


def test_desk_asks_the_same_number_of_questions_for_3_people_and_for_300(desk, cycle) -> None:
    held = list(cycle.sessions.filter(status="held"))
    counts = []
    for number in (3, 297):
        for enrolment in enrol_many(cycle, number):
            if enrolment.pk % 3:
                make.make_attendance(enrolment, held[enrolment.pk % 2])
        page(desk, cycle)
        with CaptureQueriesContext(connection) as asked:
            page(desk, cycle)
        counts.append(len(asked))
    assert counts == [19, 19]


def test_home_asks_the_same_number_of_questions_for_one_cycle_and_for_ten(desk, cycle) -> None:
    enrol_many(cycle, 3)
    desk.get("/admin/")
    with CaptureQueriesContext(connection) as one:
        desk.get("/admin/")
    for number in range(9):
        other = make.make_cycle(make.make_program(slug=f"p{number}"), name=f"Season {number}")
        make.make_speaker(make.make_session(other))
        make.make_enrolment(other, status=Enrolment.Status.APPLIED)
    with CaptureQueriesContext(connection) as ten:
        response = desk.get("/admin/")
    assert len(response.context["programs"]) == 10
    assert (len(one), len(ten)) == (12, 12)


def test_nothing_waits_in_a_season_that_is_in_order(desk, cycle) -> None:
    enrolment = make.make_enrolment(cycle)
    for session in cycle.sessions.filter(status="held"):
        make.make_attendance(enrolment, session)
    response = page(desk, cycle)
    assert response.context["duties"] == []
    assert "Nothing waits. Next: Topic 2" in response.content.decode()


def test_desk_names_what_waits_and_where_it_is_done(desk, cycle, coordinator) -> None:
    first, second, third, last = cycle.sessions.order_by("starts_at")
    bare = make.make_session(
        cycle, starts_at=timezone.now() + timedelta(days=3), status="planned", topic="Bare"
    )
    enrolment = make.make_enrolment(cycle, make.make_user(name="Ann Absent"))
    make.make_attendance(enrolment, first)
    make.make_enrolment(cycle, status=Enrolment.Status.APPLIED)
    make.make_unmatched(make.make_report(first))
    last.speakers.update(disclosure="missing")
    make.make_slot(bare)
    make.make_slot(third, make.make_enrolment(cycle, make.make_user(name="Bo Blank")))
    make.make_case(enrolment, status=CaseSubmission.Status.IN_REVIEW)
    OutgoingMail.objects.create(
        key="x",
        kind="session.reminder",
        recipient=enrolment.participant.email,
        subject="A reminder",
        body_text="…",
        language="en",
        message_id="<x@echo.example>",
        status=OutgoingMail.Status.FAILED,
    )

    found = said(desk, cycle)

    session = "/admin/sessions_app/echosession"
    assert found == {
        "1 session has no speaker": f"{session}/{bare.pk}/change/",
        "1 session lacks a speaker’s disclosure": f"{session}/{last.pk}/change/",
        "1 session of the next two weeks has no meeting link": f"{session}/{bare.pk}/change/",
        "1 session of the next two weeks is not confirmed": f"{session}/{bare.pk}/change/",
        "1 application waits for a decision": (
            f"/admin/sessions_app/enrolment/?cycle__id__exact={cycle.pk}&status__exact=applied"
        ),
        "1 session of the next two weeks has nobody who presents": (
            f"/admin/sessions_app/cycle/{cycle.pk}/presenters/"
        ),
        "1 session has no attendance yet": f"{session}/{second.pk}/attendance/",
        "1 name on a report is not matched": f"{session}/{first.pk}/names/",
        "1 presenter has not handed in a case": f"/admin/sessions_app/cycle/{cycle.pk}/presenters/",
        "1 case waits to be reviewed": f"/admin/cases/casesubmission/desk/?cycle={cycle.pk}",
        "1 email did not arrive": "/admin/outbox/outgoingmail/?status__in=ambiguous%2Cbounced%2Cfailed",
    }
    for url in found.values():
        assert desk.get(url).status_code == 200, url


def test_desk_of_another_cycle_shows_nothing_of_it(desk, cycle) -> None:
    make.make_enrolment(cycle, status=Enrolment.Status.APPLIED)
    today = timezone.localdate()
    other = make.make_cycle(make.make_program(slug="other"), starts_on=today, ends_on=today)
    assert said(desk, other) == {}


def test_non_responders_are_counted_among_those_who_are_asked(desk, cycle) -> None:
    held = cycle.sessions.filter(status="held").earliest("starts_at")
    ann, bo = (make.make_enrolment(cycle) for _ in range(2))
    for enrolment in (ann, bo):
        for session in cycle.sessions.filter(status="held"):
            make.make_attendance(enrolment, session)
    window = make.make_window(cycle, "pre", opens_at=timezone.now() - timedelta(days=9), closes_at=None)
    make.make_response(ann, window, submitted_at=timezone.now())
    make.make_window(
        cycle,
        "evaluation",
        session=held,
        opens_at=held.ends_at,
        closes_at=timezone.now() + timedelta(days=2),
    )
    assert said(desk, cycle) == {
        "Pre-survey: 1 of 2 has not answered": f"/admin/surveys/surveywindow/{window.pk}/people/",
        "1 session evaluation is open": (
            f"/admin/surveys/surveywindow/?cycle__id__exact={cycle.pk}&instrument__kind__exact=evaluation"
        ),
    }
    Enrolment.objects.filter(pk=bo.pk).update(status="withdrawn")
    assert "Pre-survey: 1 of 2 has not answered" not in said(desk, cycle)


def test_certificates_are_due_after_the_last_day_and_mended_where_they_failed(desk, cycle) -> None:
    today = timezone.localdate()
    cycle.sessions.filter(starts_at__gt=timezone.now()).update(status="cancelled")
    graduate = make.make_graduate(cycle)
    for session in cycle.sessions.filter(status="held"):
        graduate.attendances.get_or_create(session=session, defaults={"minutes": 90, "source": "manual"})
    write(cycle, ends_on=today - timedelta(days=1))
    words = page(desk, cycle).content.decode()
    assert "The cycle is over: its certificates are due" in words
    assert "It closes by itself on" in words
    make.make_waiver(graduate)
    make.make_certificate(
        graduate, cycle.program.accreditations.get(), status=Certificate.Status.FAILED, document=None
    )
    assert {"1 certificate could not be made", "1 waiver waits for a second person"} <= set(said(desk, cycle))


def test_today_shows_the_session_with_its_link_while_it_is_not_over(desk, cycle) -> None:
    assert page(desk, cycle).context["today"] is None
    now = timezone.now()
    coming = cycle.sessions.filter(status="confirmed").earliest("starts_at")
    write(coming, starts_at=now - timedelta(minutes=1), ends_at=now + timedelta(minutes=2))
    response = page(desk, cycle)
    # At midnight there is another day between the two.
    assert response.context["today"].session == coming
    for url in (f"/admin/cycles/{cycle.pk}/", "/admin/"):
        words = desk.get(url).content.decode()
        assert 'href="https://video.example/room"' in words
        assert f"/admin/sessions_app/echosession/{coming.pk}/roll-call/" in words


def test_who_may_only_look_is_offered_nothing_to_do(client, cycle) -> None:
    make.make_enrolment(cycle, status=Enrolment.Status.APPLIED)
    reader = make.make_user("rae@echo.example", name="Rae Reader", is_staff=True)
    group = Group.objects.create(name="Readers")
    group.permissions.add(Permission.objects.get(codename="view_cycle"))
    reader.groups.add(group)
    client.force_login(reader)
    response = page(client, cycle)
    assert response.context["duties"] == []
    assert "/admin/sessions_app/enrolment/" not in response.content.decode()
    assert client.post(f"/admin/cycles/{cycle.pk}/publish/").status_code == 403


def test_figures_stand_beside_their_tables(desk, cycle) -> None:
    ann, _bo = (make.make_enrolment(cycle, enrolled_on=cycle.starts_on) for _ in range(2))
    for session in cycle.sessions.filter(status="held"):
        make.make_attendance(ann, session)
    window = make.make_window(cycle, "pre", opens_at=timezone.now() - timedelta(days=9), closes_at=None)
    make.make_response(ann, window, submitted_at=timezone.now())
    charts = {chart.id: chart for chart in page(desk, cycle).context["figures"].charts}
    assert [row[-1] for row in charts["participation"].rows] == ["1", "1"]
    assert charts["responses"].rows[0] == ["Pre-survey", "1 of 2", "50%"]
    assert dict(charts["eligibility"].rows) == {
        "Eligible now": "0",
        "No credited session": "1",
        "Pre-survey not answered": "1",
        "Post-survey not answered": "2",
        "Reflection not answered": "2",
    }
    for chart in charts.values():
        assert [bar.value for bar in chart.chart.bars]


def test_publishing_asks_first_and_is_done_once(desk, cycle, coordinator) -> None:
    write(cycle, status="planned")
    url = f"/admin/cycles/{cycle.pk}/publish/"
    assert "Not ready yet" in desk.get(url).content.decode()
    assert Cycle.objects.get(pk=cycle.pk).status == "planned"
    answer = desk.post(url, follow=True).content.decode()
    assert "Published. People can apply until" in answer
    assert Cycle.objects.get(pk=cycle.pk).status == "published"
    again = desk.post(url, follow=True).content.decode()
    assert "cannot become" in again
    assert "published already" in desk.get(url).content.decode()
