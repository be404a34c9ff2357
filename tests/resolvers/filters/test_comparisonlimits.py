"""Limits of all comparisons of one query together."""

import pytest

from resolvers.errors import LimitExceeded
from resolvers.filters.comparisonlimits import ComparisonLimits
from resolvers.filters.patterns import Pattern


def test_values_are_counted_however_often_one_variable_is_given() -> None:
    comparison_limits, values = ComparisonLimits(), ["x"] * 1000
    for _ in range(20):
        comparison_limits.count(values)

    with pytest.raises(LimitExceeded, match="more than 20000 values"):
        comparison_limits.count("y")


def test_characters_are_counted_wherever_they_stand() -> None:
    comparison_limits = ComparisonLimits()
    comparison_limits.count({"a": ["x" * 1_999_999]})
    comparison_limits.count("x" * 1_900_000)

    with pytest.raises(LimitExceeded, match="characters; the limit is 4000000"):
        comparison_limits.count("x" * 200_000)


def test_comparisons_are_counted_over_all_lists() -> None:
    comparison_limits = ComparisonLimits()
    for _ in range(250):
        comparison_limits.count(1)

    with pytest.raises(LimitExceeded, match="more than 250 comparisons"):
        comparison_limits.count(1)


def test_a_pattern_that_is_given_often_is_compiled_once() -> None:
    comparison_limits = ComparisonLimits()

    assert len({id(_pattern(comparison_limits, "a+")) for _ in range(1000)}) == 1


def test_patterns_are_bounded_together() -> None:
    comparison_limits = ComparisonLimits()
    for number in range(100):
        _pattern(comparison_limits, f"a{number}")

    with pytest.raises(LimitExceeded, match="more than 100 patterns"):
        _pattern(comparison_limits, "b")
    with pytest.raises(LimitExceeded, match=r"instructions; the limit is 20000"):
        _many_long(ComparisonLimits())


def _many_long(comparison_limits: ComparisonLimits) -> None:
    for number in range(100):
        _pattern(comparison_limits, f"(a{{900}}){number}")


def _pattern(comparison_limits: ComparisonLimits, text: str) -> Pattern:
    return comparison_limits.pattern(text, ignores_case=False, where="where: name MATCHES")
