"""Every page a person can open, each with who opens it: the sweep looks at all of them, so none can be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from participants.models import User
from participants.queries import current_agreements
from sessions_app.services.invitations import invitation_token
from tests.e2e.rows import fill_every_list
from tests.url_map import admin_urls, arguments, url_names
from tests.world import World

Who = Callable[[World], User | None]
ANYBODY: Who = lambda world: None  # noqa: E731  # three words each
PARTICIPANT: Who = lambda world: world.participant  # noqa: E731
NEWCOMER: Who = lambda world: world.newcomer  # noqa: E731
WAITING: Who = lambda world: world.waiting  # noqa: E731
FRESH: Who = lambda world: world.fresh  # noqa: E731
COORDINATOR: Who = lambda world: world.coordinator  # noqa: E731
SPECIALIST: Who = lambda world: world.specialist  # noqa: E731


def question_page(world: World, kind: str) -> str:
    """The first question of a kind in the survey that nobody has begun."""
    question = world.open_survey.instrument.questions.filter(kind=kind).earliest("pk")
    return f"/admin/surveys/question/{question.pk}/change/"


def dry_run(world: World) -> int:
    """A record that never changes, and so has no history."""
    return world.closed.dry_runs.earliest("pk").pk


PAGES: dict[str, tuple[Who, Callable[[World], str]]] = {
    "program": (ANYBODY, lambda w: "/programs/pain/"),
    "log in": (ANYBODY, lambda w: "/accounts/login/"),
    "sign up": (ANYBODY, lambda w: "/accounts/signup/"),
    "reset password": (ANYBODY, lambda w: "/accounts/password/reset/"),
    "log in by code": (ANYBODY, lambda w: "/accounts/login/code/"),
    "verify form": (ANYBODY, lambda w: "/verify/"),
    "verified": (ANYBODY, lambda w: f"/verify/{w.certificate.token}/"),
    "unknown code": (ANYBODY, lambda w: "/verify/NOSUCHCODE/"),
    "accessibility": (ANYBODY, lambda w: "/accessibility/"),
    "privacy": (ANYBODY, lambda w: "/privacy/"),
    "components": (COORDINATOR, lambda w: "/components/"),
    "not found": (ANYBODY, lambda w: "/no/such/page/"),
    "invitation": (ANYBODY, lambda w: f"/invitations/{invitation_token(w.invitation)}/"),
    "invitation of somebody else": (NEWCOMER, lambda w: f"/invitations/{invitation_token(w.invitation)}/"),
    "invitation that is over": (ANYBODY, lambda w: "/invitations/nothing/"),
    "my cycle": (PARTICIPANT, lambda w: f"/my/cycles/{w.running.pk}/"),
    "closed cycle": (PARTICIPANT, lambda w: f"/my/cycles/{w.closed.pk}/"),
    "ledger": (PARTICIPANT, lambda w: f"/my/cycles/{w.running.pk}/credits/"),
    "certificates": (PARTICIPANT, lambda w: "/my/certificates/"),
    "survey": (PARTICIPANT, lambda w: f"/surveys/{w.open_survey.pk}/"),
    "survey, second section": (PARTICIPANT, lambda w: f"/surveys/{w.open_survey.pk}/2/"),
    "survey draft": (PARTICIPANT, lambda w: f"/surveys/{w.draft_survey.pk}/1/"),
    "survey review": (PARTICIPANT, lambda w: f"/surveys/{w.draft_survey.pk}/review/"),
    "survey review, all missing": (PARTICIPANT, lambda w: f"/surveys/{w.open_survey.pk}/review/"),
    "survey with more time": (PARTICIPANT, lambda w: f"/surveys/{w.extended_survey.pk}/"),
    "survey closed": (PARTICIPANT, lambda w: f"/surveys/{w.closed_survey.pk}/"),
    "survey ahead": (PARTICIPANT, lambda w: f"/surveys/{w.ahead_survey.pk}/"),
    "surveys": (PARTICIPANT, lambda w: "/surveys/"),
    "survey done": (PARTICIPANT, lambda w: f"/surveys/{w.done_survey.pk}/"),
    "profile": (PARTICIPANT, lambda w: "/profile/"),
    "profile, category free": (NEWCOMER, lambda w: "/profile/"),
    "another category": (PARTICIPANT, lambda w: "/profile/category/"),
    "agreements": (PARTICIPANT, lambda w: "/agreements/"),
    "agreements to answer": (FRESH, lambda w: "/agreements/?next=/my/"),
    "applied already": (PARTICIPANT, lambda w: f"/cycles/{w.running.pk}/apply/"),
    "e-mail addresses": (PARTICIPANT, lambda w: "/accounts/email/"),
    "change password": (PARTICIPANT, lambda w: "/accounts/password/change/"),
    "second factor": (PARTICIPANT, lambda w: "/accounts/2fa/"),
    "set up an app": (PARTICIPANT, lambda w: "/accounts/2fa/totp/activate/"),
    "add a passkey": (PARTICIPANT, lambda w: "/accounts/2fa/webauthn/add/"),
    "no passkey": (PARTICIPANT, lambda w: "/accounts/2fa/webauthn/"),
    "make recovery codes": (PARTICIPANT, lambda w: "/accounts/2fa/recovery-codes/generate/"),
    "sessions": (PARTICIPANT, lambda w: "/accounts/sessions/"),
    "second factor of staff": (COORDINATOR, lambda w: "/accounts/2fa/"),
    "confirm by code": (COORDINATOR, lambda w: "/accounts/2fa/reauthenticate/"),
    "own data": (PARTICIPANT, lambda w: "/my/data/"),
    "own data, not much": (FRESH, lambda w: "/my/data/"),
    "erase, records kept": (PARTICIPANT, lambda w: "/my/data/erase/"),
    "erase, nothing kept": (FRESH, lambda w: "/my/data/erase/"),
    "erase, staff": (COORDINATOR, lambda w: "/my/data/erase/"),
    "erased": (ANYBODY, lambda w: "/data/erased/"),
    "log out": (PARTICIPANT, lambda w: "/accounts/logout/"),
    "home": (NEWCOMER, lambda w: "/my/"),
    "waiting": (NEWCOMER, lambda w: f"/my/cycles/{w.running.pk}/"),
    "no certificate": (NEWCOMER, lambda w: "/my/certificates/"),
    "application": (FRESH, lambda w: f"/cycles/{w.running.pk}/apply/"),
    "place offered": (WAITING, lambda w: f"/cycles/{w.running.pk}/place/"),
    "on the waiting list": (WAITING, lambda w: f"/my/cycles/{w.running.pk}/"),
    "leave a cycle": (PARTICIPANT, lambda w: f"/cycles/{w.running.pk}/withdraw/"),
    "schedule": (ANYBODY, lambda w: f"/cycles/{w.running.pk}/schedule/"),
    "schedule of a past season": (ANYBODY, lambda w: f"/cycles/{w.closed.pk}/schedule/"),
    "my schedule": (PARTICIPANT, lambda w: "/my/schedule/"),
    "my schedule, empty": (NEWCOMER, lambda w: "/my/schedule/"),
    "session that is over": (PARTICIPANT, lambda w: f"/sessions/{w.report.session_id}/"),
    "session ahead": (
        PARTICIPANT,
        lambda w: f"/sessions/{w.running.sessions.filter(status='confirmed').latest('starts_at').pk}/",
    ),
    "session cancelled": (
        PARTICIPANT,
        lambda w: f"/sessions/{w.running.sessions.filter(status='cancelled').latest('starts_at').pk}/",
    ),
    "check in, on record": (PARTICIPANT, lambda w: f"/sessions/{w.report.session_id}/check-in/"),
    "check in, too early": (
        PARTICIPANT,
        lambda w: f"/sessions/{w.running.sessions.latest('starts_at').pk}/check-in/",
    ),
    "check in, cancelled": (
        PARTICIPANT,
        lambda w: (
            f"/sessions/{w.running.sessions.filter(status='cancelled').latest('starts_at').pk}/check-in/"
        ),
    ),
    "present a case": (PARTICIPANT, lambda w: f"/cycles/{w.running.pk}/present/"),
    "my cases": (PARTICIPANT, lambda w: "/cases/"),
    "my cases, empty": (NEWCOMER, lambda w: "/cases/"),
    "write a case": (PARTICIPANT, lambda w: f"/cases/{w.draft.echo_id}/edit/"),
    "delete a draft": (PARTICIPANT, lambda w: f"/cases/{w.draft.echo_id}/delete/"),
    "case, a draft": (PARTICIPANT, lambda w: f"/cases/{w.draft.echo_id}/"),
    "case": (PARTICIPANT, lambda w: f"/cases/{w.case.echo_id}/"),
    "case for its reviewer": (COORDINATOR, lambda w: f"/cases/{w.case.echo_id}/"),
    "case, one page": (PARTICIPANT, lambda w: f"/cases/{w.case.echo_id}/summary/"),
    "case check, something found": (PARTICIPANT, lambda w: f"/cases/{w.draft.echo_id}/check/"),
    "case check, to be signed": (PARTICIPANT, lambda w: f"/cases/{w.ready.echo_id}/check/"),
    "report what happened": (PARTICIPANT, lambda w: f"/cases/{w.case.echo_id}/follow-up/"),
    "hub": (SPECIALIST, lambda w: "/cases/hub/"),
    "recommend": (SPECIALIST, lambda w: f"/cases/{w.presented.echo_id}/recommendations/"),
    "sign": (SPECIALIST, lambda w: f"/cases/{w.presented.echo_id}/recommendations/sign/"),
    "sign a correction of nothing": (
        SPECIALIST,
        lambda w: f"/cases/{w.case.echo_id}/recommendations/sign/",
    ),
    "letter": (PARTICIPANT, lambda w: f"/cases/{w.case.echo_id}/letter/"),
    "letter, replaced": (SPECIALIST, lambda w: f"/cases/{w.case.echo_id}/letter/?number=1"),
    "library": (PARTICIPANT, lambda w: "/cases/library/"),
    "library, nothing found": (PARTICIPANT, lambda w: "/cases/library/?q=zèbre"),
    "library, not enrolled": (FRESH, lambda w: "/cases/library/"),
    "calendar": (PARTICIPANT, lambda w: "/calendar/"),
    "admin enrolment": (
        COORDINATOR,
        lambda w: f"/admin/sessions_app/enrolment/{w.certificate.enrolment_id}/change/",
    ),
    "apply": (NEWCOMER, lambda w: f"/cycles/{w.closed.pk}/apply/"),
    "admin index": (COORDINATOR, lambda w: "/admin/"),
    "admin cycles": (COORDINATOR, lambda w: "/admin/sessions_app/cycle/"),
    "admin cycle": (COORDINATOR, lambda w: f"/admin/sessions_app/cycle/{w.running.pk}/change/"),
    "admin season": (COORDINATOR, lambda w: f"/admin/sessions_app/cycle/{w.running.pk}/season/"),
    "admin season, closed": (COORDINATOR, lambda w: f"/admin/sessions_app/cycle/{w.closed.pk}/season/"),
    "admin move": (
        COORDINATOR,
        lambda w: f"/admin/sessions_app/cycle/sessions/{w.running.sessions.latest('starts_at').pk}/move/",
    ),
    "admin cancel": (
        COORDINATOR,
        lambda w: f"/admin/sessions_app/cycle/sessions/{w.running.sessions.latest('starts_at').pk}/cancel/",
    ),
    "admin presenters": (COORDINATOR, lambda w: f"/admin/sessions_app/cycle/{w.running.pk}/presenters/"),
    "admin enrolments": (COORDINATOR, lambda w: "/admin/sessions_app/enrolment/"),
    "admin sessions": (COORDINATOR, lambda w: "/admin/sessions_app/echosession/"),
    "admin cases": (COORDINATOR, lambda w: "/admin/cases/casesubmission/"),
    "admin case": (COORDINATOR, lambda w: f"/admin/cases/casesubmission/{w.in_review.pk}/change/"),
    "admin review desk": (COORDINATOR, lambda w: "/admin/cases/casesubmission/desk/"),
    "admin review": (COORDINATOR, lambda w: f"/admin/cases/casesubmission/{w.in_review.pk}/review/"),
    "admin review, answered": (COORDINATOR, lambda w: f"/admin/cases/casesubmission/{w.case.pk}/review/"),
    "admin strike": (COORDINATOR, lambda w: f"/admin/cases/casesubmission/{w.in_review.pk}/strike/"),
    "admin readings": (COORDINATOR, lambda w: "/admin/cases/casereading/"),
    "admin hub": (COORDINATOR, lambda w: "/admin/cases/hubmember/"),
    "admin new hub member": (COORDINATOR, lambda w: "/admin/cases/hubmember/add/"),
    "admin suggestions": (COORDINATOR, lambda w: "/admin/cases/suggestedrecommendation/"),
    "admin new suggestion": (COORDINATOR, lambda w: "/admin/cases/suggestedrecommendation/add/"),
    "admin letters": (COORDINATOR, lambda w: "/admin/cases/recommendationletter/"),
    "admin session": (
        COORDINATOR,
        lambda w: f"/admin/sessions_app/echosession/{w.report.session_id}/change/",
    ),
    "admin session to come": (
        COORDINATOR,
        lambda w: f"/admin/sessions_app/echosession/{w.running.sessions.latest('starts_at').pk}/change/",
    ),
    "admin new session": (COORDINATOR, lambda w: "/admin/sessions_app/echosession/add/"),
    "admin check-in slide, too early": (
        COORDINATOR,
        lambda w: f"/admin/sessions_app/echosession/{w.running.sessions.latest('starts_at').pk}/check-in/",
    ),
    "admin numbers": (COORDINATOR, lambda w: f"/admin/sessions_app/program/{w.running.program_id}/numbers/"),
    "admin numbers of a cycle": (
        COORDINATOR,
        lambda w: f"/admin/sessions_app/program/{w.running.program_id}/numbers/?cycle={w.running.pk}",
    ),
    "admin import": (
        COORDINATOR,
        lambda w: f"/admin/sessions_app/echosession/{w.report.session_id}/attendance/",
    ),
    "admin preview": (
        COORDINATOR,
        lambda w: f"/admin/sessions_app/echosession/{w.report.session_id}/attendance/{w.report.pk}/",
    ),
    "admin invitations": (COORDINATOR, lambda w: "/admin/sessions_app/invitation/"),
    "admin invitation": (COORDINATOR, lambda w: f"/admin/sessions_app/invitation/{w.invitation.pk}/change/"),
    "admin invite": (COORDINATOR, lambda w: f"/admin/sessions_app/invitation/cycle/{w.running.pk}/"),
    "admin rosters": (COORDINATOR, lambda w: "/admin/sessions_app/roster/"),
    "admin roster": (COORDINATOR, lambda w: f"/admin/sessions_app/invitation/roster/{w.roster.pk}/"),
    "admin names": (COORDINATOR, lambda w: "/admin/sessions_app/unmatchedname/?outcome=all"),
    "admin names of a session": (
        COORDINATOR,
        lambda w: f"/admin/sessions_app/echosession/{w.report.session_id}/names/?all=1",
    ),
    "admin remembered names": (COORDINATOR, lambda w: "/admin/sessions_app/attendancealias/"),
    "admin roll call": (
        COORDINATOR,
        lambda w: f"/admin/sessions_app/echosession/{w.report.session_id}/roll-call/",
    ),
    "admin corrections": (
        COORDINATOR,
        lambda w: f"/admin/sessions_app/enrolment/{w.certificate.enrolment_id}/attendance/",
    ),
    "admin attendance": (COORDINATOR, lambda w: "/admin/sessions_app/attendance/add/"),
    "admin program": (COORDINATOR, lambda w: f"/admin/sessions_app/program/{w.running.program_id}/change/"),
    "admin accreditation": (
        COORDINATOR,
        lambda w: f"/admin/credits/accreditation/{w.certificate.accreditation_id}/change/",
    ),
    "admin instrument": (
        COORDINATOR,
        lambda w: f"/admin/surveys/instrument/{w.open_survey.instrument_id}/change/",
    ),
    "admin instruments": (COORDINATOR, lambda w: "/admin/surveys/instrument/"),
    "admin new instrument": (COORDINATOR, lambda w: "/admin/surveys/instrument/add/"),
    "admin instrument, preview": (
        COORDINATOR,
        lambda w: f"/admin/surveys/instrument/{w.open_survey.instrument_id}/preview/",
    ),
    "admin instrument, duplicate": (
        COORDINATOR,
        lambda w: f"/admin/surveys/instrument/{w.open_survey.instrument_id}/duplicate/",
    ),
    "admin instrument, import": (COORDINATOR, lambda w: "/admin/surveys/instrument/import/"),
    "admin question": (COORDINATOR, lambda w: question_page(w, "single")),
    "admin matrix": (COORDINATOR, lambda w: question_page(w, "matrix")),
    "admin windows": (COORDINATOR, lambda w: "/admin/surveys/surveywindow/"),
    "admin window": (COORDINATOR, lambda w: f"/admin/surveys/surveywindow/{w.open_survey.pk}/change/"),
    "admin, who has not answered": (
        COORDINATOR,
        lambda w: f"/admin/surveys/surveywindow/{w.open_survey.pk}/people/",
    ),
    "admin survey plan": (COORDINATOR, lambda w: "/admin/surveys/surveyplan/add/"),
    "admin responses": (COORDINATOR, lambda w: "/admin/surveys/response/"),
    "admin results": (COORDINATOR, lambda w: "/admin/surveys/response/results/"),
    "admin results of a cycle": (
        COORDINATOR,
        lambda w: f"/admin/surveys/response/results/{w.running.pk}/",
    ),
    "admin results, words": (
        COORDINATOR,
        lambda w: f"/admin/surveys/response/results/{w.running.pk}/words/",
    ),
    "admin results, evaluations": (
        COORDINATOR,
        lambda w: f"/admin/surveys/response/results/{w.running.pk}/evaluations/",
    ),
    "admin export": (COORDINATOR, lambda w: "/admin/surveys/response/export/"),
    "admin pseudonym": (COORDINATOR, lambda w: "/admin/surveys/pseudonymlookup/look-up/"),
    "admin certificates": (COORDINATOR, lambda w: "/admin/credits/certificate/"),
    "admin certificate": (COORDINATOR, lambda w: f"/admin/credits/certificate/{w.certificate.pk}/change/"),
    "admin revoke": (COORDINATOR, lambda w: f"/admin/credits/certificate/{w.certificate.pk}/revoke/"),
    "admin closings": (COORDINATOR, lambda w: "/admin/credits/cycleclosing/"),
    "admin closing": (COORDINATOR, lambda w: f"/admin/credits/cycleclosing/{w.running.pk}/close/"),
    "admin closed": (COORDINATOR, lambda w: f"/admin/credits/cycleclosing/{w.closed.pk}/close/"),
    "admin ledgers": (COORDINATOR, lambda w: f"/admin/credits/cycleclosing/{w.closed.pk}/ledgers/"),
    "admin ledger": (
        COORDINATOR,
        lambda w: f"/admin/credits/cycleclosing/{w.closed.pk}/ledgers/{w.late.pk}/",
    ),
    "admin waive": (
        COORDINATOR,
        lambda w: f"/admin/credits/cycleclosing/{w.closed.pk}/ledgers/{w.late.pk}/waive/",
    ),
    "admin waivers": (COORDINATOR, lambda w: "/admin/credits/waiver/"),
    "admin dry runs": (COORDINATOR, lambda w: "/admin/credits/dryrun/"),
    "admin audit packs of a cycle": (
        COORDINATOR,
        lambda w: f"/admin/credits/cycleclosing/{w.closed.pk}/audit-pack/",
    ),
    "admin audit packs, none": (
        COORDINATOR,
        lambda w: f"/admin/credits/cycleclosing/{w.running.pk}/audit-pack/",
    ),
    "admin audit packs": (COORDINATOR, lambda w: "/admin/credits/auditpack/"),
    "admin downloads of audit packs": (COORDINATOR, lambda w: "/admin/credits/auditpackdownload/"),
    "admin purges": (COORDINATOR, lambda w: "/admin/credits/purge/"),
    "admin profile": (
        COORDINATOR,
        lambda w: f"/admin/participants/profile/{w.participant.profile.pk}/change/",
    ),
    "admin category requests": (COORDINATOR, lambda w: "/admin/participants/categoryrequest/"),
    "admin agreements": (COORDINATOR, lambda w: "/admin/participants/agreement/"),
    "admin agreement": (
        COORDINATOR,
        lambda w: f"/admin/participants/agreement/{current_agreements()[0].pk}/change/",
    ),
    "admin answers": (COORDINATOR, lambda w: "/admin/participants/agreementanswer/"),
    "admin account": (COORDINATOR, lambda w: f"/admin/participants/user/{w.participant.pk}/change/"),
    "admin merge": (COORDINATOR, lambda w: f"/admin/participants/user/{w.participant.pk}/merge/?q=clinic"),
    "admin merge preview": (
        COORDINATOR,
        lambda w: f"/admin/participants/user/{w.participant.pk}/merge/?with={w.newcomer.pk}",
    ),
    "admin merge refused": (
        COORDINATOR,
        lambda w: f"/admin/participants/user/{w.participant.pk}/merge/?with={w.coordinator.pk}",
    ),
    "desk of a cycle": (COORDINATOR, lambda w: f"/admin/cycles/{w.running.pk}/"),
    "desk of a closed cycle": (COORDINATOR, lambda w: f"/admin/cycles/{w.closed.pk}/"),
    "publish": (COORDINATOR, lambda w: f"/admin/cycles/{w.running.pk}/publish/"),
    "search": (COORDINATOR, lambda w: "/admin/search/"),
    "search, found": (COORDINATOR, lambda w: "/admin/search/?q=no"),
    "search, nothing found": (COORDINATOR, lambda w: "/admin/search/?q=xyzzy"),
    "set-up guides": (COORDINATOR, lambda w: "/admin/set-up/"),
    "set-up guide": (COORDINATOR, lambda w: f"/admin/set-up/{w.running.program_id}/"),
    "message to a group": (COORDINATOR, lambda w: f"/admin/cycles/{w.running.pk}/message/"),
    "message on its way": (COORDINATOR, lambda w: f"/admin/messages/{w.message.pk}/"),
    "admin messages": (COORDINATOR, lambda w: "/admin/desk/groupmessage/"),
    "words of mails": (COORDINATOR, lambda w: f"/admin/programs/{w.running.program_id}/mails/"),
    "words of a mail": (
        COORDINATOR,
        lambda w: f"/admin/programs/{w.running.program_id}/mails/sessions_app-session_reminder/fr/",
    ),
    "hold all mail": (COORDINATOR, lambda w: "/admin/outbox/outgoingmail/hold/"),
    "admin holds": (COORDINATOR, lambda w: "/admin/outbox/mailhold/"),
    "admin enrolments, filtered": (
        COORDINATOR,
        lambda w: f"/admin/sessions_app/enrolment/?cycle__id__exact={w.running.pk}",
    ),
    "admin history": (COORDINATOR, lambda w: f"/admin/sessions_app/enrolment/{w.late.pk}/history/"),
    "admin history, none": (COORDINATOR, lambda w: f"/admin/credits/dryrun/{dry_run(w)}/history/"),
    "admin limits": (COORDINATOR, lambda w: "/admin/sessions_app/staffscope/"),
    "admin new limit": (COORDINATOR, lambda w: "/admin/sessions_app/staffscope/add/"),
    "admin looks": (COORDINATOR, lambda w: "/admin/participants/participantview/"),
    "see as a participant": (
        COORDINATOR,
        lambda w: f"/admin/participants/user/{w.participant.pk}/view-as/",
    ),
    "admin outbox": (COORDINATOR, lambda w: "/admin/outbox/outgoingmail/"),
}


def view_name(path: str) -> str:
    """The name of the view that answers `path`, "" where none does."""
    try:
        return resolve(path.partition("?")[0]).view_name
    except Resolver404:
        return ""


NO_PAGE = {
    "admin:message-progress": "a part of a page that htmx asks for",
    "admin:credits_cycleclosing_audit_pack_progress": "a part of a page that htmx asks for",
    "participants:own-data-html": "a file to take along: it has its own style and no frame",
}
"""What answers with HTML and is no page of the portal's, and why."""
FILES_AND_DEEDS = ("_export", "_searches", "_csv", "_pdf", "_json")
"""How the views are named that answer with a file, or only write: nobody asks them whether they are pages."""


KNOWN: dict[str, bool] = {}
"""Which views answer with a page: another test of this process need not ask again."""


def every_page(world: World) -> dict[str, tuple[User | None, str]]:
    """PAGES, and every page of the URL map that is not among them: by its name, who opens it, and its path.

    A view that is new is among them at once: it need not be put down here unless it has more than one face.
    """
    fill_every_list(world)
    pages = {name: (who(world), path(world)) for name, (who, path) in PAGES.items()}
    seen = {view_name(path) for _user, path in pages.values()} | NO_PAGE.keys()
    values = arguments(world)
    portal = {
        name: reverse(name, args=values.get(name, []))
        for name in url_names()
        if not name.startswith(("admin:", "mail:"))
    }
    for user, urls in ((world.participant, portal), (world.coordinator, admin_urls(world))):
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        for name, path in sorted(urls.items()):
            if name in seen or name.endswith(FILES_AND_DEEDS):
                continue
            if name not in KNOWN:
                KNOWN[name] = is_page(client.get(path))
            if KNOWN[name]:
                pages[name] = user, path
    return pages


def is_page(answer: HttpResponseBase) -> bool:
    """Whether a browser shows it: HTML, and neither a redirect, nor a refusal, nor an error."""
    return answer.status_code == HTTPStatus.OK and answer.headers.get("Content-Type", "").startswith(
        "text/html"
    )
