"""The cause of a timeout: only a cluster that had the time counts as failed."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp.abc import ResolveResult

from k8s import errors
from k8s.credentials.credential import BearerToken, Secret
from k8s.endpoint import Endpoint
from k8s.errors import NotConnected
from k8s.kinds.builtin import NODE, POD
from k8s.network.connector import AllowedAddresses
from k8s.resilience.flow import Flow
from k8s.resilience.resilience import Resilience
from k8s.transport.bodymemory import FREE_BYTES, Portion
from k8s.transport.call import Call
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from k8s.transport.exchangeprogress import MOST
from k8s.transport.limits import ConnectionLimits
from k8s.transport.path import list_path
from tests.k8s.wireserver import WireServer, http, until, wire_server

LIST = Call(list_path(POD), "list", "pods")
PODS = Flow("", "list", "pods")


@pytest.fixture
async def server() -> AsyncIterator[WireServer]:
    async with wire_server() as wire:
        yield wire


async def test_an_answer_that_waits_for_memory_of_others_says_nothing_about_the_cluster(server: WireServer) -> None:
    limits = ConnectionLimits(body_bytes=1_000_000)
    connection = Connection("alpha", server.endpoint, credential=BearerToken(Secret("t")), limits=limits)
    other = Portion()
    other.begin(limits.bodies, "alpha")
    await other.grow(FREE_BYTES + 2 * limits.body_bytes)
    server.answers = [http(b" " * 600_000)]

    with pytest.raises(errors.TimedOut, match=r"list pods waited [\d.]+ s for memory that others hold") as raised:
        await connection.send(LIST, Deadline(2))
    other.release()

    waited_s = float(str(raised.value).partition(" waited ")[2].partition(" s ")[0])
    assert waited_s >= 2 * MOST
    assert not connection.resilience.is_open
    assert len(await connection.send(LIST, Deadline(5))) == 600_000
    await connection.close()


async def test_a_name_that_is_not_looked_up_in_time_closes_the_cluster_to_all(
    server: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = asyncio.Event()

    async def resolve(*_given: object, **_options: object) -> list[ResolveResult]:
        await answered.wait()
        raise OSError("no such name")

    monkeypatch.setattr(AllowedAddresses, "resolve", resolve)
    resilience, endpoint = Resilience(), Endpoint(server.endpoint.server.replace("127.0.0.1", "dead.test"))
    token = BearerToken(Secret("t"))
    connections = [
        Connection("alpha", endpoint, credential=token, resilience=resilience, identity=who) for who in "abcd"
    ]

    first = await asyncio.gather(
        *(connection.send(LIST, Deadline(2)) for connection in connections[:3]), return_exceptions=True
    )
    with pytest.raises(errors.CircuitOpen, match=r"it failed a moment ago .* no connection within (2|1\.\d+) s"):
        await connections[3].send(LIST, Deadline(5))

    assert [type(error) for error in first] == [NotConnected] * 3
    assert resilience.breaker.failures == 1
    answered.set()
    await asyncio.sleep(0)
    for connection in connections:
        await connection.close()


async def test_waiting_for_a_free_connection_says_nothing_about_the_cluster(server: WireServer) -> None:
    server.answers = [None]
    connection = Connection(
        "alpha", server.endpoint, credential=BearerToken(Secret("t")), limits=ConnectionLimits(connections=1)
    )
    hanging = asyncio.create_task(connection.send(Call(list_path(NODE), "list", "nodes"), Deadline(30)))
    await until(lambda: len(server.requests) == 1)

    with pytest.raises(errors.TimedOut, match="passed before the request to list pods"):
        await connection.send(LIST, Deadline(0.1))

    assert (connection.resilience.is_open, connection.resilience.failures(PODS)) == (False, 0)
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)
    await connection.close()
