"""Long work, one slice in a turn of the loop, in turns of its callers."""

import asyncio

import pytest

from k8s.turns.fairqueue import FairQueue
from k8s.turns.turns import SLICE_S, WORKING_FOR, Pace, paced, turn
from tests.k8s.clock import Clock
from tests.otherturns import turns_during


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Replaces the clock of slices: time passes with the work alone, so that a busy machine shortens none."""
    clock = Clock()
    monkeypatch.setattr("k8s.turns.turns.perf_counter", clock)
    return clock


async def test_one_stretch_in_a_turn_of_the_loop() -> None:
    turns, worked = 0, []

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def work() -> None:
        for _ in range(5):
            await turn()
            worked.append(turns)

    other = asyncio.create_task(others())
    await asyncio.gather(*(work() for _ in range(20)))
    other.cancel()

    assert len(set(worked)) == len(worked) == 100


async def test_callers_take_turns_however_much_work_each_has() -> None:
    worked: list[str] = []

    async def work(name: str) -> None:
        WORKING_FOR.set(name)
        for _ in range(3):
            await turn()
            worked.append(name)

    await asyncio.gather(*(work("many") for _ in range(50)), work("one"))

    assert worked.index("one") <= 1
    assert len(worked) - worked[::-1].index("one") <= 7


async def test_who_is_cancelled_takes_no_turn() -> None:
    worked: list[int] = []

    async def work(number: int) -> None:
        await turn()
        worked.append(number)

    tasks = [asyncio.create_task(work(number)) for number in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert worked == [0, 2]


async def test_nobody_is_called_where_nobody_waits() -> None:
    queue = FairQueue()
    gone = queue.place("a")
    gone.cancel()

    assert not queue.call()


async def test_all_that_work_in_one_turn_of_the_loop_share_its_slice(clock: Clock) -> None:
    longest_s = 0.0

    async def others() -> None:
        nonlocal longest_s
        while True:
            before_s = clock()
            await asyncio.sleep(0)
            longest_s = max(longest_s, clock() - before_s)

    async def work() -> None:
        pace = Pace()
        for _ in range(8):
            clock.now_s += SLICE_S / 4
            await pace.breathe()

    other = asyncio.create_task(others())
    await asyncio.gather(*(work() for _ in range(20)))
    other.cancel()

    assert longest_s < 20 * SLICE_S / 2


async def test_who_is_called_has_a_slice_however_long_others_have_worked(clock: Clock) -> None:
    """Others that are ready in every turn of the loop leave more than one step to long work."""
    steps, is_over = 0, False

    async def others(name: str) -> None:
        nonlocal steps
        WORKING_FOR.set(name)
        while not is_over:
            steps += 1
            await Pace().breathe()
            clock.now_s += SLICE_S / 2
            await asyncio.sleep(0)

    async def work() -> None:
        pace = Pace()
        for _ in range(400):
            clock.now_s += SLICE_S / 40
            await pace.breathe()

    tasks = [asyncio.create_task(others(f"{number}")) for number in range(4)]
    await asyncio.sleep(0)
    await work()
    is_over = True
    await asyncio.gather(*tasks)

    assert steps < 400


async def test_all_values_come_and_others_go_on_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    values = list[int]()

    async def take() -> None:
        values.extend([value async for value in paced(range(100))])

    assert await turns_during(take, monkeypatch) > 50
    assert values == list(range(100))
