"""`manage.py load_demo`: a program with people and two cycles, to look around in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from echo_portal.demo import load
from echo_portal.demo.cases import HUB_SPECIALIST
from echo_portal.demo.people import FAMILY_PHYSICIAN_LOGIN, NURSE_LOGIN, PEOPLE, SPECIALIST_LOGIN
from participants.models import User
from sessions_app.models import Cycle


class Command(BaseCommand):
    help = "Load the demonstration program once: forty participants, a finished cycle and a running one."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options; see help."""
        parser.add_argument(
            "--seed", type=int, default=1, help="another seed tells another story (default 1)"
        )
        parser.add_argument("--quiet", action="store_true", help="say nothing when all is well")
        parser.add_argument(
            "--show-logins", action="store_true", help="print who can log in, and where to begin"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say what came of it."""
        if settings.IS_PRODUCTION:
            raise CommandError(
                "The demonstration has accounts with a known password: it is not loaded where ECHO_ENV is production."
            )
        try:
            program = load.load_demo(seed=options["seed"], today=timezone.localdate())
        except DomainError as error:
            raise CommandError(str(error)) from error
        if options["show_logins"]:
            self.stdout.write(login_table())
        elif not options["quiet"]:
            self.stdout.write(_loaded(bool(program)))


def _loaded(is_new: bool) -> str:
    if not is_new:
        return "The demonstration program is there already; nothing was changed."
    return (
        f"Loaded the demonstration: {len(PEOPLE)} participants, a finished and a running cycle. "
        f"{load.certificates_waiting()} certificates wait for a worker."
    )


def login_table() -> str:
    """Who can log in, and where each begins; accounts that are gone or switched off are left out."""
    roles = (
        ("coordinator", load.COORDINATOR, "/admin/"),
        ("administrator", load.ADMINISTRATOR, "/admin/ (accounts and roles)"),
        ("hub's specialist", HUB_SPECIALIST, "/cases/hub/"),
        ("family physician", FAMILY_PHYSICIAN_LOGIN.email, "/my/"),
        ("specialist (in French)", SPECIALIST_LOGIN.email, "/my/"),
        ("nurse practitioner", NURSE_LOGIN.email, _where_the_nurse_begins()),
    )
    active = set(
        User.objects.filter(email__in=[email for _role, email, _start in roles], is_active=True).values_list(
            "email", flat=True
        )
    )
    lines = [f"Demonstration log-ins (password of each: {load.PASSWORD})"]
    lines += [f"  {role:<24}{email:<28}{start}" for role, email, start in roles if email in active]
    lines.append("The first three are asked for a code: ./script/manage one_time_code EMAIL")
    return "\n".join(lines)


def _where_the_nurse_begins() -> str:
    """The page of the finished cycle, while one answer is missing there."""
    cycle = Cycle.objects.filter(
        enrolments__participant__email=NURSE_LOGIN.email,
        enrolments__certificates=None,
        status=Cycle.Status.CLOSED,
    ).first()
    if cycle is None:
        return "/my/"
    return (
        f"{reverse('credits:cycle-detail', args=[cycle.pk])} (answer the post-survey: the certificate comes)"
    )
