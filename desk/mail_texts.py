"""The mails that go out in a program's name: what each is, when it is sent, and what may stand in it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WHO = ("name", "program", "contact")
JOINING = (*WHO, "cycle", "link", "program_link")
SESSION = (*WHO, "topic", "when", "speakers", "join_link", "link", "calendar_link")
CASE = (*WHO, "echo_id", "link")
IN_SESSION = ("topic", "when")


@dataclass(frozen=True, slots=True)
class MailText:
    """One mail: `places` may stand in it, `needed` must, since the mail is of no use without."""

    mail: str
    title: Promise
    when: Promise
    places: tuple[str, ...]
    needed: tuple[str, ...]

    @property
    def key(self) -> str:
        """The part of the address that names it: "sessions_app-approved"."""
        app, _mail, name = self.mail.split("/")
        return f"{app}-{name}"


MAILS = (
    MailText(
        "sessions_app/mail/invitation",
        _("Invitation"),
        _("when somebody is invited to a cycle"),
        (*WHO, "cycle", "first_day", "last_day", "inviter", "until", "link"),
        ("link",),
    ),
    MailText(
        "sessions_app/mail/invitation_reminder",
        _("Reminder of an invitation"),
        _("when somebody who was invited has not applied"),
        (*WHO, "cycle", "first_day", "last_day", "inviter", "until", "link"),
        ("link",),
    ),
    MailText(
        "sessions_app/mail/received",
        _("Application received"),
        _("when somebody has applied and a coordinator decides"),
        JOINING,
        (),
    ),
    MailText(
        "sessions_app/mail/approved",
        _("Welcome"),
        _("when somebody gets a place"),
        (*JOINING, "first_day", "last_day", "calendar_link"),
        ("link",),
    ),
    MailText(
        "sessions_app/mail/waitlisted",
        _("On the waiting list"),
        _("when all places are taken"),
        JOINING,
        (),
    ),
    MailText(
        "sessions_app/mail/offered",
        _("A place is free"),
        _("when somebody on the waiting list is offered a place"),
        (*JOINING, "until", "place_link"),
        ("until", "place_link"),
    ),
    MailText("sessions_app/mail/declined", _("No place"), _("when an application is declined"), JOINING, ()),
    MailText(
        "sessions_app/mail/withdrawn",
        _("Out of the cycle"),
        _("when somebody leaves, is taken out, or lets an offer lapse"),
        JOINING,
        (),
    ),
    MailText(
        "sessions_app/mail/session_reminder",
        _("Reminder of a session"),
        _("the hours before a session that the cycle names"),
        SESSION,
        ("when",),
    ),
    MailText(
        "sessions_app/mail/session_changed",
        _("A session changed"),
        _("when a session moves, gets another link, or takes place after all"),
        (*SESSION, "was"),
        ("when",),
    ),
    MailText(
        "sessions_app/mail/session_cancelled",
        _("A session is cancelled"),
        _("when a session is cancelled"),
        (*WHO, "topic", "was", "link"),
        ("topic", "was"),
    ),
    MailText(
        "sessions_app/mail/slot_taken",
        _("You present"),
        _("when somebody takes or gets a session to present in"),
        (*WHO, "cycle", *IN_SESSION, "case_link", "link", "slots_link"),
        ("when",),
    ),
    MailText(
        "sessions_app/mail/slot_released",
        _("You present no longer"),
        _("when a session to present in is let go or taken back"),
        (*WHO, "cycle", *IN_SESSION, "link", "slots_link"),
        ("when",),
    ),
    MailText(
        "cases/mail/presenter_reminder",
        _("Reminder to a presenter"),
        _("the days before a session when no case is handed in"),
        (*WHO, *IN_SESSION, "case_link", "link", "slots_link"),
        ("when", "case_link"),
    ),
    MailText(
        "cases/mail/case_returned",
        _("Case returned"),
        _("when a coordinator asks for changes to a case"),
        CASE,
        ("link",),
    ),
    MailText("cases/mail/case_approved", _("Case approved"), _("when a case is approved"), CASE, ()),
    MailText(
        "cases/mail/case_scheduled",
        _("Case scheduled"),
        _("when a case gets its session, or another one"),
        (*CASE, *IN_SESSION),
        ("when",),
    ),
    MailText(
        "cases/mail/letter_signed",
        _("Recommendations signed"),
        _("when the specialists’ letter is signed or corrected"),
        CASE,
        ("link",),
    ),
    MailText(
        "cases/mail/follow_up_asked",
        _("What happened since"),
        _("three months after the recommendations"),
        CASE,
        ("link",),
    ),
    MailText(
        "cases/mail/hub_case_approved",
        _("To the hub’s team: a case to read"),
        _("when a case is approved"),
        CASE,
        ("link",),
    ),
    MailText(
        "cases/mail/hub_case_scheduled",
        _("To the hub’s team: a case has its session"),
        _("when a case gets its session, or another one"),
        (*CASE, *IN_SESSION),
        ("when", "link"),
    ),
    MailText(
        "surveys/mail/invitation",
        _("Surveys are open"),
        _("when a survey opens for somebody"),
        (*WHO, "surveys"),
        ("surveys",),
    ),
    MailText(
        "surveys/mail/reminder",
        _("Reminder of surveys"),
        _("the days after it that the survey names, while it is not answered"),
        (*WHO, "surveys"),
        ("surveys",),
    ),
    MailText(
        "credits/mail/certificate",
        _("Certificate"),
        _("when a certificate is issued; it is attached"),
        ("name", "program", "cycle", "contact", "number", "amount", "download_link", "verification_link"),
        ("download_link",),
    ),
)
BY_KEY = {mail.key: mail for mail in MAILS}
