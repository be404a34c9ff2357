"""Changes of the fleet, which depend on the time only."""

import json
from collections.abc import Mapping

import pytest

from demo.fleet.clock import Clock
from demo.fleet.manifest import Manifest
from demo.fleet.world import KINDS
from k8s.kinds.builtin import DEPLOYMENT, ENDPOINT_SLICE, EVENT, EVENTS_EVENT, LEASE, NODE, POD, REPLICA_SET
from k8s.kinds.kind import Kind
from snapshots.serving.watching.live import LiveContent
from tests.demo.fleet.worlds import NAMES, at, is_active, is_ready, objects, world

DAY_S = 86_400.0
MOVING = {POD, DEPLOYMENT, REPLICA_SET, ENDPOINT_SLICE, EVENT, EVENTS_EVENT, LEASE, NODE}


class ServedCluster:
    """A cluster with its clock."""

    def __init__(self, cluster: str) -> None:
        found = world(cluster)
        self.content = LiveContent(
            objects(cluster), version="v1.36.2", kinds=KINDS, resource_version=found.resource_version
        )
        self.clock = Clock(found, self.content)

    async def of(self, kind: Kind) -> Mapping[tuple[str, str], Manifest]:
        """Returns its objects of a kind."""
        found = [json.loads(item) for item in (await self.content.listed(kind)).objects]
        return {(at(item, "metadata.namespace") or "", at(item, "metadata.name")): item for item in found}

    async def restarts(self, application: str) -> int:
        """Returns the restarts of all pods of an application."""
        pods = (await self.of(POD)).values()
        return sum(
            status["restartCount"]
            for pod in pods
            if at(pod, "metadata.labels")["app.kubernetes.io/name"] == application
            for status in at(pod, "status.containerStatuses")
        )


async def test_restarts_rise() -> None:
    served = ServedCluster("prod-us-1")
    seen = [await served.restarts("ledger-worker")]
    for elapsed_s in (20, 60, 300, 900):
        served.clock.show(elapsed_s)
        seen.append(await served.restarts("ledger-worker"))

    assert seen == sorted(set(seen))


async def test_a_rollout_proceeds_and_the_status_follows() -> None:
    served = ServedCluster("staging-eu-1")
    seen = []
    for elapsed_s in range(0, 300, 10):
        served.clock.show(elapsed_s)
        deployment = (await served.of(DEPLOYMENT))["search", "query-api"]
        pods = [item for key, item in (await served.of(POD)).items() if key[1].startswith("query-api-")]
        seen.append(at(deployment, "status.updatedReplicas"))

        assert at(deployment, "status.replicas") == sum(map(is_active, pods))
        assert at(deployment, "status.readyReplicas") == sum(is_ready(pod) for pod in pods if is_active(pod))
    assert min(seen) == 1
    assert max(seen) == at(deployment, "spec.replicas")


async def test_nodes_and_leases_are_renewed() -> None:
    served = ServedCluster("edge-berlin")
    before = {key: at(lease, "spec.renewTime") for key, lease in (await served.of(LEASE)).items()}

    served.clock.show(20)

    after = {key: at(lease, "spec.renewTime") for key, lease in (await served.of(LEASE)).items()}
    assert all(before[key] < after[key] for key in before)


@pytest.mark.parametrize("cluster", NAMES)
async def test_only_the_time_counts_and_not_the_way_there(cluster: str) -> None:
    stepwise, at_once = ServedCluster(cluster), ServedCluster(cluster)
    for elapsed_s in range(0, 700, 28):
        stepwise.clock.show(float(elapsed_s))
    stepwise.clock.show(700.0)

    at_once.clock.show(700.0)

    for kind in KINDS:
        assert _plain(await stepwise.of(kind)) == _plain(await at_once.of(kind))


def _plain(found: Mapping[tuple[str, str], Manifest]) -> dict[tuple[str, str], Manifest]:
    """Returns objects without resource versions, which count the intermediate changes."""
    return {
        key: {**item, "metadata": {**at(item, "metadata"), "resourceVersion": ""}} for key, item in found.items()
    }  # fmt: skip


@pytest.mark.parametrize("cluster", NAMES)
async def test_nothing_else_moves(cluster: str) -> None:
    served = ServedCluster(cluster)
    still = [kind for kind in KINDS if kind not in MOVING]
    before = {kind: (await served.content.listed(kind)).objects for kind in still}

    served.clock.show(3600.0)

    changed = {kind.name for kind in still if (await served.content.listed(kind)).objects != before[kind]}
    assert changed <= {"Endpoints", "PodDisruptionBudget", "HorizontalPodAutoscaler", "ResourceQuota"}


@pytest.mark.parametrize("cluster", NAMES)
async def test_events_do_not_pile_up(cluster: str) -> None:
    served = ServedCluster(cluster)
    counts = []
    for elapsed_s in (0.0, 600.0, 3600.0, DAY_S, 30 * DAY_S):
        served.clock.show(elapsed_s)
        counts.append(len(await served.of(EVENT)))

    assert max(counts) < 200


async def test_resource_versions_rise_and_what_has_not_changed_keeps_its_own() -> None:
    served = ServedCluster("prod-us-1")
    before = {key: int(at(pod, "metadata.resourceVersion")) for key, pod in (await served.of(POD)).items()}

    served.clock.show(60.0)

    after = {key: int(at(pod, "metadata.resourceVersion")) for key, pod in (await served.of(POD)).items()}
    risen = {key for key in before if after[key] > before[key]}
    assert {key[1].rsplit("-", 2)[0] for key in risen} <= {"ledger-worker", "indexer"}
    assert risen
    assert all(after[key] == before[key] for key in before.keys() - risen)


async def test_showing_the_same_moment_again_changes_nothing() -> None:
    served = ServedCluster("staging-eu-1")
    served.clock.show(42.0)
    before = served.content.resource_version

    served.clock.show(42.0)

    assert served.content.resource_version == before
