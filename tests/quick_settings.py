"""The portal's own settings for the processes that tests start: quicker to begin, the same in all else.

A test names this module in DJANGO_SETTINGS_MODULE.
"""

from echo_portal.settings import *  # noqa: F403  the same settings

# The screen's models take seconds of both cores; tests/test_web_server.py sees them loaded.
WARM_UP_SCREEN = False
