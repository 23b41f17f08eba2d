"""The components every page is composed of, and the frame around them."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from django.utils.safestring import SafeString
from django.views.defaults import bad_request, page_not_found, permission_denied, server_error

from core.charts import bar_chart
from core.forms import PortalFormMixin, ScaleSelect, drop_blank_radio

TEMPLATES = Path(__file__).parents[2] / "templates"


class Page(HTMLParser):
    """The elements of a page in order, as (tag, attributes)."""

    def __init__(self, html):
        super().__init__()
        self.elements = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]

    def by_id(self, wanted):
        return next((element for element in self.elements if element[1].get("id") == wanted), None)


def component(name, **context):
    return render_to_string(f"_components/{name}.html", context)


class EnrolForm(PortalFormMixin, forms.Form):
    name = forms.CharField(
        help_text="As on your licence.", widget=forms.TextInput(attrs={"placeholder": "Name"})
    )
    note = forms.CharField(required=False)
    language = forms.ChoiceField(
        choices=[("", "---------"), ("en", "English"), ("fr", "Français")],
        widget=forms.RadioSelect,
        help_text="Of your mail.",
    )
    topics = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple)
    confidence = forms.ChoiceField(
        choices=[(str(n), str(n)) for n in range(1, 6)],
        widget=ScaleSelect(low="Not at all", high="Completely"),
    )
    born = forms.DateField(widget=forms.SelectDateWidget(years=[1980]))
    agree = forms.BooleanField(label="I agree.")
    token = forms.CharField(widget=forms.HiddenInput)

    def clean(self):
        raise forms.ValidationError("The program is full.")


@pytest.fixture
def refused():
    return EnrolForm({"name": " ", "note": "kept"})


def test_error_summary_links_land_on_controls_that_exist_and_take_focus(refused):
    page = Page(str(refused))
    targets = [attrs["href"].removeprefix("#") for attrs in page.all("a")]
    assert targets == [
        "id_name",
        "id_language_0",
        "id_topics_0",
        "id_confidence_0",
        "id_born_month",
        "id_agree",
    ]
    for target in targets:
        tag, _attrs = page.by_id(target)
        assert tag in {"input", "select", "textarea"}


def test_error_summary_is_focused_without_javascript_and_named_by_its_heading(refused):
    page = Page(component("error_summary", form=refused))
    (summary,) = page.all("section")
    assert "autofocus" in summary
    assert summary["tabindex"] == "-1"
    assert page.by_id(summary["aria-labelledby"])[0] == "h2"


def test_error_summary_lists_errors_of_the_whole_form_and_of_hidden_fields_without_link(refused):
    html = component("error_summary", form=refused)
    assert "<li>The program is full.</li>" in html
    assert "id_token" not in html
    assert "I agree: This field is required." in html


def test_error_summary_is_absent_while_nothing_is_wrong():
    assert component("error_summary", form=EnrolForm()).strip() == ""


def test_error_summaries_of_two_forms_do_not_share_an_id():
    html = component("error_summary", form=EnrolForm({}, prefix="a")) + component(
        "error_summary", form=EnrolForm({}, prefix="b")
    )
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_invalid_field_points_to_its_help_and_its_error(refused):
    page = Page(str(refused))
    _tag, control = page.by_id("id_name")
    assert control["aria-invalid"] == "true"
    assert control["aria-describedby"].split() == ["id_name_helptext", "id_name_error"]
    for identifier in control["aria-describedby"].split():
        assert page.by_id(identifier)


def test_valid_field_keeps_its_input_and_claims_no_error(refused):
    _tag, control = Page(str(refused)).by_id("id_note")
    assert control["value"] == "kept"
    assert "aria-invalid" not in control
    assert "aria-describedby" not in control


def test_radio_group_carries_the_error_on_the_group(refused):
    page = Page(str(refused["language"].as_field_group()))
    (group,) = page.all("fieldset")
    assert group["role"] == "radiogroup"
    assert group["aria-invalid"] == "true"
    assert group["aria-describedby"].split() == ["id_language_helptext", "id_language_error"]
    assert page.by_id("id_language_error")
    assert page.all("legend")


def test_every_described_id_exists_and_every_id_is_unique(refused):
    html = str(refused)
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    described = {i for group in re.findall(r'aria-describedby="([^"]+)"', html) for i in group.split()}
    assert described <= set(ids)


def test_every_control_has_a_label():
    page = Page(str(EnrolForm()))
    labelled = {attrs["for"] for attrs in page.all("label")}
    controls = [a for tag, a in page.elements if tag in {"input", "select"} and a.get("type") != "hidden"]
    assert {a["id"] for a in controls if "born" not in a["id"]} <= labelled


def test_field_says_optional_and_drops_its_placeholder():
    html = str(EnrolForm())
    assert html.count("(optional)") == 1
    assert "placeholder" not in html


def test_radio_buttons_offer_no_blank_choice():
    html = str(EnrolForm()["language"])
    assert html.count('type="radio"') == 2
    assert "checked" not in html


def test_drop_blank_radio_leaves_a_drop_down_alone():
    field = forms.ChoiceField(choices=[("", "Choose one"), ("a", "A")])
    drop_blank_radio(field)
    assert len(list(field.widget.choices)) == 2


def test_scale_names_its_ends_for_those_who_hear_it():
    html = str(EnrolForm()["confidence"])
    assert html.count("<label") == html.count('type="radio"') == 5
    labels = re.findall(r"<label.*?</label>", html, re.DOTALL)
    assert "Not at all" in labels[0]
    assert "Completely" in labels[-1]
    assert all("Not at all" not in label and "Completely" not in label for label in labels[1:-1])


@pytest.mark.parametrize("tone", ["information", "attention", "problem", "done", "quiet"])
def test_status_tag_has_a_word_a_shape_and_a_tone(tone):
    html = component("status_tag", tone=tone, label="Waiting")
    assert f'class="status {tone}"' in html
    assert "<svg" in html
    assert "Waiting" in html


def test_status_shapes_differ_by_tone():
    shapes = {
        component("glyph", tone=t) for t in ("information", "attention", "problem", "done", "quiet", "missed")
    }
    assert len(shapes) == 6


def test_progress_is_read_as_words_and_takes_plain_numbers_in_french():
    with translation.override("fr"):
        page = Page(component("progress", value=1.5, max=160, label="Crédits"))
    (bar,) = page.all("progress")
    assert (bar["value"], bar["max"]) == ("1.5", "160")
    assert "1,5" in bar["aria-valuetext"]


def test_checklist_names_what_is_missing_and_links_to_it():
    items = [
        {"label": "Pre-survey", "done": True, "url": "/pre", "action": "Answer"},
        {"label": "Post-survey", "done": False, "url": "/post", "action": "Answer it now"},
    ]
    html = component("checklist", items=items)
    assert "(done)" in html
    assert "(missing)" in html
    assert [attrs["href"] for attrs in Page(html).all("a")] == ["/post"]


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("attended", "Attended"),
        ("missed", "Missed"),
        ("next", "Next"),
        ("upcoming", "To come"),
        ("cancelled", "Cancelled"),
    ],
)
def test_timeline_says_each_state_in_a_word(state, word):
    html = component("timeline", items=[{"date": "March 12", "state": state}], label="Sessions")
    assert word in html
    assert "March 12" in html
    assert "<svg" in html
    assert ("aria-current" in html) == (state == "next")


def test_empty_state_says_why_and_offers_one_thing():
    page = Page(
        component("empty_state", text="No certificates yet.", action_url="/my/", action_label="My cycle")
    )
    assert [attrs["href"] for attrs in page.all("a")] == ["/my/"]
    assert Page(component("empty_state", text="Nothing.")).all("a") == []


def test_notice_escapes_what_it_is_told():
    assert "&lt;b&gt;" in component("notice", text="<b>", tone="problem")


@pytest.mark.parametrize(
    ("level", "tone"),
    [
        (constants.SUCCESS, "done"),
        (constants.WARNING, "attention"),
        (constants.ERROR, "problem"),
        (constants.INFO, "information"),
    ],
)
def test_messages_are_announced_in_the_tone_of_their_level(level, tone):
    html = component("messages", messages=[Message(level, "Saved.")])
    assert 'role="status"' in html
    assert f'class="notice {tone}"' in html


def test_page_header_has_one_h1_and_the_way_back():
    page = Page(
        component("page_header", title="A & B", back_url="/my/", back_label="All cycles", lead="Next.")
    )
    assert len(page.all("h1")) == 1
    assert page.all("a")[0]["href"] == "/my/"


def test_table_labels_each_cell_for_the_phone_and_escapes_it():
    html = component(
        "table",
        caption="Certificates",
        headings=["Number", "Cycle", "Credits"],
        rows=[["E-1", "<Winter>", SafeString("<b>60</b>")]],
        number_columns=[3],
    )
    cells = Page(html).all("td")
    assert [cell["data-label"] for cell in cells] == ["Cycle", "Credits"]
    assert cells[1]["class"] == "number"
    assert "&lt;Winter&gt;" in html
    assert "<b>60</b>" in html
    assert Page(html).all("th")[-1]["scope"] == "row"


def chart(points, **context):
    return component(
        "bar_chart",
        id="people",
        title="People by cycle",
        description="A bar for each cycle.",
        chart=bar_chart(points),
        headings=["Cycle", "People"],
        rows=[list(point) for point in points],
        number_columns=[2],
        **context,
    )


@pytest.mark.parametrize("language", ["en", "fr"])
def test_bar_chart_draws_each_value_as_its_share_of_the_greatest(language):
    with translation.override(language):
        page = Page(chart([("Fall", 1500), ("Winter", 500), ("Spring", 0)]))
    assert [bar["width"] for bar in page.all("rect")] == ["100.00%", "33.33%", "0.00%"]
    tops = [int(bar["y"]) for bar in page.all("rect")]
    assert tops == sorted(set(tops))
    assert tops[-1] + int(page.all("rect")[-1]["height"]) <= int(page.all("svg")[0]["height"])


def test_bar_chart_is_named_and_has_the_same_values_as_a_table():
    html = chart([("Fall <2025>", 1500), ("Winter", 500)])
    page = Page(html)
    (picture,) = page.all("svg")
    assert picture["role"] == "img"
    for identifier, tag in zip(picture["aria-labelledby"].split(), ["title", "desc"], strict=True):
        assert page.by_id(identifier)[0] == tag
    drawn, table = html.split("<table")
    for words in ("Fall &lt;2025&gt;", "1500", "Winter", "500"):
        assert words in drawn
        assert words in table
    assert "<2025>" not in html
    assert [cell["data-label"] for cell in page.all("td")] == ["People", "People"]


def test_bar_chart_of_nothing_is_a_table_without_rows():
    page = Page(chart([]))
    assert page.all("rect") == []
    assert page.all("svg")[0]["height"] == "0"


def test_stats_pair_each_number_with_its_words():
    page = Page(component("stats", items=[{"value": "529", "label": "sessions"}]))
    assert len(page.all("dt")) == len(page.all("dd")) == 1


def test_htmx_is_told_to_stay_inside_the_content_security_policy():
    html = component("htmx")
    assert '"allowEval":false' in html
    assert '"includeIndicatorStyles":false' in html
    assert Page(html).all("script")[0]["src"].startswith("/static/django_htmx/htmx")


def framed(user, path="/my/?page=2"):
    request = RequestFactory().get(path)
    request.user = user
    return render_to_string("base.html", {}, request)


def participant(**fields):
    return get_user_model()(email="amélie@clinique.example", **fields)


def test_frame_begins_with_the_skip_link_to_main():
    page = Page(framed(AnonymousUser()))
    focusable = [attrs for tag, attrs in page.elements if tag in {"a", "button", "input", "summary"}]
    assert focusable[0]["href"] == "#main"
    assert page.by_id("main")[0] == "main"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_frame_names_its_language_and_offers_the_other_without_losing_the_place(language):
    with translation.override(language):
        page = Page(framed(AnonymousUser()))
    assert page.all("html")[0]["lang"] == language
    (switch,) = [attrs for attrs in page.all("button") if attrs.get("name") == "language"]
    assert switch["value"] == switch["lang"] == ("fr" if language == "en" else "en")
    assert [attrs["value"] for attrs in page.all("input") if attrs["name"] == "next"] == ["/my/?page=2"]


def test_frame_shows_a_visitor_the_way_in_and_nothing_private():
    html = framed(AnonymousUser())
    assert "Log in" in html
    assert "Sign up" in html
    assert "My cycle" not in html
    assert "Administration" not in html


def test_frame_shows_a_participant_at_most_five_links_and_who_they_are():
    html = framed(participant())
    navigation = "".join(re.findall(r"<nav.*?</nav>", html, re.DOTALL))
    assert len(Page(navigation).all("a")) == 5
    assert "amélie@clinique.example" in html
    assert "Log out" in html
    assert "Administration" not in html


def test_frame_shows_staff_the_administration():
    assert "Administration" in framed(participant(is_staff=True))


def test_frame_menu_needs_no_javascript():
    page = Page(framed(AnonymousUser()))
    assert page.all("details")
    assert page.all("script") == []


@pytest.mark.parametrize("view", [server_error, lambda request: bad_request(request, Exception())])
def test_error_pages_before_any_view_need_neither_context_nor_database(view):
    response = view(RequestFactory().get("/"))
    page = Page(response.content.decode())
    assert len(page.all("h1")) == 1
    assert {attrs["href"] for attrs in page.all("link")} >= {
        "/static/css/tokens.css",
        "/static/css/portal.css",
    }


def test_not_found_and_forbidden_keep_the_frame_and_say_nothing_of_the_cause():
    request = RequestFactory().get("/secret/")
    request.user = participant()
    for view in (page_not_found, permission_denied):
        html = view(request, Exception("the table credits_certificate")).content.decode()
        assert "credits_certificate" not in html
        assert 'id="main"' in html


BROWSER_PAGES = [
    path
    for path in sorted(TEMPLATES.rglob("*.html"))
    # The certificate is printed, not shown in a browser; mails stand under no policy.
    if "mail" not in path.parts and path != TEMPLATES / "credits" / "certificate.html"
]


@pytest.mark.parametrize("path", BROWSER_PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_holds_nothing_the_content_security_policy_refuses(path):
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"<style\b", source)
    assert not re.search(r"\sstyle\s*=", source)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", source)
    # A block of data is no script: the policy lets it be, and nothing runs it.
    assert not re.search(r"<script\b(?![^>]*\bsrc=)(?![^>]*\btype=\"application/json\")", source)
    assert not re.search(r"javascript:", source, re.IGNORECASE)


@pytest.mark.parametrize(
    "path", sorted((TEMPLATES / "_components").glob("*.html")), ids=lambda path: path.name
)
def test_component_names_its_parameters(path):
    source = path.read_text(encoding="utf-8")
    assert source.startswith("{% comment %}")
    assert "arameters:" in source.split("{% endcomment %}")[0]
