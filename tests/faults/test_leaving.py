"""A caller that disconnects: its requests end at once, without an effect on the state of clusters."""

import asyncio

import pytest

from tests.controlplane.faults import Delay, Drip, Hang, RequestFault, Stall
from tests.faults.conftest import Faulty
from tests.faults.fleets import PODS, other_tasks
from tests.k8s.wireserver import until

pytestmark = pytest.mark.controlplane

QUERY = '{ pods(labelSelector: "app=faulty") { totalCount nodes { name node { name ready } deployment { name } } } }'


@pytest.mark.parametrize("fault", [Hang(), Stall(), Stall(after_bytes=300), Drip(every_s=0.05), Delay(ms=5000)])
async def test_fa_18_requests_upstream_are_cancelled_within_100_ms(faulty: Faulty, fault: RequestFault) -> None:
    before = other_tasks()
    faulty.alpha.fault = faulty.beta.fault = fault
    asking = asyncio.create_task(faulty.fleet.ask(QUERY))
    await until(lambda: bool(faulty.alpha.requests and faulty.beta.requests))
    assert faulty.alpha.open_connections == 1

    asking.cancel()

    await faulty.soon(lambda: not faulty.alpha.open_connections and not faulty.beta.open_connections)
    await faulty.soon(lambda: other_tasks() <= before)
    assert asking.cancelled()
    assert [connection.breaker.failures for connection in faulty.fleet.connections.values()] == [0, 0, 0]


async def test_a_caller_that_goes_away_in_the_second_level(faulty: Faulty) -> None:
    before = other_tasks()
    faulty.alpha.when("/api/v1/nodes", Hang())
    asking = asyncio.create_task(faulty.fleet.ask(QUERY))
    await until(lambda: any(request.path.startswith("/api/v1/nodes") for request in faulty.alpha.requests))

    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)

    assert asking.cancelled()
    await faulty.soon(lambda: other_tasks() <= before)


async def test_others_are_not_disturbed(faulty: Faulty) -> None:
    faulty.alpha.fault = Delay(ms=100)
    leaving, staying = (asyncio.create_task(faulty.fleet.ask(QUERY)) for _ in range(2))
    await until(lambda: len(faulty.alpha.requests) == 2)

    leaving.cancel()

    reply = await staying
    assert reply.errors == ()
    assert reply.data["pods"]["totalCount"] == 3 * PODS
