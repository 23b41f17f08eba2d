"""Outgoing mail: queued in the transaction that causes it, delivered by workers."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    """Outgoing mail, as the administration names it."""

    name = "outbox"
    verbose_name = _("Outgoing email")
