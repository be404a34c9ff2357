"""JSON that is too large to be compared at once."""

from typing import Any

import pytest

from k8s.turns.turns import Pace
from resolvers.errors import LimitExceeded
from resolvers.filters.comparing import TOO_LARGE, ValueType, key, operand
from resolvers.filters.jsondigests import json_digest

LARGE: dict[str, Any] = {str(number): [number] for number in range(25_000)}


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


async def test_equal_values_have_equal_digests() -> None:
    turned = dict(reversed(LARGE.items()))

    assert await json_digest(turned, Pace()) == await json_digest(LARGE, Pace())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LARGE, {**LARGE, "7": [8]}),
        (LARGE, {**LARGE, "x": None}),
        ([[1] * 600, [1]], [[1] * 600, 1]),
        ([1] * 601, [[1] * 600, 1]),
        ([1] * 600, [True] * 600),
        ("x" * 100_000, "x" * 100_001),
        (["x" * 100_000, "x"], ["x" * 100_000 + "x"]),
        (_nested(2000), _nested(2001)),
    ],
)
async def test_different_values_have_different_digests(one: Any, other: Any) -> None:
    assert await json_digest(one, Pace()) != await json_digest(other, Pace())


@pytest.mark.parametrize("value", [LARGE, _nested(2000), ["x" * 2_000_001]])
def test_a_large_value_is_behind_all_others(value: Any) -> None:
    assert key(ValueType.ANY, value) == TOO_LARGE > key(ValueType.ANY, {"a": 1})


def test_a_query_gives_no_large_value() -> None:
    with pytest.raises(LimitExceeded, match="where: a EQ: the value has more than 20000 values or 2000000 characters"):
        operand(ValueType.ANY, LARGE, where="where: a EQ")
