"""What all comparisons of one query are given together."""

import pytest

from resolvers.errors import LimitExceeded
from resolvers.filters.givens import Givens
from resolvers.filters.patterns import Pattern


def test_values_are_counted_however_often_one_variable_is_given() -> None:
    givens, values = Givens(), ["x"] * 1000
    for _ in range(20):
        givens.count(values)

    with pytest.raises(LimitExceeded, match="more than 20000 values"):
        givens.count("y")


def test_characters_are_counted_wherever_they_stand() -> None:
    givens = Givens()
    givens.count({"a": ["x" * 1_999_999]})
    givens.count("x" * 1_900_000)

    with pytest.raises(LimitExceeded, match="characters; at most 4000000"):
        givens.count("x" * 200_000)


def test_comparisons_are_counted_over_all_lists() -> None:
    givens = Givens()
    for _ in range(250):
        givens.count(1)

    with pytest.raises(LimitExceeded, match="more than 250 comparisons"):
        givens.count(1)


def test_a_pattern_that_is_given_often_is_compiled_once() -> None:
    givens = Givens()

    assert len({id(_pattern(givens, "a+")) for _ in range(1000)}) == 1


def test_patterns_are_bounded_together() -> None:
    givens = Givens()
    for number in range(100):
        _pattern(givens, f"a{number}")

    with pytest.raises(LimitExceeded, match="more than 100 patterns"):
        _pattern(givens, "b")
    with pytest.raises(LimitExceeded, match=r"instructions; at most 20000"):
        _many_long(Givens())


def _many_long(givens: Givens) -> None:
    for number in range(100):
        _pattern(givens, f"(a{{900}}){number}")


def _pattern(givens: Givens, text: str) -> Pattern:
    return givens.pattern(text, ignores_case=False, where="where: name MATCHES")
