"""The memory budget: limits of one operation, one caller and all operations, and the order of waiting."""

import asyncio
from dataclasses import dataclass

import pytest

from resolvers.errors import LimitExceeded, MemoryFull
from resolvers.limits import MIB, MemoryLimits
from resolvers.memory.budget import MemoryBudget
from resolvers.memory.share import MemoryShare
from tests.k8s.wireserver import until


def budget(process: int = 1000, *, caller: int = 1000, operation: int = 1000, wait_s: float = 30) -> MemoryBudget:
    """Returns a budget in MiB; all operations together may hold 4/9 of the first figure."""
    limits = MemoryLimits(process * MIB, caller * MIB, operation * MIB, wait_s)
    return MemoryBudget(limits, settled_bytes=0)


async def waiting(share: MemoryShare) -> "asyncio.Task[None]":
    """Returns a task in which a share waits for memory."""
    task = asyncio.create_task(share.room())
    await asyncio.sleep(0)
    assert not task.done()
    return task


async def test_what_fits_does_not_wait() -> None:
    memory = budget()
    share = memory.share("a")
    share.charge(100 * MIB)
    await share.room()

    assert (memory.held_bytes, memory.waiting) == (100 * MIB, 0)
    share.close()
    assert memory.held_bytes == 0


async def test_an_operation_over_its_limit_fails_with_the_figures() -> None:
    share = budget(operation=100).share("a")
    share.charge(90 * MIB)

    with pytest.raises(LimitExceeded) as raised:
        share.charge(20 * MIB)

    assert str(raised.value) == (
        "The query needs more than 110 MiB of memory; the limit is 100 MiB (FLEETGRAPH_MAX_OPERATION_MEMORY_BYTES). "
        "Ask for fewer fields, lists or links, or for pages."
    )


async def test_one_operation_may_hold_what_all_may_share() -> None:
    memory = budget(900)
    share = memory.share("a")
    share.charge(memory.shared_bytes)
    await share.room()

    with pytest.raises(LimitExceeded):
        share.charge(1)


async def test_operations_of_one_caller_wait_for_each_other_and_one_goes_on() -> None:
    memory = budget(caller=100)
    first, second = memory.share("a"), memory.share("a")
    first.charge(60 * MIB)
    second.charge(60 * MIB)

    await first.room()
    task = await waiting(second)
    first.close()
    await task


async def test_a_caller_who_holds_little_does_not_wait_for_one_who_holds_much() -> None:
    memory = budget(900, caller=1000)
    greedy, small = [memory.share("greedy") for _ in range(4)], memory.share("small")
    for item in greedy:
        item.charge(100 * MIB)
    small.charge(20 * MIB)

    await small.room()
    await memory.admit("other")


async def test_one_of_all_operations_may_hold_more_so_that_waiting_ends() -> None:
    memory = budget(900)
    shares = [memory.share(f"caller-{number}") for number in range(5)]
    for share in shares:
        share.charge(100 * MIB)

    await shares[2].room()
    others = [await waiting(share) for share in shares if share is not shares[2]]
    shares[2].close()
    await asyncio.gather(*others)


async def test_the_caller_who_holds_least_comes_first() -> None:
    memory = budget(900)
    shares = [memory.share(name) for name in ("most", "more", "less")]
    for share, held in zip(shares, (250, 200, 150), strict=True):
        share.charge(held * MIB)
    await shares[0].room()
    more, less = await waiting(shares[1]), await waiting(shares[2])

    shares[0].charge(-20 * MIB)
    shares[0].close()
    await less

    assert memory.held_bytes <= memory.shared_bytes
    await more


async def test_who_waits_in_vain_is_told_what_is_held_by_whom() -> None:
    memory = budget(caller=100, wait_s=0.01)
    first, second = memory.share("a"), memory.share("a")
    first.charge(60 * MIB)
    second.charge(60 * MIB)
    await first.room()

    with pytest.raises(MemoryFull) as raised:
        await second.room()

    assert str(raised.value) == (
        "Your operations hold 120 MiB of memory; the limit is 100 MiB (FLEETGRAPH_MAX_CALLER_MEMORY_BYTES). None was "
        "free within 0.01 s; ask for less at once."
    )
    assert (memory.waiting, memory.refused, raised.value.retryable) == (0, 1, True)


async def test_a_newcomer_waits_where_all_is_held_and_is_refused_in_the_end() -> None:
    memory = budget(900, wait_s=0.01)
    memory.share("a").charge(300 * MIB)
    memory.share("b").charge(200 * MIB)

    with pytest.raises(MemoryFull, match=r"^All operations hold 500 MiB of memory; the limit is 400 MiB "):
        await memory.admit("b")


async def test_the_places_beyond_are_never_held_by_two_who_wait_for_each_other() -> None:
    memory = budget(900, caller=200, wait_s=30)
    memory.share("other").charge(300 * MIB)
    first, second = memory.share("a"), memory.share("a")
    first.charge(50 * MIB)
    second.charge(100 * MIB)
    await second.room()  # has the place beyond all
    first.charge(60 * MIB)  # now the operations of the caller hold too much as well
    waits = await waiting(first)

    await second.room()
    second.close()
    await waits


def test_an_operation_that_is_over_is_charged_for_nothing() -> None:
    memory = budget()
    share = memory.share("a")
    share.charge(100 * MIB)
    share.charge_passing(MIB)
    share.close()

    share.charge(MIB)
    share.charge_passing(MIB)
    share.charge(-100 * MIB)
    share.close()

    assert (memory.held_bytes, share.held_bytes, share.passing_bytes) == (0, 0, 0)


async def test_a_place_beyond_is_free_again_where_nothing_is_beyond() -> None:
    memory = budget(900, wait_s=30)
    slow, others = memory.share("slow"), [memory.share(f"caller-{number}") for number in range(2)]
    slow.charge(250 * MIB)
    others[0].charge(200 * MIB)
    await slow.room()
    others[0].close()  # all together hold what they may again

    others[1].charge(160 * MIB)
    await others[1].room()
    waits = await waiting(slow)
    others[1].close()
    await waits


async def test_the_place_of_a_caller_is_free_again_where_it_holds_what_it_may() -> None:
    memory = budget(caller=100, wait_s=30)
    slow, before, after = memory.share("a"), memory.share("a"), memory.share("a")
    slow.charge(60 * MIB)
    before.charge(60 * MIB)
    await slow.room()
    before.close()

    after.charge(60 * MIB)
    await after.room()


async def test_who_waits_goes_on_where_pages_on_their_way_are_there() -> None:
    memory = budget(caller=100)
    first, second = memory.share("a"), memory.share("a")
    first.charge(30 * MIB)
    first.charge_passing(30 * MIB)
    second.charge(60 * MIB)
    await first.room()
    waits = await waiting(second)

    first.charge_passing(-30 * MIB)
    await until(waits.done)


async def test_answers_count_until_they_are_sent() -> None:
    memory = budget(caller=100)
    share = memory.share("a", is_sent=True)
    share.charge(200 * MIB)

    share.answer(150 * MIB)
    admitted = asyncio.create_task(memory.admit("a"))
    await asyncio.sleep(0)
    assert (memory.held_bytes, admitted.done()) == (150 * MIB, False)

    share.close()
    await admitted
    assert memory.held_bytes == 0


async def test_an_answer_that_nobody_sends_does_not_count() -> None:
    memory = budget()
    share = memory.share("a")
    share.charge(200 * MIB)

    share.answer(150 * MIB)

    assert memory.held_bytes == 0


async def test_an_answer_keeps_the_place_beyond_the_limits_until_it_is_sent() -> None:
    memory = budget(caller=100)
    first, second, third = (memory.share("a", is_sent=True) for _ in range(3))
    for share in (first, second, third):
        share.charge(60 * MIB)
    await first.room()
    waits = [await waiting(second), await waiting(third)]

    first.answer(50 * MIB)
    await asyncio.sleep(0)
    assert not any(item.done() for item in waits)

    first.close()
    await until(waits[0].done)
    assert not waits[1].done()
    second.close()
    await waits[1]


@dataclass(eq=False)
class Answer:
    """An answer that is being sent, with its share."""

    share: MemoryShare
    is_slow: bool = True
    was_cut: bool = False

    @property
    def caller(self) -> str:
        return self.share.caller

    def cut(self) -> None:
        self.was_cut = True
        self.share.close()


def answer_of(memory: MemoryBudget, caller: str, size_bytes: int, *, is_slow: bool = True) -> Answer:
    """Returns an answer of a caller."""
    share = memory.share(caller, is_sent=True)
    share.charge(size_bytes)
    share.answer(size_bytes)
    return Answer(share, is_slow)


async def test_answers_that_are_taken_slowly_are_given_up_while_their_caller_waits() -> None:
    memory = budget(caller=100)
    answers = [
        answer_of(memory, "a", 60 * MIB),
        answer_of(memory, "a", 60 * MIB, is_slow=False),
        answer_of(memory, "b", 60 * MIB),
    ]
    with memory.sending(answers[0]), memory.sending(answers[1]), memory.sending(answers[2]):
        await memory.admit("a")

    assert [answer.was_cut for answer in answers] == [True, False, False]


async def test_and_those_of_all_where_all_hold_too_much() -> None:
    memory = budget(caller=1000)
    answers = [answer_of(memory, "a", 300 * MIB), answer_of(memory, "b", 300 * MIB)]
    share = memory.share("c")
    share.charge(200 * MIB)
    other = memory.share("d")
    other.charge(200 * MIB)
    await other.room()
    with memory.sending(answers[0]), memory.sending(answers[1]):
        await share.room()

    assert any(answer.was_cut for answer in answers)


async def test_nobody_who_reads_slowly_is_given_up_while_nobody_waits() -> None:
    memory = budget(caller=100)
    answer = answer_of(memory, "a", 90 * MIB)
    with memory.sending(answer):
        await memory.admit("a")

    assert not answer.was_cut


async def test_who_looked_before_there_was_room_does_not_wait() -> None:
    memory = budget(caller=100, wait_s=30)
    first, second = memory.share("a"), memory.share("a")
    first.charge(60 * MIB)
    second.charge(60 * MIB)
    await first.room()
    assert not second.has_room(10 * MIB)
    first.close()

    await second.wait(10 * MIB)

    assert second.has_room(10 * MIB)


async def test_room_is_reserved_for_those_who_may_go_on() -> None:
    memory = budget(caller=100)
    holds, shares = memory.share("a"), [memory.share("a") for _ in range(10)]
    holds.charge(120 * MIB)
    waits = [asyncio.create_task(share.wait(40 * MIB)) for share in shares]
    for share in shares:
        assert not share.has_room(40 * MIB)
    await asyncio.sleep(0)

    holds.close()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    going_on = [share for share, wait in zip(shares, waits, strict=True) if wait.done()]

    assert len(going_on) == 3  # the third goes beyond 100, and no other until there is room again
    assert memory.held_bytes == 120 * MIB
    for share in going_on:
        assert share.has_room(40 * MIB)
        share.close()
    await until(lambda: sum(wait.done() for wait in waits) > 3)
    for share, wait in zip(shares, waits, strict=True):
        wait.cancel()
        share.close()
    assert memory.held_bytes == 0


async def test_who_gives_up_waiting_leaves_no_trace() -> None:
    memory = budget(caller=100)
    first, second = memory.share("a"), memory.share("a")
    first.charge(60 * MIB)
    second.charge(60 * MIB)
    await first.room()
    task = await waiting(second)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    second.close()
    first.close()

    assert (memory.waiting, memory.held_bytes) == (0, 0)
