"""What the portal adds to Django's pages of the administration: summaries of errors, labelled rows, fewer scripts."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe

from core.charts import bar_chart
from core.middleware import PageCompressionMiddleware
from core.templatetags.portal import french_spaces, labelled
from core.templatetags.portal_admin import cells, is_in_use
from core.trail import shown_value
from participants.models import AccountMerge, User
from sessions_app.models import Cycle, Enrolment, Program
from surveys.window_forms import WindowForm
from tests.core.test_components import Page
from tests.factories import make_cycle, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(admin_user: User) -> Client:
    client = Client()
    client.force_login(admin_user)
    return client


def scripts(html: str) -> set[str]:
    return {
        attributes["src"].rpartition("/")[2] for attributes in Page(html).all("script") if "src" in attributes
    }


def test_refused_form_leads_to_each_field_that_is_wrong(desk: Client) -> None:
    answer = desk.post(reverse("admin:sessions_app_program_add"), {"name": ""})

    page = Page(answer.content.decode())
    ids = {attributes["id"] for _tag, attributes in page.elements if attributes.get("id")}
    targets = [one["href"][1:] for one in page.all("a") if one.get("href", "").startswith("#id_")]
    assert answer.status_code == 422
    assert {"id_name", "id_slug"} <= set(targets) <= ids


def test_change_form_spells_out_an_address_only_where_there_is_one(desk: Client) -> None:
    program = scripts(desk.get(reverse("admin:sessions_app_program_add")).content.decode())
    hub = scripts(desk.get(reverse("admin:sessions_app_hub_add")).content.decode())

    assert "prepopulate.js" in program
    assert hub.isdisjoint({"prepopulate.js", "urlify.js", "xregexp.js", "xregexp.min.js", "actions.js"})


def test_list_loads_the_script_of_its_actions_and_a_chooser_more(desk: Client) -> None:
    url = reverse("admin:sessions_app_enrolment_changelist")

    assert scripts(desk.get(url).content.decode()).isdisjoint({"jquery.js", "jquery.min.js"})
    assert "RelatedObjectLookups.js" in scripts(desk.get(url, {"_popup": "1"}).content.decode())


def test_rows_carry_their_headings_as_labels() -> None:
    row = [mark_safe("<th>A</th>"), mark_safe('<td class="field-b">B</td>'), mark_safe("<td>box</td>")]
    headers: list[dict[str, Any]] = [
        {"text": "first"},
        {"text": 'the "second"'},
        {"text": '<input type="checkbox">'},
    ]

    assert list(cells(row, headers)) == [
        "<th>A</th>",
        '<td data-label="The &quot;second&quot;" class="field-b">B</td>',
        "<td>box</td>",
    ]


@pytest.mark.parametrize(("chosen", "expected"), [(0, False), (1, True), (None, False)])
def test_filter_is_open_where_it_leaves_something_out(chosen: int | None, expected: bool) -> None:
    choices = [{"selected": number == chosen} for number in range(3)]

    assert is_in_use(choices) is expected


def test_passwords_are_changed_on_one_page(desk: Client) -> None:
    for name in ("admin:password_change", "admin:password_change_done"):
        assert desk.get(reverse(name))["Location"] == reverse("account_change_password")


def test_new_survey_asks_about_a_session_of_a_cycle_that_is_not_closed() -> None:
    ahead, past = make_session(make_cycle()), make_session(make_cycle())
    Cycle.objects.filter(pk=past.cycle_id).update(status=Cycle.Status.CLOSED, closed_at=timezone.now())

    offered: Any = WindowForm().fields["session"]

    assert list(offered.queryset) == [ahead]


def test_record_is_headed_by_its_kind_and_a_list_by_its_name(desk: Client) -> None:
    program = make_cycle().program

    record = desk.get(reverse("admin:sessions_app_program_change", args=[program.pk]))
    listed = desk.get(reverse("admin:sessions_app_enrolment_changelist"))

    assert record.context["title"] == "Program"
    assert listed.context["title"] == "Enrolments"
    assert {Program, Enrolment} <= admin.site._registry.keys()


def test_french_sets_a_space_that_does_not_break(settings: Any) -> None:
    from django.utils.translation import override

    with override("fr"):
        assert labelled("Durée", 3) == "Durée\N{NO-BREAK SPACE}: 3"
    with override("en"):
        assert labelled("Length", 3) == "Length: 3"
    assert french_spaces("Titre : « mot »") == (
        "Titre\N{NO-BREAK SPACE}: «\N{NO-BREAK SPACE}mot\N{NO-BREAK SPACE}»"
    )


def test_bars_are_shares_of_the_whole_where_it_is_known() -> None:
    assert [bar.percent for bar in bar_chart([("a", 1), ("b", 0)], whole=4).bars] == ["25.00%", "0.00%"]
    assert [bar.percent for bar in bar_chart([("a", 1)]).bars] == ["100.00%"]


def test_history_reads_what_a_merge_moved() -> None:
    field = AccountMerge._meta.get_field("moved")

    assert shown_value(field, {"enrolments": 2, "cases": 1}) == "enrolments: 2; cases: 1"
    assert shown_value(field, {}) == "–"


@pytest.mark.parametrize(
    ("kind", "is_packed"),
    [("text/html; charset=utf-8", True), ("application/pdf", False), ("text/csv", False)],
)
def test_pages_travel_compressed_and_files_do_not(rf: RequestFactory, kind: str, is_packed: bool) -> None:
    middleware: Any = PageCompressionMiddleware(
        lambda request: HttpResponse(b"word " * 1000, content_type=kind)
    )

    answer = middleware(rf.get("/", headers={"accept-encoding": "gzip"}))

    assert (answer.headers.get("Content-Encoding") == "gzip") is is_packed
    assert "Content-Encoding" not in middleware(rf.get("/")).headers
