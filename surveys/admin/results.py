"""What a cycle's surveys say, as pages to read and print, and as a PDF."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from core.pdf import PdfEngineMissingError, RenderingError
from core.templatetags.portal import eastern_date, localized, localized_text
from sessions_app.models import Cycle
from sessions_app.scope import limited
from surveys.models import Instrument, Response
from surveys.results import CycleResults, choice_counts, cycle_results, open_answers, session_evaluations
from surveys.results import tables as words
from surveys.results.evaluations import Evaluations
from surveys.results.paper import render_results

if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = object

PAGE_SIZE = 50
COMPARED = (Instrument.Kind.POST.value, Instrument.Kind.FOLLOW_UP.value)


class ResultsPages(AnyAdmin):
    """For the responses' admin: the results of each cycle."""

    def get_urls(self) -> list[URLPattern]:
        """The pages, before the usual ones."""
        wrap = self.admin_site.admin_view
        return [
            path("results/", wrap(self.results_view), name="surveys_results"),
            path("results/<int:pk>/", wrap(self.results_cycle_view), name="surveys_results_cycle"),
            path("results/<int:pk>/results.pdf", wrap(self.results_pdf_view), name="surveys_results_pdf"),
            path("results/<int:pk>/words/", wrap(self.results_words_view), name="surveys_results_words"),
            path(
                "results/<int:pk>/evaluations/",
                wrap(self.results_evaluations_view),
                name="surveys_results_evaluations",
            ),
            *super().get_urls(),
        ]

    def results_view(self, request: HttpRequest) -> HttpResponse:
        """Every cycle that has asked something, with how many have submitted."""
        _may_see(request)
        submitted = Q(survey_windows__responses__status=Response.Status.SUBMITTED)
        cycles = (
            limited(Cycle.objects.filter(survey_windows__isnull=False), request.user, "program")
            .annotate(submitted=Count("survey_windows__responses", filter=submitted, distinct=True))
            .select_related("program")
            .order_by("-starts_on", "-pk")
        )
        return self._page(request, "results", title=_("Survey results"), cycles=cycles)

    def results_cycle_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A cycle's figures; with ?compare=follow_up the pre-survey against the follow-up."""
        cycle = _cycle(request, pk)
        results = _results(request, cycle)
        return self._page(
            request, "results_cycle", title=_("Survey results"), cycle=cycle, **results_context(results)
        )

    def results_words_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What was written, under pseudonyms, with names taken out."""
        cycle = _cycle(request, pk)
        answers = open_answers(cycle)
        page = Paginator(answers.rows, PAGE_SIZE).get_page(request.GET.get("page"))
        return self._page(
            request,
            "results_words",
            title=_("Answers in words"),
            cycle=cycle,
            page=page,
            waiting=answers.waiting,
        )

    def results_evaluations_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What participants said of each session."""
        cycle = _cycle(request, pk)
        evaluations = session_evaluations(cycle)
        return self._page(
            request,
            "results_evaluations",
            title=_("Session evaluations"),
            cycle=cycle,
            evaluations=evaluations,
            table=evaluation_table(evaluations),
        )

    def results_pdf_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The figures as a PDF."""
        cycle = _cycle(request, pk)
        results = _results(request, cycle)
        try:
            pdf = render_results(cycle, results_context(results), now=timezone.now())
        except (PdfEngineMissingError, RenderingError) as error:
            # Nobody is kept from the figures: the page can be printed.
            return self._page(
                request,
                "results_undrawn",
                status=HTTPStatus.SERVICE_UNAVAILABLE,
                title=_("Survey results"),
                cycle=cycle,
                reason=str(error),
            )
        response = HttpResponse(pdf, content_type="application/pdf")
        response["Content-Disposition"] = (
            f'attachment; filename="{cycle.program.slug}-{cycle.pk}-survey-results.pdf"'
        )
        response["Cache-Control"] = "no-store"
        return response

    def _page(
        self, request: HttpRequest, name: str, *, status: int = HTTPStatus.OK, **context: Any
    ) -> HttpResponse:
        cycle = context.get("cycle")
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        if cycle is not None:
            shared["subtitle"] = f"{localized_text(cycle.program, 'name')} · {localized_text(cycle, 'name')}"
        return TemplateResponse(request, f"admin/surveys/{name}.html", {**shared, **context}, status=status)


def results_context(results: CycleResults) -> dict[str, Any]:
    """What the page and the PDF show of a cycle."""
    has_follow_up = any(rate.kind == Instrument.Kind.FOLLOW_UP for rate in results.rates)
    return {
        "results": results,
        "is_follow_up": results.compare == Instrument.Kind.FOLLOW_UP,
        "has_follow_up": has_follow_up,
        "after": words.after_word(results.compare),
        "rates": words.rate_table(results),
        "charts": words.move_charts(results),
        "items_answered": words.answered_table(results, results.items, _("Items")),
        "items_tested": words.change_table(results.items, _("Change in items")),
        "constructs_answered": words.answered_table(results, results.constructs, _("Constructs")),
        "constructs_tested": words.change_table(
            results.constructs, _("Change in constructs"), is_items=False
        ),
        "alphas": words.alpha_table(results),
        "distributions": words.distribution_tables(results),
        "categories": words.category_tables(results),
        "attendance": words.attendance_tables(results),
        "choices": words.choice_tables(choice_counts(results.cycle)),
    }


def evaluation_table(evaluations: Evaluations) -> words.Table:
    """Each session's means, and those of all together."""

    def mean(one: tuple[int, float] | None) -> str:
        return words.NOTHING if one is None else f"{words.number(one[1])} (n = {one[0]})"

    rows = [
        (
            f"{eastern_date(row.session.starts_at)} · {localized_text(row.session, 'topic')}",
            row.attended,
            words.NOTHING if row.submitted is None else row.submitted,
            *(mean(row.means[question.key]) for question in evaluations.questions),
        )
        for row in evaluations.sessions
    ]
    rows.append(
        (
            _("All sessions"),
            evaluations.attended,
            evaluations.submitted,
            *(mean(evaluations.means[question.key]) for question in evaluations.questions),
        )
    )
    headings = (
        _("Session"),
        _("Attended"),
        _("Submitted"),
        *(localized(question, "text") for question in evaluations.questions),
    )
    return words.Table(_("Means by session"), headings, tuple(rows), tuple(range(2, len(headings) + 1)))


def _may_see(request: HttpRequest) -> None:
    if not request.user.has_perm("surveys.view_response"):
        raise PermissionDenied


def _cycle(request: HttpRequest, pk: int) -> Cycle:
    _may_see(request)
    return get_object_or_404(Cycle.objects.select_related("program"), pk=pk)


def _results(request: HttpRequest, cycle: Cycle) -> CycleResults:
    compare = request.GET.get("compare", COMPARED[0])
    if compare not in COMPARED:
        raise Http404
    return cycle_results(cycle, compare=compare)
