"""Checking a case for identifiers, explaining what was found, and handing the case in under a signed attestation."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.content import clean_text, missing
from cases.deidentification.findings import Tier
from cases.models import CaseSubmission, CaseText, CaseVersion
from cases.screening import (
    MAX_EXPLANATION,
    MIN_EXPLANATION,
    explained,
    explanations,
    refuse_identifiers,
    screen_content,
)
from cases.services.moving import locked_case, move
from cases.states import CaseStatus
from core import audit
from core.errors import BadInputError, DomainError, MoveRefusedError, NotAllowedError
from outbox.services import queue_mail
from participants.models import User
from sessions_app.models import Cycle, Enrolment
from sessions_app.reports import fold_name

ATTESTATION = gettext_lazy(
    "I have read this case as it stands here. To the best of my knowledge nothing in it identifies the patient or "
    "anybody close to them, neither alone nor together with what others can be expected to know. Where I kept words "
    "that the check asked about, I have said truthfully why they identify nobody. I know that the coordinators, the "
    "specialists and the participants of my cycle will read it."
)
"""What is signed; it is kept in the language in which it was signed."""


class CaseChangedError(DomainError):
    """The text is no longer the one that the person was shown."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The case was changed after this page was shown, in another window or on another device. "
                "Below is its newest text: read it once more, then hand it in."
            )
        )


def check_case(*, case_id: int, by: User) -> CaseText:
    """Screen what is saved of a case, keep what is found, and return the text with its findings.

    The screen may have learned since the last save. Raises NotAllowedError for anybody but the author.
    """
    text = _own_text(case_id, by)
    findings = screen_content(text.content)
    with transaction.atomic(), audit.act("case.check", by=by):
        saved = CaseText.objects.select_for_update().get(pk=text.pk)
        # What was saved meanwhile was screened then.
        if saved.revision == text.revision:
            findings = explained(findings, saved.content, _explanations(saved))
            if findings != saved.findings:
                saved.findings = findings
                saved.save(update_fields=["findings"])
    return saved


def explain_findings(*, case_id: int, revision: int, explanations: Mapping[str, str], by: User) -> CaseText:
    """Keep why found words identify nobody: `explanations` by `screening.finding_key`, "" takes one back.

    A key that belongs to no finding is passed over, and so is one of a finding that must be changed. Raises
    CaseChangedError where `revision` is not the one that is saved, BadInputError for an explanation that is too short
    or too long, IdentifiersFoundError for one that holds an identifier itself, MoveRefusedError once the case is handed
    in, and NotAllowedError for anybody but the author.
    """
    given = {key: " ".join(clean_text(words).split()) for key, words in explanations.items()}
    for words in given.values():
        if words and not MIN_EXPLANATION <= len(words) <= MAX_EXPLANATION:
            raise BadInputError(
                _("Write from %(least)d to %(most)d characters to explain why words identify nobody.")
                % {"least": MIN_EXPLANATION, "most": MAX_EXPLANATION}
            )
    _own_text(case_id, by)
    refuse_identifiers({key: words for key, words in given.items() if words})
    with transaction.atomic():
        case = locked_case(case_id)
        text = _text_to_change(case, revision)
        given = _explanations(text) | given
        findings = explained(text.findings, text.content, given)
        if findings != text.findings:
            text.findings = findings
            with audit.act("case.explain", by=by):
                text.save(update_fields=["findings"])
    return text


def submit_case(*, case_id: int, revision: int, signed_name: str, by: User, now: datetime) -> CaseVersion:
    """Hand a case in: keep its text as the next version, signed by its author, and tell the program's office.

    Handing in twice hands in once. The text is screened anew: it needs every finding that must be changed gone, every
    other one explained, and no required part missing. `signed_name` is the name as licensed; neither case, space nor
    accents matter. Whoever calls this has shown ATTESTATION and had it agreed to.

    Raises CaseChangedError where `revision` is not the one that is saved, BadInputError for what is missing or found
    or not signed, MoveRefusedError where the author is not in the cycle or the case's state does not allow it, and
    NotAllowedError for anybody but the author.
    """
    text = _own_text(case_id, by)
    # Before anything is locked: a long case takes a second. The revision vouches for the text.
    findings = screen_content(text.content)
    with transaction.atomic():
        case = locked_case(case_id)
        if case.version_id is not None and case.status in (CaseStatus.SUBMITTED, CaseStatus.IN_REVIEW):
            # Read anew: what was joined to the row before its lock was free may be older than the row.
            return case.versions.get(pk=case.version_id)
        _require_place(case.presenter)
        saved = _text_to_change(case, revision)
        if saved.revision != text.revision:
            raise CaseChangedError
        saved.findings = explained(findings, saved.content, _explanations(saved))
        _require_ready(saved)
        if fold_name(signed_name) != fold_name(by.profile.legal_name):
            raise BadInputError(
                _("Sign with your name as it stands in your profile: %(name)s.")
                % {"name": by.profile.legal_name}
            )
        return _handed_in(case, saved, signed_name=" ".join(signed_name.split()), by=by, now=now)


def _handed_in(
    case: CaseSubmission, text: CaseText, *, signed_name: str, by: User, now: datetime
) -> CaseVersion:
    last = case.versions.aggregate(last=Max("number"))["last"] or 0
    with audit.act("case.submit", by=by):
        text.save(update_fields=["findings"])
        case.version = CaseVersion.objects.create(
            case=case,
            number=last + 1,
            content=text.content,
            findings=text.findings,
            attestation=str(ATTESTATION),
            signed_name=signed_name,
            submitted_at=now,
        )
        move(case, CaseStatus.SUBMITTED, now=now, also=("version",))
    program = case.presenter.cycle.program
    queue_mail(
        key=f"case-waits:{case.pk}:{case.version.number}",
        kind="case",
        to=program.contact_email,
        template="cases/mail/case_waits",
        context={
            "name": program.name,
            "echo_id": case.echo_id,
            "program": program,
            "cycle": case.presenter.cycle,
            "is_again": last > 0,
            "url": settings.PORTAL_URL + reverse("cases:case-detail", args=[case.echo_id]),
        },
        language=settings.LANGUAGE_CODE,
    )
    return case.version


def _require_ready(text: CaseText) -> None:
    if missing(text.content):
        raise BadInputError(_("Some of what is required is missing. Fill it in, then hand in the case."))
    if any(row["tier"] == Tier.STOP for row in text.findings):
        raise BadInputError(
            _("The case holds words that must be changed. Change what is marked so, then hand it in.")
        )
    if any(not row["explanation"] for row in text.findings):
        raise BadInputError(
            _("The case holds words that are not explained yet. Change or explain each, then hand it in.")
        )


def _require_place(enrolment: Enrolment) -> None:
    if enrolment.status != Enrolment.Status.APPROVED or enrolment.cycle.status != Cycle.Status.PUBLISHED:
        raise MoveRefusedError(
            _(
                "Only people in the cycle can hand in a case, and only while the cycle runs. Write to the "
                "program to go on."
            )
        )


def _own_text(case_id: int, by: User) -> CaseText:
    text = CaseText.objects.select_related("case__presenter").get(case=case_id)
    if text.case.presenter.participant_id != by.pk:
        raise NotAllowedError(_("Only the author of a case can check it, explain in it, and hand it in."))
    return text


def _text_to_change(case: CaseSubmission, revision: int) -> CaseText:
    """The text of a locked case, locked; it must be the author's to change still, and as they were shown it."""
    if case.status not in (CaseStatus.DRAFT, CaseStatus.RETURNED):
        raise MoveRefusedError(
            _("This case is handed in and can no longer be changed. Open it to see where it stands.")
        )
    text = CaseText.objects.select_for_update().get(case=case)
    if text.revision != revision:
        raise CaseChangedError
    return text


def _explanations(text: CaseText) -> dict[str, str]:
    return explanations(text.content, text.findings)
