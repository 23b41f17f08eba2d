"""Texts about a case that somebody else will read: no identifier comes in with them (rule 24)."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from cases.deidentification.findings import Finding
from cases.screening import refuse_identifiers
from core.errors import BadInputError


class ConfirmFirstError(BadInputError):
    """The screen asks about something; `findings` says where, by the text's key."""

    def __init__(self, findings: dict[str, list[Finding]]) -> None:
        super().__init__(
            _("Something in this may identify somebody. Change it, or confirm that it identifies nobody.")
        )
        self.findings = findings


def require_screened(texts: Mapping[str, str], *, is_confirmed: bool) -> None:
    """Screen `texts`; `is_confirmed` is their writer's word that what the screen only asks about identifies nobody.

    Called before anything is locked: a long text takes a moment. Raises IdentifiersFoundError for what must be changed,
    and ConfirmFirstError for what is not confirmed.
    """
    written = {key: text for key, text in texts.items() if text}
    asks = refuse_identifiers(written) if written else {}
    if asks and not is_confirmed:
        raise ConfirmFirstError(asks)
