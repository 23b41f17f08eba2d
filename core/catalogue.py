"""The catalogue of components: each template of templates/_components in all its states, in both languages.

It renders the components themselves, so it shows what they are; a component without an example fails a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override

from core.charts import bar_chart
from core.forms import PortalFormMixin, ScaleSelect

Words = Callable[[str, str], str]
"""Picks the English or the French of two texts."""
Context = Callable[[Words], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class State:
    """One state of a component: what it is, and what the template is given."""

    name: tuple[str, str]
    context: Context


@dataclass(frozen=True, slots=True)
class Drawn:
    """A state as it looks in one language."""

    language: str
    html: SafeString


@dataclass(frozen=True, slots=True)
class Example:
    """A state of a component, in each language."""

    name: str
    drawn: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A component of the catalogue."""

    name: str
    examples: tuple[Example, ...]


class SampleForm(PortalFormMixin, forms.Form):
    """A field of every kind, in the words of the language that is active."""

    def __init__(self, say: Words, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = [(str(number), str(number)) for number in range(1, 6)]
        self.fields |= {
            "name": forms.CharField(
                label=say("Name on the certificate", "Nom sur le certificat"),
                help_text=say("As you are licensed.", "Tel qu’à votre permis d’exercice."),
            ),
            "email": forms.EmailField(label=say("Work e-mail", "Courriel professionnel"), required=False),
            "years": forms.IntegerField(label=say("Years in practice", "Années de pratique"), min_value=0),
            "goals": forms.CharField(
                label=say("What would you like to learn?", "Que souhaitez-vous apprendre?"),
                widget=forms.Textarea,
                required=False,
            ),
            "region": forms.ChoiceField(
                label=say("Region", "Région"),
                choices=[("n", say("North", "Nord")), ("e", say("East", "Est"))],
            ),
            "setting": forms.ChoiceField(
                label=say("Where do you work?", "Où travaillez-vous?"),
                widget=forms.RadioSelect,
                choices=[
                    ("team", say("Family health team", "Équipe de santé familiale")),
                    ("own", say("Own clinic", "Clinique privée")),
                ],
            ),
            "confident": forms.ChoiceField(
                label=say("How confident are you?", "Êtes-vous à l’aise?"),
                choices=numbers,
                widget=ScaleSelect(low=say("Not at all", "Pas du tout"), high=say("Very", "Tout à fait")),
            ),
            "agree": forms.BooleanField(label=say("I have read this.", "J’ai lu ce texte.")),
            "number": forms.CharField(
                label=say("Number", "Numéro"), initial="ECHO-2026-000001", disabled=True, required=False
            ),
        }


def _form(data: dict[str, str] | None) -> Context:
    return lambda say: {"form": SampleForm(say, data, prefix=say("en", "fr"), auto_id=f"id_{bool(data)}_%s")}


def _checklist(say: Words) -> dict[str, Any]:
    return {
        "items": [
            {"label": say("Pre-survey", "Sondage préalable"), "done": True},
            {
                "label": say("Post-survey", "Sondage final"),
                "detail": say("Open until March 26.", "Jusqu’au 26 mars."),
                "url": "#checklist",
                "action": say("Answer it", "Y répondre"),
            },
            {"label": say("Reflection question", "Question de réflexion"), "done": False},
        ]
    }


def _timeline(say: Words) -> dict[str, Any]:
    days = zip((5, 12, 19, 26), ("attended", "missed", "cancelled", "next"), strict=True)
    items = [{"date": say(f"March {day}", f"{day} mars"), "state": state} for day, state in days]
    return {
        "label": say("A season", "Une saison"),
        "items": [
            *items,
            {
                "date": say("April 2", "2 avril"),
                "state": "upcoming",
                "url": "#timeline",
                "detail": say("Tapering with the patient", "Réduire avec le patient"),
            },
        ],
    }


def _chart(say: Words, *, fold: bool) -> dict[str, Any]:
    points = [(say("Family physicians", "Médecins de famille"), 24), (say("Nurses", "Infirmières"), 12)]
    title = say("Participants by profession", "Participants par profession")
    return {
        "id": f"chart-{say('en', 'fr')}-{'folded' if fold else 'open'}",
        "title": title,
        "description": say(
            "Two professions; most are physicians.", "Deux professions; surtout des médecins."
        ),
        "chart": bar_chart(points),
        "headings": [say("Profession", "Profession"), say("People", "Personnes")],
        "rows": [list(point) for point in points],
        "number_columns": [2],
        "fold": fold,
    }


def _table(say: Words) -> dict[str, Any]:
    return {
        "caption": say("Credits by session", "Crédits par séance"),
        "headings": [say("Session", "Séance"), "Minutes", say("Credits", "Crédits")],
        "rows": [
            [say("Assessing pain", "Évaluer la douleur"), 90, say("1.5", "1,5")],
            [say("Sleep and pain", "Sommeil et douleur"), 45, say("0.75", "0,75")],
        ],
        "number_columns": [2, 3],
    }


def _tone(say: Words, tone: str) -> dict[str, Any]:
    words = {
        "information": ("The post-survey opens on March 12.", "Le sondage final ouvre le 12 mars."),
        "attention": ("Two answers are missing.", "Il manque deux réponses."),
        "problem": ("The report could not be read.", "Le rapport est illisible."),
        "done": ("Your case was handed in.", "Votre cas est remis."),
        "quiet": ("Draft", "Ébauche"),
    }[tone]
    return {"tone": tone, "text": say(*words), "label": say(*words)}


TONES = {
    "information": ("information", "information"),
    "attention": ("attention", "attention"),
    "problem": ("problem", "problème"),
    "done": ("done", "fait"),
}
SHAPES = TONES | {
    "missed": ("missed", "manqué"),
    "cancelled": ("cancelled", "annulé"),
    "next": ("next", "prochain"),
    "": ("not yet", "pas encore"),
}


def _in_tone(tone: str) -> Context:
    return lambda say: _tone(say, tone)


def _in_shape(tone: str) -> Context:
    return lambda say: {"tone": tone}


PLAIN = ("plain", "simple")
COMPONENTS: dict[str, tuple[State, ...]] = {
    "page_header": (
        State(PLAIN, lambda say: {"title": say("Your certificates", "Vos certificats")}),
        State(
            ("with all that stands around it", "avec tout ce qui l’entoure"),
            lambda say: {
                "back_url": "#page_header",
                "back_label": say("My cycle", "Mon cycle"),
                "eyebrow": say("Winter 2026", "Hiver 2026"),
                "title": say("Credits, session by session", "Crédits, séance par séance"),
                "lead": say("You have 24 of 160 credits.", "Vous avez 24 crédits sur 160."),
            },
        ),
    ),
    "notice": tuple(State(words, _in_tone(tone)) for tone, words in TONES.items()),
    "messages": (
        State(
            ("what was done, in a row", "ce qui est fait, à la suite"),
            lambda say: {
                "messages": [
                    _Message(say("Saved.", "Enregistré."), "success"),
                    _Message(say("The session is full.", "La séance est complète."), "warning"),
                ]
            },
        ),
    ),
    "status_tag": (
        *(State(words, _in_tone(tone)) for tone, words in TONES.items()),
        State(("quiet", "discret"), _in_tone("quiet")),
    ),
    "glyph": tuple(State(words, _in_shape(tone)) for tone, words in SHAPES.items()),
    "form": (
        State(("to fill in", "à remplir"), _form(None)),
        State(("refused", "refusé"), _form({"en-name": "", "fr-name": ""})),
    ),
    "table": (State(PLAIN, _table),),
    "empty_state": (
        State(
            PLAIN, lambda say: {"text": say("Nobody has applied yet.", "Personne ne s’est encore inscrit.")}
        ),
        State(
            ("with what to do next", "avec la suite"),
            lambda say: {
                "text": say("You have written no case yet.", "Vous n’avez encore écrit aucun cas."),
                "action_url": "#empty_state",
                "action_label": say("Write a case", "Écrire un cas"),
            },
        ),
    ),
    "progress": (
        State(
            ("nothing yet", "rien encore"),
            lambda say: {"value": 0, "max": 20, "label": say("Sessions", "Séances")},
        ),
        State(
            ("half-way, in words of its own", "à mi-chemin, en ses propres mots"),
            lambda say: {
                "value": 24,
                "max": 48,
                "label": say("Credits", "Crédits"),
                "text": say("24 of 48 credits", "24 crédits sur 48"),
                "note": say(
                    "If you attend the rest you reach 48.", "En suivant le reste, vous atteindrez 48."
                ),
            },
        ),
        State(
            ("all", "complet"),
            lambda say: {"value": 20, "max": 20, "label": say("Certificates", "Certificats")},
        ),
    ),
    "stats": (
        State(
            PLAIN,
            lambda say: {
                "items": [
                    {"value": 154, "label": say("participants", "participants")},
                    {"value": say("16.5", "16,5"), "label": say("hours", "heures")},
                ]
            },
        ),
    ),
    "checklist": (State(("each of its states", "chacun de ses états"), _checklist),),
    "timeline": (State(("each of its states", "chacun de ses états"), _timeline),),
    "bar_chart": (
        State(("with its table", "avec son tableau"), lambda say: _chart(say, fold=False)),
        State(("its table folded", "son tableau replié"), lambda say: _chart(say, fold=True)),
    ),
    "mark": (State(PLAIN, lambda say: {}),),
    "language_switch": (State(PLAIN, lambda say: {}),),
}
"""Every component that a page includes by itself; the rest are parts: error_summary, form_field and scale of form."""

PARTS = {
    "error_summary": "form",
    "form_field": "form",
    "scale": "form",
    "htmx": "no picture: it loads a script",
}
"""What is seen within another component, or not at all."""


class _Message:
    """A message as Django hands it to messages.html."""

    def __init__(self, text: str, level_tag: str) -> None:
        self.text, self.level_tag = text, level_tag

    def __str__(self) -> str:
        return self.text


def entries(request: HttpRequest, language: str) -> Iterator[Entry]:
    """Every component with its states, their names in `language`, drawn in each language of the portal."""
    for name, states in COMPONENTS.items():
        yield Entry(
            name,
            tuple(
                Example(_say(language)(*state.name), tuple(_draw(request, name, state))) for state in states
            ),
        )


def _say(language: str) -> Words:
    return lambda english, french: french if language == "fr" else english


def _draw(request: HttpRequest, component: str, state: State) -> Iterator[Drawn]:
    for language, _name in settings.LANGUAGES:
        with override(language):
            context = state.context(_say(language))
            html = (
                str(context["form"])
                if component == "form"
                else render_to_string(f"_components/{component}.html", context, request)
            )
            yield Drawn(language, mark_safe(_as_a_part(html)))  # noqa: S308 (our own templates)


def _as_a_part(html: str) -> str:
    """A page has one h1, and only a form that was just refused takes the focus."""
    return html.replace("<h1>", '<p class="h1">').replace("</h1>", "</p>").replace(" autofocus", "")
