"""The weight of rows: close to the exact one for any rows, and computed in slices."""

import sys
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import msgspec
import pytest

from resolvers.memory import weighing
from resolvers.memory.weighing import weight

_MIB = 2**20
WIDE = "x" * (_MIB // 4) + "\U0001f600"
"""A text with four bytes a character."""


class Row(msgspec.Struct, gc=False):
    """A decoded object."""

    name: str
    data: Any = None


def _held(value: Any) -> int:
    """Measures all values of a row."""
    size = sys.getsizeof(value)
    match value:
        case Row():
            return size + _held(value.name) + _held(value.data)
        case dict():
            return size + sum(_held(key) + _held(item) for key, item in value.items())
        case list() | tuple():
            return size + sum(map(_held, value))
    return size


def _page(*rows: Any) -> list[Row]:
    """Returns five hundred rows, small ones except for some."""
    return [Row(f"pod-{number}", item) for number, item in enumerate([*rows, *([None] * (500 - len(rows)))])]


async def _ratios(rows: list[Any], *, times: int) -> list[float]:
    held = sum(map(_held, rows))
    return [await weight(rows) / held for _ in range(times)]


async def test_rows_are_weighed_by_what_they_hold() -> None:
    small = [{"name": "a"}] * 100
    large = [{"name": "x" * 10_000}] * 100

    assert 100 * 200 < await weight(small) < 100 * 500
    assert 100 * 10_000 < await weight(large) < 100 * 11_000
    assert await weight([]) == 0


async def test_few_large_rows_are_all_weighed() -> None:
    rows = [{"name": "a"}] * 24 + [{"name": "x" * 1_000_000}]

    assert 1_000_000 < await weight(rows) < 1_100_000


HIDDEN: dict[str, Any] = {
    "before many values": {"big": WIDE} | {f"k{number}": "" for number in range(5000)},
    "behind many values": {f"k{number}": "" for number in range(5000)} | {"big": WIDE},
    "among many values": [*([""] * 20_000), WIDE, *([""] * 20_000)],
    "below": [[[[{"a": [WIDE]}]]]],
    "a key": {WIDE: 1},
    "lists": [[] for _ in range(20_000)],
    "nested lists": [[[[]]] for _ in range(20_000)],
    "objects": [{"a": 1} for _ in range(20_000)],
    "rows": [Row("") for _ in range(20_000)],
}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
async def test_one_large_row_is_met_wherever_it_is(hidden: object) -> None:
    page = _page()
    page[77].data = hidden

    ratios = await _ratios(page, times=5)

    assert min(ratios) > 0.8
    assert max(ratios) < 1.3


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
async def test_a_row_of_its_own_is_weighed_exactly(hidden: object) -> None:
    (ratio,) = await _ratios([Row("pod", hidden)], times=1)

    assert 0.99 < ratio < 1.01


def _some(random: Random) -> Iterator[Callable[[], Any]]:
    """Yields functions that return values as clusters may send them."""
    yield lambda: "x" * random.choice([1, 100, 5000])
    yield lambda: "x" * random.choice([1, 100, 5000]) + "\U0001f600"
    yield lambda: [[] for _ in range(random.choice([1, 10, 500]))]
    yield lambda: {f"k{number}": "v" for number in range(random.choice([1, 10, 300]))}
    yield lambda: [random.random() for _ in range(random.choice([1, 100]))]
    yield lambda: None


@pytest.mark.parametrize("seed", range(8))
async def test_mixed_pages_are_weighed_well_enough(seed: int) -> None:
    """The weight is never far below the exact one, rarely far above it, and close to it on average."""
    random = Random(seed)  # noqa: S311  no secret
    makers = list(_some(random))
    rare, usual = random.choice(makers), random.choice(makers)
    rows = [Row("pod", (rare if random.random() < 0.05 else usual)()) for _ in range(500)]

    ratios = await _ratios(rows, times=150)

    assert min(ratios) > 1 / 4
    assert max(ratios) < 8
    assert 0.75 < sum(ratios) / len(ratios) < 1.33


@pytest.mark.parametrize(
    "rows", [[10**30], [object()], [{("a", "b"): 1}], [1j]], ids=lambda rows: type(rows[0]).__name__
)
async def test_what_is_no_json_is_weighed_value_by_value(rows: list[Any]) -> None:
    assert await weight([*rows, *(["x"] * 99)]) >= 100 * 50


async def test_deep_rows_are_weighed() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    assert await weight(_page(deep)) > 100_000 * 64


async def test_few_values_of_a_usual_page_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = 0

    def counting(value: object) -> int:
        nonlocal looked_at
        looked_at += 1
        return sys.getsizeof(value)

    monkeypatch.setattr(weighing, "getsizeof", counting)

    await weight([Row(f"pod-{number}", {"app": "web"}) for number in range(500)])

    assert looked_at <= 8 * 5


async def test_many_values_are_weighed_in_short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    most_at_once, at_once = 0, 0

    def counting(value: object) -> int:
        nonlocal at_once, most_at_once
        at_once += 1
        most_at_once = max(most_at_once, at_once)
        return sys.getsizeof(value)

    async def breathe(_self: object) -> None:
        nonlocal at_once
        at_once = 0

    monkeypatch.setattr(weighing, "getsizeof", counting)
    monkeypatch.setattr("k8s.turns.turns.Pace.breathe", breathe)

    await weight(_page([1.5] * 10**5))

    assert 0 < most_at_once <= 2000
