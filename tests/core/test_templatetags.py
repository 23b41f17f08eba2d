"""What templates say about languages, times and numbers."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import ResolverMatch
from django.utils import translation

from core.forms import InvalidFormStatusMiddleware
from core.templatetags import portal

NBSP = "\N{NO-BREAK SPACE}"
PROGRAM = SimpleNamespace(
    name="Pain & practice", name_fr="Douleur et pratique", mission="One.\n\nTwo.", mission_fr=" "
)


def rendered(source, **context):
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("moment", "english", "french"),
    [
        # The same 12:30 in summer time and in winter time.
        (
            datetime(2026, 3, 12, 16, 30, tzinfo=UTC),
            "Thursday, March 12, 2026, 12:30 ET",
            "jeudi 12 mars 2026, 12 h 30 HE",
        ),
        (
            datetime(2026, 3, 5, 17, 30, tzinfo=UTC),
            "Thursday, March 5, 2026, 12:30 ET",
            "jeudi 5 mars 2026, 12 h 30 HE",
        ),
        # The first of a month, the full hour, and an evening that is already tomorrow in UTC.
        (
            datetime(2026, 1, 1, 14, 0, tzinfo=UTC),
            "Thursday, January 1, 2026, 09:00 ET",
            "jeudi 1er janvier 2026, 9 h HE",
        ),
        (
            datetime(2026, 8, 2, 3, 5, tzinfo=UTC),
            "Saturday, August 1, 2026, 23:05 ET",
            "samedi 1er août 2026, 23 h 05 HE",
        ),
    ],
)
def test_eastern_writes_toronto_time_with_its_zone(moment, english, french):
    with translation.override("en"):
        assert portal.eastern(moment).replace(NBSP, " ") == english
    with translation.override("fr"):
        assert portal.eastern(moment).replace(NBSP, " ") == french


def test_eastern_refuses_a_datetime_without_zone_and_says_nothing_of_none():
    with pytest.raises(ValueError, match="without a time zone"):
        portal.eastern(datetime(2026, 3, 12, 12, 30))  # noqa: DTZ001 (the naive one is the case)
    assert portal.eastern(None) == portal.eastern_date(None) == ""


def test_eastern_keeps_hour_and_zone_on_one_line():
    with translation.override("fr"):
        assert f"12{NBSP}h{NBSP}30{NBSP}HE" in portal.eastern(datetime(2026, 3, 12, 16, 30, tzinfo=UTC))


def test_eastern_date_takes_the_day_in_toronto():
    with translation.override("en"):
        assert portal.eastern_date(datetime(2026, 3, 13, 2, 0, tzinfo=UTC)) == "Thursday, March 12, 2026"
        assert portal.eastern_date(date(2026, 3, 13)) == "Friday, March 13, 2026"


def test_session_range_joins_start_and_end_in_both_languages():
    start, end = datetime(2026, 3, 12, 16, 30, tzinfo=UTC), datetime(2026, 3, 12, 18, 0, tzinfo=UTC)
    with translation.override("en"):
        assert (
            portal.session_range(start, end).replace(NBSP, " ") == "Thursday, March 12, 2026, 12:30–14:00 ET"
        )
    with translation.override("fr"):
        assert portal.session_range(start, end).replace(NBSP, " ") == "jeudi 12 mars 2026, 12 h 30 à 14 h HE"


def test_session_range_over_midnight_names_both_days():
    start, end = datetime(2026, 3, 13, 3, 30, tzinfo=UTC), datetime(2026, 3, 13, 5, 0, tzinfo=UTC)
    with translation.override("en"):
        text = portal.session_range(start, end)
    assert "March 12" in text
    assert "March 13" in text


@pytest.mark.parametrize(
    ("amount", "english", "french"),
    [
        (Decimal("1.50"), "1.5", "1,5"),
        (Decimal("160.00"), "160", "160"),
        (Decimal("1.6E+2"), "160", "160"),
        (Decimal("0.25"), "0.25", "0,25"),
        (Decimal("0.00"), "0", "0"),
        (3, "3", "3"),
        (79.5, "79.5", "79,5"),
        (None, "", ""),
    ],
)
def test_quarter_hours_drops_idle_zeros(amount, english, french):
    with translation.override("en"):
        assert portal.quarter_hours(amount) == english
    with translation.override("fr"):
        assert portal.quarter_hours(amount) == french


def test_localized_prefers_french_on_a_french_page_and_escapes_it():
    with translation.override("fr"):
        assert rendered('{% localized program "name" %}', program=PROGRAM) == "Douleur et pratique"
    with translation.override("en"):
        assert rendered('{% localized program "name" %}', program=PROGRAM) == "Pain &amp; practice"


def test_localized_marks_english_standing_in_for_blank_french():
    with translation.override("fr"):
        assert (
            rendered('{% localized program "mission" %}', program=PROGRAM)
            == '<span lang="en">One.\n\nTwo.</span>'
        )
        html = rendered('{% localized program "mission" paragraphs=True %}', program=PROGRAM)
    assert html == '<div lang="en"><p>One.</p>\n\n<p>Two.</p></div>'


def test_localized_paragraphs_escape_what_a_coordinator_wrote():
    program = SimpleNamespace(mission="<b>bold</b>")
    assert "&lt;b&gt;" in rendered('{% localized program "mission" paragraphs=True %}', program=program)


def test_localized_text_is_plain_for_attributes():
    with translation.override("fr"):
        assert (
            rendered('<i title="{{ program|localized_text:"mission" }}">', program=PROGRAM)
            == '<i title="One.\n\nTwo.">'
        )


def test_localized_lines_skips_blank_ones_and_marks_english():
    source = '{% for line in program|localized_lines:"mission" %}<li>{{ line }}</li>{% endfor %}'
    with translation.override("en"):
        assert rendered(source, program=PROGRAM) == "<li>One.</li><li>Two.</li>"
        assert rendered(source, program=SimpleNamespace(mission="a < b")) == "<li>a &lt; b</li>"
    with translation.override("fr"):
        html = rendered(source, program=PROGRAM)
    assert html == '<li><span lang="en">One.</span></li><li><span lang="en">Two.</span></li>'


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("credits:home", ' aria-current="page"'),
        ("credits:cycle-detail", ' aria-current="true"'),
        ("other:page", ""),
    ],
)
def test_active_link_tells_the_page_from_its_children(view, expected):
    namespace, name = view.split(":")
    request = RequestFactory().get("/")
    request.resolver_match = ResolverMatch(print, (), {}, url_name=name, namespaces=[namespace])
    assert portal.active_link({"request": request}, "credits:home", "credits:cycle-detail") == expected


def test_active_link_is_silent_where_no_view_was_found():
    assert portal.active_link({"request": RequestFactory().get("/")}, "credits:home") == ""
    assert portal.active_link(Context(), "credits:home") == ""


class NameForm(forms.Form):
    name = forms.CharField()


def test_error_prefix_speaks_only_of_a_refused_form():
    assert rendered("{% error_prefix %}", form=NameForm({"name": ""})) == "Error: "
    assert rendered("{% error_prefix %}", any_name=NameForm({"name": ""})) == "Error: "
    assert rendered("{% error_prefix %}", form=NameForm({"name": "Ana"})) == ""
    assert rendered("{% error_prefix %}", form=NameForm()) == ""


@pytest.mark.parametrize(
    ("method", "data", "status"),
    [("post", {"name": ""}, 422), ("post", {"name": "Ana"}, 200), ("get", {"name": ""}, 200)],
)
def test_invalid_form_status_follows_the_form(method, data, status):
    from django.template.response import TemplateResponse

    request = getattr(RequestFactory(), method)("/")
    response = TemplateResponse(request, "base.html", {"form": NameForm(data)})
    middleware = InvalidFormStatusMiddleware(lambda request: response)
    assert middleware.process_template_response(request, response).status_code == status


def test_contact_email_is_the_bare_address(settings):
    settings.DEFAULT_FROM_EMAIL = "ECHO Portal <portal@echo.example>"
    assert portal.contact_email() == "portal@echo.example"
