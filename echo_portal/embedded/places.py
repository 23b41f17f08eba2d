"""Where the services' data, sockets and logs lie, so that two checkouts on one machine never meet."""

import hashlib
import os
import pwd
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from echo_portal.embedded.errors import EmbeddedError

CHECKOUT = Path(__file__).resolve().parents[2]

# sockaddr_un holds 108 bytes on Linux and 104 on macOS, the closing NUL included.
SOCKET_PATH_LIMIT = 100
LONGEST_SOCKET_NAME = "postgres/.s.PGSQL.5432"


@dataclass(frozen=True)
class Account:
    """The user and group that the database runs as."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Places:
    """The folders of one set of services; `var` tells one set from another."""

    var: Path
    database: Path
    run: Path

    @property
    def logs(self) -> Path:
        """What the services say."""
        return self.var / "log"

    @property
    def mail(self) -> Path:
        """Caught messages."""
        return self.var / "mail"

    @property
    def static(self) -> Path:
        """Collected static files."""
        return self.var / "static"

    @property
    def outside(self) -> list[Path]:
        """Folders that lie outside `var`, for whoever removes a throwaway set."""
        return [folder for folder in (self.database, self.run) if not folder.is_relative_to(self.var)]


def var_folder() -> Path:
    """The folder of this checkout's services: `var/`, or what ECHO_VAR_DIR names."""
    return Path(os.environ.get("ECHO_VAR_DIR") or CHECKOUT / "var").absolute()


def database_account() -> Account | None:
    """Who the database must run as: nobody when we are root, whom PostgreSQL refuses; else we (None)."""
    if os.geteuid() != 0:
        return None
    try:
        # PostgreSQL looks its own user up and fails for a uid without a passwd entry.
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError(
            "PostgreSQL refuses to run as root and this machine has no user 'nobody': "
            "run this as an ordinary user, or set DATABASE_URL."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def others_can_reach(path: Path) -> bool:
    """Whether any user may pass through every existing folder on the way to `path`."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents) if folder.exists())


def places_for(
    var: Path, *, as_root: bool | None = None, reachable: Callable[[Path], bool] = others_can_reach
) -> Places:
    """The folders for the services of `var`: inside it wherever that can work, else in a folder of their own.

    The database moves out of `var` when root started us and the user 'nobody' cannot reach `var`;
    the sockets move when their paths would be too long for the kernel.
    """
    as_root = os.geteuid() == 0 if as_root is None else as_root
    name = f"echo-portal-{os.geteuid()}-{hashlib.sha256(os.fsencode(var)).hexdigest()[:12]}"
    database, run = var / "postgres", var / "run"
    if as_root and not reachable(var):
        # Only root may write in /var/lib, so nobody else can have put a folder of this name there.
        database = Path("/var/lib") / name
        run = database / "run"
    elif len(os.fsencode(run / LONGEST_SOCKET_NAME)) > SOCKET_PATH_LIMIT:
        # A name of our own choosing; make_folder refuses it where somebody else has made it first.
        run = Path("/tmp") / name  # noqa: S108
    return Places(var=var, database=database, run=run)


def make_folder(path: Path, *, mode: int, owner: Account | None = None) -> Path:
    """Make `path` with this mode and owner; refuse one that somebody else has made in its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode=mode)
    except FileExistsError:
        pass
    except PermissionError as error:
        raise EmbeddedError(f"The folder {path} cannot be made: {error.strerror}.") from error
    found = path.lstat()
    expected = {os.geteuid()} | ({owner.uid} if owner else set())
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in expected:
        raise EmbeddedError(
            f"The folder {path} belongs to another user: run this as the user it belongs to, "
            "or set ECHO_VAR_DIR to a folder of your own."
        )
    if owner and found.st_uid != owner.uid:
        os.chown(path, owner.uid, owner.gid)
    if stat.S_IMODE(found.st_mode) != mode:
        path.chmod(mode)
    return path


def make_places(places: Places, *, account: Account | None) -> None:
    """Make the folders. Sockets and data are closed to everybody but the users that the services run as."""
    try:
        places.var.mkdir(parents=True, exist_ok=True)
    except PermissionError as error:
        raise EmbeddedError(f"The folder {places.var} cannot be made: {error.strerror}.") from error
    if not os.access(places.var, os.W_OK):
        raise EmbeddedError(
            f"The folder {places.var} cannot be written: run this as the user it belongs to, "
            "or set ECHO_VAR_DIR to a folder of your own."
        )
    passable = 0o711 if account else 0o700
    make_folder(places.logs, mode=0o700)
    make_folder(places.mail, mode=0o700)
    make_folder(places.static, mode=0o755)
    make_folder(places.database, mode=passable)
    make_folder(places.run, mode=passable)
    make_folder(places.run / "postgres", mode=0o700, owner=account)
    make_folder(places.run / "valkey", mode=0o700)


def require_supported_system() -> None:
    """Raise EmbeddedError where the services cannot run at all."""
    if sys.platform not in {"linux", "darwin"}:
        raise EmbeddedError(
            "The embedded services run on Linux and macOS: set DATABASE_URL and REDIS_URL, or use Docker."
        )
