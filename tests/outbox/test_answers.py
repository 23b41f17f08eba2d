from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.leases import MAX_ATTEMPTS
from outbox.answers import (
    AMBIGUOUS_WAIT,
    MAX_TRIES,
    WAITS,
    Stage,
    Step,
    judge,
    next_step,
    server_pause,
)
from outbox.states import MailStatus, Outcome

ON_THE_WAY = [Stage.SENDER, Stage.RECIPIENT, Stage.DATA]


@pytest.mark.parametrize("code", [None, 220, 421, 454, 500, 535, 554])
def test_trouble_with_the_connection_is_the_servers(code):
    assert judge(Stage.SERVER, code) is Outcome.UNREACHABLE


@pytest.mark.parametrize("stage", ON_THE_WAY)
@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (421, Outcome.TEMPORARY),
        (450, Outcome.TEMPORARY),
        (499, Outcome.TEMPORARY),
        (500, Outcome.PERMANENT),
        (550, Outcome.PERMANENT),
        (599, Outcome.PERMANENT),
        (None, Outcome.TEMPORARY),
        # Replies that make no sense there.
        (250, Outcome.TEMPORARY),
        (334, Outcome.TEMPORARY),
    ],
)
def test_reply_before_the_message_is_complete(stage, code, outcome):
    assert judge(stage, code) is outcome


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (200, Outcome.ACCEPTED),
        (250, Outcome.ACCEPTED),
        (299, Outcome.ACCEPTED),
        (354, Outcome.AMBIGUOUS),
        (None, Outcome.AMBIGUOUS),
        (421, Outcome.TEMPORARY),
        (451, Outcome.TEMPORARY),
        (552, Outcome.PERMANENT),
        (554, Outcome.PERMANENT),
    ],
)
def test_reply_after_the_message(code, outcome):
    assert judge(Stage.END, code) is outcome


@pytest.mark.parametrize("code", [530, 534, 535, 538])
def test_demand_to_log_in_is_the_servers_trouble_only_before_a_recipient_is_named(code):
    assert judge(Stage.SENDER, code) is Outcome.UNREACHABLE
    assert judge(Stage.RECIPIENT, code) is Outcome.PERMANENT


@pytest.mark.parametrize(
    ("outcome", "tries", "ambiguous", "step"),
    [
        (Outcome.ACCEPTED, 1, 0, Step(MailStatus.SENT)),
        (Outcome.PERMANENT, 1, 0, Step(MailStatus.FAILED)),
        (Outcome.UNREACHABLE, 0, 0, Step(MailStatus.RETRY, timedelta(seconds=15))),
        (Outcome.UNREACHABLE, 8, 0, Step(MailStatus.RETRY, timedelta(seconds=15))),
        (Outcome.TEMPORARY, 1, 0, Step(MailStatus.RETRY, timedelta(seconds=15))),
        (Outcome.TEMPORARY, 2, 0, Step(MailStatus.RETRY, timedelta(minutes=1))),
        (Outcome.TEMPORARY, 7, 0, Step(MailStatus.RETRY, timedelta(hours=17))),
        (Outcome.TEMPORARY, 8, 0, Step(MailStatus.FAILED)),
        (Outcome.LOST, 7, 0, Step(MailStatus.RETRY, timedelta(hours=17))),
        (Outcome.LOST, 8, 0, Step(MailStatus.FAILED)),
        (Outcome.AMBIGUOUS, 1, 1, Step(MailStatus.RETRY, AMBIGUOUS_WAIT)),
        (Outcome.AMBIGUOUS, 2, 2, Step(MailStatus.AMBIGUOUS)),
        (Outcome.AMBIGUOUS, 8, 1, Step(MailStatus.AMBIGUOUS)),
    ],
)
def test_next_step_follows_the_table(outcome, tries, ambiguous, step):
    assert next_step(outcome, tries=tries, ambiguous=ambiguous) == step


def test_tries_are_those_of_every_leased_work():
    assert MAX_TRIES == MAX_ATTEMPTS == 8


def test_refusals_for_a_whole_day_kill_no_mail():
    assert sum(WAITS, timedelta(0)) > timedelta(hours=24)


@pytest.mark.parametrize(("failures", "seconds"), [(1, 15), (2, 30), (3, 60), (5, 240), (6, 300), (99, 300)])
def test_pause_for_the_server_doubles_up_to_five_minutes(failures, seconds):
    assert server_pause(failures) == timedelta(seconds=seconds)


@given(st.lists(st.sampled_from(sorted(set(Outcome) - {Outcome.UNREACHABLE})), min_size=8, max_size=8))
def test_any_eight_tries_settle_a_mail(outcomes):
    status, ambiguous = MailStatus.QUEUED, 0
    for tries, outcome in enumerate(outcomes, start=1):
        ambiguous += outcome is Outcome.AMBIGUOUS
        status = next_step(outcome, tries=tries, ambiguous=ambiguous).status
        if status is not MailStatus.RETRY:
            break
    assert status in {MailStatus.SENT, MailStatus.FAILED, MailStatus.AMBIGUOUS}
