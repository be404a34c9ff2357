"""Waiting for a turn: its cost is independent of the number of waiters, and it ends with the suspicion."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from time import monotonic

import pytest

from k8s.credentials.credential import BearerToken, Secret
from k8s.kinds.builtin import POD
from k8s.resilience.flow import Flow
from k8s.resilience.resilience import Permit, Rejection, Resilience
from k8s.resilience.slot import SLOT
from k8s.resilience.throttle import LONGEST_S, Pause, PauseScope, Throttle
from k8s.resilience.waitqueue import WaitQueue
from k8s.transport.call import Call
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from k8s.transport.path import list_path
from tests.k8s.wireserver import until, wire_server

LONG_S = 600.0


async def _looks(crowd: dict[str, int], seconds: float, most_of_a: int) -> Counter[str]:
    """Counts the checks of each identity within some seconds, or until one has enough, without any turns."""
    room, looks, until_s = WaitQueue(), Counter[str](), monotonic() + seconds

    async def look(who: str) -> None:
        while monotonic() < until_s and looks["a"] < most_of_a:
            await room.wait(who, 0.0, most_s=until_s - monotonic())
            if looks["a"] < most_of_a:
                looks[who] += 1
        room.wake_all()

    await asyncio.gather(*(look(who) for who, count in crowd.items() for _ in range(count)))
    return looks


async def test_of_many_who_wait_few_look() -> None:
    looks = await _looks({"a": 600, "b": 600}, 0.5, 10_000)

    assert looks.total() < 3 * 1200  # including the last check of each; every 50 ms would be more than 10 of each


async def test_each_identity_looks_as_often_however_many_of_another_wait() -> None:
    looks = await _looks({"a": 600, "b": 1}, 60, 300)

    assert looks["b"] > 5  # in proportion to their number it would be half a check


async def _waiting(room: WaitQueue, who: str, count: int) -> "list[asyncio.Task[None]]":
    before = len(room)
    tasks = [asyncio.create_task(room.wait(who, LONG_S, most_s=LONG_S)) for _ in range(count)]
    await until(lambda: len(room) == before + count)
    return tasks


async def test_who_waits_is_let_go_with_its_identity_or_with_everybody() -> None:
    room = WaitQueue()
    mine, others = await _waiting(room, "a", 100), await _waiting(room, "b", 100)

    room.wake("a")
    await asyncio.gather(*mine)
    assert (len(room), any(task.done() for task in others)) == (100, False)

    room.wake_all()
    await asyncio.gather(*others)
    assert len(room) == 0


async def test_who_goes_away_leaves_nothing() -> None:
    room = WaitQueue()
    tasks = await _waiting(room, "a", 3)

    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert (len(room), room._waiters) == (0, {})


@pytest.mark.parametrize(("whose", "scope"), [("a", PauseScope.IDENTITY), ("b", PauseScope.CLUSTER)])
async def test_an_answer_ends_the_pause_of_who_was_held_up(whose: str, scope: PauseScope) -> None:
    throttle, waiting_for_memory = Throttle(), Flow("a", "list", "s")
    for flow in (Flow("a", "list", "p"), Flow(whose, "list", "n")):
        throttle.pause(flow, LONGEST_S)
    waiting = asyncio.create_task(throttle.wait(waiting_for_memory, Pause(LONG_S, scope), LONG_S))
    await until(lambda: len(throttle._suspicions._queue) == 1)

    throttle.answered(Flow(whose, "list", "c"))

    await waiting


async def test_an_answer_ends_the_silence_of_a_cluster() -> None:
    resilience, waiting_for_memory = Resilience(), Flow("c", "list", "s")
    refused = Rejection(PauseScope.CLUSTER, LONG_S, "no answer.", is_queued=True)
    admitted = resilience.admit(Flow("a", "list", "p"))
    assert isinstance(admitted, Permit)
    for flow in (Flow("a", "list", "p"), Flow("b", "list", "n")):
        resilience._suspicions.note(flow, monotonic())
    waiting = asyncio.create_task(resilience.wait(waiting_for_memory, refused, most_s=LONG_S))
    await until(lambda: len(resilience._suspicions._queue) == 1)

    resilience.answered(admitted)

    await waiting


class _CountedSlot:
    """A slot of this task that counts how often it is taken again."""

    def __init__(self) -> None:
        self.task = asyncio.current_task()
        self.takes = 0

    async def take(self) -> None:
        self.takes += 1

    def give_back(self) -> None:
        pass


async def test_who_looks_and_has_to_wait_on_takes_no_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: Iterator[Pause] = iter([Pause(0.001, PauseScope.IDENTITY)] * 20)
    async with wire_server() as server:
        connection = Connection("alpha", server.endpoint, credential=BearerToken(Secret("t")))
        monkeypatch.setattr(
            connection.resilience.throttle, "pause_of", lambda _flow: next(pauses, Pause(0.0, PauseScope.FLOW))
        )
        slot = _CountedSlot()
        outside = SLOT.set(slot)
        try:
            assert await connection.send(Call(list_path(POD), "list", "pods"), Deadline(15)) == b"{}"
        finally:
            SLOT.reset(outside)
            await connection.close()

    assert slot.takes == 1
