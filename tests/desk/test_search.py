"""One search over all records: what it finds, for whom, and that it never reads a case."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import CaseSubmission
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def season(db):
    return make.make_season(make.make_program(slug="pain", name="Chronic Pain"), sessions=1, name="Spring")


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


def found(desk, question: str) -> dict[str, list[str]]:
    response = desk.get("/admin/search/", {"q": question})
    assert response.status_code == 200
    return {hits.heading: [hit.label for hit in hits.hits] for hits in response.context["found"]}


def test_search_finds_people_sessions_cycles_and_programs(desk, season) -> None:
    make.make_user("noe@clinique.example", name="Noé Lefèbvre-Côté")
    session = season.sessions.get()
    make.make_speaker(session, "Priyanka Rao")
    assert found(desk, "lefèbvre noé") == {"People": ["Noé Lefèbvre-Côté"]}
    assert found(desk, "CLINIQUE.example") == {"People": ["Noé Lefèbvre-Côté"]}
    assert found(desk, "priyanka") == {"Sessions": [session.topic]}
    assert found(desk, "spring pain") == {"Cycles": ["Spring"]}
    assert found(desk, "chronic") == {"Cycles": ["Spring"], "Programs": ["Chronic Pain"]}
    assert found(desk, "nobody at all") == {}
    assert found(desk, "   ") == {}


def test_number_in_full_leads_straight_to_its_record(desk, season) -> None:
    enrolment = make.make_graduate(season)
    case = make.make_case(enrolment, status=CaseSubmission.Status.IN_REVIEW)
    certificate = make.make_certificate(enrolment, season.program.accreditations.get())
    for question, url in {
        case.echo_id: reverse("admin:cases_casesubmission_review", args=[case.pk]),
        f" {case.echo_id.lower()} ": reverse("admin:cases_casesubmission_review", args=[case.pk]),
        certificate.number: reverse("admin:credits_certificate_change", args=[certificate.pk]),
        certificate.token: reverse("admin:credits_certificate_change", args=[certificate.pk]),
    }.items():
        response = desk.get("/admin/search/", {"q": question})
        assert (response.status_code, response["Location"]) == (302, url)
    assert found(desk, case.echo_id[:8])["Cases"] == [case.echo_id]


def test_search_never_reads_a_case_and_knows_no_draft(desk, season) -> None:
    enrolment = make.make_enrolment(season)
    make.make_case(enrolment, status=CaseSubmission.Status.IN_REVIEW, content={"pain_history": "Kapuskasing"})
    draft = make.make_case(enrolment)
    assert found(desk, "Kapuskasing") == {}
    assert found(desk, draft.echo_id) == {}


def test_search_shows_only_kinds_that_somebody_may_see(client, season) -> None:
    make.make_user("chronic@clinic.example", name="Chronic Person")
    reader = make.make_user("rae@echo.example", is_staff=True)
    client.force_login(reader)
    assert client.get("/admin/search/", {"q": "chronic"}).status_code == 403
    reader.user_permissions.add(Permission.objects.get(codename="view_program"))
    assert found(client, "chronic") == {"Programs": ["Chronic Pain"]}


def test_search_asks_one_question_a_kind_however_much_there_is(desk, season) -> None:
    for number in range(2):
        make.make_session(season, week=number + 1, topic="Tapering")
    desk.get("/admin/search/", {"q": "tapering"})
    with CaptureQueriesContext(connection) as few:
        desk.get("/admin/search/", {"q": "tapering"})
    for number in range(12):
        make.make_session(season, week=number + 3, topic="Tapering")
    with CaptureQueriesContext(connection) as many:
        response = desk.get("/admin/search/", {"q": "tapering"})
    assert len(few) == len(many) == 11
    hits = response.context["found"][0]
    assert len(hits.hits) == 10
    assert hits.more_url == "/admin/sessions_app/echosession/?q=tapering"
    assert desk.get(hits.more_url).status_code == 200


@pytest.mark.parametrize("question", ["%", "_", "\\", "' OR 1=1 --", "é" * 5000, "a\x00b", "<script>"])
def test_search_takes_whatever_is_typed(desk, season, question: str) -> None:
    response = desk.get("/admin/search/", {"q": question})
    assert response.status_code == 200
    assert "<script>" not in response.content.decode().split("<main", 1)[1]
