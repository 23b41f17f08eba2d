"""Folders for real services, outside pytest's own (mode 0700), which the database's user could not reach."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from echo_portal.embedded.places import places_for


@pytest.fixture
def var() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="echo-var-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    for leftover in (*places_for(folder).outside, folder):
        shutil.rmtree(leftover, ignore_errors=True)
