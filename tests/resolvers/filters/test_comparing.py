"""Values compare by their type in Kubernetes."""

import re
from decimal import Decimal
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType, key, operand

RISING: dict[ValueType, list[object]] = {
    ValueType.QUANTITY: [
        "-1",
        "0",
        "1n",
        "1u",
        "100m",
        "0.5",
        "1",
        "1500m",
        "2",
        "1k",
        "1Ki",
        "900Mi",
        "1Gi",
        "1e10",
        "1Ti",
        "1E",
    ],
    ValueType.VERSION: [
        "v0.9",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-rc.2",
        "1.0.0-rc.10",
        "v1.0.0",
        "1.9",
        "v1.10.0",
        "v1.10.0+k3s1",
        "v2",
        "latest",
    ],
    ValueType.ADDRESS: ["9.255.0.1", "10.0.0.2", "10.0.0.10", "192.168.0.1", "::1", "fd00::2"],
    ValueType.TIME: [
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.000001Z",
        "2026-01-01T03:00:00+01:00",
        "2026-01-02T00:00:00Z",
    ],
    ValueType.NUMBER: [-1, 0, 0.5, 1, 2**62],
    ValueType.BOOLEAN: [False, True],
    ValueType.TEXT: ["", "A", "B", "a", "b", "ä", "\U0001f600"],
    ValueType.ANY: [False, True, 1, 2, "1", "25%", "http", [1], {"a": 1}],
}


@pytest.mark.parametrize("value_type", RISING, ids=lambda value_type: value_type.name)
def test_each_is_less_than_all_behind_it(value_type: ValueType) -> None:
    keys = [key(value_type, value) for value in RISING[value_type]]

    assert all(one < other for one, other in combinations(keys, 2))


@pytest.mark.parametrize(
    ("value_type", "one", "other"),
    [
        (ValueType.QUANTITY, "1", "1000m"),
        (ValueType.QUANTITY, "1Gi", "1024Mi"),
        (ValueType.QUANTITY, "1e3", "1k"),
        (ValueType.QUANTITY, "0.5", ".5"),
        (ValueType.QUANTITY, 2, "2"),
        (ValueType.TIME, "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"),
        (ValueType.VERSION, "v1.2", "1.2.0"),
        (ValueType.ADDRESS, "::ffff", "0:0:0:0:0:0:0:ffff"),
    ],
)
def test_what_means_the_same_is_equal(value_type: ValueType, one: object, other: object) -> None:
    assert key(value_type, one) == key(value_type, other)


@given(st.integers(-(10**15), 10**15), st.sampled_from(["", "m", "k", "M", "G", "Ki", "Mi", "Gi"]))
def test_quantities_are_exact(amount: int, suffix: str) -> None:
    scales = {"m": Decimal("0.001"), "k": Decimal(10**3), "M": Decimal(10**6), "G": Decimal(10**9)}
    scales |= {"": Decimal(1), "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30)}

    assert Decimal(amount) * scales[suffix] * 1000 == Decimal(int(key(ValueType.QUANTITY, f"{amount}{suffix}") * 1000))


@given(
    st.lists(st.from_regex(re.compile(r"v?[0-9]{1,3}(\.[0-9]{1,3}){0,3}(-[a-z0-9.]{1,6})?", re.ASCII), fullmatch=True))
)
def test_versions_order_totally(texts: list[str]) -> None:
    ordered = sorted(key(ValueType.VERSION, text) for text in texts)

    assert all(one <= other for one, other in pairwise(ordered))


@pytest.mark.parametrize(
    ("value_type", "value"),
    [
        (ValueType.QUANTITY, "much"),
        (ValueType.QUANTITY, float("inf")),
        (ValueType.TIME, "yesterday"),
        (ValueType.TIME, "2026-01-01T00:00:00"),
        (ValueType.NUMBER, "1"),
        (ValueType.NUMBER, True),
        (ValueType.NUMBER, float("nan")),
        (ValueType.BOOLEAN, 1),
        (ValueType.ADDRESS, "10.0.0"),
        (ValueType.TEXT, 5),
    ],
)
def test_what_is_none_of_its_type_is_no_value_and_refused_of_a_caller(value_type: ValueType, value: object) -> None:
    assert key(value_type, value) is None
    with pytest.raises(BadUserInput, match=r"here: .* is not "):
        operand(value_type, value, where="here")


@pytest.mark.parametrize(("text", "hours"), [("now", 0), ("now-7d", 168), ("now-1h30m", 1.5), ("now-2w", 336)])
def test_times_may_be_relative(text: str, hours: float) -> None:
    now = operand(ValueType.TIME, "now", where="here")

    found = operand(ValueType.TIME, text, where="here")

    assert abs((now - found).total_seconds() - hours * 3600) < 5


def test_a_version_to_compare_with_must_be_one() -> None:
    with pytest.raises(BadUserInput, match='here: "latest" is not a version'):
        operand(ValueType.VERSION, "latest", where="here")


def test_a_long_value_is_not_repeated_in_full() -> None:
    with pytest.raises(BadUserInput) as refused:
        operand(ValueType.NUMBER, "x" * 10_000, where="here")

    assert len(str(refused.value)) < 150


@pytest.mark.parametrize("value_type", [ValueType.QUANTITY, ValueType.DURATION, ValueType.TIME, ValueType.ADDRESS])
def test_a_long_text_means_nothing_but_itself(value_type: ValueType) -> None:
    assert key(value_type, "1" * 1_000_000) is None
    assert key(ValueType.VERSION, "1." * 500_000) == (1, "1." * 500_000)
