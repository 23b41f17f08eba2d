"""Cases that were there before they had a text get a version on the way forward, and are whole on the way back."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from cases.models import CaseSubmission, CaseVersion
from tests.clock import toronto
from tests.database import refused_by, sql
from tests.factories import make_case, make_cycle, make_enrolment

RULE = "cases_casesubmission_handed_in_has_version"
MOVED_AT = toronto(2025, 9, 20, 10)
STATUSES = (
    "submitted",
    "in_review",
    "approved",
    "returned",
    "scheduled",
    "presented",
    "recommendations_sent",
)


@pytest.mark.django_db
def test_cases_of_before_get_a_version_and_lose_it_on_the_way_back():
    data = import_module("cases.migrations.0004_versions_of_earlier_cases")
    rule = next(each for each in CaseSubmission._meta.constraints if each.name == RULE)
    newer = make_case(status="submitted")
    # As the table was before: the test's transaction puts the rule back. A table with foreign keys that are still to be
    # looked at cannot be changed.
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.schema_editor() as editor:
        editor.remove_constraint(CaseSubmission, rule)
    presenter = make_enrolment(make_cycle(sessions=1))
    draft, *handed_in = (
        CaseSubmission.objects.create(
            presenter=presenter, session=presenter.cycle.sessions.get(), status=status, moved_at=MOVED_AT
        )
        for status in ("draft", *STATUSES)
    )

    for _time in range(2):
        data.add_versions(apps, None)

    cases = CaseSubmission.objects.filter(presenter=presenter)
    assert set(cases.values_list("status", "version__number")) == {
        ("draft", None),
        *((status, 1) for status in STATUSES),
    }
    versions = CaseVersion.objects.filter(case__in=handed_in)
    assert set(versions.values_list("submitted_at", "signed_name")) == {(MOVED_AT, "")}
    assert [version.content for version in versions] == [{}] * len(STATUSES)
    with connection.schema_editor() as editor:
        editor.add_constraint(CaseSubmission, rule)
    with refused_by("cases_casesubmission_handed_in_has_version"):
        CaseSubmission.objects.filter(pk=handed_in[0].pk).update(version=None)

    with connection.schema_editor() as editor:
        editor.remove_constraint(CaseSubmission, rule)
    data.drop_versions(apps, None)

    assert not CaseVersion.objects.filter(case__in=[draft, *handed_in]).exists()
    assert set(cases.values_list("status", flat=True)) == {"draft", *STATUSES}
    assert newer.versions.count() == 1
