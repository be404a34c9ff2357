"""Amounts: parsed, added and printed as `Quantity` of apimachinery does it."""

import pytest

from resolvers.kinds.amounts import ZERO, Amount, amount_of, larger, minus, plus, printed, ratio, total


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("0", "0"),
        ("0Mi", "0"),
        ("-0", "0"),
        ("1", "1"),
        ("1.5", "1500m"),
        (".5", "500m"),
        ("1.", "1"),
        ("100m", "100m"),
        ("1000m", "1"),
        ("3511876n", "3511876n"),
        ("3511000n", "3511u"),
        ("0.1n", "1n"),
        ("-0.1n", "-1n"),
        ("0.0000000001", "1n"),
        ("1e3", "1e3"),
        ("1E3", "1e3"),
        ("1E", "1E"),
        ("1000E", "1000E"),
        ("12e4", "120e3"),
        ("1e-3", "1e-3"),
        ("5e0", "5"),
        ("1e30", "1e30"),
        ("1Ki", "1Ki"),
        ("1024Ki", "1Mi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Ki", "512"),
        ("1000", "1k"),
        ("1023Ki", "1023Ki"),
        ("0.1Ki", "102400m"),
        ("1100.1Ki", "1126502400m"),
        ("1Ei", "1Ei"),
        ("64Ei", "9223372036854775807"),
        ("-64Ei", "-9223372036854775807"),
        (" 2Gi ", "2Gi"),
        ("007", "7"),
    ],
)
def test_quantities_are_printed_in_canonical_form(text: str, canonical: str) -> None:
    assert printed(amount_of(text)) == canonical


@pytest.mark.parametrize("value", ["", "x", "1Kb", "1 Gi", "--1", "1e", "1e1000000000", "9" * 5000, None, [], {}, True])
def test_other_values_are_unknown(value: object) -> None:
    assert amount_of(value) is None
    assert printed(amount_of(value)) is None


@pytest.mark.parametrize(("value", "canonical"), [(2, "2"), (1.5, "1500m"), (-3, "-3"), (float("nan"), None)])
def test_numbers_are_quantities(value: object, canonical: str | None) -> None:
    assert printed(amount_of(value)) == canonical


@pytest.mark.parametrize(
    ("one", "other", "canonical"),
    [
        ("1Gi", "1000", "1073742824"),
        ("1000", "1Gi", "1073742824"),
        ("1k", "24", "1024"),
        ("1000", "0", "1k"),
        ("0", "1Gi", "1Gi"),
        ("0Mi", "1000", "1k"),
        ("1Ki", "1", "1025"),
        ("512Mi", "512Mi", "1Gi"),
        ("1Gi", "500m", "1073741824500m"),
        ("1e3", "1Ki", "2024"),
        ("250m", "750m", "1"),
    ],
)
def test_a_sum_has_the_format_of_its_first_operand(one: str, other: str, canonical: str) -> None:
    assert printed(plus(amount_of(one), amount_of(other))) == canonical


def test_differences() -> None:
    assert printed(minus(amount_of("1Gi"), amount_of("1536Mi"))) == "-512Mi"
    assert printed(minus(amount_of("0"), amount_of("2Ki"))) == "-2Ki"


def test_the_larger_amount_keeps_its_format() -> None:
    assert printed(larger(amount_of("1Gi"), amount_of("2e9"))) == "2e9"
    assert printed(larger(amount_of("1Ki"), amount_of("1024"))) == "1Ki"


def test_unknown_amounts_make_results_unknown() -> None:
    known = amount_of("1")
    assert plus(known, None) is minus(None, known) is larger(known, None) is total([known, None, known]) is None
    assert ratio(None, known) is None


def test_totals() -> None:
    assert total([]) == ZERO == Amount(0)
    assert printed(total(map(amount_of, ["100m", "1.4", "500m"]))) == "2"


def test_ratios() -> None:
    assert ratio(amount_of("900m"), amount_of("1")) == 0.9
    assert ratio(amount_of("1Gi"), amount_of("0")) is None
    assert ratio(amount_of("3Gi"), amount_of("2Gi")) == 1.5
