from __future__ import annotations

from itertools import product

import pytest

from credits.states import LIVE, CertificateStatus, may_move

MOVES = {
    ("pending", "issued"),
    ("pending", "failed"),
    ("failed", "pending"),
    ("issued", "superseded"),
    ("issued", "revoked"),
    ("failed", "revoked"),
}


@pytest.mark.parametrize(("old", "new"), list(product(CertificateStatus, repeat=2)))
def test_certificate_makes_exactly_the_moves_listed(old, new):
    assert may_move(old, new) is ((old.value, new.value) in MOVES)


def test_certificate_states_are_the_five_of_the_rules():
    assert {status.value for status in CertificateStatus} == {
        "pending",
        "issued",
        "failed",
        "superseded",
        "revoked",
    }


def test_live_certificates_are_those_not_ended():
    assert {status.value for status in LIVE} == {"pending", "issued", "failed"}
