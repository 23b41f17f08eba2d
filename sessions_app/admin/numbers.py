"""The numbers a program reports, as a page to read and print, and as a file."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core.charts import bar_chart
from core.csv_safe import csv_response
from core.templatetags.portal import eastern_date, localized_text
from participants.enums import Category, PracticeSetting
from sessions_app.models import Cycle, Program
from sessions_app.numbers import Figures, Numbers, Share, attended_sessions, program_numbers
from sessions_app.regions import Region

if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = object

REGIONS = {
    Region.EAST: gettext_lazy("East (K)"),
    Region.CENTRAL: gettext_lazy("Central (L)"),
    Region.TORONTO: gettext_lazy("Toronto (M)"),
    Region.SOUTHWEST: gettext_lazy("Southwest (N)"),
    Region.NORTH: gettext_lazy("North (P)"),
    Region.OUTSIDE: gettext_lazy("Outside Ontario"),
}


class ProgramNumbers(AnyAdmin):
    """For the programs' admin: the numbers of a program."""

    def get_urls(self) -> list[URLPattern]:
        """The page and the file, beside the usual pages."""
        wrap, name = self.admin_site.admin_view, "sessions_app_program_numbers"
        return [
            path("<int:pk>/numbers/", wrap(self.numbers_view), name=name),
            path("<int:pk>/numbers.csv", wrap(self.numbers_csv_view), name=f"{name}_csv"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("numbers"))
    def numbers_link(self, program: Program) -> SafeString:
        """The way to the numbers, from the list."""
        url = reverse("admin:sessions_app_program_numbers", args=[program.pk])
        return format_html('<a href="{}">{}</a>', url, _("See the numbers"))

    def numbers_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All cycles together; with ?cycle=… one of them, session by session."""
        program = _program(request, pk)
        numbers = program_numbers(program, now=timezone.now())
        chosen = request.GET.get("cycle", "")
        figures = _chosen(numbers, chosen) if chosen else numbers.total
        context = {
            **self.admin_site.each_context(request),
            "title": _("Numbers"),
            "subtitle": localized_text(program, "name"),
            "opts": self.opts,
            "program": program,
            "numbers": numbers,
            "figures": figures,
            "stats": _stats(figures),
            "chart": _of_cycle(figures.cycle) if figures.cycle else _of_program(numbers),
            "breakdowns": [
                (heading, [(label(share.value), share.people, share.instances) for share in shares])
                for heading, label, shares in _breakdowns(figures)
            ],
        }
        return TemplateResponse(request, "admin/sessions_app/numbers.html", context)

    def numbers_csv_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The same as a file: a line for all cycles and for each, and one for each part of each breakdown."""
        program = _program(request, pk)
        return csv_response(
            f"{program.slug}-numbers.csv", _lines(program_numbers(program, now=timezone.now()))
        )


def _program(request: HttpRequest, pk: int) -> Program:
    if not request.user.has_perm("sessions_app.view_attendance"):
        raise PermissionDenied
    return get_object_or_404(Program, pk=pk)


def _chosen(numbers: Numbers, cycle_pk: str) -> Figures:
    for figures in numbers.cycles:
        if figures.cycle and str(figures.cycle.pk) == cycle_pk:
            return figures
    raise Http404


def _stats(figures: Figures) -> list[dict[str, Any]]:
    return [
        {"value": figures.sessions, "label": _("sessions held")},
        {"value": figures.instances, "label": _("instances of participation")},
        {"value": figures.people, "label": _("individuals")},
        {"value": figures.sites, "label": _("sites")},
    ]


def _of_program(numbers: Numbers) -> dict[str, Any]:
    """The chart of all cycles, with its table."""
    points: list[tuple[str, int]] = []
    rows: list[list[Any]] = []
    for figures in numbers.cycles:
        assert figures.cycle is not None
        name = localized_text(figures.cycle, "name")
        points.append((name, figures.instances))
        link = format_html('<a href="?cycle={}">{}</a>', str(figures.cycle.pk), name)
        rows.append([link, figures.sessions, figures.instances, figures.people, figures.sites])
    return {
        "title": _("Instances of participation by cycle"),
        "description": _("A bar for each cycle. The table has the same numbers."),
        "chart": bar_chart(points),
        "headings": [_("Cycle"), _("Sessions"), _("Instances"), _("Individuals"), _("Sites")],
        "rows": rows,
        "number_columns": [2, 3, 4, 5],
    }


def _of_cycle(cycle: Cycle) -> dict[str, Any]:
    """The chart of a cycle's sessions, with its table."""
    sessions = list(attended_sessions(cycle, now=timezone.now()))
    labels = [eastern_date(session.starts_at) for session in sessions]
    chart = bar_chart((label, session.present) for label, session in zip(labels, sessions, strict=True))
    return {
        "title": _("Participants by session"),
        "description": _("A bar for each session. The table has the same numbers."),
        "chart": chart,
        "headings": [_("Session"), _("Topic"), _("Participants")],
        "rows": [
            [label, localized_text(session, "topic"), session.present]
            for label, session in zip(labels, sessions, strict=True)
        ],
        "number_columns": [3],
    }


def _breakdowns(figures: Figures) -> list[tuple[str, Callable[[str], str], tuple[Share, ...]]]:
    """Each breakdown with its heading and the words of its values."""
    return [
        (_("Professional category"), _words(dict(Category.choices)), figures.categories),
        (_("Region"), _words(REGIONS), figures.regions),
        (_("Setting"), _words(dict(PracticeSetting.choices)), figures.settings),
    ]


def _words(known: Any) -> Callable[[str], str]:
    return lambda value: str(known[value]) if value else _("Not stated")


def _lines(numbers: Numbers) -> Iterator[list[Any]]:
    """The header, then the lines of the file."""
    yield [
        _("Cycle"),
        _("First day"),
        _("Last day"),
        _("Breakdown"),
        _("Group"),
        _("Sessions"),
        _("Instances of participation"),
        _("Individuals"),
        _("Sites"),
        _("Individuals without a site"),
    ]
    everybody = pgettext("breakdown", "All")
    for figures in (numbers.total, *numbers.cycles):
        cycle = figures.cycle
        of = (
            [localized_text(cycle, "name"), cycle.starts_on, cycle.ends_on]
            if cycle
            else [_("All cycles"), "", ""]
        )
        yield [
            *of,
            everybody,
            everybody,
            figures.sessions,
            figures.instances,
            figures.people,
            figures.sites,
            figures.people_without_site,
        ]
        for heading, label, shares in _breakdowns(figures):
            for share in shares:
                yield [*of, heading, label(share.value), "", share.instances, share.people, "", ""]
