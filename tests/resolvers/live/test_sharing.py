"""Subscribers of one list: their shares, and the cost of a slow one, or of a busy linked kind, for the others."""

import asyncio
from itertools import count

import pytest

from resolvers.errors import LimitExceeded
from resolvers.live.subscriber import STALLED_S
from tests.resolvers.live.followers import Client, Question, Server
from tests.resolvers.live.simulatedapi import SimulatedApi
from tests.resolvers.live.virtualtime import run

LINKED = Question(is_linked=True)


def api_of(pods: int) -> SimulatedApi:
    api = SimulatedApi("east", "pods", "nodes")
    for number in range(3):
        api.put("nodes", "", f"n{number}", spec={})
    for number in range(pods):
        put(api, number)
    return api


def put(api: SimulatedApi, number: int, phase: str = "Running") -> None:
    api.put("pods", "a", f"p{number}", spec={"nodeName": f"n{number % 3}"}, status={"phase": phase})


async def begun(server: Server, clients: int) -> list[Client]:
    subscribers = [Client(server) for _ in range(clients)]
    for client in subscribers:
        client.begin()
    await asyncio.sleep(20)
    return subscribers


async def end(server: Server, clients: list[Client]) -> None:
    for client in clients:
        client.check()
        await client.cut()
    await server.kill()


@pytest.mark.parametrize("clients", [1, 50])
def test_a_payload_is_encoded_once_for_all_subscribers(clients: int) -> None:
    async def main() -> int:
        api = api_of(100)
        server = Server([api], LINKED)
        subscribers = await begun(server, clients)
        for number in range(10):
            put(api, number, "Failed")
            await asyncio.sleep(1)
        for client in subscribers:
            assert client.state == LINKED.fresh(api)
            assert len(client.changes) == 110
        await end(server, subscribers)
        return server.encoded

    assert run(main()) <= 13


def test_subscribers_that_come_together_share_the_first_state() -> None:
    async def main() -> None:
        api = api_of(1200)
        server = Server([api], Question())
        first = await begun(server, 1)
        encoded, evaluated = server.encoded, sum(server.evaluated)
        others = await begun(server, 30)
        assert sum(server.evaluated) - evaluated == 1200
        assert server.encoded - encoded <= 4
        for client in others:
            assert client.state == Question().fresh(api)
        await end(server, [*first, *others])

    run(main())


def test_a_slow_reader_gets_the_latest_state_of_each_object_once() -> None:
    async def main() -> None:
        api = api_of(50)
        server = Server([api], Question())
        (fast,) = await begun(server, 1)
        pauses = iter([0.0, 0.0, 0.0, *([20.0] * 100)])
        slow = Client(server, pause=lambda: next(pauses))
        slow.begin()
        await asyncio.sleep(5)
        slow.changes.clear()
        for number in range(200):
            put(api, number % 50, "Pending" if number % 2 else f"Phase{number}")
            await asyncio.sleep(0.2)
        await asyncio.sleep(300)
        assert slow.state == fast.state == Question().fresh(api)
        assert len(slow.changes) <= 60
        await end(server, [fast, slow])

    run(main())


def test_a_reader_that_takes_nothing_is_cut_off() -> None:
    async def main() -> None:
        api = api_of(10)
        server = Server([api], Question())
        (fast,) = await begun(server, 1)
        idle = server.subscribe()
        for number in count():
            put(api, number % 10, f"Phase{number}")
            await asyncio.sleep(1)
            if number > STALLED_S + 10:
                break
        with pytest.raises(LimitExceeded, match="No payload was taken for 60 seconds"):
            await idle.next()
        assert fast.state == Question().fresh(api)
        await end(server, [fast])

    run(main())


def test_a_reader_without_payloads_is_not_cut_off() -> None:
    async def main() -> None:
        api = api_of(10)
        server = Server([api], Question())
        clients = await begun(server, 1)
        await asyncio.sleep(3600)
        put(api, 1, "Failed")
        await asyncio.sleep(5)
        assert clients[0].state == Question().fresh(api)
        await end(server, clients)

    run(main())


def test_changes_of_linked_objects_that_are_not_selected_evaluate_nothing() -> None:
    async def main() -> None:
        api = api_of(100)
        server = Server([api], LINKED)
        clients = await begun(server, 1)
        before = len(server.evaluated)
        for number in range(100):
            api.put("nodes", "", f"n{number % 3}", spec={}, labels={"beat": str(number)})
            await asyncio.sleep(0.5)
        assert len(server.evaluated) == before
        api.put("nodes", "", "n1", spec={"unschedulable": True})
        await asyncio.sleep(5)
        assert clients[0].state == LINKED.fresh(api)
        await end(server, clients)

    run(main())


def test_a_busy_linked_kind_takes_a_share_of_the_time_only() -> None:
    async def main() -> None:
        api = api_of(40)
        server = Server([api], LINKED, evaluation_s=1.0)
        clients = await begun(server, 1)
        before = len(server.evaluated)
        for number in range(500):
            api.put("nodes", "", f"n{number % 3}", spec={"unschedulable": bool(number // 3 % 2)})
            await asyncio.sleep(0.2)
        assert len(server.evaluated) - before <= 100 / 5 + 2  # one second of five
        await asyncio.sleep(10)
        assert clients[0].state == LINKED.fresh(api)
        await end(server, clients)

    run(main())


def test_changes_of_objects_do_not_wait_for_a_busy_linked_kind() -> None:
    async def main() -> None:
        api = api_of(40)
        server = Server([api], LINKED, evaluation_s=1.0)
        clients = await begun(server, 1)
        for number in range(5):
            api.put("nodes", "", "n1", spec={"unschedulable": number % 2 == 0})
            await asyncio.sleep(0.3)
        put(api, 1, "Failed")
        await asyncio.sleep(2.5)
        row = clients[0].state["east", ("a", "p1")]
        assert isinstance(row, dict)
        assert row["phase"] == "Failed"
        await end(server, clients)

    run(main())
