"""Orders are computed in slices, and their keys are charged."""

import asyncio
from fractions import Fraction

import pytest

from resolvers.errors import LimitExceeded
from resolvers.filters.comparing import ValueType
from resolvers.filters.ordering import OrderColumn, ordered, sorted_places
from resolvers.limits import MIB, MemoryLimits
from resolvers.memory.budget import MemoryBudget
from resolvers.memory.share import MemoryShare

VERSION = OrderColumn(ValueType.VERSION, is_descending=False, ignores_case=False)
WITHOUT_CASE = OrderColumn(ValueType.TEXT, is_descending=False, ignores_case=True)


def share(most_bytes: int = 64 * MIB) -> MemoryShare:
    limits = MemoryLimits(process_bytes=1024 * MIB, caller_bytes=most_bytes, operation_bytes=most_bytes)
    return MemoryBudget(limits).share("a")


async def test_keys_are_charged_until_the_order_is_there() -> None:
    most, charges = 0, 0

    class Watched(MemoryShare):
        def charge(self, size_bytes: int) -> None:
            nonlocal most, charges
            super().charge(size_bytes)
            charges += size_bytes > 0
            most = max(most, memory.held_bytes)

    memory = Watched(MemoryBudget(), "a")
    values = [(f"v1.{number * 7919 % 5000}.0-{'a' * 100}",) for number in range(5000)]

    places = await ordered([VERSION], values, memory)

    assert [values[place][0] for place in places[:3]] == [f"v1.{number}.0-{'a' * 100}" for number in range(3)]
    assert most > 5000 * 300
    assert charges > 2  # while keys are made
    assert memory.held_bytes == 0


async def test_keys_that_are_too_much_end_the_operation() -> None:
    memory = share(MIB)

    with pytest.raises(LimitExceeded, match="MiB of memory"):
        await ordered([WITHOUT_CASE], [("x" * 1000 + str(number),) for number in range(5000)], memory)

    assert memory.held_bytes < 2 * MIB


async def test_very_long_texts_are_ordered_by_their_beginnings_without_case_and_then_as_they_are() -> None:
    long = "\u0130" * 100_000
    texts = ["z", f"{long}b", f"{long}B", long.casefold(), long, "A", "b"]

    places = await ordered([WITHOUT_CASE], [(text,) for text in texts], share())

    assert places == [5, 6, 3, 4, 2, 1, 0]


async def test_a_quantity_has_a_case() -> None:
    column = OrderColumn(ValueType.QUANTITY, is_descending=False, ignores_case=True)

    assert await ordered([column], [("2Gi",), ("1Gi",), (None,)], share()) == [1, 0, 2]


async def test_the_text_of_a_value_itself_is_not_charged() -> None:
    await ordered([WITHOUT_CASE], [("x" * 8 * MIB,)], share(MIB))


def test_slow_keys_are_compared_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.turns.turns.SLICE_S", -1.0)
    compared = most = 0

    class Counted(Fraction):
        """A fraction that counts its comparisons."""

        __slots__ = ()

        def __lt__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return self.numerator < other.numerator  # type: ignore[attr-defined, no-any-return]  # of its own kind

    async def others() -> None:
        nonlocal compared, most
        while True:
            compared = 0
            await asyncio.sleep(0)
            most = max(most, compared)

    async def work() -> list[int]:
        other = asyncio.create_task(others())
        places = await sorted_places([([Counted(number * 7919 % 20_011) for number in range(20_011)], False)], 20_011)
        other.cancel()
        return places

    places = asyncio.run(work())

    assert [place * 7919 % 20_011 for place in places] == list(range(20_011))
    assert most < 4096
