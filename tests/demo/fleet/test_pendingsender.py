"""Requests to clusters that are still being generated."""

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest

from demo.fleet.pendingsender import ClosableSender, PendingSender
from k8s.kinds.builtin import POD
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import list_path
from k8s.watches.watchsource import Chunks

CALL = Call(list_path(POD), "list", "pods")


class Sender:
    name = "alpha"

    def __init__(self) -> None:
        self.ended: list[str] = []

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        return b"answered"

    def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AbstractAsyncContextManager[Chunks]:
        raise NotImplementedError

    async def close(self) -> None:
        self.ended.append("closed")

    async def retire(self) -> None:
        self.ended.append("retired")


@pytest.fixture
async def coming() -> asyncio.Future[ClosableSender]:
    return asyncio.get_running_loop().create_future()


async def test_who_asks_too_early_waits_and_is_answered(coming: asyncio.Future[ClosableSender]) -> None:
    asking = asyncio.create_task(PendingSender("alpha", coming).send(CALL, Deadline(5)))
    await asyncio.sleep(0)
    was_done = asking.done()

    coming.set_result(Sender())

    assert (was_done, await asking) == (False, b"answered")


async def test_who_gives_up_waiting_takes_it_from_nobody(coming: asyncio.Future[ClosableSender]) -> None:
    sender = PendingSender("alpha", coming)
    impatient, patient = (asyncio.create_task(sender.send(CALL, Deadline(5))) for _ in range(2))
    await asyncio.sleep(0)

    impatient.cancel()
    await asyncio.wait([impatient])
    coming.set_result(Sender())

    assert (impatient.cancelled(), await patient) == (True, b"answered")


async def test_what_went_wrong_is_told_who_asks(coming: asyncio.Future[ClosableSender]) -> None:
    coming.set_exception(ValueError("no such world"))

    with pytest.raises(ValueError, match="no such world"):
        await PendingSender("alpha", coming).send(CALL, Deadline(5))
    await PendingSender("alpha", coming).close()


async def test_one_that_is_there_is_ended(coming: asyncio.Future[ClosableSender]) -> None:
    sender, made = PendingSender("alpha", coming), Sender()
    coming.set_result(made)

    await sender.retire()
    await sender.close()

    assert made.ended == ["retired", "closed"]


async def test_one_that_never_came_has_nothing_to_end(coming: asyncio.Future[ClosableSender]) -> None:
    sender = PendingSender("alpha", coming)

    await sender.retire()
    await sender.close()

    assert not coming.done()
