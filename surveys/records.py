"""What this app keeps about a person: what they answered to surveys."""

from collections.abc import Iterable
from datetime import datetime

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.personal import Choice, Kept, Moved, PersonalRecords, Section, choice
from core.retention import kept_until
from core.templatetags.portal import localized_text
from core.trail import blank_words
from sessions_app.models import Enrolment
from sessions_app.services.merging import shared_enrolments
from surveys import rules
from surveys.answer_page import in_words
from surveys.models import Answer, Pseudonym, PseudonymLookup, Response, SurveyAsk, WindowExtension

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
        answers = (
            Answer.objects.filter(response__enrolment__participant=user.pk)
            .select_related("question__instrument", "question__matrix", "response__window__cycle")
            .prefetch_related("question__choices")
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
                    "answer": _readable(answer),
                }
                for answer in answers.order_by("response__started_at", "response", "question__position", "pk")
            ],
        )

        yield self._asks(user)
        yield self._extensions(user)
        yield self._pseudonyms(user)

    def _asks(self, user: AbstractBaseUser) -> Section:
        asks = SurveyAsk.objects.filter(enrolment__participant=user.pk).select_related(
            "window__instrument", "window__cycle"
        )
        return Section(
            key="survey_asks",
            title=_("When you were asked to answer"),
            labels={"survey": _("Survey"), "cycle": _("Cycle"), "asked_at": _("Asked")},
            rows=[
                {
                    "survey": localized_text(ask.window.instrument, "title"),
                    "cycle": localized_text(ask.window.cycle, "name"),
                    "asked_at": ask.asked_at,
                }
                for ask in asks.order_by("asked_at", "pk")
            ],
        )

    def _extensions(self, user: AbstractBaseUser) -> Section:
        extensions = WindowExtension.objects.filter(enrolment__participant=user.pk).select_related(
            "window__instrument", "window__cycle"
        )
        return Section(
            key="survey_extensions",
            title=_("More time to answer"),
            labels={
                "survey": _("Survey"),
                "cycle": _("Cycle"),
                "closes_at": _("Open until"),
                "reason": _("Reason"),
            },
            rows=[
                {
                    "survey": localized_text(one.window.instrument, "title"),
                    "cycle": localized_text(one.window.cycle, "name"),
                    "closes_at": one.closes_at,
                    "reason": one.reason,
                }
                for one in extensions.order_by("granted_at", "pk")
            ],
        )

    def _pseudonyms(self, user: AbstractBaseUser) -> Section:
        pseudonyms = Pseudonym.objects.filter(participant=user.pk).select_related("program")
        return Section(
            key="pseudonyms",
            title=_("Your pseudonyms in the results"),
            labels={
                "program": _("Program"),
                "code": _("Pseudonym"),
                "lookups": _("Times somebody looked up that it is yours"),
            },
            rows=[
                {"program": localized_text(one.program, "name"), "code": one.code, "lookups": one.looked_up}
                for one in pseudonyms.annotate(looked_up=Count("lookups")).order_by("program", "pk")
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

        Of two that were submitted, both stay where they are: neither can be submitted a second time (rule 29). A
        pseudonym moves where `kept` has none in its program; else theirs stays, as exports that are out name it. Of
        two extensions of a survey the later one counts.
        """
        mine_in = Pseudonym.objects.filter(participant=kept.pk).values("program")
        theirs = Pseudonym.objects.filter(participant=gone.pk).exclude(program__in=mine_in)
        if count := theirs.update(participant=kept.pk):
            moved.add("pseudonyms", count)
        for own, other in shared_enrolments(kept=kept, gone=gone):
            mine = {response.window_id: response for response in own.responses.all()}
            for response in other.responses.order_by("window_id"):
                rival = mine.get(response.window_id)
                if rival is None:
                    _reassign([(response, own.pk)])
                elif rival.status == DRAFT and response.status == SUBMITTED:
                    # Neither is deleted. A response is one of a window and an enrolment, so the draft is nobody's
                    # meanwhile; the foreign key is checked when the transaction ends.
                    _reassign([(rival, -own.pk), (response, own.pk), (rival, other.pk)])
                else:
                    continue
                moved.add("responses", 1)
            if count := _move_extensions(own, other):
                moved.add("survey_extensions", count)

    def removed(self, user: AbstractBaseUser) -> Iterable[str]:
        """Drafts, and what somebody wrote when giving more time."""
        if Answer.objects.filter(response__enrolment__participant=user.pk, response__status=DRAFT).exists():
            yield _("answers to surveys that you have not submitted")
        if WindowExtension.objects.filter(enrolment__participant=user.pk).exists():
            yield _("the reasons for which you got more time for a survey")

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
        if PseudonymLookup.objects.filter(pseudonym__participant=user.pk).exists():
            yield Kept(
                what=_("that somebody looked up whose pseudonym it is, when, and why"),
                why=_("Whoever looks into what is kept without names must answer for it."),
                until=None,
                needs_name=False,
            )

    def erase(self, *, user: AbstractBaseUser, now: datetime, is_kept: bool) -> None:
        """Drafts lose their answers; that one was begun stays, as the database keeps every response.

        So do extensions, without the reason that somebody wrote.
        """
        Answer.objects.filter(response__enrolment__participant=user.pk, response__status=DRAFT).delete()
        extensions = WindowExtension.objects.filter(enrolment__participant=user.pk)
        blank_words(WindowExtension, extensions, "reason")

    def finish_erasure(self, *, user: AbstractBaseUser) -> None:
        """Numbers stay for the program's results; what was written in words goes, cycle by cycle as the rule ends."""
        texts = Answer.objects.filter(response__enrolment__participant=user.pk).exclude(text="")
        ends = texts.values_list("pk", "response__window__cycle__ends_on")
        today = timezone.localdate()
        Answer.objects.filter(pk__in=[pk for pk, ends_on in ends if kept_until(ends_on) < today]).delete()


def _move_extensions(own: Enrolment, other: Enrolment) -> int:
    mine = {extension.window_id: extension for extension in own.survey_extensions.all()}
    count = 0
    for extension in other.survey_extensions.order_by("window_id"):
        rival = mine.get(extension.window_id)
        if rival is not None and rival.closes_at >= extension.closes_at:
            continue
        if rival is None:
            extension.enrolment = own
            extension.save(update_fields=["enrolment"])
        else:
            rival.closes_at, rival.reason = extension.closes_at, extension.reason
            rival.save(update_fields=["closes_at", "reason"])
        count += 1
    return count


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


def _readable(answer: Answer) -> Choice | str | None:
    """An answer as it was given: a number or the keys of choices for machines, with the words people read."""
    value = answer.value
    if value is None or isinstance(value, str):
        return value
    code = ";".join(value) if isinstance(value, tuple) else rules.plain(value)
    return Choice(code, in_words(answer.question, value))
