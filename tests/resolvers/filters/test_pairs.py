"""Comparisons of the values at two paths."""

from typing import Any

import pytest

from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType
from resolvers.filters.conditions import Operator, PathComparison
from resolvers.filters.pairs import pair_test

NUMBER, QUANTITY, TEXT, FREE, ANY = (
    ValueType.NUMBER,
    ValueType.QUANTITY,
    ValueType.TEXT,
    ValueType.FREE_TEXT,
    ValueType.ANY,
)


def holds(left: tuple[ValueType, Any], op: str, right: tuple[ValueType, Any], *, ignores_case: bool = False) -> bool:
    comparison = PathComparison("a", Operator(op), "b", ignores_case)
    return pair_test(comparison, left[0], right[0])((left[1], right[1]))


@pytest.mark.parametrize(
    ("left", "op", "right"),
    [
        ((NUMBER, 3), "GE", (NUMBER, 3)),
        ((NUMBER, 2), "LT", (NUMBER, 3)),
        ((QUANTITY, "1500m"), "GT", (QUANTITY, "1")),
        ((QUANTITY, "1"), "EQ", (QUANTITY, "1000m")),
        ((QUANTITY, "2"), "EQ", (NUMBER, 2)),
        ((FREE, "3"), "EQ", (NUMBER, 3)),
        ((ANY, 1), "LE", (NUMBER, 2)),
        ((TEXT, "a"), "NE", (TEXT, "b")),
        ((FREE, "web"), "EQ", (TEXT, "web")),
        ((FREE, "90s"), "LT", (FREE, "2m")),
        ((FREE, "v1.10"), "GT", (ValueType.VERSION, "v1.9")),
        ((FREE, "a"), "LT", (FREE, "b")),
        ((ANY, 5), "EQ", (ANY, 5)),
        ((ValueType.BOOLEAN, True), "EQ", (ANY, True)),
        ((ValueType.TIME, "2026-01-02T00:00:00Z"), "GT", (ValueType.TIME, "2026-01-01T22:00:00-01:00")),
    ],
)
def test_values_are_compared_by_meaning(left: Any, op: str, right: Any) -> None:
    opposite = {"GE": "LT", "LT": "GE", "GT": "LE", "LE": "GT", "EQ": "NE", "NE": "EQ"}

    assert holds(left, op, right)
    assert not holds(left, opposite[op], right)


@pytest.mark.parametrize("op", ["EQ", "NE", "LT", "LE", "GT", "GE"])
@pytest.mark.parametrize(("ours", "theirs"), [(None, 1), (1, None), (None, None)])
def test_null_equals_nothing(op: str, ours: Any, theirs: Any) -> None:
    assert holds((NUMBER, ours), op, (NUMBER, theirs)) is (op == "NE")


def test_case_is_ignored_on_request() -> None:
    assert holds((TEXT, "Web"), "EQ", (TEXT, "wEB"), ignores_case=True)
    assert not holds((TEXT, "Web"), "EQ", (TEXT, "wEB"))
    assert not holds((TEXT, "a" * 100_001 + "x"), "EQ", (TEXT, "A" * 100_001 + "y"), ignores_case=True)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (TEXT, NUMBER),
        (NUMBER, ValueType.TIME),
        (ValueType.BOOLEAN, FREE),
        (QUANTITY, ValueType.BOOLEAN),
        (TEXT, ValueType.TIME),
    ],
)
def test_values_of_types_that_never_compare_are_refused(left: ValueType, right: ValueType) -> None:
    with pytest.raises(BadUserInput, match="they cannot be compared"):
        pair_test(PathComparison("a", Operator.EQ, "b"), left, right)
