import os
import stat
from pathlib import Path

import pytest

from echo_portal.embedded.errors import EmbeddedError
from echo_portal.embedded.places import (
    LONGEST_SOCKET_NAME,
    SOCKET_PATH_LIMIT,
    Account,
    make_folder,
    make_places,
    others_can_reach,
    places_for,
    var_folder,
)

TMP = Path("/tmp")  # noqa: S108  where sockets of long paths go
SHORT = Path("/srv/echo/var")
LONG = Path("/srv") / ("a-very-long-folder-name-" * 4) / "var"


@pytest.mark.parametrize(
    ("var", "as_root", "reachable", "database", "run"),
    [
        (SHORT, False, True, SHORT / "postgres", SHORT / "run"),
        (SHORT, False, False, SHORT / "postgres", SHORT / "run"),
        (SHORT, True, True, SHORT / "postgres", SHORT / "run"),
        (SHORT, True, False, Path("/var/lib"), Path("/var/lib")),
        (LONG, False, True, LONG / "postgres", TMP),
        (LONG, True, True, LONG / "postgres", TMP),
        (LONG, True, False, Path("/var/lib"), Path("/var/lib")),
    ],
)
def test_places_lie_in_var_wherever_that_can_work(
    var: Path, as_root: bool, reachable: bool, database: Path, run: Path
) -> None:
    places = places_for(var, as_root=as_root, reachable=lambda path: reachable)

    assert places.database.is_relative_to(database)
    assert places.run.is_relative_to(run)
    assert len(os.fsencode(places.run / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_LIMIT
    assert places.outside == [
        folder for folder in (places.database, places.run) if not folder.is_relative_to(var)
    ]


@pytest.mark.parametrize(("var", "as_root"), [(SHORT, False), (SHORT, True), (LONG, False)])
def test_places_of_two_checkouts_never_meet(var: Path, as_root: bool) -> None:
    other = var.parent / "other" / "var"
    one, two = (places_for(v, as_root=as_root, reachable=lambda path: False) for v in (var, other))

    assert one.database != two.database
    assert one.run != two.run


def test_var_folder_is_moved_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ECHO_VAR_DIR", str(tmp_path))
    assert var_folder() == tmp_path
    monkeypatch.delenv("ECHO_VAR_DIR")
    assert var_folder() == Path(__file__).resolve().parents[2] / "var"


def test_others_can_reach_is_false_below_a_closed_folder(var: Path) -> None:
    inner = var / "closed" / "inner"
    inner.mkdir(parents=True)
    assert others_can_reach(inner)
    (var / "closed").chmod(0o700)
    assert not others_can_reach(inner)
    assert not others_can_reach(inner / "not" / "there" / "yet")


def test_make_folder_refuses_a_link_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(EmbeddedError, match="belongs to another user"):
        make_folder(tmp_path / "run", mode=0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of somebody else")
def test_make_folder_refuses_a_stranger_s_folder(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    os.chown(tmp_path / "run", 12345, 12345)

    with pytest.raises(EmbeddedError, match="belongs to another user"):
        make_folder(tmp_path / "run", mode=0o700, owner=Account(54321, 54321))


def test_make_places_closes_sockets_and_data_to_others(var: Path) -> None:
    places = places_for(var, as_root=False)
    make_places(places, account=None)

    for folder in (places.database, places.run, places.run / "postgres", places.run / "valkey", places.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
