"""Loads the demonstration once: a program, forty participants, a finished cycle and one that is half over."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import connection, transaction

from core import audit
from core.errors import DomainError
from credits.models import Certificate
from credits.services import close_cycle, issue_late_finishers
from echo_portal.demo.answering import (
    Answers,
    evaluate_sessions,
    learn_from_attendance,
    look_back,
    remember_asking,
    submit_all,
)
from echo_portal.demo.application_text import application_answers
from echo_portal.demo.cases import HUB_PARTNER, HUB_SPECIALIST, hub_team, play_cases
from echo_portal.demo.conduct import Conduct, conducts, diligence, minutes_at_session
from echo_portal.demo.cycles import DemoCycle, attend_by_name, build_cycle, import_report, report
from echo_portal.demo.people import (
    DOMAIN,
    FAMILY_PHYSICIAN_LOGIN,
    NURSE_LOGIN,
    PEOPLE,
    SPECIALIST_LOGIN,
    Person,
)
from echo_portal.demo.program import build_program
from echo_portal.demo.program_text import SLUG
from echo_portal.demo.schedule import Calendar, demo_calendar, toronto
from echo_portal.demo.season import present
from participants.models import AgreementAnswer, Profile, User
from participants.queries import current_agreements
from participants.second_factor import set_up_app
from sessions_app.models import ApplicationAnswer, Enrolment, Program
from sessions_app.services import record_attendance, tend_waiting_list
from surveys.models import Instrument
from surveys.services import save_answers

PASSWORD = "demo-portal-2014"  # noqa: S105  # of people who do not exist; production refuses to load them
COORDINATOR, ADMINISTRATOR = f"coordinator@{DOMAIN}", f"admin@{DOMAIN}"
COORDINATORS = "Coordinators"
LOGINS = (FAMILY_PHYSICIAN_LOGIN, SPECIALIST_LOGIN, NURSE_LOGIN)


class AddressTakenError(DomainError):
    """Somebody real has an account with an address of the demonstration."""


@dataclass(slots=True)
class Cast:
    """The people of the demonstration with their accounts, and who plays which part."""

    coordinator: User
    users: dict[str, User]
    order: list[Person]
    seed: str
    finished: dict[str, Conduct] = field(default_factory=dict)

    def of(self, person: Person) -> User:
        """The account of a person."""
        return self.users[person.email]


def is_loaded() -> bool:
    """Whether the demonstration program exists."""
    return Program.objects.filter(slug=SLUG).exists()


@transaction.atomic
def load_demo(*, seed: int, today: date) -> Program | None:
    """Load the demonstration, its dates around `today`; None when it is there already, whoever loaded it.

    The same seed on the same day gives the same people, minutes, answers and outcomes. Raises AddressTakenError
    when an account has one of the demonstration's addresses.
    """
    with connection.cursor() as cursor:
        # Two at once: the second waits, and then finds it loaded.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('echo_portal.demo.load'))")
    if is_loaded():
        return None
    calendar = demo_calendar(today)
    rng = random.Random(f"{seed}:cast")  # noqa: S311  # play, not secrecy
    cast = _cast(rng, str(seed), joined_at=toronto(calendar.finished[0] - timedelta(weeks=7)))
    demo = build_program(
        valid_from=calendar.finished[0] - timedelta(weeks=10),
        valid_to=calendar.running[-1] + timedelta(weeks=52),
    )
    finished = build_cycle(
        demo,
        calendar.finished,
        by=cast.coordinator,
        today=today,
        capacity=40,
        # A storm took the lines down.
        cancelled=frozenset({calendar.finished[12]}),
    )
    _play_finished(finished, cast, rng, today)
    running = build_cycle(
        demo, calendar.running, by=cast.coordinator, today=today, capacity=40, first_topic=6
    )
    _play_running(running, cast, rng, calendar)
    team = hub_team(demo.program, password=cast.coordinator.password, joined_at=cast.coordinator.joined_at)
    play_cases(
        finished=finished,
        running=running,
        held=len(calendar.held),
        drafting=running.cycle.enrolments.get(participant=cast.of(FAMILY_PHYSICIAN_LOGIN)),
        team=team,
        by=cast.coordinator,
    )
    with connection.cursor() as cursor:
        # So many rows at once: the planner learns of them now, not when the server comes round to it.
        cursor.execute("ANALYZE")
    return demo.program


# --- accounts ---------------------------------------------------------------------------------------------------
def _cast(rng: random.Random, seed: str, *, joined_at: datetime) -> Cast:
    addresses = [COORDINATOR, ADMINISTRATOR, *(person.email for person in PEOPLE)]
    known = User.objects.filter(email__in=[*addresses, HUB_SPECIALIST, HUB_PARTNER])
    if taken := known.values_list("email", flat=True).first():
        raise AddressTakenError(
            f"The demonstration was not loaded: {taken} is an account already. Give that account another address."
        )
    # Hashed once: the password is no secret, and forty hashes take seconds.
    password = make_password(PASSWORD)
    with audit.act("demo.load", by=None):
        users = {
            user.email: user
            for user in User.objects.bulk_create(
                User(
                    email=address,
                    password=password,
                    joined_at=joined_at,
                    is_staff=address in {COORDINATOR, ADMINISTRATOR},
                    is_superuser=address == ADMINISTRATOR,
                )
                for address in addresses
            )
        }
        EmailAddress.objects.bulk_create(
            EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users.values()
        )
        Profile.objects.bulk_create(Profile(user=users[person.email], **person.profile) for person in PEOPLE)
        _agree([users[person.email] for person in PEOPLE])
        users[COORDINATOR].groups.add(Group.objects.get_or_create(name=COORDINATORS)[0])
        for address in (COORDINATOR, ADMINISTRATOR):
            # Staff must have a second factor; `one_time_code` stands in for the phone.
            set_up_app(users[address])
    order = [person for person in PEOPLE if person not in LOGINS]
    rng.shuffle(order)
    return Cast(coordinator=users[COORDINATOR], users=users, order=order, seed=seed)


def _agree(people: list[User]) -> None:
    """Everybody agreed to take part, and most to the rest, when they joined or when the texts came into force."""
    AgreementAnswer.objects.bulk_create(
        AgreementAnswer(
            user=user,
            agreement=agreement,
            is_given=agreement.is_required or sum(user.email.encode()) % 5 > 0,
            answered_at=max(user.joined_at, agreement.published_at or user.joined_at),
        )
        for agreement in current_agreements()
        for user in people
    )


# --- the finished cycle -----------------------------------------------------------------------------------------
def _play_finished(demo: DemoCycle, cast: Cast, rng: random.Random, today: date) -> None:
    """Everything of a cycle from the first application to the certificates, at the times at which it happened."""
    cycle, last = demo.cycle, demo.sessions[-1].ends_at
    others = cast.order[:32]
    ways = [*conducts(len(others) - 2, rng), Conduct.WITHDRAWS, Conduct.WITHDRAWS]
    parts = dict(zip(others, ways, strict=True)) | {
        FAMILY_PHYSICIAN_LOGIN: Conduct.COMPLETES,
        SPECIALIST_LOGIN: Conduct.COMPLETES,
        # Whoever logs in as the nurse can answer the post-survey, and the certificate comes.
        NURSE_LOGIN: Conduct.FORGETS_POST,
    }
    cast.finished = {person.email: way for person, way in parts.items()}
    enrolments = _enrol(demo, cast, list(parts), declined=[cast.order[32]])
    answers = {
        person: Answers(demo.surveys, person, cast.of(person), f"{cast.seed}:finished") for person in parts
    }
    submit_all(
        demo.surveys,
        Instrument.Kind.PRE,
        [
            (answers[person], _some_day(demo, rng, weeks_after_start=-1))
            for person, way in parts.items()
            if way.answers_pre
        ],
    )
    _attend(demo, cast, rng, parts)
    present(demo.sessions, [enrolments[person.email] for person, way in parts.items() if way.comes])
    for person, way in parts.items():
        if way is Conduct.WITHDRAWS:
            _leave(enrolments[person.email], at=demo.sessions[6].ends_at + timedelta(days=3))
    _correct_by_hand(
        demo, cast, enrolments, [person for person, way in parts.items() if way is Conduct.COMPLETES]
    )
    learn_from_attendance(demo.surveys, answers.values())
    evaluate_sessions(demo.surveys, answers.values(), before=toronto(today))
    for kind, earliest, latest in ((Instrument.Kind.POST, 1, 200), (Instrument.Kind.REFLECTION, 201, 300)):
        submit_all(
            demo.surveys,
            kind,
            [
                (answers[person], last + timedelta(hours=rng.randint(earliest, latest)))
                for person, way in parts.items()
                if (way.answers_post if kind == Instrument.Kind.POST else way.answers_reflection)
            ],
        )
    # Nobody pressed a button: the grace period was over (rule 19).
    closed_at = cycle.closes_by_itself_on + timedelta(minutes=10)
    close_cycle(cycle_id=cycle.pk, by=None, now=closed_at)
    late = closed_at + timedelta(days=2)
    for person, way in parts.items():
        if way is Conduct.COMPLETES_LATE:
            answers[person].submit(Instrument.Kind.POST, now=late)
    issue_late_finishers(now=late + timedelta(minutes=1))
    look_back(
        demo.surveys,
        rng,
        [answers[person] for person, way in parts.items() if way.answers_post],
        before=toronto(today),
    )
    remember_asking(demo.surveys, now=toronto(today))


def _correct_by_hand(
    demo: DemoCycle, cast: Cast, enrolments: dict[str, Enrolment], people: list[Person]
) -> None:
    """Two entries that a report could not make (rule 7)."""
    phoned, visitor = people[0], people[1]
    for person, session, is_guest, reason in (
        (
            phoned,
            demo.sessions[4],
            False,
            "Joined by telephone, so the platform saw no name; the chair confirms.",
        ),
        (
            visitor,
            demo.sessions[1],
            True,
            "Came along as the guest of a colleague, before the first own session.",
        ),
    ):
        record_attendance(
            enrolment_id=enrolments[person.email].pk,
            session_id=session.pk,
            minutes=88,
            is_guest=is_guest,
            reason=reason,
            by=cast.coordinator,
            now=session.ends_at + timedelta(days=1),
        )


# --- the running cycle ------------------------------------------------------------------------------------------
def _play_running(demo: DemoCycle, cast: Cast, rng: random.Random, calendar: Calendar) -> None:
    """The first half: most have answered the pre-survey, some wait for a decision, some came late."""
    order = cast.order
    withdrawn, joiners = order[3], order[33:35]
    regulars = [*LOGINS, *order[4:29], withdrawn]
    waiting = [order[0], order[1], order[35], order[36]]
    enrolments = _enrol(demo, cast, regulars, late=joiners)
    people = [*regulars, *joiners]
    unanswered = {NURSE_LOGIN, *order[4:8]}
    answers = {
        person: Answers(demo.surveys, person, cast.of(person), f"{cast.seed}:running") for person in people
    }
    submit_all(
        demo.surveys,
        Instrument.Kind.PRE,
        [
            (answers[person], _some_day(demo, rng, weeks_after_start=5 if person in joiners else -1))
            for person in people
            if person not in unanswered
        ],
    )
    # One has begun and not finished.
    started = answers[order[4]]
    save_answers(
        window_id=demo.surveys.windows[Instrument.Kind.PRE].pk,
        by=started.user,
        answers=dict(list(started.values(Instrument.Kind.PRE).items())[:3]),
        now=_some_day(demo, rng, weeks_after_start=-1),
    )
    parts = dict.fromkeys(people, Conduct.COMPLETES) | {withdrawn: Conduct.WITHDRAWS}
    held = len(calendar.held)
    _attend(demo, cast, rng, parts, until=held - 1)
    attend_by_name(demo.sessions[held - 1], people, by=cast.coordinator)
    evaluate_sessions(demo.surveys, answers.values(), before=toronto(calendar.today))
    # The next session has its presenter; later ones are free to take, but for two.
    presenting = [enrolments[person.email] for person in (*order[8:29], *LOGINS)]
    present([*demo.sessions[: held + 1], *demo.sessions[held + 4 : held + 6]], presenting)
    _leave(enrolments[withdrawn.email], at=demo.sessions[6].ends_at + timedelta(days=3))
    _enrol(demo, cast, [], applied=waiting, applied_at=toronto(calendar.today) - timedelta(days=2))
    # The place of the one who left is held for the one who waits, from today on.
    _enrol(demo, cast, [], waitlisted=[order[2]])
    tend_waiting_list(cycle_id=demo.cycle.pk, now=toronto(calendar.today))
    remember_asking(demo.surveys, now=toronto(calendar.today))


# --- what both have in common -----------------------------------------------------------------------------------
def _enrol(
    demo: DemoCycle,
    cast: Cast,
    people: Iterable[Person],
    *,
    late: Iterable[Person] = (),
    waitlisted: Iterable[Person] = (),
    declined: Iterable[Person] = (),
    applied: Iterable[Person] = (),
    applied_at: datetime | None = None,
) -> dict[str, Enrolment]:
    """Enrolments as they were decided back then; written as rows, because a decision made now would mail people."""
    cycle, fourth = demo.cycle, demo.sessions[4].held_on
    opened = cycle.registration_opens_at
    rows = [
        *((person, Enrolment.Status.APPROVED, opened) for person in people),
        *((person, Enrolment.Status.APPROVED, fourth - timedelta(days=3)) for person in late),
        *((person, Enrolment.Status.WAITLISTED, opened + timedelta(weeks=3)) for person in waitlisted),
        *((person, Enrolment.Status.DECLINED, opened + timedelta(weeks=3)) for person in declined),
        *((person, Enrolment.Status.APPLIED, applied_at or opened) for person in applied),
    ]
    with audit.act("demo.load", by=None):
        enrolments = Enrolment.objects.bulk_create(
            Enrolment(
                cycle=cycle,
                participant=cast.of(person),
                status=status,
                applied_at=at + timedelta(hours=number),
                # Who joined late earns nothing in the sessions before (rule 12).
                enrolled_on=max(cycle.starts_on, at.date()) if status == Enrolment.Status.APPROVED else None,
                decided_at=at + timedelta(days=2) if status != Enrolment.Status.APPLIED else None,
                waitlisted_at=at + timedelta(days=2) if status == Enrolment.Status.WAITLISTED else None,
                decided_by=cast.coordinator if status != Enrolment.Status.APPLIED else None,
            )
            for number, (person, status, at) in enumerate(rows)
        )
        ApplicationAnswer.objects.bulk_create(
            ApplicationAnswer(enrolment=enrolment, question_id=question, text=text)
            for (person, *_rest), enrolment in zip(rows, enrolments, strict=True)
            for question, text in application_answers(cycle, person, seed=cast.seed).items()
            if text
        )
    return {row[0].email: enrolment for row, enrolment in zip(rows, enrolments, strict=True)}


def _leave(enrolment: Enrolment, *, at: datetime) -> None:
    """Somebody left back then; written as a row, as above."""
    with audit.act("demo.load", by=None):
        enrolment.status, enrolment.decided_at = Enrolment.Status.WITHDRAWN, at
        enrolment.decided_by = enrolment.participant
        enrolment.save(update_fields=["status", "decided_at", "decided_by"])


def _attend(
    demo: DemoCycle, cast: Cast, rng: random.Random, parts: dict[Person, Conduct], *, until: int | None = None
) -> None:
    """Hand in one report for each session that was held."""
    shares = {person: 0.9 if person in LOGINS else diligence(rng) for person in parts}
    for at, session in enumerate(demo.sessions[:until]):
        if session.status == session.Status.CANCELLED:
            continue
        rows = []
        for person, way in parts.items():
            minutes = minutes_at_session(rng, share=shares[person])
            stays_away = not way.comes or (way is Conduct.WITHDRAWS and at > 6)
            if minutes is not None and not stays_away:
                rows.append((person, minutes))
        import_report(session, report(rows, with_guest=at % 5 == 2), by=cast.coordinator)


def _some_day(demo: DemoCycle, rng: random.Random, *, weeks_after_start: int) -> datetime:
    """A moment in the given week of the cycle."""
    return demo.sessions[0].starts_at + timedelta(weeks=weeks_after_start, minutes=rng.randint(0, 8_000))


def certificates_waiting() -> int:
    """How many certificates the workers still have to draw."""
    return Certificate.objects.filter(status=Certificate.Status.PENDING).count()
