"""Restarts of containers that keep failing."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from demo.fleet.backoff import Relapse, RestartState, backoff_words, pause_after

RELAPSE = Relapse(restarts=1, runs_s=8, paused_s=4)


def test_it_waits_runs_and_waits_longer() -> None:
    assert RELAPSE.at(0) == RestartState(1, is_running=False, at_s=-4, pause_s=20)
    assert RELAPSE.at(15.9) == RestartState(1, is_running=False, at_s=-4, pause_s=20)
    assert RELAPSE.at(16) == RestartState(2, is_running=True, at_s=16, pause_s=40)
    assert RELAPSE.at(24) == RestartState(2, is_running=False, at_s=24, pause_s=40)


def test_pauses_double_up_to_five_minutes() -> None:
    assert [pause_after(restarts) for restarts in range(7)] == [10, 20, 40, 80, 160, 300, 300]


@given(
    restarts=st.integers(0, 60),
    runs_s=st.floats(1, 30),
    moments_s=st.lists(st.floats(0, 30 * 86400), min_size=2).map(sorted),
)
def test_restarts_never_fall(restarts: int, runs_s: float, moments_s: list[float]) -> None:
    relapse = Relapse(restarts=restarts, runs_s=runs_s)

    attempts = [relapse.at(moment_s) for moment_s in moments_s]
    assert all(before.restarts <= after.restarts for before, after in pairwise(attempts))
    assert all(attempt.at_s <= moment_s for attempt, moment_s in zip(attempts, moments_s, strict=True))


def test_pauses_are_spoken_as_kubelets_do() -> None:
    assert [backoff_words(pause_s) for pause_s in (10, 80, 300)] == ["back-off 10s", "back-off 1m20s", "back-off 5m0s"]
