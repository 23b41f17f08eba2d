"""A whole cycle, from the first account to the last mail, by the services, the worker and the outbox of the portal."""

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from credits.models import Certificate
from credits.queries import cycle_ledgers
from credits.rules import Missing
from credits.services import close_cycle, issue_late_finishers
from echo_portal.demo.answering import Answers, evaluate_sessions, learn_from_attendance, remember_asking
from echo_portal.demo.application_text import application_answers
from echo_portal.demo.conduct import COUNTS_FROM, Conduct, conducts, diligence, minutes_at_session
from echo_portal.demo.cycles import DemoCycle, build_cycle, import_report, report
from echo_portal.demo.evidence import Issued, find_problems, letters_due, read_mail
from echo_portal.demo.people import DOMAIN, Person, some_people
from echo_portal.demo.program import build_program
from echo_portal.demo.schedule import SESSIONS, thursdays_before
from outbox.models import OutgoingMail
from outbox.states import WAITING
from participants.enums import Category
from participants.models import User
from participants.queries import current_agreements
from participants.services import answer_agreements, save_profile
from sessions_app.models import Enrolment
from sessions_app.services import apply_to_cycle, decide_enrolment, withdraw
from sessions_app.services.enrolments import CycleFullError
from surveys.models import Instrument

STALLED_SECONDS = 90
"""Without any progress for so long, the worker is taken for dead."""

GROUPS = {
    Category.FAMILY_PHYSICIAN: "family physicians",
    Category.SPECIALIST: "specialists",
    Category.OTHER: "other professionals",
}
IN_WORDS = {
    Missing.ENROLMENT: "not enrolled",
    Missing.PROFILE: "no profile",
    Missing.PRE_SURVEY: "pre-survey missing",
    Missing.POST_SURVEY: "post-survey missing",
    Missing.REFLECTION: "reflection missing",
    Missing.CREDIT: "no session that earns credit",
}


class CycleRun:
    """One run. `steps` are done in their order; then `problems` says what is missing and `table` what came of it."""

    cycle: DemoCycle
    coordinator: User

    def __init__(self, *, participants: int, seed: int, out: Path, say: Callable[[str], None]) -> None:
        self.participants = participants
        self.seed = seed
        self.out = out
        self.say = say
        self.rng = random.Random(f"{seed}:run")  # noqa: S311  # play, not secrecy
        self.people = some_people(participants, self.rng)
        self.places = participants - max(1, participants // 20) if participants >= 5 else participants
        self.users: dict[str, User] = {}
        self.enrolments: dict[str, Enrolment] = {}
        self.parts: dict[Person, Conduct] = {}
        self.answers: dict[Person, Answers] = {}
        self.best_minutes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.eligible: set[str] = set()
        self.issued: list[Issued] = []
        self.mailed = 0
        self.seconds: list[tuple[str, float]] = []
        self.problems: list[str] = []
        self.steps: tuple[tuple[str, Callable[[], str]], ...] = (
            ("The program, its accreditations and surveys", self.prepare),
            ("People make accounts and profiles", self.sign_up),
            ("They apply", self.apply),
            ("The coordinator decides", self.decide),
            ("The pre-survey is answered", self.answer_before),
            ("Attendance reports are imported", self.attend),
            ("Post-survey and reflection are answered", self.answer_after),
            ("The cycle is closed", self.close),
            ("Late finishers complete", self.complete_late),
            ("The worker draws the certificates", self.wait_for_certificates),
            ("The outbox delivers", self.wait_for_mails),
            ("PDFs and mails are held against the rows", self.check),
        )

    def run(self) -> None:
        """Do every step, and say how it went."""
        for number, (title, step) in enumerate(self.steps, 1):
            started = time.monotonic()
            outcome = step()
            seconds = time.monotonic() - started
            self.seconds.append((title, seconds))
            self.say(f"[{number:>2}/{len(self.steps)}] {title}: {outcome} ({seconds:.1f} s)")

    # --- registration -------------------------------------------------------------------------------------------
    @transaction.atomic
    def prepare(self) -> str:
        """A program and a published cycle whose Thursdays are over."""
        today = timezone.localdate()
        days = thursdays_before(today, SESSIONS)
        demo = build_program(
            valid_from=days[0] - timedelta(weeks=10), valid_to=days[-1] + timedelta(weeks=26)
        )
        self.coordinator = User.objects.create_user(f"coordinator@{DOMAIN}", is_staff=True)
        self.cycle = build_cycle(
            demo,
            days,
            by=self.coordinator,
            today=today,
            capacity=self.places,
            cancelled=frozenset({days[SESSIONS // 2]}),
        )
        return f"{SESSIONS} sessions, one of them cancelled, {self.places} places"

    def sign_up(self) -> str:
        """Accounts that log in by a code, their addresses verified, profiles, and a yes to every agreement."""
        answers = {agreement.pk: True for agreement in current_agreements()}
        for person in self.people:
            with transaction.atomic():
                user = User.objects.create_user(person.email)
                EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
                save_profile(user=user, by=user, values=person.profile)
                answer_agreements(user=user, by=user, answers=answers, now=timezone.now())
            self.users[person.email] = user
        counts = Counter(person.category for person in self.people)
        return ", ".join(f"{counts[category]} {name}" for category, name in GROUPS.items())

    def apply(self) -> str:
        """Everybody applies."""
        opened = self.cycle.cycle.registration_opens_at
        for at, person in enumerate(self.people):
            self.enrolments[person.email] = apply_to_cycle(
                cycle_id=self.cycle.cycle.pk,
                by=self.users[person.email],
                now=opened + timedelta(minutes=at),
                answers=application_answers(self.cycle.cycle, person, seed="run"),
            )
        # The cycle is over already: the beat must not invite people on the way to what they are about to answer.
        remember_asking(self.cycle.surveys, now=timezone.now(), people=self.cycle.cycle.enrolments.all())
        return f"{len(self.enrolments)} applications"

    def decide(self) -> str:
        """Approved while there are places, then the waiting list."""
        now = self.cycle.cycle.registration_opens_at + timedelta(weeks=2)
        approved = []
        for person in self.people:
            enrolment = self.enrolments[person.email]
            try:
                self._decide(enrolment, Enrolment.Status.APPROVED, now)
                approved.append(person)
            except CycleFullError:
                self._decide(enrolment, Enrolment.Status.WAITLISTED, now)
        ways = conducts(len(approved), self.rng)
        self.parts = dict(zip(approved, ways, strict=True))
        if len(approved) >= 9:
            # After conducts(): everybody else's way stays what it is.
            self.parts[next(person for person, way in self.parts.items() if way is Conduct.COMPLETES)] = (
                Conduct.WITHDRAWS
            )
        return f"{len(approved)} approved, {len(self.people) - len(approved)} on the waiting list"

    def _decide(self, enrolment: Enrolment, to: Enrolment.Status, now: datetime) -> None:
        decide_enrolment(enrolment_id=enrolment.pk, to=to, by=self.coordinator, now=now)

    # --- the season ---------------------------------------------------------------------------------------------
    def answer_before(self) -> str:
        """The pre-survey, in the week before the first session."""
        surveys = self.cycle.surveys
        self.answers = {
            person: Answers(surveys, person, self.users[person.email], f"{self.seed}:run")
            for person in self.parts
        }
        return self._answer(
            Instrument.Kind.PRE,
            [person for person, way in self.parts.items() if way.answers_pre],
            now=self.cycle.sessions[0].starts_at - timedelta(days=3),
        )

    def attend(self) -> str:
        """One report a session, read, looked at and written; the first of them twice."""
        shares = {person: diligence(self.rng) for person in self.parts}
        rows_written, first = 0, b""
        for at, session in enumerate(self.cycle.sessions):
            if session.status == session.Status.CANCELLED:
                continue
            rows = []
            for person, way in self.parts.items():
                minutes = minutes_at_session(self.rng, share=shares[person])
                if minutes is not None and way.comes and not (way is Conduct.WITHDRAWS and at > 3):
                    rows.append((person, minutes))
                    self.best_minutes[person.email] = max(self.best_minutes[person.email], minutes)
            content = report(rows, with_guest=at % 5 == 2)
            first = first or content
            rows_written += import_report(session, content, by=self.coordinator)
        if again := import_report(self.cycle.sessions[0], first, by=self.coordinator):
            self.problems.append(f"The first report was imported again, and changed {again} rows.")
        for person, way in self.parts.items():
            if way is Conduct.WITHDRAWS:
                withdraw(
                    enrolment_id=self.enrolments[person.email].pk,
                    by=self.users[person.email],
                    now=self.cycle.sessions[4].starts_at,
                )
        return f"{rows_written} attendances; the first report once more, {again or 'no'} changes"

    def answer_after(self) -> str:
        """Sessions are evaluated; the post-survey and the reflection question, once the last session is over."""
        learn_from_attendance(self.cycle.surveys, self.answers.values())
        evaluated = evaluate_sessions(self.cycle.surveys, self.answers.values(), before=timezone.now())
        now = self.cycle.sessions[-1].ends_at + timedelta(hours=1)
        parts = self.parts.items()
        answered = self._answer(
            Instrument.Kind.POST, [one for one, way in parts if way.answers_post], now=now
        )
        reflected = self._answer(
            Instrument.Kind.REFLECTION, [one for one, way in parts if way.answers_reflection], now=now
        )
        return f"{answered}, {reflected}; {evaluated} evaluations of sessions"

    def _answer(self, kind: str, people: list[Person], *, now: datetime) -> str:
        for person in people:
            self.answers[person].submit(kind, now=now)
        return f"{len(people)} of {len(self.parts)}"

    # --- the end ------------------------------------------------------------------------------------------------
    def close(self) -> str:
        """Closed by the coordinator: one certificate for each who is eligible. Closed twice: nothing twice."""
        certificates, again = (
            close_cycle(cycle_id=self.cycle.cycle.pk, by=self.coordinator, now=timezone.now())
            for _time in range(2)
        )
        if again:
            self.problems.append(
                f"The cycle was closed twice, and issued {len(again)} certificates the second time."
            )
        return f"{len(certificates)} certificates numbered"

    def complete_late(self) -> str:
        """Who still owed the post-survey answers it, and gets the certificate after all."""
        late = [person for person, way in self.parts.items() if way is Conduct.COMPLETES_LATE]
        self._answer(Instrument.Kind.POST, late, now=timezone.now())
        issued = issue_late_finishers(now=timezone.now())
        self._settle()
        return f"{issued} more"

    def _settle(self) -> None:
        """Who is eligible according to the ledger, held against what we know they did."""
        for ledger in cycle_ledgers(self.cycle.cycle):
            if not ledger.missing:
                self.eligible.add(ledger.enrolment.participant.email)
            for reason in ledger.missing:
                self.reasons[IN_WORDS[reason]] += 1
        expected = {
            person.email
            for person, way in self.parts.items()
            if way in {Conduct.COMPLETES, Conduct.COMPLETES_LATE}
            and self.best_minutes[person.email] >= COUNTS_FROM
        }
        for address in sorted(expected ^ self.eligible):
            was = "was not found" if address in expected else "was found"
            self.problems.append(f"{address} {was} eligible.")

    def wait_for_certificates(self) -> str:
        """Until no certificate waits any more."""
        certificates = Certificate.objects.filter(enrolment__cycle=self.cycle.cycle)
        self._wait(
            "certificates",
            lambda: certificates.filter(status=Certificate.Status.PENDING).count(),
            certificates.count(),
        )
        rows = certificates.filter(status=Certificate.Status.ISSUED).select_related(
            "document", "enrolment__participant"
        )
        folder = self.out / "certificates"
        folder.mkdir(exist_ok=True)
        for row in rows:
            pdf = bytes(row.document.content) if row.document else b""
            (folder / f"{row.number}.pdf").write_bytes(pdf)
            self.issued.append(Issued(row.number, row.enrolment.participant.email, row.sha256, pdf))
        for row in certificates.exclude(status=Certificate.Status.ISSUED):
            self.problems.append(
                f"{row.number} is {row.get_status_display().lower()}: {row.last_error or 'no error noted'}"
            )
        return f"{len(self.issued)} issued"

    def wait_for_mails(self) -> str:
        """Until no mail waits any more."""
        mails = OutgoingMail.objects.all()
        self._wait("mails", lambda: mails.filter(status__in=WAITING).count(), mails.count())
        sent = mails.filter(status=OutgoingMail.Status.SENT)
        self.mailed = sent.filter(kind="certificate").count()
        for mail in mails.exclude(status=OutgoingMail.Status.SENT):
            self.problems.append(
                f"The mail to {mail.recipient} is {mail.get_status_display().lower()}: {mail.last_error}"
            )
        return f"{sent.count()} sent, {self.mailed} of them with a certificate"

    def _wait(self, what: str, waiting: Callable[[], int], total: int) -> None:
        left = waiting()
        moved = told = time.monotonic()
        while left:
            time.sleep(0.2)
            now, before = time.monotonic(), left
            left = waiting()
            if left != before:
                moved = now
            if now - moved > STALLED_SECONDS:
                self.problems.append(
                    f"{left} {what} still waited after {STALLED_SECONDS} seconds without any progress; "
                    f"the worker's log is {self.out / 'log' / 'worker.log'}."
                )
                return
            if now - told > 3:
                told = now
                self.say(f"        … {total - left} of {total} {what}")

    def check(self) -> str:
        """Rows, PDFs and mails against each other."""
        caught = [read_mail(path) for path in sorted((self.out / "mail").glob("*.eml"))]
        found = find_problems(
            eligible=self.eligible,
            letters=letters_due(self.cycle.cycle),
            issued=self.issued,
            caught=caught,
        )
        self.problems += found
        return f"{len(self.issued)} PDFs, {len(caught)} mails, {len(found) or 'no'} differences"

    # --- the table ----------------------------------------------------------------------------------------------
    def table(self) -> str:
        """What came of it, and how long each step took."""
        withdrawn = sum(way is Conduct.WITHDRAWS for way in self.parts.values())
        in_it = len(self.parts) - withdrawn
        rows: list[tuple[str, str]] = [
            ("Applied", str(self.participants)),
            ("  on the waiting list", str(self.participants - len(self.parts))),
            ("  withdrew", str(withdrawn)),
            ("  in the cycle to its end", str(in_it)),
            ("Eligible", str(len(self.eligible))),
            ("Not eligible (a person may miss several things)", str(in_it - len(self.eligible))),
            *((f"  {reason}", str(count)) for reason, count in self.reasons.most_common()),
            ("Certificates issued", str(len(self.issued))),
            ("Certificates mailed", str(self.mailed)),
        ]
        times = [(title, f"{seconds:.1f}") for title, seconds in self.seconds]
        times.append(("All steps", f"{sum(seconds for _title, seconds in self.seconds):.1f}"))
        return "\n".join([*_lines("Participants", "people", rows), "", *_lines("Step", "seconds", times)])


def _lines(head: str, unit: str, rows: list[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _value in [(head, unit), *rows]) + 2
    line = "─" * (width + 8)
    return [f"{head:<{width}}{unit:>8}", line, *(f"{name:<{width}}{value:>8}" for name, value in rows)]
