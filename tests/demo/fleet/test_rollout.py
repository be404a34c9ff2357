"""The endless rollout."""

from itertools import pairwise

import pytest

from demo.fleet.company.application import Application
from demo.fleet.company.profile import PROFILES
from demo.fleet.machines.rollout import REST_S, STEP_S, Rollout
from demo.fleet.machines.site import Site
from demo.fleet.machines.workload import State
from demo.fleet.moment import FROZEN_S

REPLICAS = 5
PERIOD_S = REPLICAS * STEP_S + REST_S


@pytest.fixture
def rollout() -> Rollout:
    site = Site(next(profile for profile in PROFILES if profile.name == "staging-eu-1"), FROZEN_S)
    application = Application(name="query-api", namespace="search", image="example/query-api", releases=("5.12.0",))
    return Rollout(site, application, 3, REPLICAS)


def test_there_are_always_as_many_ready_pods_as_wanted(rollout: Rollout) -> None:
    for second in range(int(3 * PERIOD_S)):
        pods = rollout.pods(float(second))

        assert sum(pod.is_ready for pod in pods) in {REPLICAS, REPLICAS + 1}
        assert sum(pod.is_active for pod in pods) <= REPLICAS + 1
        assert len({pod.name for pod in pods}) == len(pods)
        assert len({pod.ip for pod in pods}) == len(pods)


def test_pods_are_replaced_one_by_one_and_then_all_are_new(rollout: Rollout) -> None:
    counts = [_updated(rollout, float(second)) for second in range(int(2 * PERIOD_S))]

    assert all(after - before in {0, 1, 1 - REPLICAS} for before, after in pairwise(counts))
    assert (min(counts), max(counts)) == (1, REPLICAS)


def _updated(rollout: Rollout, elapsed_s: float) -> int:
    newest = rollout.revisions(elapsed_s)[0]
    return sum(pod.revision == newest for pod in rollout.pods(elapsed_s))


def test_the_next_release_follows(rollout: Rollout) -> None:
    tags = [rollout.revisions(number * PERIOD_S)[0].tag for number in range(3)]

    assert tags == ["5.12.41", "5.12.42", "5.12.43"]


def test_a_pod_is_created_started_ready_and_leaves(rollout: Rollout) -> None:
    name = rollout.pods(PERIOD_S)[0].name
    seen: list[State | None] = []
    for second in range(int(3 * PERIOD_S)):
        state = next((pod.state for pod in rollout.pods(float(second)) if pod.name == name), None)
        if not seen or seen[-1] is not state:
            seen.append(state)

    assert seen == [None, State.CREATING, State.STARTING, State.RUNNING, State.LEAVING, None]
