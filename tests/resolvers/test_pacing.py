"""Long work gives way to other requests, with the same results as without interruption."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.filters.ordering import sorted_places
from resolvers.pacing import collected, in_slices, mapped, sort, stepped
from tests.otherturns import turns_during

Work = Callable[[], Awaitable[object]]


def _steps() -> Generator[None, None, int]:
    for _ in range(100):
        yield
    return 100


@pytest.mark.parametrize(
    "work",
    [
        lambda: mapped(str, range(5000)),
        lambda: collected(str(index) for index in range(5000)),
        lambda: in_slices(lambda part: [str(item) for item in part], range(5000)),
        lambda: stepped(_steps()),
        lambda: sort([(index * 7919) % 100_003 for index in range(100_000)]),
    ],
)
async def test_others_go_on_meanwhile(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await turns_during(work, monkeypatch) > 3


async def test_steps_end_with_their_result() -> None:
    assert await stepped(_steps()) == 100


@pytest.mark.parametrize("count", [0, 1, 127, 128, 129, 1024, 4097])
async def test_every_value_comes_once_and_in_its_place(count: int) -> None:
    values = list(range(count))

    assert await mapped(lambda one, other: one + other, values, values) == [2 * value for value in values]
    assert await collected(iter(values)) == values
    assert await in_slices(list, values) == values


@pytest.mark.parametrize("count", [0, 1, 4096, 4097, 20_000])
async def test_runs_are_merged(count: int) -> None:
    values = [(index * 7919) % 10_007 for index in range(count)]
    wanted = sorted(values)

    await sort(values)

    assert values == wanted


@given(
    st.lists(st.tuples(st.none() | st.integers(0, 3), st.none() | st.text(max_size=1))), st.booleans(), st.booleans()
)
def test_places_are_those_of_stable_sorts(rows: list[tuple[Any, Any]], one: bool, two: bool) -> None:
    wanted = list(range(len(rows)))
    for place, is_descending in ((1, two), (0, one)):
        with_value = [item for item in wanted if rows[item][place] is not None]
        with_value.sort(key=lambda index: rows[index][place], reverse=is_descending)
        wanted = with_value + [item for item in wanted if rows[item][place] is None]
    columns: list[tuple[list[Any], bool]] = [([row[0] for row in rows], one), ([row[1] for row in rows], two)]

    assert asyncio.run(sorted_places(columns, len(rows))) == wanted


def test_long_keys_are_compared_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.turns.turns.SLICE_S", -1.0)
    compared = most = 0

    class Long(str):
        """A text that counts its comparisons."""

        __slots__ = ()

        def __lt__(self, other: str) -> bool:
            nonlocal compared
            compared += 1
            return str.__lt__(self, other)

    async def others() -> None:
        nonlocal compared, most
        while True:
            compared = 0
            await asyncio.sleep(0)
            most = max(most, compared)

    async def work() -> list[int]:
        other = asyncio.create_task(others())
        keys = [Long("x" * 2000 + f"{number * 7919 % 1000:04}") for number in range(1000)]
        places = await sorted_places([(keys, False)], len(keys))
        other.cancel()
        return places

    places = asyncio.run(work())

    assert [place * 7919 % 1000 for place in places] == list(range(1000))
    assert most <= 2000
