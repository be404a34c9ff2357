"""Steps of many tasks, one slice after the other, in turns of their callers."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from k8s.turns.steps import start
from k8s.turns.turns import WORKING_FOR, turn
from tests.k8s.loopclock import loop_clock

MANY = 200
FEW = 16
"""The limit of steps that are called in one turn."""


@pytest.fixture
def over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends the slice of each turn at its start."""
    monkeypatch.setattr("k8s.turns.turns.SLICE_S", -1.0)


@contextmanager
def without_collecting() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def test_within_a_slice_nobody_waits() -> None:
    async def works() -> str:
        await asyncio.sleep(0)
        return "done"

    async with loop_clock() as clock:
        before = clock.turn
        assert await start(works()) == "done"

        assert clock.turn - before <= 3


@pytest.mark.usefixtures("over")
async def test_of_many_tasks_few_begin_in_one_turn_of_the_loop() -> None:
    async with loop_clock() as clock:

        async def works() -> None:
            clock.note()

        await asyncio.gather(*(start(works()) for _ in range(MANY)))

        assert clock.noted.total() == MANY
        assert clock.most <= FEW


@pytest.mark.usefixtures("over")
async def test_of_many_that_are_answered_at_once_few_go_on_in_one_turn() -> None:
    async with loop_clock() as clock:
        answered = asyncio.Event()

        async def waits() -> None:
            await answered.wait()
            clock.note()

        tasks = [start(waits()) for _ in range(MANY)]
        await asyncio.sleep(0.05)
        assert not clock.noted
        answered.set()
        await asyncio.gather(*tasks)

        assert clock.noted.total() == MANY
        assert clock.most <= FEW


@pytest.mark.usefixtures("over")
@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_of_many_that_fail_at_once_few_are_told_in_one_turn(is_cancelled: bool) -> None:
    async with loop_clock() as clock:
        loop, waiting = asyncio.get_running_loop(), list[asyncio.Future[None]]()

        async def waits() -> None:
            refused: asyncio.Future[None] = loop.create_future()
            waiting.append(refused)
            try:
                await refused
            except (ConnectionError, asyncio.CancelledError):
                clock.note()
                raise

        tasks = [start(waits()) for _ in range(MANY)]
        while len(waiting) < MANY:  # noqa: ASYNC110  turns of the loop are what is counted
            await asyncio.sleep(0)
        for task, refused in zip(tasks, waiting, strict=True):
            if is_cancelled:
                task.cancel()
            else:
                refused.set_exception(ConnectionError("refused"))
        ended = await asyncio.gather(*tasks, return_exceptions=True)

        assert {type(result) for result in ended} == {asyncio.CancelledError if is_cancelled else ConnectionError}
        assert clock.noted.total() == MANY
        assert clock.most <= FEW


@pytest.mark.usefixtures("over")
async def test_callers_take_turns_however_many_tasks_each_has() -> None:
    worked: list[str] = []

    async def works(name: str) -> None:
        worked.append(name)

    def begin(name: str, tasks: int) -> list[asyncio.Task[None]]:
        WORKING_FOR.set(name)
        return [start(works(name)) for _ in range(tasks)]

    await asyncio.gather(*begin("many", MANY), *begin("one", 1))

    assert worked.index("one") <= 2


@pytest.mark.usefixtures("over")
async def test_what_has_begun_goes_on_before_anything_else_begins() -> None:
    under_way = most = 0

    async def step() -> None:
        await asyncio.sleep(0)

    async def works() -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(5):
            await start(step())
        under_way -= 1

    await asyncio.gather(*(start(works(), is_one_of_many=True) for _ in range(MANY)))

    assert most <= 3 * FEW


@pytest.mark.usefixtures("over")
async def test_who_is_cancelled_while_it_waits_goes_on_at_once() -> None:
    ended: list[str] = []

    async def works() -> None:
        try:
            await asyncio.sleep(0)
            ended.append("in its turn")
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    task = start(works())
    others = [start(asyncio.sleep(0)) for _ in range(MANY)]
    while not task.done():
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.gather(task, *others, return_exceptions=True)

    assert ended in (["cancelled"], [])


@pytest.mark.usefixtures("over")
async def test_what_is_cancelled_before_it_begins_never_does() -> None:
    async def works() -> None:
        raise AssertionError

    tasks = [start(works()) for _ in range(3)]
    for task in tasks:
        task.cancel()

    assert [type(result) for result in await asyncio.gather(*tasks, return_exceptions=True)] == [
        asyncio.CancelledError
    ] * 3


@pytest.mark.usefixtures("over")
async def test_a_timeout_inside_ends_what_it_is_for() -> None:
    async def works() -> str:
        try:
            async with asyncio.timeout(0.01):
                await asyncio.Event().wait()
        except TimeoutError:
            return "late"
        return ""

    assert await asyncio.gather(*(start(works()) for _ in range(50))) == ["late"] * 50


@pytest.mark.usefixtures("over")
async def test_who_has_waited_for_a_turn_does_not_wait_for_a_step() -> None:
    async with loop_clock() as clock:
        turns: list[int] = []

        async def works() -> None:
            for _ in range(10):
                await turn()
                turns.append(clock.turn)

        tasks = [start(works()), *(start(asyncio.sleep(0)) for _ in range(MANY))]
        await asyncio.gather(*tasks)

        assert turns[-1] - turns[0] <= 20


@pytest.mark.usefixtures("over")
async def test_an_error_is_freed_with_its_task() -> None:
    class Broken(Exception):
        pass

    async def fails() -> None:
        await asyncio.sleep(0)
        raise Broken

    async def ended() -> "weakref.ref[asyncio.Task[None]]":
        task = start(fails())
        await asyncio.wait([task])
        assert isinstance(task.exception(), Broken)
        return weakref.ref(task)

    with without_collecting():
        results = await ended()
        await asyncio.sleep(0)

        assert results() is None
