"""The way from "name the program" to "open registration", ticked by what is on record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import HubMember
from core.templatetags.portal import eastern_date, localized_text
from credits.models import Accreditation
from participants.enums import Category
from sessions_app.models import Cycle, EchoSession, Program, Speaker
from surveys.models import Instrument, SurveyPlan
from surveys.queries import GATE_KINDS


@dataclass(frozen=True, slots=True)
class Step:
    """One item of the checklist; `detail` says what is there, or what is missing. See _components/checklist.html."""

    label: str
    done: bool
    detail: str
    url: str
    action: str


@dataclass(frozen=True, slots=True)
class Part:
    """Steps that belong together."""

    heading: str
    steps: list[Step]


@dataclass(frozen=True, slots=True)
class SetUp:
    """How far a program is; `cycle` is the one that is being prepared, its latest that is not closed."""

    program: Program
    cycle: Cycle | None
    parts: list[Part]

    @property
    def steps(self) -> list[Step]:
        """All of them in order."""
        return [step for part in self.parts for step in part.steps]

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(step.done for step in self.steps)

    @property
    def next_step(self) -> Step | None:
        """The first that is not done."""
        return next((step for step in self.steps if not step.done), None)


def set_ups(programs: QuerySet[Program]) -> list[SetUp]:
    """How far each of the programs is (9 queries, however many there are)."""
    sessions = EchoSession.objects.exclude(status=EchoSession.Status.CANCELLED).annotate(
        speaker_count=Count("speakers", distinct=True),
        undisclosed=Count(
            "speakers", filter=Q(speakers__disclosure=Speaker.Disclosure.MISSING), distinct=True
        ),
    )
    cycles = (
        Cycle.objects.exclude(status=Cycle.Status.CLOSED)
        .annotate(invited=Count("invitations", distinct=True), asked=Count("questions", distinct=True))
        .prefetch_related(Prefetch("sessions", queryset=sessions))
        .order_by("-starts_on", "-pk")
    )
    rows = programs.prefetch_related(
        "program_hubs",
        "objectives",
        Prefetch("hub_members", queryset=HubMember.objects.filter(is_active=True)),
        Prefetch("accreditations", queryset=Accreditation.objects.prefetch_related("lines")),
        Prefetch("instruments", queryset=Instrument.objects.filter(is_released=True)),
        Prefetch("survey_plans", queryset=SurveyPlan.objects.filter(is_active=True)),
        Prefetch("cycles", queryset=cycles),
    )
    return [_set_up(program) for program in rows]


def _set_up(program: Any) -> SetUp:
    cycle = next(iter(program.cycles.all()), None)
    return SetUp(
        program=program,
        cycle=cycle,
        parts=[
            Part(_("The program"), list(_program(program))),
            Part(_("Credits and surveys"), list(_rules(program, cycle))),
            Part(
                _("The first cycle") if cycle is None else localized_text(cycle, "name"),
                list(_cycle(program, cycle)),
            ),
        ],
    )


def _program(program: Any) -> Iterator[Step]:
    page = reverse("admin:sessions_app_program_change", args=[program.pk])
    yield Step(_("Name the program"), True, localized_text(program, "name"), page, "")
    english = ["summary", "mission", "format_text", "credit_text", "funding"]
    empty = [name for name in english if not getattr(program, name).strip()]
    yield Step(
        _("Write the public page"),
        not empty,
        _missing_fields(empty),
        page,
        _("Write it"),
    )
    french = [f"{name}_fr" for name in ["name", *english] if getattr(program, name).strip()]
    untold = [name for name in french if not getattr(program, name).strip()]
    yield Step(_("Add the French text"), not untold, _missing_fields(untold), page, _("Translate"))
    hubs = len(program.program_hubs.all())
    yield Step(
        _("Name the hubs"),
        hubs > 0,
        ngettext("%(number)d hub", "%(number)d hubs", hubs) % {"number": hubs} if hubs else "",
        page,
        _("Add a hub"),
    )
    objectives = len(program.objectives.all())
    yield Step(
        _("List the objectives"),
        objectives > 0,
        ngettext("%(number)d objective", "%(number)d objectives", objectives) % {"number": objectives}
        if objectives
        else "",
        page,
        _("Add an objective"),
    )
    team = list(program.hub_members.all())
    may_sign = any(member.may_sign for member in team)
    detail = ngettext("%(number)d person", "%(number)d people", len(team)) % {"number": len(team)}
    if not team:
        detail = _("Cases need somebody who answers them.")
    elif not may_sign:
        detail += f" · {_('Nobody may sign letters yet.')}"
    yield Step(
        _("Gather the hub’s team"),
        may_sign,
        detail,
        _to("cases_hubmember", "changelist" if team else "add", program__id__exact=program.pk)
        if team
        else _to("cases_hubmember", "add", program=program.pk),
        _("Look at the team") if team else _("Add somebody"),
    )


def _rules(program: Any, cycle: Any) -> Iterator[Step]:
    accreditations = list(program.accreditations.all())
    current = [one for one in accreditations if cycle is None or _covers(one, cycle)]
    covered = {line.category for one in current for line in one.lines.all()}
    lacking = [str(label) for value, label in Category.choices if value not in covered]
    if not accreditations:
        detail = _("Who grants the credits, from when to when, at which rate, up to which maximum.")
    elif not current:
        detail = _("No accreditation covers the dates of the cycle.")
    else:
        detail = _("No credit rule for: %(names)s.") % {"names": ", ".join(lacking)} if lacking else ""
    yield Step(
        _("Enter the accreditation"),
        bool(current) and not lacking,
        detail,
        _to("credits_accreditation", "changelist", program__id__exact=program.pk)
        if accreditations
        else _to("credits_accreditation", "add", program=program.pk),
        _("See the accreditations") if accreditations else _("Enter it"),
    )
    unsigned = [one for one in current if one.signature_id is None]
    yield Step(
        _("Add the physician’s signature"),
        bool(current) and not unsigned,
        _("It appears on every certificate.") if unsigned or not current else "",
        reverse("admin:credits_accreditation_change", args=[unsigned[0].pk])
        if unsigned
        else _to("credits_accreditation", "changelist"),
        _("Add the signature"),
    )
    released = {one.kind for one in program.instruments.all()}
    missing = [str(kind.label) for kind in GATE_KINDS if kind not in released]
    yield Step(
        _("Release the instruments"),
        not missing,
        _("Still missing: %(names)s.") % {"names": ", ".join(missing)} if missing else "",
        _to("surveys_instrument", "changelist", program__id__exact=program.pk),
        _("Go to the instruments"),
    )
    planned = {one.kind for one in program.survey_plans.all()}
    missing = [str(kind.label) for kind in GATE_KINDS if kind not in planned]
    yield Step(
        _("Plan when each one opens"),
        not missing,
        _("Still missing: %(names)s.") % {"names": ", ".join(missing)} if missing else "",
        _to("surveys_surveyplan", "changelist", program__id__exact=program.pk)
        if planned
        else _to("surveys_surveyplan", "add", program=program.pk),
        _("Plan the surveys"),
    )


def _cycle(program: Any, cycle: Any) -> Iterator[Step]:
    if cycle is None:
        yield Step(
            _("Create the first cycle"),
            False,
            _("Its dates, its places, and how people are admitted. The steps to its opening follow then."),
            _to("sessions_app_cycle", "add", program=program.pk),
            _("Create it"),
        )
        return
    page = reverse("admin:sessions_app_cycle_change", args=[cycle.pk])
    yield Step(
        _("Create the cycle"),
        True,
        f"{eastern_date(cycle.starts_on)} – {eastern_date(cycle.ends_on)}",
        page,
        "",
    )
    yield Step(
        _("Choose what applicants are asked"),
        cycle.asked > 0,
        ngettext("%(number)d question", "%(number)d questions", cycle.asked) % {"number": cycle.asked}
        if cycle.asked
        else "",
        page,
        _("Add a question"),
    )
    sessions = list(cycle.sessions.all())
    yield Step(
        _("Build the season"),
        bool(sessions),
        ngettext("%(number)d session", "%(number)d sessions", len(sessions)) % {"number": len(sessions)}
        if sessions
        else _("Every Thursday, holidays left out, in one step."),
        reverse("admin:sessions_app_cycle_season", args=[cycle.pk]),
        _("Build it"),
    )
    needs: list[tuple[str, Callable[[Any], bool], str]] = [
        (_("Find the speakers"), lambda session: session.speaker_count > 0, _("Add a speaker")),
        (
            _("Collect their disclosures"),
            lambda session: session.speaker_count > 0 and not session.undisclosed,
            _("Note a disclosure"),
        ),
        (_("Add the meeting links"), lambda session: bool(session.meeting_url), _("Add a link")),
    ]
    for label, has, action in needs:
        lacking = [session for session in sessions if not has(session)]
        yield Step(
            label,
            bool(sessions) and not lacking,
            _("%(done)d of %(all)d sessions") % {"done": len(sessions) - len(lacking), "all": len(sessions)},
            reverse("admin:sessions_app_echosession_change", args=[lacking[0].pk]) if lacking else "",
            action,
        )
    yield Step(
        _("Invite people"),
        cycle.invited > 0,
        ngettext("%(number)d invitation", "%(number)d invitations", cycle.invited) % {"number": cycle.invited}
        if cycle.invited
        else _("A spreadsheet, or pasted addresses. Anyone who is not invited can apply on the public page."),
        reverse("admin:sessions_app_cycle_invite", args=[cycle.pk]),
        _("Invite"),
    )
    is_public = cycle.status == Cycle.Status.PUBLISHED
    yield Step(
        _("Open registration"),
        is_public,
        _("Open from %(first)s to %(last)s.")
        % {
            "first": eastern_date(cycle.registration_opens_at),
            "last": eastern_date(cycle.registration_closes_at),
        }
        if is_public
        else _("Publish the cycle: it appears on the public page, and people can apply."),
        reverse("admin:cycle-publish", args=[cycle.pk]),
        _("Publish the cycle"),
    )


def _covers(accreditation: Accreditation, cycle: Cycle) -> bool:
    return accreditation.valid_from <= cycle.ends_on and accreditation.valid_to >= cycle.starts_on


def _missing_fields(names: Collection[str]) -> str:
    if not names:
        return ""
    labels = [str(_field(name).verbose_name) for name in names]
    return _("Still empty: %(names)s.") % {"names": ", ".join(labels)}


def _field(name: str) -> Any:
    return Program._meta.get_field(name)


def _to(model: str, verb: str, **query: object) -> str:
    url = reverse(f"admin:{model}_{verb}")
    return f"{url}?{urlencode(query)}" if query else url
