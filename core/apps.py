"""The ground floor: errors, leases, audit, stored files, forms and the pages every portal has."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Portal")
