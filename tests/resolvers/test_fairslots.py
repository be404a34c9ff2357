"""Requests to one cluster: callers take turns."""

import asyncio
from dataclasses import dataclass, field

import pytest

from k8s.body import OnPrefix
from k8s.call import Call
from k8s.deadline import Deadline
from k8s.errors import TimedOut
from k8s.path import ApiPath
from resolvers.fairslots import FairSender, FairSlots


@dataclass
class Held:
    """Answers when it is told to, one call after the other."""

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
    """A cluster with some slots, and callers who ask it."""

    def __init__(self, slots: int) -> None:
        self.held = Held()
        self.slots = FairSlots(slots)

    def ask(self, who: str, timeout_s: float = 30.0) -> "asyncio.Task[bytes]":
        sender = FairSender(self.held, self.slots, who)
        return asyncio.create_task(sender.send(Call(ApiPath(who), "list", "pods"), Deadline(timeout_s)))

    async def answer(self, number: int) -> None:
        await settled()
        self.held.gates[number].set()
        await settled()


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_more_run_at_once_than_there_are_slots() -> None:
    cluster = Cluster(2)
    asking = [cluster.ask("a") for _ in range(5)]
    await settled()

    assert len(cluster.held.started) == 2
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

    assert cluster.held.started[:4] == ["many", "many", "one", "two"]


async def test_callers_take_turns() -> None:
    cluster = Cluster(1)
    asking = [cluster.ask(who) for who in "aaabbbcc"]

    for number in range(8):
        await cluster.answer(number)
    await asyncio.gather(*asking)

    assert "".join(cluster.held.started) == "aabcabcb"


async def test_who_gives_up_takes_no_turn() -> None:
    cluster = Cluster(1)
    first, gone, last = cluster.ask("a"), cluster.ask("b"), cluster.ask("c")
    await settled()
    gone.cancel()

    await cluster.answer(0)
    await cluster.answer(1)
    await asyncio.gather(first, last)

    assert cluster.held.started == ["a", "c"]
    assert cluster.slots.enter()


async def test_waiting_costs_time_of_the_deadline_and_nothing_is_sent() -> None:
    cluster = Cluster(1)
    running = cluster.ask("a")
    await settled()

    with pytest.raises(TimedOut, match=r"its 0\.01 s were over before it could be asked to list pods\."):
        await cluster.ask("b", timeout_s=0.01)

    await cluster.answer(0)
    await running
    assert cluster.held.started == ["a"]
    assert cluster.slots.enter()
