"""What gunicorn's workers do when they begin."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from gunicorn.config import Config  # type: ignore[import-untyped]

from echo_portal.web_server import KeylessLogger, post_worker_init


def screens() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "screen"]


def test_worker_loads_the_screens_models_beside_its_first_requests() -> None:
    # In a process of its own: here, another test may have loaded them.
    program = (
        "import django, threading; django.setup();"
        "from echo_portal.web_server import post_worker_init;"
        "from cases.deidentification import models;"
        "assert not models._load_network.cache_info().currsize;"
        "post_worker_init(None);"
        "[thread] = [one for one in threading.enumerate() if one.name == 'screen'];"
        "assert thread.daemon; thread.join();"
        "print(models._load_network.cache_info().currsize, models._load_pipeline.cache_info().currsize)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["1", "2"], done.stderr


def test_worker_loads_nothing_where_the_settings_say_so(settings):
    settings.WARM_UP_SCREEN = False
    before = screens()
    post_worker_init(None)
    assert screens() == before


@pytest.mark.parametrize(
    "path", ["/calendar/KEY123.ics", "/invitations/KEY123/", "/accounts/password/reset/key/KEY123/"]
)
def test_access_log_holds_no_key(path: str) -> None:
    logger = KeylessLogger(Config())
    response = SimpleNamespace(status="200 OK", sent=1, headers=[], response_length=1)
    request = SimpleNamespace(headers=[("REFERER", f"https://portal.example{path}")])
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"{path}?next=/my/",
        "PATH_INFO": path,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": f"https://portal.example{path}",
    }

    line = Config().access_log_format % logger.atoms(response, request, environ, timedelta(seconds=1))

    assert "KEY123" not in line
    assert path.split("KEY123", maxsplit=1)[0] in line
