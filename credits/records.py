"""What this app keeps about a person: the certificates, and what their attendance has earned."""

from django.contrib.auth.base_user import AbstractBaseUser

from core.personal import PersonalRecords
from credits.models import Certificate
from sessions_app.models import Attendance, EchoSession


class CreditRecords(PersonalRecords):
    """Certificates and earned credit."""

    def fixes_category(self, user: AbstractBaseUser) -> bool:
        """Whether a certificate was made for `user`, or minutes stand on record that can earn.

        Minutes are taken as they stand, not through the ledger of every cycle: those too few to count ask a
        coordinator for once too often, which costs a mail; the other mistake would move credit to another line unseen.
        """
        return (
            Certificate.objects.filter(enrolment__participant=user.pk)
            .exclude(status=Certificate.Status.FAILED)
            .exists()
            or Attendance.objects.filter(enrolment__participant=user.pk, minutes__gt=0, is_guest=False)
            .exclude(session__status=EchoSession.Status.CANCELLED)
            .exists()
        )
