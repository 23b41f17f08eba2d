"""What fills the places in a program's own words, from the context that each mail's template gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.templatetags.portal import eastern, eastern_date, localized_text, quarter_hours, session_range
from outbox.placeholders import places
from outbox.wording import Source, Wording, Wordings
from sessions_app.models import MailWording

Context = Mapping[str, Any]


def _cycle(context: Context) -> Any:
    return context["cycle"] if "cycle" in context else context["session"].cycle


def _cycle_name(context: Context) -> str:
    return context["facts"].cycle_name if "facts" in context else localized_text(_cycle(context), "name")


def _program_name(context: Context) -> str:
    return context["facts"].program_name if "facts" in context else localized_text(context["program"], "name")


def _speakers(context: Context) -> str:
    lines = []
    for speaker in context["session"].speakers.all():
        affiliation = localized_text(speaker, "affiliation")
        lines.append(f"{speaker.name}, {affiliation}" if affiliation else speaker.name)
    return "\n".join(lines)


def _join_link(context: Context) -> str:
    return context.get("join_url") or (
        _("You see the link to join on its page once you have agreed to take part.")
        if context.get("must_agree")
        else ""
    )


def _surveys(context: Context) -> str:
    parts = []
    for survey in context["surveys"]:
        title = survey["title"]
        if survey["closes_at"]:
            title += f" ({_('open until %(moment)s') % {'moment': eastern(survey['closes_at'])}})"
        parts.append(f"{title}\n{survey['url']}")
    return "\n\n".join(parts)


def _amount(context: Context) -> str:
    facts = context["facts"]
    amount = quarter_hours(facts.amount)
    if facts.unit == "credits":
        return _("%(amount)s %(name)s credits") % {"amount": amount, "name": facts.credit_name}
    return _("%(amount)s hours, %(name)s") % {"amount": amount, "name": facts.credit_name}


def _session_time(context: Context) -> str:
    return session_range(context["session"].starts_at, context["session"].ends_at)


def _until(context: Context) -> str:
    return eastern(context["held_until"] if "held_until" in context else context["until"])


def _of(name: str) -> Callable[[Context], str]:
    return lambda context: context[name]


PLACES: dict[str, tuple[Any, Callable[[Context], str]]] = {
    "name": (gettext_lazy("how the person likes to be called"), _of("name")),
    "program": (gettext_lazy("the name of the program"), _program_name),
    "cycle": (gettext_lazy("the name of the cycle"), _cycle_name),
    "contact": (
        gettext_lazy("the program’s email address"),
        lambda context: context["program"].contact_email,
    ),
    "first_day": (gettext_lazy("the first day of the cycle"), lambda c: eastern_date(_cycle(c).starts_on)),
    "last_day": (gettext_lazy("the last day of the cycle"), lambda c: eastern_date(_cycle(c).ends_on)),
    "topic": (
        gettext_lazy("the topic of the session"),
        lambda context: localized_text(context["session"], "topic"),
    ),
    "when": (gettext_lazy("when the session is"), _session_time),
    "was": (
        gettext_lazy("when the session was planned before"),
        lambda context: session_range(context["was_starts_at"], context["was_ends_at"]),
    ),
    "speakers": (gettext_lazy("who speaks, a line each"), _speakers),
    "join_link": (
        gettext_lazy("the link to join, for those who have agreed to take part"),
        _join_link,
    ),
    "link": (gettext_lazy("the page that the email is about"), _of("url")),
    "calendar_link": (gettext_lazy("the address of the person’s own calendar"), _of("calendar_url")),
    "place_link": (gettext_lazy("where the place is taken or let go"), _of("place_url")),
    "program_link": (gettext_lazy("the program’s public page"), _of("program_url")),
    "case_link": (
        gettext_lazy("where the case is written"),
        lambda context: context["case_url"] if "case_url" in context else context["cases_url"],
    ),
    "slots_link": (gettext_lazy("where sessions to present in are chosen"), _of("slots_url")),
    "until": (gettext_lazy("until when it holds"), _until),
    "inviter": (gettext_lazy("who invites"), _of("inviter")),
    "echo_id": (gettext_lazy("the ECHO ID of the case"), _of("echo_id")),
    "surveys": (gettext_lazy("the surveys that are open, each with its link"), _surveys),
    "number": (gettext_lazy("the number of the certificate"), lambda context: context["facts"].number),
    "amount": (gettext_lazy("the credits or hours that it states"), _amount),
    "download_link": (gettext_lazy("where it can be downloaded"), _of("download_url")),
    "verification_link": (
        gettext_lazy("where anybody can verify it"),
        lambda context: context["facts"].verification_url,
    ),
}
"""Every place that a mail may have, with its meaning and what fills it."""


def values(text: str, context: Context) -> dict[str, str]:
    """What fills the places that stand in `text`; one that this mail has nothing for is left out, and stays literal."""
    found = {}
    for name in places(text):
        if name in PLACES:
            try:
                found[name] = str(PLACES[name][1](context))
            except (KeyError, AttributeError):
                continue
    return found


def program_of(context: Context) -> int | None:
    """The program that a mail is about, by its context; None for mails of an account."""
    program = context.get("program")
    return program.pk if program is not None else None


def wordings_of(program_id: int) -> Wordings:
    """The program's own words (1 query)."""
    return {
        (mail, language): Wording(subject, text)
        for mail, language, subject, text in MailWording.objects.filter(program=program_id).values_list(
            "mail", "language", "subject", "text"
        )
    }


SOURCE = Source(program_of=program_of, wordings_of=wordings_of, values=values)
