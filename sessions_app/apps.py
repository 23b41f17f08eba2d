"""Programs, cycles, enrolments, sessions and attendance."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SessionsAppConfig(AppConfig):
    name = "sessions_app"
    verbose_name = _("Programs and sessions")

    def ready(self) -> None:
        """Tell the outbox where a program's own words are."""
        # Models can be imported once all apps are loaded.
        from outbox import wording  # noqa: PLC0415
        from sessions_app.wordings import SOURCE  # noqa: PLC0415

        wording.use(SOURCE)
