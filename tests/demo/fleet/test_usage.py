"""Usage of the demo's pods and nodes: it moves, it is the same every time, and its sums agree."""

from typing import Any

import msgspec
import pytest

from demo.fleet.company.profile import PROFILES, Profile
from demo.fleet.measuredcontent import MeasuredContent
from demo.fleet.moment import FROZEN_S, HOUR_S
from demo.fleet.usage import SYSTEM
from demo.fleet.world import World
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.kinds.metrics import METRICS, NODE_METRICS, POD_METRICS

MEASURED = [profile for profile in PROFILES if profile.is_reachable and profile.has_metrics]


class _Time:
    """A time that a test sets."""

    now_s = FROZEN_S

    def __call__(self) -> float:
        return self.now_s


async def _listed(content: MeasuredContent, kind: Kind) -> list[dict[str, Any]]:
    return [msgspec.json.decode(item) for item in (await content.listed(kind)).objects]


def _cpu(used: object) -> int:
    assert isinstance(used, dict)
    return int(str(used["cpu"]).removesuffix("n"))


@pytest.mark.parametrize("profile", MEASURED[:2], ids=lambda profile: profile.name)
async def test_nodes_use_what_their_pods_do(profile: Profile) -> None:
    content = MeasuredContent(World(profile, FROZEN_S), _Time())

    pods, nodes = await _listed(content, POD_METRICS), await _listed(content, NODE_METRICS)

    containers = [one["usage"] for pod in pods for one in pod["containers"]]
    of_pods = sum(map(_cpu, containers))
    assert of_pods > 0
    assert sum(_cpu(node["usage"]) for node in nodes) == of_pods + len(nodes) * SYSTEM.cpu_u * 1000


async def test_measured_pods_are_pods_of_the_cluster() -> None:
    content = MeasuredContent(World(MEASURED[0], FROZEN_S), _Time())

    def names(items: list[dict[str, Any]]) -> set[object]:
        return {(item["metadata"]["namespace"], item["metadata"]["name"]) for item in items}

    measured = names(await _listed(content, POD_METRICS))
    assert len(measured) > 100
    assert measured <= names(await _listed(content, kinds.POD))


async def test_it_moves_and_is_the_same_every_time() -> None:
    time = _Time()
    contents = [MeasuredContent(World(MEASURED[0], FROZEN_S), time) for _ in range(2)]

    first = [(await content.listed(POD_METRICS)).objects for content in contents]
    again = (await contents[0].listed(POD_METRICS)).objects
    time.now_s += HOUR_S
    later = (await contents[0].listed(POD_METRICS)).objects

    assert first[0] == first[1]
    assert again is first[0]
    assert later != first[0]


async def test_a_cluster_without_a_metrics_server() -> None:
    [staging] = [profile for profile in PROFILES if not profile.has_metrics]

    assert not set(MeasuredContent(World(staging, FROZEN_S), _Time()).kinds) & set(METRICS)
