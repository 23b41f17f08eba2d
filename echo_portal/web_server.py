"""What gunicorn is told besides its command line (`--config python:echo_portal.web_server`)."""

from threading import Thread

from django.conf import settings

from cases.deidentification import warm_up


def post_worker_init(worker: object) -> None:
    """Load what the identifier screen reads with, beside the first requests: the first case waits for nothing."""
    if settings.WARM_UP_SCREEN:
        Thread(target=warm_up, name="screen", daemon=True).start()
