"""Results of comparisons, and refusals of invalid ones."""

import re
from functools import partial
from typing import Any

import pytest

from resolvers.arguments.where import conditions, orders
from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.filters.comparing import ValueType
from resolvers.filters.conditions import Comparison, Operator, Quantifier
from tests.processortime import in_loops
from tests.resolvers.holding import compiled

TEXTS = ("apple", "Banana", None)


@pytest.mark.parametrize(
    ("op", "value", "held"),
    [
        (Operator.EQ, "apple", [True, False, False]),
        (Operator.NE, "apple", [False, True, True]),
        (Operator.LT, "a", [False, True, False]),
        (Operator.LE, "apple", [True, True, False]),
        (Operator.GT, "Banana", [True, False, False]),
        (Operator.GE, "Banana", [True, True, False]),
        (Operator.IN, ["apple", "pear"], [True, False, False]),
        (Operator.NOT_IN, ["apple", "pear"], [False, True, True]),
        (Operator.EXISTS, None, [True, True, False]),
        (Operator.NOT_EXISTS, None, [False, False, True]),
        (Operator.CONTAINS, "an", [False, True, False]),
        (Operator.STARTS_WITH, "app", [True, False, False]),
        (Operator.MATCHES, "^[A-Z]", [False, True, False]),
    ],
)
def test_of_one_value(op: Operator, value: object, held: list[bool]) -> None:
    holds = compiled(Comparison("fruit", op, value), ValueType.TEXT, is_many=False)

    assert [holds(text) for text in TEXTS] == held


@pytest.mark.parametrize(
    ("quantifier", "held"),
    [
        (Quantifier.ANY, [True, True, False, False]),
        (Quantifier.ALL, [False, True, False, True]),
        (Quantifier.NONE, [False, False, True, True]),
    ],
)
def test_of_many_values(quantifier: Quantifier, held: list[bool]) -> None:
    holds = compiled(Comparison("ports", Operator.GT, 1000, quantifier), ValueType.NUMBER, is_many=True)

    assert [holds(ports) for ports in ([80, 8080], [8080], [80], [])] == held


@pytest.mark.parametrize("op", [Operator.EQ, Operator.CONTAINS, Operator.STARTS_WITH, Operator.MATCHES, Operator.IN])
def test_without_regard_to_case(op: Operator) -> None:
    value: Any = ["STRASSE"] if op is Operator.IN else "STRASSE"

    holds = compiled(Comparison("road", op, value, ignores_case=True), ValueType.TEXT, is_many=False)

    assert holds("strasse")


def test_a_hostile_pattern_needs_linear_time() -> None:
    holds = compiled(Comparison("name", Operator.MATCHES, "^(a|a?)+$"), ValueType.TEXT, is_many=False)
    text = "a" * 100_000 + "!"

    assert not holds(text)
    assert in_loops(partial(holds, text)) < 20


def test_a_text_that_is_no_unicode_matches_nothing() -> None:
    holds = compiled(Comparison("name", Operator.MATCHES, "."), ValueType.TEXT, is_many=False)

    assert not holds("\ud800")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([{"path": "a", "op": "MATCHES", "value": "a{1001}"}], "invalid repetition size"),
        ([{"path": "a", "op": "MATCHES", "value": "(?=a)"}], "invalid perl operator"),
        ([{"path": "a", "op": "MATCHES", "value": "x" * 1001}], "the pattern has 1001 characters; the limit is 1000"),
        ([{"path": "a", "op": "EXISTS", "value": 1}], "it takes no value"),
        ([{"path": "a", "op": "CONTAINS", "value": 1}], "the value must be a text"),
    ],
)
def test_values_that_cannot_be_meant(given: object, message: str) -> None:
    (comparison,) = conditions(given)
    assert isinstance(comparison, Comparison)

    with pytest.raises(BadUserInput, match=re.escape(message)):
        compiled(comparison, ValueType.TEXT, is_many=False)


def test_a_hundred_comparisons_may_be_made_and_no_more() -> None:
    one = {"path": "name", "value": "x"}

    assert len(conditions([{"or": [one] * 99}, one])) == 2
    with pytest.raises(LimitExceeded, match="101 comparisons; at most 100"):
        conditions([{"or": [one] * 100}, one])


def test_groups_may_be_ten_deep_and_no_more() -> None:
    def nested(depth: int) -> dict[str, Any]:
        return {"path": "name", "value": "x"} if depth == 1 else {"not": [nested(depth - 1)]}

    assert conditions([nested(10)])
    with pytest.raises(LimitExceeded, match="more than 10 deep"):
        conditions([nested(11)])


def test_lists_of_values_and_orders_are_bounded() -> None:
    with pytest.raises(LimitExceeded, match="1001 values; at most 1000"):
        conditions([{"path": "name", "op": "IN", "value": ["x"] * 1001}])
    with pytest.raises(LimitExceeded, match="9 paths; at most 8"):
        orders([{"path": "name"}] * 9)
