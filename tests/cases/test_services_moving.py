"""The one way in which a case moves: the whole of status × status, in code and in the database (rule 22)."""

from __future__ import annotations

from itertools import product

import pytest
from django.db import transaction

from cases.services.moving import locked_case, move
from cases.states import ALLOWED, CaseStatus
from core.errors import MoveRefusedError
from tests.clock import toronto
from tests.factories import make_case

pytestmark = pytest.mark.django_db

NOW = toronto(2025, 9, 21, 10)


@pytest.mark.parametrize(("old", "new"), list(product(CaseStatus, repeat=2)))
def test_move_makes_exactly_the_moves_of_the_rule(old, new):
    case = make_case(status=old.value)
    session = case.presenter.cycle.sessions.get()
    # What each state asks for besides: a version from handing in on, a session from scheduling on.
    version = case.version or case.versions.create(
        number=1, content={}, attestation="–", signed_name="–", submitted_at=NOW
    )

    with transaction.atomic():
        locked = locked_case(case.pk)
        locked.version, locked.session = version, locked.session or session
        if (old, new) in ALLOWED:
            move(locked, new, now=NOW, also=("version", "session"))
        else:
            with pytest.raises(MoveRefusedError, match="cannot become"):
                move(locked, new, now=NOW, also=("version", "session"))

    case.refresh_from_db()
    is_moved = (old, new) in ALLOWED
    assert (case.status, case.moved_at == NOW) == (new if is_moved else old, is_moved)
