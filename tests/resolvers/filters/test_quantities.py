"""Amounts are written in Kubernetes' canonical form, and parsed back to the same amounts."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.filters.comparing import ValueType, key
from resolvers.filters.quantities import is_binary, quantity, readable


@pytest.mark.parametrize(
    ("amount", "in_binary", "text"),
    [
        (Fraction(0), False, "0"),
        (Fraction(1), False, "1"),
        (Fraction(3, 2), False, "1500m"),
        (Fraction(1000), False, "1k"),
        (Fraction(1024), True, "1Ki"),
        (Fraction(1024), False, "1024"),
        (Fraction(3 * 2**29), True, "1536Mi"),
        (Fraction(1500), True, "1500"),
        (Fraction(1000), True, "1k"),
        (Fraction(1, 2), True, "500m"),
        (Fraction(-2000), False, "-2k"),
        (Fraction(1, 3), False, "333.333334m"),
        (Fraction(10**18), False, "1E"),
    ],
)
def test_readable_quantities(amount: Fraction, in_binary: bool, text: str) -> None:
    assert readable(amount, in_binary=in_binary) == text


@given(st.integers(-(10**24), 10**24), st.booleans())
def test_what_is_written_means_the_same(billionths: int, in_binary: bool) -> None:
    amount = Fraction(billionths, 10**9)

    assert quantity(readable(amount, in_binary=in_binary)) == amount


@pytest.mark.parametrize(("text", "expected"), [("1Gi", True), ("1G", False), (5, False)])
def test_powers_of_1024(text: object, expected: bool) -> None:
    assert is_binary(text) is expected


@pytest.mark.parametrize(("number", "text"), [(0.2, "200m"), (0.1, "100m"), (1.5, "1500m"), (2, "2"), (1e30, "1e30")])
def test_a_number_is_its_decimal(number: float, text: str) -> None:
    assert key(ValueType.QUANTITY, number) == key(ValueType.QUANTITY, text)
