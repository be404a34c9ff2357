"""Operands are parsed in slices, before the first comparison."""

import pytest

from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType
from resolvers.filters.comparisonlimits import ComparisonLimits
from resolvers.filters.conditions import Comparison, Operator
from resolvers.filters.operands import read_operands
from resolvers.filters.operators import predicate
from tests.otherturns import turns_during

ADDRESSES = [f"fd00::{number:x}" for number in range(1000)]


async def test_others_have_a_turn_after_each_value(monkeypatch: pytest.MonkeyPatch) -> None:
    comparison_limits = ComparisonLimits()
    for _ in range(3):
        predicate(Comparison("status.podIP", Operator.IN, ADDRESSES), ValueType.ADDRESS, comparison_limits)

    assert await turns_during(lambda: read_operands(comparison_limits.take_unread()), monkeypatch) >= 3000
    assert not comparison_limits.take_unread()


async def test_a_wrong_value_is_refused_when_it_is_read() -> None:
    comparison_limits = ComparisonLimits()
    predicate(Comparison("status.podIP", Operator.IN, [*ADDRESSES, "here"]), ValueType.ADDRESS, comparison_limits)

    with pytest.raises(BadUserInput, match=r'where: status\.podIP IN: "here" is not an IP address'):
        await read_operands(comparison_limits.take_unread())


@pytest.mark.parametrize(
    ("value_type", "given", "message"),
    [
        (ValueType.TIME, "now-" + "9s" * 30, "it has 64 characters; the limit is 30"),
        (ValueType.TIME, "now-" + "9s" * 490, "it has 984 characters; the limit is 30"),
        (ValueType.QUANTITY, "1" * 101, "it has 101 characters; the limit is 100"),
        (ValueType.QUANTITY, "1e-999", '"1e-999" is not a quantity.*: its exponent has more than two digits'),
        (ValueType.DURATION, "1s" * 60, "it has 120 characters; the limit is 100"),
        (ValueType.ADDRESS, "1:" * 60, "it has 120 characters; the limit is 64"),
        (ValueType.VERSION, "1." * 70, "it has 140 characters; the limit is 128"),
    ],
)
def test_each_form_has_its_length(value_type: ValueType, given: str, message: str) -> None:
    with pytest.raises(BadUserInput, match=message):
        predicate(Comparison("at", Operator.EQ, given), value_type, ComparisonLimits())


@pytest.mark.parametrize("op", [Operator.CONTAINS, Operator.STARTS_WITH])
def test_what_is_looked_for_is_bounded(op: Operator) -> None:
    with pytest.raises(BadUserInput, match="the value has 100001 characters; the limit is 100000"):
        predicate(Comparison("at", op, "x" * 100_001), ValueType.TEXT, ComparisonLimits())


def test_what_is_compared_without_case_is_bounded_together() -> None:
    comparison_limits = ComparisonLimits()
    predicate(Comparison("at", Operator.EQ, "x" * 60_000, ignores_case=True), ValueType.TEXT, comparison_limits)

    with pytest.raises(BadUserInput, match="the comparisons with ignoreCase have 120000 characters"):
        predicate(Comparison("at", Operator.IN, ["y" * 60_000], ignores_case=True), ValueType.TEXT, comparison_limits)
