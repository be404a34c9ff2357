"""A slow or dead cluster and an answer in payloads: the others come first, and a disconnect ends everything."""

from contextlib import aclosing
from time import perf_counter
from typing import cast

import pytest

from graph.incremental.payloads import Completed, Payload
from resolvers.fleet.fleet import Fleet
from tests.controlplane.faults import Drip, Hang, RequestFault, Stall
from tests.faults.conftest import Faulty
from tests.faults.fleets import CLUSTER_TIMEOUT_S, PODS, other_tasks
from tests.graph.fleets import Asking
from tests.k8s.wireserver import until

pytestmark = pytest.mark.controlplane

STREAMED = '{ pods(labelSelector: "app=faulty") { nodes @stream { name } ... @defer { clusters { status } } } }'
DEFERRED = '{ clusters { name ... @defer { pods(labelSelector: "app=faulty") { totalCount } } } }'


@pytest.fixture
def asking(faulty: Faulty) -> Asking:
    """Returns the same fleet, queried for payloads."""
    return Asking(faulty.fleet.engine, cast(Fleet, faulty.fleet))


@pytest.mark.parametrize("fault", [Hang(), Stall(after_bytes=300), Drip(every_s=0.05)])
async def test_fa_2_the_rows_of_fast_clusters_come_first(faulty: Faulty, asking: Asking, fault: RequestFault) -> None:
    faulty.alpha.fault = fault
    started_s = perf_counter()
    rows = 0

    async with aclosing(asking.deliver(STREAMED, limits=faulty.fleet.limits)) as payloads:
        async for payload in payloads:
            rows += _items(payload)
            if rows == 2 * PODS:
                break
        fast_s = perf_counter() - started_s
        last = [payload async for payload in payloads][-1]

    assert fast_s < CLUSTER_TIMEOUT_S
    assert not last.has_next
    assert perf_counter() - started_s < 2 * CLUSTER_TIMEOUT_S
    await until(lambda: not faulty.alpha.open_connections)


async def test_fa_2_each_cluster_has_its_own_part(faulty: Faulty, asking: Asking) -> None:
    faulty.alpha.fault = Hang()
    early: list[Completed] = []

    async with aclosing(asking.deliver(DEFERRED, limits=faulty.fleet.limits)) as payloads:
        async for payload in payloads:
            early += payload.completed
            if len(early) == 2:
                break

    assert {item.of.place for item in early} == {("clusters", 1), ("clusters", 2)}


@pytest.mark.parametrize("query", [STREAMED, DEFERRED])
async def test_fa_18_who_stops_reading_ends_requests_upstream_within_100_ms(
    faulty: Faulty, asking: Asking, query: str
) -> None:
    before = other_tasks()
    faulty.alpha.fault = faulty.beta.fault = Hang()
    payloads = asking.deliver(query, limits=faulty.fleet.limits)
    await anext(payloads)
    await until(lambda: bool(faulty.alpha.requests and faulty.beta.requests))

    await payloads.aclose()

    await faulty.soon(lambda: not faulty.alpha.open_connections and not faulty.beta.open_connections)
    await faulty.soon(lambda: other_tasks() <= before)


def _items(payload: Payload) -> int:
    lists = [increment.value for increment in payload.incremental if increment.of.is_list]
    return sum(len(entry) for entry in lists if isinstance(entry, list))
