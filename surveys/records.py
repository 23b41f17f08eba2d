"""What this app keeps about a person: what they answered to surveys."""

from collections.abc import Iterable
from datetime import datetime

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.personal import Kept, Moved, PersonalRecords, Section, choice
from core.retention import kept_until
from core.templatetags.portal import localized_text
from sessions_app.services.merging import shared_enrolments
from surveys.models import Answer, Response

DRAFT, SUBMITTED = Response.Status.DRAFT, Response.Status.SUBMITTED


class SurveyRecords(PersonalRecords):
    """Responses with their answers."""

    def sections(self, user: AbstractBaseUser) -> Iterable[Section]:
        """The surveys that were begun, and each answer to them."""
        responses = Response.objects.filter(enrolment__participant=user.pk).select_related(
            "window__instrument", "window__cycle__program"
        )
        yield Section(
            key="surveys",
            title=_("Surveys"),
            labels={
                "survey": _("Survey"),
                "cycle": _("Cycle"),
                "status": _("Status"),
                "started_at": _("Started"),
                "submitted_at": _("Submitted"),
            },
            rows=[
                {
                    "survey": localized_text(response.window.instrument, "title"),
                    "cycle": localized_text(response.window.cycle, "name"),
                    "status": choice(response, "status"),
                    "started_at": response.started_at,
                    "submitted_at": response.submitted_at,
                }
                for response in responses.order_by("started_at", "pk")
            ],
        )
        answers = Answer.objects.filter(response__enrolment__participant=user.pk).select_related(
            "question__instrument", "response__window__cycle"
        )
        yield Section(
            key="survey_answers",
            title=_("Answers to surveys"),
            labels={
                "survey": _("Survey"),
                "cycle": _("Cycle"),
                "question": _("Question"),
                "answer": pgettext("survey", "Answer"),
            },
            rows=[
                {
                    "survey": localized_text(answer.question.instrument, "title"),
                    "cycle": localized_text(answer.response.window.cycle, "name"),
                    "question": localized_text(answer.question, "text"),
                    "answer": answer.text if answer.number is None else answer.number,
                }
                for answer in answers.order_by("response__started_at", "response", "question__position", "pk")
            ],
        )

    def merge(
        self,
        *,
        kept: AbstractBaseUser,
        gone: AbstractBaseUser,
        by: AbstractBaseUser,
        now: datetime,
        moved: Moved,
    ) -> None:
        """In a cycle that both are in: what was submitted wins over a draft, and moves where `kept` has nothing.

        Of two that were submitted, both stay where they are: neither can be submitted a second time (rule 29).
        """
        for own, theirs in shared_enrolments(kept=kept, gone=gone):
            mine = {response.window_id: response for response in own.responses.all()}
            for response in theirs.responses.order_by("window_id"):
                rival = mine.get(response.window_id)
                if rival is None:
                    _reassign([(response, own.pk)])
                elif rival.status == DRAFT and response.status == SUBMITTED:
                    # Neither is deleted. A response is one of a window and an enrolment, so the draft is nobody's
                    # meanwhile; the foreign key is checked when the transaction ends.
                    _reassign([(rival, -own.pk), (response, own.pk), (rival, theirs.pk)])
                else:
                    continue
                moved.add("responses", 1)

    def removed(self, user: AbstractBaseUser) -> Iterable[str]:
        """Drafts."""
        if Answer.objects.filter(response__enrolment__participant=user.pk, response__status=DRAFT).exists():
            yield _("answers to surveys that you have not submitted")

    def kept(self, user: AbstractBaseUser) -> Iterable[Kept]:
        """What was submitted, for six years (rule 20)."""
        submitted = Response.objects.filter(enrolment__participant=user.pk, status=SUBMITTED)
        last_day = submitted.aggregate(last=Max("window__cycle__ends_on"))["last"]
        if last_day and kept_until(last_day) >= timezone.localdate():
            count = submitted.count()
            yield Kept(
                what=ngettext(
                    "%(count)d survey that you submitted, with your answers",
                    "%(count)d surveys that you submitted, with your answers",
                    count,
                )
                % {"count": count},
                why=_("No credit is given without them, so accreditors may ask for six years after a cycle."),
                until=kept_until(last_day),
            )

    def erase(self, *, user: AbstractBaseUser, now: datetime, is_kept: bool) -> None:
        """Drafts lose their answers; that one was begun stays, as the database keeps every response."""
        Answer.objects.filter(response__enrolment__participant=user.pk, response__status=DRAFT).delete()

    def finish_erasure(self, *, user: AbstractBaseUser) -> None:
        """Numbers stay for the program's results; what was written in words goes, cycle by cycle as the rule ends."""
        texts = Answer.objects.filter(response__enrolment__participant=user.pk).exclude(text="")
        ends = texts.values_list("pk", "response__window__cycle__ends_on")
        today = timezone.localdate()
        Answer.objects.filter(pk__in=[pk for pk, ends_on in ends if kept_until(ends_on) < today]).delete()


def _reassign(moves: list[tuple[Response, int]]) -> None:
    """Give responses to other enrolments of the same cycle, one after the other.

    Submitted responses are final by a trigger. It is passed by here alone, and for this one column: the answers and
    their time stay what they are, and whose they are stays the same person.
    """
    with pgtrigger.ignore(
        "surveys.Response:response_submitted_is_final", "surveys.Response:response_belongs_to_the_cycle"
    ):
        for response, enrolment_id in moves:
            Response.objects.filter(Q(pk=response.pk)).update(enrolment_id=enrolment_id)
