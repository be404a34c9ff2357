"""Fixtures of a fleet of three: `alpha` and `beta` behind proxies, and `living`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from graph.engine import Engine
from k8s.transport.limits import ConnectionLimits
from resolvers.limits import OperationLimits
from tests.controlplane.certificates import CertificateAuthority
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.json_object import JsonObject
from tests.controlplane.proxy import FaultProxy
from tests.controlplane.writer import create_objects
from tests.faults.fleets import CLUSTER_TIMEOUT_S, CONNECT_TIMEOUT_S, NAMESPACE, NODE, PODS, TestFleet, other_tasks
from tests.k8s.wireserver import until

LIMITS = ConnectionLimits(connect_timeout_s=CONNECT_TIMEOUT_S, body_bytes=8 * 2**20)


@dataclass
class Clock:
    """A clock for circuit breakers."""

    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass(frozen=True)
class Faulty:
    """The fleet, with the proxies before two of its clusters."""

    fleet: TestFleet
    alpha: FaultProxy
    beta: FaultProxy
    clock: Clock

    async def soon(self, holds: Callable[[], bool]) -> None:
        """Waits for a hundred turns of the loop and of the proxies': 100 ms, or more on a busy machine."""
        for _ in range(100):
            if holds():
                return
            await asyncio.sleep(0.001)
            await self.alpha.turn()
            await self.beta.turn()
        assert holds()


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Returns the schema."""
    return Engine()


@pytest.fixture(scope="session")
async def populated(alpha: Cluster, beta: Cluster, living: Cluster) -> None:
    """Yields the same pods in all three clusters, on separate nodes."""
    await asyncio.gather(*(create_objects(cluster, _objects(cluster)) for cluster in (alpha, beta, living)))


@pytest.fixture
async def faulty(
    engine: Engine,
    populated: None,
    living: Cluster,
    alpha: Cluster,
    beta: Cluster,
    fault_proxy: Callable[..., FaultProxy],
) -> AsyncIterator[Faulty]:
    """Yields the fleet: all three answer, without connections yet."""
    fleet = TestFleet(engine, OperationLimits(cluster_timeout_s=CLUSTER_TIMEOUT_S))
    clock = Clock()
    proxies = {"alpha": fault_proxy(alpha), "beta": fault_proxy(beta)}
    for name, proxy in proxies.items():
        fleet.add(name, proxy.cluster, limits=LIMITS).breaker.clock = clock
    fleet.add("living", living, limits=LIMITS)
    yield Faulty(fleet, proxies["alpha"], proxies["beta"], clock)
    await fleet.close()


@pytest.fixture
def authority(control_planes: ControlPlanes) -> CertificateAuthority:
    """Returns the certificate authority that clients trust."""
    return control_planes.authority


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets a page size with three pages for the pods of a cluster."""
    for size in ("PAGE_OBJECTS", "FIRST_OBJECTS"):
        monkeypatch.setattr(f"k8s.reading.listing.{size}", 5)


@pytest.fixture(autouse=True)
async def no_task_is_left() -> AsyncIterator[None]:
    """Checks that an answered operation has no tasks left, except closing connections."""
    before = other_tasks()
    yield
    await until(lambda: other_tasks() <= before)


def _objects(cluster: Cluster) -> list[JsonObject]:
    if cluster.has_controllers:
        return [_pod(f"pod-{index:02d}", "default", "worker-1") for index in range(PODS)]
    node: JsonObject = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE}, "spec": {"taints": []}}
    namespace: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    return [node, namespace, *(_pod(f"pod-{index:02d}", NAMESPACE, NODE) for index in range(PODS))]


def _pod(name: str, namespace: str, node: str) -> JsonObject:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": "faulty"}},
        "spec": {
            "nodeName": node,
            "automountServiceAccountToken": False,
            "containers": [{"name": "app", "image": "registry.example.com/app:1"}],
        },
    }
