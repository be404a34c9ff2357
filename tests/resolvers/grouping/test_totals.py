"""Totals: exact, rounded once, and computed in slices."""

import asyncio
from fractions import Fraction
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s.turns.turns import Pace
from resolvers.grouping.totals import exact_total, number_total
from tests.graph.loopturns import LoopTurns

floats = st.floats(-1e300, 1e300, allow_nan=False)


def total(amounts: list[float] | list[int], parts: int = 1) -> float | None:
    async def work() -> float | None:
        return await number_total(amounts, parts, Pace())

    return asyncio.run(work())


@given(st.lists(floats, min_size=1, max_size=30))
def test_floats_are_added_as_fsum_does(amounts: list[float]) -> None:
    assert total(amounts) == fsum(amounts)
    assert total(amounts, len(amounts)) == fsum(amounts) / len(amounts)


@given(st.lists(st.integers(), min_size=1, max_size=30))
def test_whole_numbers_stay_whole(amounts: list[int]) -> None:
    assert total(amounts) == sum(amounts)


def test_what_no_float_holds_is_null() -> None:
    assert total([1.7e308] * 20) is None


async def test_quantities_with_huge_exponents_are_exact() -> None:
    assert await exact_total(["1e99", "1e-99", "1e99"], Pace()) == 2 * Fraction(10) ** 99 + Fraction(10) ** -99


def test_very_many_are_added_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.turns.turns.SLICE_S", -1.0)
    monkeypatch.setattr("resolvers.pacing._BATCH_ITEMS", 16)

    quantities = [f"{number}m" for number in range(3000)]

    async def work() -> None:
        await number_total([0.5] * 3000, 1, Pace())
        await exact_total(quantities, Pace())

    turns = LoopTurns()
    turns.run(work())

    assert turns.most_lines < 1000, turns.where
