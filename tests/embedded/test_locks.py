import subprocess
import sys
from pathlib import Path

import pytest

from echo_portal.embedded.errors import EmbeddedError
from echo_portal.embedded.locks import FileLock


def test_lock_is_shared_by_many_and_held_alone_by_one(tmp_path: Path) -> None:
    one, two, alone = (FileLock(tmp_path / "lock") for _ in range(3))

    one.share()
    two.share()
    assert not alone.try_hold()
    one.release()
    assert not alone.try_hold()
    two.release()
    assert alone.try_hold()
    assert two.is_held_elsewhere()


def test_lock_that_stays_held_is_reported_in_words(tmp_path: Path) -> None:
    held, waiting = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    held.hold()

    with pytest.raises(EmbeddedError, match="Another command has held"):
        waiting.share(seconds=0.1)


def test_lock_ends_with_a_killed_holder(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from echo_portal.embedded.locks import FileLock\n"
        "FileLock(Path(sys.argv[1])).hold(); print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        lock = FileLock(tmp_path / "lock")
        assert lock.is_held_elsewhere()

        holder.kill()
        holder.wait()

        assert not lock.is_held_elsewhere()


def test_lock_of_a_file_that_is_not_there_is_not_held(tmp_path: Path) -> None:
    assert not FileLock(tmp_path / "nothing").is_held_elsewhere()
    assert not (tmp_path / "nothing").exists()
