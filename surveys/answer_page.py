"""What the pages of a survey say: plain values for the templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from core.templatetags.portal import eastern_date, is_french, labelled, localized_text, short_day
from participants.models import User
from sessions_app.models import Attendance, Enrolment
from surveys import rules
from surveys.models import Instrument, Question, Response, Section, SurveyWindow
from surveys.queries import SurveyState, asked_questions, closing_time, survey_states
from surveys.rules import QuestionKind, Value


@dataclass(frozen=True, slots=True)
class Page:
    """A section that is asked, with its place among those that are."""

    section: Section
    number: int
    url: str
    is_complete: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A question with what was answered, as the review shows it."""

    question: Question
    answer: str
    is_text: bool
    is_missing: bool
    url: str


@dataclass(frozen=True, slots=True)
class Answering:
    """One person in the middle of one survey."""

    window: SurveyWindow
    enrolment: Enrolment
    response: Response | None
    closes_at: datetime | None
    questions: list[Question]
    answers: dict[int, Value]

    @property
    def is_submitted(self) -> bool:
        """Whether nothing can be changed any more."""
        return self.response is not None and self.response.status == Response.Status.SUBMITTED

    def is_open(self, *, now: datetime) -> bool:
        """Whether answers are taken at `now`, this person's extension included."""
        return self.window.opens_at <= now and (self.closes_at is None or now < self.closes_at)

    def sections(self) -> list[Section]:
        """All sections with questions, in order."""
        return list({question.section_id: question.section for question in self.questions}.values())

    def missing(self) -> list[Question]:
        """The required questions without an answer; a reflection without a word misses its text (rule 13)."""
        asked = [question.asked for question in self.questions]
        is_reflection = self.window.instrument.kind == Instrument.Kind.REFLECTION
        ids = set(rules.unanswered(asked, self.answers, needs_words=is_reflection))
        return [question for question in self.questions if question.pk in ids]

    def pages(self, *, current: int | None = None) -> list[Page]:
        """The sections that have something to ask, in order; numbers are those of the instrument's sections."""
        return pages_of(self.window, self.questions, self.answers, self.missing(), current=current)

    def lines(self) -> list[tuple[Page, list[Line]]]:
        """Every question that is asked with its answer, by section."""
        missing = {question.pk for question in self.missing()}
        visible = rules.shown([question.asked for question in self.questions], self.answers)
        return [
            (
                page,
                [
                    Line(
                        question=question,
                        answer=in_words(question, self.answers.get(question.pk)),
                        is_text=question.kind in rules.TEXTS,
                        is_missing=question.pk in missing,
                        url=question_url(page, question),
                    )
                    for question in self.questions
                    if question.section_id == page.section.pk
                    and question.pk in visible
                    and question.kind != QuestionKind.MATRIX
                ],
            )
            for page in self.pages()
        ]


def answering(window: SurveyWindow, enrolment: Enrolment) -> Answering:
    """Where this person stands with this survey (5 queries)."""
    response = Response.objects.filter(window=window, enrolment=enrolment).first()
    answers = response.answers.all() if response else ()
    return Answering(
        window=window,
        enrolment=enrolment,
        response=response,
        closes_at=closing_time(window, enrolment),
        questions=asked_questions(window.instrument_id),
        answers={answer.question_id: answer.value for answer in answers},
    )


def pages_of(
    window: SurveyWindow,
    questions: Sequence[Question],
    answers: Mapping[int, Value],
    missing: Sequence[Question],
    *,
    current: int | None = None,
) -> list[Page]:
    """The sections of a survey that have something to ask, given the answers so far."""
    visible = rules.shown([question.asked for question in questions], answers)
    sections = list({question.section_id: question.section for question in questions}.values())
    asked = {question.section_id for question in questions if question.pk in visible}
    incomplete = {question.section_id for question in missing}
    return [
        Page(
            section=section,
            number=number,
            url=reverse("surveys:section-edit", args=[window.pk, number]),
            is_complete=section.pk not in incomplete,
            is_current=number == current,
        )
        for number, section in enumerate(sections, 1)
        if section.pk in asked
    ]


def question_url(page: Page, question: Question) -> str:
    """The way to a question on its page; a group's first control is the target."""
    is_group = question.kind in rules.SCALES | rules.CHOICES
    return f"{page.url}#id_q{question.pk}{'_0' if is_group else ''}"


def in_words(question: Question, value: Value | None) -> str:
    """An answer as it is read; "" for none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        texts = {choice.key: localized_text(choice, "text") for choice in question.choices.all()}
        texts |= {rules.YES: _("Yes"), rules.NO: _("No")} if question.kind == QuestionKind.CONSENT else {}
        return "; ".join(texts.get(key, key) for key in value)
    if question.kind in rules.SCALES and question.maximum is not None:
        return _("%(number)s of %(highest)s") % {
            "number": rules.plain(value),
            "highest": rules.plain(question.maximum),
        }
    number = rules.plain(value).replace(".", ",") if is_french() else rules.plain(value)
    return f"{number} {localized_text(question, 'unit')}".strip()


def survey_title(window: SurveyWindow) -> str:
    """What a survey is called to its reader: an evaluation with its session."""
    title = localized_text(window.instrument, "title")
    if window.session is None:
        return title
    day = short_day(window.session.held_on)
    return labelled(title, f"{localized_text(window.session, 'topic')}, {day}")


@dataclass(frozen=True, slots=True)
class ListLine:
    """A survey in somebody's list."""

    state: SurveyState
    title: str
    when: str


@dataclass(frozen=True, slots=True)
class SurveyList:
    """All surveys of a person."""

    open: list[ListLine]
    ahead: list[ListLine]
    done: list[ListLine]
    closed: list[ListLine]


def survey_list(user: User, *, now: datetime) -> SurveyList:
    """What is open and until when, what comes, what is done and what was missed, over all of the person's cycles."""
    enrolments = Enrolment.objects.filter(participant=user, status=Enrolment.Status.APPROVED)
    found = SurveyList([], [], [], [])
    for enrolment in enrolments.order_by("-cycle__starts_on", "pk"):
        for state in open_to(enrolment, survey_states(enrolment, now=now)):
            line = ListLine(state, survey_title(state.window), _when(state))
            if state.is_submitted:
                found.done.append(line)
            elif state.is_open:
                found.open.append(line)
            elif state.is_ahead:
                found.ahead.append(line)
            else:
                found.closed.append(line)
    return found


def is_for(one: Answering) -> bool:
    """Whether a survey is this person's, as in `open_to` (1 query for an evaluation)."""
    if one.window.session_id is None or one.response is not None:
        return True
    there = Attendance.objects.filter(session=one.window.session_id, minutes__gt=0, is_guest=False)
    return there.filter(enrolment=one.enrolment).exists()


def open_to(enrolment: Enrolment, states: Sequence[SurveyState]) -> list[SurveyState]:
    """The surveys that are this person's: an evaluation is for who was in the session, or has begun it."""
    there = Attendance.objects.filter(Q(enrolment=enrolment), minutes__gt=0, is_guest=False)
    attended = set(there.values_list("session_id", flat=True))
    return [
        state
        for state in states
        if state.window.session_id is None
        or state.window.session_id in attended
        or state.response is not None
    ]


def _when(state: SurveyState) -> str:
    if state.is_submitted and state.response is not None:
        return _("Sent on %(day)s") % {"day": eastern_date(state.response.submitted_at)}
    if state.is_ahead:
        return _("Opens on %(day)s") % {"day": eastern_date(state.window.opens_at)}
    if not state.is_open:
        return _("Closed on %(day)s") % {"day": eastern_date(state.closes_at)}
    return _("Open until %(day)s") % {"day": eastern_date(state.closes_at)} if state.closes_at else ""
