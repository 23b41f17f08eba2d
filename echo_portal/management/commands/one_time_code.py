"""`manage.py one_time_code`: what the app on a phone would show, for the demonstration's accounts."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import DomainError
from participants.models import User
from participants.second_factor import current_totp_code


class Command(BaseCommand):
    help = "Print the code that an account's authenticator app shows now. Not where ECHO_ENV is production."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options; see help."""
        parser.add_argument("email", help="the address that the account logs in with")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the code alone, so that it can be copied or piped."""
        if settings.IS_PRODUCTION:
            raise CommandError(
                "A code is shown by its owner's phone: none is printed where ECHO_ENV is production."
            )
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"No account has the address {options['email']}.")
        try:
            code = current_totp_code(user)
        except DomainError as error:
            raise CommandError(str(error)) from error
        if code is None:
            raise CommandError(f"{user.email} has no authenticator app: log in, and set one up.")
        self.stdout.write(code)
