from itertools import product

import pytest

from outbox.states import ALLOWED, SETTLED, WAITING, MailStatus, may_move

EXPECTED = {
    "queued": {"sending", "failed"},
    "retry": {"sending", "failed"},
    "sending": {"sending", "sent", "retry", "failed", "ambiguous"},
    "failed": {"queued"},
    "ambiguous": {"queued", "sent", "bounced"},
    "sent": {"bounced"},
    "bounced": {"queued"},
}


@pytest.mark.parametrize(("old", "new"), list(product(MailStatus, MailStatus)))
def test_move_is_allowed_only_where_listed(old, new):
    assert may_move(old, new) is (new.value in EXPECTED[old.value])


def test_states_are_waiting_or_settled():
    assert set(MailStatus) == WAITING | SETTLED
    assert not WAITING & SETTLED


def test_every_state_can_be_reached():
    assert {new for _old, new in ALLOWED} == set(MailStatus)
