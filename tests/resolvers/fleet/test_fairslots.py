"""Requests to one cluster: callers take turns."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from k8s.errors import TimedOut
from k8s.resilience.slot import slot_released
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import ApiPath
from resolvers.fleet.slots import FairSender, FairSlots


@dataclass
class HeldSender:
    """Answers one call after the other, when the test releases it."""

    name: str = "one"
    started: list[str] = field(default_factory=list)
    gates: list[asyncio.Event] = field(default_factory=list)

    async def send(self, call: Call, _deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        del on_prefix
        self.started.append(call.path)
        gate = asyncio.Event()
        self.gates.append(gate)
        await gate.wait()
        return b""


class Cluster:
    """A cluster with some slots, and callers who send requests to it."""

    def __init__(self, slots: int) -> None:
        self.sender = HeldSender()
        self.slots = FairSlots(slots)

    def ask(self, who: str, timeout_s: float = 30.0, kind: str = "") -> "asyncio.Task[bytes]":
        sender = FairSender(self.sender, self.slots, who)
        path = ApiPath(f"/api/v1/{kind}" if kind else who)
        return asyncio.create_task(sender.send(Call(path, "list", "pods"), Deadline(timeout_s)))

    async def answer(self, number: int) -> None:
        await settled()
        self.sender.gates[number].set()
        await settled()


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_more_run_at_once_than_there_are_slots() -> None:
    cluster = Cluster(2)
    asking = [cluster.ask("a") for _ in range(5)]
    await settled()

    assert len(cluster.sender.started) == 2
    for number in range(5):
        await cluster.answer(number)
    await asyncio.gather(*asking)
    assert cluster.slots.enter()
    assert cluster.slots.enter()
    assert not cluster.slots.enter()


async def test_one_with_many_requests_delays_another_by_one() -> None:
    cluster = Cluster(1)
    asking = [cluster.ask("many") for _ in range(10)]
    await settled()
    asking += [cluster.ask("one"), cluster.ask("two")]

    for number in range(12):
        await cluster.answer(number)
    await asyncio.gather(*asking)

    assert cluster.sender.started[:4] == ["many", "many", "one", "two"]


async def test_callers_take_turns() -> None:
    cluster = Cluster(1)
    asking = [cluster.ask(who) for who in "aaabbbcc"]

    for number in range(8):
        await cluster.answer(number)
    await asyncio.gather(*asking)

    assert "".join(cluster.sender.started) == "aabcabcb"


async def test_who_gives_up_takes_no_turn() -> None:
    cluster = Cluster(1)
    first, gone, last = cluster.ask("a"), cluster.ask("b"), cluster.ask("c")
    await settled()
    gone.cancel()

    await cluster.answer(0)
    await cluster.answer(1)
    await asyncio.gather(first, last)

    assert cluster.sender.started == ["a", "c"]
    assert cluster.slots.enter()


async def test_waiting_costs_time_of_the_deadline_and_nothing_is_sent() -> None:
    cluster = Cluster(1)
    running = cluster.ask("a")
    await settled()

    with pytest.raises(TimedOut, match=r"its timeout of 0\.01 s passed before the request to list pods was sent\."):
        await cluster.ask("b", timeout_s=0.01)

    await cluster.answer(0)
    await running
    assert cluster.sender.started == ["a"]
    assert cluster.slots.enter()


@pytest.fixture
async def crowded() -> AsyncIterator[Cluster]:
    """A cluster of 16 slots, in which a hundred requests of one caller for one kind hang."""
    cluster = Cluster(16)
    hanging = [cluster.ask("many", kind="pods") for _ in range(100)]
    await settled()
    yield cluster
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    assert cluster.slots.enter("many", "pods")


async def test_what_hangs_leaves_slots_for_others(crowded: Cluster) -> None:
    assert len(crowded.sender.started) == 12

    others = [crowded.ask(who, kind="nodes") for who in ("one", "one", "two")] + [crowded.ask("three", kind="secrets")]
    await settled()

    assert crowded.sender.started[12:] == ["/api/v1/nodes"] * 3 + ["/api/v1/secrets"]
    for number in range(12, 16):
        await crowded.answer(number)
    await asyncio.gather(*others)


async def test_a_kind_that_hangs_for_many_callers_leaves_slots_for_others() -> None:
    cluster = Cluster(16)
    hanging = [cluster.ask(f"caller {number}", kind="pods") for number in range(100)]
    await settled()
    assert len(cluster.sender.started) == 12

    other = cluster.ask("caller 99", kind="nodes")
    await cluster.answer(12)

    await other
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


async def test_what_a_caller_waits_for_does_not_hold_up_its_other_kinds(crowded: Cluster) -> None:
    others = [crowded.ask("many", kind=kind) for kind in ("nodes", "secrets")]
    first = crowded.ask("one", kind="nodes")
    await crowded.answer(12)
    await crowded.answer(0)  # one of those that hang is answered after all

    assert crowded.sender.started[12:14] == ["/api/v1/nodes", "/api/v1/pods"]
    for task in (*others, first):
        task.cancel()
    await asyncio.gather(*others, first, return_exceptions=True)


async def test_all_slots_are_used_again_after_a_crowd(crowded: Cluster) -> None:
    for number in range(100):
        await crowded.answer(number)

    assert len(crowded.sender.started) == 100


@dataclass
class Paused:
    """Waits for a slot, and then for the answer."""

    name: str = "one"
    turn: asyncio.Event = field(default_factory=asyncio.Event)
    answer: asyncio.Event = field(default_factory=asyncio.Event)
    asking: int = 0

    async def send(self, _call: Call, _deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        del on_prefix
        async with slot_released():
            await self.turn.wait()
        self.asking += 1
        await self.answer.wait()
        return b""


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_who_waits_for_its_turn_holds_no_slot(is_cancelled: bool) -> None:
    slots, paused = FairSlots(2), Paused()
    call = Call(ApiPath("/api/v1/pods"), "list", "pods")
    waiting = [asyncio.create_task(FairSender(paused, slots, who).send(call, Deadline(30))) for who in "abc"]
    await settled()
    assert [slots.enter(), slots.enter()] == [True, True]
    slots.leave()
    slots.leave()

    if is_cancelled:
        for task in waiting:
            task.cancel()
    paused.turn.set()
    await settled()

    assert paused.asking == (0 if is_cancelled else 2)
    paused.answer.set()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert [slots.enter() for _ in range(3)] == [True, True, False]


async def test_tasks_that_a_request_starts_do_not_give_its_slot_back() -> None:
    slots = FairSlots(1)

    class Starting(Paused):
        async def send(self, _call: Call, _deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
            async def give_back() -> bool:
                async with slot_released():
                    return slots.enter()

            assert not await asyncio.create_task(give_back())
            return b""

    await FairSender(Starting(), slots, "a").send(Call(ApiPath("/api/v1/pods"), "list", "pods"), Deadline(30))

    assert slots.enter()


async def test_an_error_is_freed_with_the_task_that_it_ended() -> None:
    @dataclass
    class Refusing:
        name: str = "one"

        async def send(self, _call: Call, _deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
            raise TimedOut(self.name, f"late{on_prefix or ''}.")

    async def ended() -> "weakref.ref[asyncio.Task[bytes]]":
        sender = FairSender(Refusing(), FairSlots(1), "a")
        task = asyncio.create_task(sender.send(Call(ApiPath("/api"), "list", "pods"), Deadline(1)))
        await asyncio.wait([task])
        assert isinstance(task.exception(), TimedOut)
        return weakref.ref(task)

    gc.collect()
    gc.disable()
    try:
        found = await ended()
        await settled()

        assert found() is None
    finally:
        gc.enable()
