"""The IDs that accreditors gave to a session stand on the session's own page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin
from django.urls import reverse

from credits.admin import AccreditedSessionAdmin
from credits.models import SessionIdentifier
from sessions_app.models import EchoSession
from tests.factories import make_accreditation, make_cycle, make_program, make_session
from tests.sessions_app.test_session_admin import page_of, save, text_of


@pytest.fixture
def session(db):
    return make_session(make_cycle())


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


def test_sessions_are_looked_after_with_their_identifiers():
    assert type(admin.site._registry[EchoSession]) is AccreditedSessionAdmin


def test_page_has_a_line_for_each_accreditation_that_covers_the_session(desk, session):
    program, day = session.cycle.program, session.held_on.date()
    make_accreditation(program, accreditor="The first college", lines=())
    make_accreditation(program, accreditor="The day's college", valid_from=day, valid_to=day, lines=())
    make_accreditation(program, accreditor="Another day's", valid_from=day + timedelta(days=1), lines=())
    make_accreditation(make_program(), accreditor="Another program's")

    formset = desk.get(page_of(session)).context["inline_admin_formsets"][-1].formset

    offered = {str(row.accreditor) for row in formset.forms[0].fields["accreditation"].queryset}
    assert offered == {"The first college", "The day's college"}
    assert [form.initial["accreditation"] for form in formset.forms] == [
        row.pk for row in formset.forms[0].fields["accreditation"].queryset
    ]


def test_identifier_is_written_and_changed(desk, session):
    accreditation = make_accreditation(session.cycle.program)
    make_accreditation(session.cycle.program, accreditor="Royal College", lines=())

    assert save(desk, session, identifiers__0__identifier="CFPC-301234").status_code == 302
    # The other line was left empty, and is still there to be filled in.
    kept = SessionIdentifier.objects.get()
    assert (kept.session, kept.identifier) == (session, "CFPC-301234")
    assert kept.accreditation == accreditation
    assert save(desk, session, identifiers__0__identifier="CFPC-301235").status_code == 302
    kept.refresh_from_db()
    assert kept.identifier == "CFPC-301235"


def test_identifier_of_another_programs_accreditation_is_refused(desk, session):
    make_accreditation(session.cycle.program)
    foreign = make_accreditation(make_program())

    refused = save(
        desk, session, identifiers__0__accreditation=foreign.pk, identifiers__0__identifier="CFPC-301234"
    )

    assert refused.status_code == 422
    assert not SessionIdentifier.objects.exists()


def test_identifier_that_was_given_stays_when_the_session_leaves_the_grants_dates(desk, session):
    accreditation = make_accreditation(session.cycle.program)
    SessionIdentifier.objects.create(accreditation=accreditation, session=session, identifier="CFPC-301234")
    accreditation.valid_to = session.held_on.date() - timedelta(days=1)
    accreditation.valid_from = accreditation.valid_to
    accreditation.save()

    assert save(desk, session, topic="Opioid tapering").status_code == 302
    assert SessionIdentifier.objects.get().identifier == "CFPC-301234"


def test_page_without_an_accreditation_has_no_line_for_one(desk, session):
    shown = desk.get(page_of(session))

    assert shown.status_code == 200
    assert "Session IDs" not in text_of(shown)
    assert desk.get(reverse("admin:sessions_app_echosession_add")).status_code == 200
