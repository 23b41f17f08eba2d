import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from echo_portal.embedded.locks import FileLock
from echo_portal.embedded.run import remove_abandoned

CHECKOUT = Path(__file__).resolve().parents[2]
# Both services are named, so that none has to start.
NAMED = {"DATABASE_URL": "postgres://db/echo", "REDIS_URL": "redis://broker/0", "ECHO_ENV": "development"}


def run(var: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "echo_portal.embedded", "run", *arguments],
        env={"PATH": os.environ["PATH"], "ECHO_VAR_DIR": str(var)} | environment,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143)])
def test_run_passes_the_exit_code_of_the_command_on(var: Path, script: str, code: int) -> None:
    assert run(var, "--", "sh", "-c", script, **NAMED).returncode == code


def test_run_gives_the_command_its_settings(var: Path) -> None:
    done = run(var, "--", "env", **NAMED)

    settings = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert settings["DATABASE_URL"] == NAMED["DATABASE_URL"]
    assert settings["SMTP_HOST"] == "127.0.0.1"
    assert settings["DJANGO_SETTINGS_MODULE"] == "echo_portal.settings"


def test_run_sends_mail_to_the_running_server_s_catcher(var: Path) -> None:
    (var / "run").mkdir()
    (var / "run" / "server.json").write_text(
        json.dumps({"url": "http://localhost:8765", "smtp_port": "2525", "pid": "1"})
    )
    lock = FileLock(var / "run" / "server.lock")
    lock.hold()
    running = run(var, "--", "env", **NAMED).stdout
    lock.release()
    ended = run(var, "--", "env", **NAMED).stdout

    assert "SMTP_PORT=2525" in running
    assert "PORTAL_URL=http://localhost:8765" in running
    assert "SMTP_PORT=9\n" in ended


@pytest.mark.parametrize(
    ("command", "words"), [([], "Name the command"), (["no-such-program"], "cannot be run")]
)
def test_run_says_in_one_line_what_is_wrong(var: Path, command: list[str], words: str) -> None:
    done = run(var, "--", *command, **NAMED)

    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_throwaway_run_leaves_nothing_behind(var: Path) -> None:
    named = {"DATABASE_URL": "postgres://db/echo"}

    done = run(var, "--test", "--", "sh", "-c", 'echo "$ECHO_ENV $ECHO_VAR_DIR $REDIS_URL"; exit 3', **named)

    assert done.returncode == 3
    kind, throwaway, broker = done.stdout.split()
    assert kind == "test"
    assert throwaway in broker
    assert not Path(throwaway).exists()


def test_remove_abandoned_spares_what_is_in_use(var: Path) -> None:
    abandoned, in_use = var / "abandoned", var / "in-use"
    for folder in (abandoned, in_use):
        (folder / "run").mkdir(parents=True)
        (folder / "run" / "postgres.users").touch()
    user = FileLock(in_use / "run" / "postgres.users")
    user.share()

    remove_abandoned(var)

    assert not abandoned.exists()
    assert in_use.exists()
    user.release()


def test_manage_explains_itself_where_django_is_not_installed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(CHECKOUT / "manage.py"), "check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("django is not installed for this Python: run ./script/server once")
    assert len(done.stderr.splitlines()) == 1
