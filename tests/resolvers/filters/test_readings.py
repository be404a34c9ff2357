"""Values without a type compare by the first type that both have."""

from fractions import Fraction
from typing import Any

import pytest

from resolvers.filters.comparing import ValueType, key
from resolvers.filters.conditions import Comparison, Operator
from resolvers.filters.ordering import OrderColumn, ordered, read_columns
from resolvers.grouping.figures import Aggregate, Figure, Values
from resolvers.memory.budget import MemoryBudget
from tests.resolvers.holding import compiled

NOTHING_ELSE = "none of it"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("1m30s", 90),
        ("1h", 3600),
        ("1.5h", 5400),
        ("-2m", -120),
        ("+.5s", Fraction(1, 2)),
        ("100ms", Fraction(1, 10)),
        ("1us", Fraction(1, 10**6)),
        ("1\u00b5s", Fraction(1, 10**6)),
        ("1\u03bcs", Fraction(1, 10**6)),
        ("1ns", Fraction(1, 10**9)),
        ("0", 0),
    ],
)
def test_durations_are_read_as_go_reads_them(text: str, seconds: int | Fraction) -> None:
    assert key(ValueType.DURATION, text) == seconds


@pytest.mark.parametrize("text", ["", "90", "1d", "1m 30s", "s", "1hs", "m1", ".s"])
def test_other_texts_are_no_durations(text: str) -> None:
    assert key(ValueType.DURATION, text) is None


@pytest.mark.parametrize("value_type", [ValueType.ANY, ValueType.FREE_TEXT])
@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ("90s", "1m31s"),
        ("5m", "1h"),  # five minutes: an hour is nothing else
        ("5m", "1"),  # five thousandths: one is no duration
        ("5m", "10m"),
        ("900Mi", "1Gi"),
        ("1500m", "2"),
        ("9", "10"),
        ("2026-01-01T03:00:00+01:00", "2026-01-01T02:30:00Z"),
        ("v1.9.0", "v1.10.0"),
        ("10.0.0.9", "10.0.0.10"),
    ],
)
def test_by_value_where_both_are_of_one_sort(value_type: ValueType, smaller: str, larger: str) -> None:
    assert holds(value_type, Operator.LT, larger, smaller)
    assert holds(value_type, Operator.LE, larger, smaller)
    assert not holds(value_type, Operator.GT, larger, smaller)
    assert not holds(value_type, Operator.GE, larger, smaller)
    assert holds(value_type, Operator.GT, smaller, larger)


@pytest.mark.parametrize("op", [Operator.LT, Operator.LE, Operator.GT, Operator.GE])
@pytest.mark.parametrize("found", [NOTHING_ELSE, "10.0.0.1", True, ["90s"]])
def test_what_is_of_another_sort_does_not_compare(op: Operator, found: object) -> None:
    assert not holds(ValueType.ANY, op, "90s", found)


def test_numbers_of_json_compare_with_amounts_in_texts() -> None:
    assert holds(ValueType.ANY, Operator.GT, "1500m", 2)
    assert holds(ValueType.ANY, Operator.LT, 3, "2")


def test_times_may_be_relative() -> None:
    assert holds(ValueType.FREE_TEXT, Operator.LT, "now-7d", "2020-01-01T00:00:00Z")


def test_texts_compare_as_texts() -> None:
    assert holds(ValueType.FREE_TEXT, Operator.LT, "b", "a")
    assert holds(ValueType.FREE_TEXT, Operator.GT, "beta", "gamma")


@pytest.mark.parametrize("value_type", [ValueType.ANY, ValueType.FREE_TEXT])
def test_what_is_equal_is_written_the_same(value_type: ValueType) -> None:
    assert not holds(value_type, Operator.EQ, "1m30s", "90s")
    assert holds(value_type, Operator.EQ, "90s", "90s")
    assert not holds(value_type, Operator.IN, ["1.0"], "1")


@pytest.mark.parametrize(
    ("values", "rising"),
    [
        (["1h", "5m", None, "90s"], ["90s", "5m", "1h", None]),
        (["1", "500m", "2Gi", 3], ["500m", "1", 3, "2Gi"]),
        (["1.10", "v1.9", "v1.2"], ["v1.2", "v1.9", "1.10"]),
        (["1h", "5m", "soon"], ["1h", "5m", "soon"]),
    ],
)
async def test_an_order_reads_values_by_the_sort_that_all_are_of(values: list[Any], rising: list[Any]) -> None:
    rows = [(value,) for value in values]
    columns = await read_columns([OrderColumn(ValueType.ANY, is_descending=False, ignores_case=False)], rows)

    assert [values[place] for place in await ordered(columns, rows, MemoryBudget().share("a"))] == rising


async def test_extremes_read_them_likewise() -> None:
    values = Values(ValueType.ANY, lambda value: value)

    assert await Aggregate(Figure.MAX, values).of([["5m", "1h", "90s"]]) == "1h"
    assert await Aggregate(Figure.MIN, values).of([["5m", "1h", "90s"]]) == "90s"


def holds(value_type: ValueType, op: Operator, given: Any, found: object) -> bool:
    """Returns the result of a comparison with operator and operand."""
    return compiled(Comparison("path", op, given), value_type, is_many=False)(found)
