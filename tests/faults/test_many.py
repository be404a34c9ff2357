"""Twenty clusters with a latency of 200 ms: all are queried concurrently, and none waits for another."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from graph.engine import Engine
from k8s.transport.limits import ConnectionLimits
from resolvers.limits import OperationLimits
from tests.controlplane.cluster import Cluster
from tests.controlplane.faults import Delay, Hang, Refuse
from tests.controlplane.proxy import FaultProxy
from tests.faults.conftest import LIMITS
from tests.faults.fleets import PODS, TestFleet
from tests.k8s.wireserver import until

pytestmark = pytest.mark.controlplane

CLUSTERS = 20
DELAY_S = 0.2
TIMEOUT_S = 8.0
"""The timeout of one cluster."""
QUERY = """query ($names: [String!]) {
  pods(clusters: {names: $names}, labelSelector: "app=faulty") {
    totalCount nodes { name cluster { name } node { name ready } } clusters { status }
  }
}"""


@dataclass(frozen=True)
class Many:
    fleet: TestFleet
    proxies: list[FaultProxy]


@pytest.fixture
async def many(
    engine: Engine, populated: None, alpha: Cluster, fault_proxy: Callable[..., FaultProxy]
) -> AsyncIterator[Many]:
    """Returns clusters that all reach the same API server, over separate connections."""
    fleet = TestFleet(engine, OperationLimits(cluster_timeout_s=TIMEOUT_S))
    proxies = [fault_proxy(alpha) for _ in range(CLUSTERS)]
    limits = ConnectionLimits(connect_timeout_s=TIMEOUT_S, body_bytes=LIMITS.body_bytes)
    for index, proxy in enumerate(proxies):
        proxy.fault = Delay(ms=1000 * DELAY_S)
        fleet.add(f"c-{index:02d}", proxy.cluster, limits=limits)
    await fleet.ask(QUERY)
    yield Many(fleet, proxies)
    await fleet.close()


async def test_twenty_clusters_are_all_answered(many: Many) -> None:
    reply = await many.fleet.ask(QUERY)

    assert reply.data["pods"]["totalCount"] == CLUSTERS * PODS


@pytest.mark.parametrize("path", ["/api/v1/pods", "/api/v1/nodes"])
async def test_twenty_clusters_are_asked_at_once(many: Many, path: str) -> None:
    for proxy in many.proxies:
        proxy.when(path, Hang())
        proxy.requests.clear()

    asking = asyncio.create_task(many.fleet.ask(QUERY))

    await until(lambda: all(_was_asked(proxy, path) for proxy in many.proxies))
    assert not asking.done()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


def _was_asked(proxy: FaultProxy, path: str) -> bool:
    return any(request.path.startswith(path) for request in proxy.requests)


async def test_fa_1_one_that_is_down_and_one_that_hangs_cost_their_own_rows(many: Many) -> None:
    many.proxies[3].fault = Refuse()
    many.proxies[7].fault = Hang()

    reply = await many.fleet.ask(QUERY)

    rows = reply.data["pods"]["nodes"]
    answered = [f"c-{index:02d}" for index in range(CLUSTERS) if index not in {3, 7}]
    assert [row["cluster"]["name"] for row in rows] == [name for name in answered for _ in range(PODS)]
    assert all(row["node"] for row in rows)
    assert {error["extensions"]["cluster"] for error in reply.errors} == {"c-03", "c-07"}
    assert all(error["path"] == ["pods"] for error in reply.errors)
    assert reply.took_s < 2 * TIMEOUT_S

    again = await many.fleet.ask(QUERY)

    assert again.data["pods"]["totalCount"] == (CLUSTERS - 2) * PODS
    assert again.took_s < TIMEOUT_S
