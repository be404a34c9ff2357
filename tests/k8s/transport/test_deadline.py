"""The deadline of a cluster."""

from contextlib import suppress

import pytest

from k8s.transport.deadline import Deadline
from tests.k8s.clock import Clock


@pytest.fixture
def deadline(clock: Clock) -> Deadline:
    return Deadline(15, clock=clock)


def test_it_does_not_run_by_itself(deadline: Deadline, clock: Clock) -> None:
    clock.now_s += 100

    assert deadline.left_s == 15


def test_it_runs_while_something_is_under_way(deadline: Deadline, clock: Clock) -> None:
    with deadline.running():
        clock.now_s += 4

        assert deadline.left_s == 11


def test_it_does_not_run_between_requests(deadline: Deadline, clock: Clock) -> None:
    with deadline.running():
        clock.now_s += 4
    clock.now_s += 100
    with deadline.running():
        clock.now_s += 5

    assert deadline.left_s == 6


def test_requests_at_the_same_time_share_it(deadline: Deadline, clock: Clock) -> None:
    with deadline.running():
        clock.now_s += 1
        with deadline.running():
            clock.now_s += 2
        clock.now_s += 3

    assert deadline.left_s == 9


def test_it_is_never_negative(deadline: Deadline, clock: Clock) -> None:
    with deadline.running():
        clock.now_s += 16

        assert deadline.left_s == 0
    assert deadline.left_s == 0


def test_it_stops_when_a_request_fails(deadline: Deadline, clock: Clock) -> None:
    with suppress(KeyError), deadline.running():
        clock.now_s += 2
        raise KeyError
    clock.now_s += 100

    assert deadline.left_s == 13
