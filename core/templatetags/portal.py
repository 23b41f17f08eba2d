"""Small tags for templates: the reader's language, Eastern time as people write it, tidy numbers."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms, template
from django.conf import settings
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from core.forms import error_target, has_errors

if TYPE_CHECKING:
    from django.template.context import Context, RequestContext

register = template.Library()

# Every time shown is Toronto's, with the zone named (product.md, rule 1).
EASTERN = ZoneInfo("America/Toronto")
# French typography keeps a number and its unit on one line.
NBSP = "\N{NO-BREAK SPACE}"


def is_french() -> bool:
    """Whether the active language is French."""
    return (get_language() or "").startswith("fr")


def french_spaces(text: str) -> str:
    """French as people type it, with spaces that do not break before a colon and inside guillemets."""
    return re.sub(r" (?=[:»])|(?<=«) ", NBSP, text)


def french_or_english(obj: Any, field: str) -> tuple[str, bool]:
    """The text of `field` in the active language, and whether it is English on a French page.

    French text lives beside the English one, in `<field>_fr`; where it is blank, the English text stands in.
    """
    english = str(getattr(obj, field, "") or "")
    if not is_french():
        return english, False
    french = str(getattr(obj, f"{field}_fr", "") or "")
    if french.strip():
        return french_spaces(french), False
    return english, bool(english)


@register.simple_tag
def localized(obj: Any, field: str, paragraphs: bool = False) -> SafeString | str:
    """Markup: the field in the reader's language; English standing in on a French page is marked lang="en".

    With `paragraphs=True`, blank lines become paragraphs.
    """
    text, is_foreign = french_or_english(obj, field)
    html = mark_safe(linebreaks(text, autoescape=True)) if paragraphs else text  # noqa: S308 (escaped just here)
    if not is_foreign:
        return html
    return format_html('<div lang="en">{}</div>' if paragraphs else '<span lang="en">{}</span>', html)


@register.filter
def localized_lines(obj: Any, field: str) -> list[SafeString | str]:
    """Markup: the field's lines that say something, one by one; English standing in is marked on each."""
    text, is_foreign = french_or_english(obj, field)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [format_html('<span lang="en">{}</span>', line) for line in lines] if is_foreign else list(lines)


@register.filter
def localized_text(obj: Any, field: str) -> str:
    """Plain text of the same, for places that take no markup: titles, attributes, mail."""
    return french_or_english(obj, field)[0]


def labelled(label: object, text: object) -> str:
    """The label, a colon, the text; in French a space that does not break stands before the colon."""
    return f"{label}{NBSP if is_french() else ''}: {text}"


def to_eastern(moment: datetime) -> datetime:
    """`moment` on the clocks of Toronto. A naive datetime is refused: nobody can say when it is."""
    if moment.tzinfo is None:
        raise ValueError("A datetime without a time zone cannot be shown as Eastern time.")
    return moment.astimezone(EASTERN)


def clock(at: time) -> str:
    """12:30 in English; "12 h 30" and "14 h" in French."""
    if not is_french():
        return f"{at:%H:%M}"
    minutes = f"{NBSP}{at.minute:02}" if at.minute else ""
    return f"{at.hour}{NBSP}h{minutes}"


def short_day(day: date) -> str:
    """March 12; in French "12 mars", the first of a month being "1er"."""
    month = MONTHS[day.month]
    if is_french():
        return f"{day.day}{'er' if day.day == 1 else ''} {month}"
    return f"{month} {day.day}"


def long_day(day: date) -> str:
    """Thursday, March 12, 2026; in French "jeudi 12 mars 2026"."""
    weekday = WEEKDAYS[day.weekday()]
    if is_french():
        return f"{weekday} {short_day(day)} {day.year}"
    return f"{weekday}, {short_day(day)}, {day.year}"


def zone() -> str:
    """The name Ontario gives its time, summer and winter: ET, in French HE."""
    return "HE" if is_french() else "ET"


@register.filter
def eastern(moment: datetime | None) -> str:
    """Thursday, March 12, 2026, 12:30 ET."""
    if moment is None:
        return ""
    local = to_eastern(moment)
    return f"{long_day(local)}, {clock(local.time())}{NBSP}{zone()}"


@register.filter
def eastern_date(moment: date | None) -> str:
    """Thursday, March 12, 2026: the day in Toronto of a moment, or a date as it stands."""
    if moment is None:
        return ""
    return long_day(to_eastern(moment) if isinstance(moment, datetime) else moment)


@register.simple_tag
def session_range(starts_at: datetime, ends_at: datetime) -> str:
    """Thursday, March 12, 2026, 12:30–14:00 ET; over midnight, both days are written out."""
    start, end = to_eastern(starts_at), to_eastern(ends_at)
    if start.date() != end.date():
        return f"{eastern(start)} – {eastern(end)}"
    dash = " à " if is_french() else "–"
    return f"{long_day(start)}, {clock(start.time())}{dash}{clock(end.time())}{NBSP}{zone()}"


@register.filter
def quarter_hours(amount: Decimal | float | None) -> str:
    """Hours or credits without idle zeros: 1.5, 160, 0.25; a decimal comma in French."""
    if amount is None:
        return ""
    text = f"{Decimal(str(amount)):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") if is_french() else text


@register.simple_tag(takes_context=True)
def active_link(context: Context | dict[str, Any], *view_names: str) -> SafeString | str:
    """` aria-current="page"` on the page of the first name, ` aria-current="true"` on those of the others."""
    match = getattr(context.get("request"), "resolver_match", None)
    if match is None or match.view_name not in view_names:
        return ""
    return mark_safe(' aria-current="page"' if match.view_name == view_names[0] else ' aria-current="true"')  # noqa: S308 (two literals)


@register.simple_tag(takes_context=True)
def error_prefix(context: RequestContext) -> str:
    """The word "Error: " where the page gives a refused form back, so that its title says so first."""
    return gettext("Error:") + " " if has_errors(context.flatten()) else ""


@register.simple_tag
def contact_email() -> str:
    """The address the portal's mail comes from: people answer to it."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


@register.simple_tag
def control(field: forms.BoundField) -> SafeString:
    """A field's control without a placeholder: it repeats the label and vanishes with the first letter."""
    field.field.widget.attrs.pop("placeholder", None)
    return field.as_widget()


@register.filter
def control_id(field: forms.BoundField) -> str:
    """The id a link must point to so that it lands on the field's first control."""
    return error_target(field)


@register.filter
def is_checkbox(field: forms.BoundField) -> bool:
    """Whether the field is one checkbox, whose label stands after it."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_radio(field: forms.BoundField) -> bool:
    """Whether the field is a group of radio buttons."""
    return isinstance(field.field.widget, forms.RadioSelect)


@register.filter
def is_question(text: object) -> bool:
    """Whether a label asks something: an error follows it without a colon."""
    return str(text).rstrip().endswith("?")


@register.filter
def without_full_stop(text: object) -> str:
    """A label that is a sentence, without its full stop: more follows."""
    return str(text).removesuffix(".")
