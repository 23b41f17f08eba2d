"""Places in words that people write: filled in, and nothing else is ever read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbox.placeholders import fill, places, wrong_places
from outbox.rendering import render_words

KNOWN = {"name": "Ann", "cycle": "Fall 2026"}

ATTACKS = [
    "{{x.__class__}}",
    "{{ name.__class__ }}",
    "{{ name.__class__.__mro__[1].__subclasses__() }}",
    "{{ name|safe }}",
    "{{ name|default:request.user.password }}",
    "{{ settings.SECRET_KEY }}",
    "{{ self._TemplateReference__context }}",
    "{{ [].__class__.__base__ }}",
    "{{ 7*7 }}",
    "{{ name }",
    "{{ {{ name }} }}",
    "{{{{ name }}}}",
    "{{ nаme }}",  # a Cyrillic a
    "{{ ｎame }}",
    "{{ Name }}",
    "{{ name\n}}",
    "{{\u200bname}}",
    "{{}}",
    "{{ unknown }}",
    "{% load static %}",
    "{% include '/etc/passwd' %}",
    "{% debug %}",
    "{# {{ name }} #}",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_refused_on_saving_and_inert_at_sending(attack: str) -> None:
    assert wrong_places(f"Hello {attack} there", KNOWN)
    # What an older text holds all the same: it is shown as it stands, but for the plain places in it.
    filled = fill(attack, KNOWN)
    assert filled.replace("Ann", "{{ name }}") == attack.replace("{{name}}", "{{ name }}")
    words = render_words("Subject", attack, KNOWN, language="en")
    assert "SECRET" not in words.text.replace("settings.SECRET_KEY", "")
    assert "class '" not in words.text
    assert "class '" not in words.html
    assert "49" not in words.text


@pytest.mark.parametrize(
    "text", ["{name.__class__}", "%(name)s", "${name}", "{name!r}", "#{name}", "<%= name %>"]
)
def test_other_template_languages_are_plain_text(text: str) -> None:
    assert wrong_places(text, KNOWN) == []
    assert fill(text, KNOWN) == text


def test_place_is_filled_in_wherever_it_stands() -> None:
    text = "Dear {{ name }}, {{name}} and {{\tcycle }}."
    assert places(text) == ["name", "cycle"]
    assert wrong_places(text, KNOWN) == []
    assert fill(text, KNOWN) == "Dear Ann, Ann and Fall 2026."


@pytest.mark.parametrize(
    "name", ["{{ cycle }}", "{{ name }}", "Ann\r\nBcc: all@x.example", "<b>Ann</b>", "\\1", "{% debug %}"]
)
def test_what_fills_a_place_is_not_looked_at_again(name: str) -> None:
    words = render_words(
        "To {{ name }}", "Hello {{ name }},\n\nbye.", {"name": name, "cycle": "X"}, language="en"
    )
    assert "\n" not in words.subject
    assert "\r" not in words.subject
    assert name.replace("\r\n", "\n") in words.text
    assert "<b>" not in words.html
    assert "X" not in words.text


def test_huge_input_is_read_in_one_pass() -> None:
    text = "{{ " * 30_000 + "{{ name }}" * 1000
    assert fill(text, KNOWN).count("Ann") == 1000
    assert wrong_places(text, KNOWN)


@given(st.text())
def test_text_without_places_stays_as_it_is(text: str) -> None:
    if "{{" not in text:
        assert fill(text, KNOWN) == text


@given(st.text(alphabet="{}% name_x.|#\n"))
def test_what_is_accepted_holds_nothing_but_known_places(text: str) -> None:
    if not wrong_places(text, KNOWN):
        rest = fill(text, {"name": "", "cycle": ""})
        assert not any(sign in rest for sign in ("{%", "{#")) or "{{" not in text
        assert set(places(text)) <= set(KNOWN)


def test_html_says_the_same_with_links_and_paragraphs() -> None:
    words = render_words(
        "A subject", "Hello {{ name }},\nsee https://echo.example/my/\n\n<script>", KNOWN, language="fr"
    )
    assert "<p>Hello Ann,<br>" in words.html
    assert '<a href="https://echo.example/my/"' in words.html
    assert "<script>" not in words.html
    assert words.text == "Hello Ann,\nsee https://echo.example/my/\n\n<script>\n"
