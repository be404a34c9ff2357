"""Concurrent coroutines."""

import asyncio

import pytest

from resolvers.together import both, together
from tests.k8s.loopclock import loop_clock
from tests.k8s.wireserver import until


async def test_results_come_in_order() -> None:
    first = asyncio.Event()

    async def one() -> int:
        await first.wait()
        return 1

    async def two() -> int:
        first.set()
        return 2

    assert await together(one(), two()) == [1, 2]
    assert await together() == []


async def test_where_one_fails_the_others_end() -> None:
    ended: list[str] = []

    async def works() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("works")

    async def fails() -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await together(works(), fails())
    await until(lambda: ended == ["works"])


async def test_where_all_are_cancelled_all_end() -> None:
    ended: list[int] = []

    async def works(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(number)

    both = asyncio.create_task(together(works(1), works(2)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    both.cancel()

    with pytest.raises(asyncio.CancelledError):
        await both
    assert sorted(ended) == [1, 2]


async def test_two_of_different_types_end_together() -> None:
    ended: list[str] = []

    async def works() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("works")
        return ""

    async def gives(value: int) -> int:
        return value

    async def fails() -> int:
        await asyncio.sleep(0)
        raise ValueError("no")

    assert await both(gives(1), gives(2)) == (1, 2)
    with pytest.raises(ValueError, match="no"):
        await both(works(), fails())
    await until(lambda: ended == ["works"])


async def test_of_many_few_begin_and_few_are_told_of_errors_in_one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.turns.turns.SLICE_S", -1.0)
    async with loop_clock() as clock:
        ended = asyncio.Event()

        async def works(number: int) -> int:
            clock.note()
            if number == 199:
                ended.set()
            await ended.wait()
            clock.note()
            return number

        assert await together(*map(works, range(200))) == list(range(200))
        assert clock.noted.total() == 400
        assert clock.most <= 2 * 16


async def test_what_was_not_begun_when_all_end_is_not_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.turns.turns.SLICE_S", -1.0)
    begun: list[int] = []

    async def works(number: int) -> None:
        begun.append(number)

    all_of_it = asyncio.create_task(together(*map(works, range(200))))
    for _ in range(3):
        await asyncio.sleep(0)
    all_of_it.cancel()

    with pytest.raises(asyncio.CancelledError):
        await all_of_it
    assert len(begun) < 200
