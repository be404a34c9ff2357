"""`$(NAME)` in values, as the kubelet expands it."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s.yamltext import finished
from resolvers.kinds.environment.expansion import MOST_CHARACTERS, expanded
from resolvers.kinds.environment.variables import EnvironmentSource, EnvironmentSourceKind, Value
from tests.resolvers.kinds.environment.kubelet import expand

KNOWN = {"A": "1", "B": "$(A)", "": "empty", "$(A": "odd", "é": "ü"}
TEXTS = st.lists(st.sampled_from(["$", "(", ")", "A", "B", "é", "$(A)", "$$", "$(", " ", "𝄞"]), max_size=12).map(
    "".join
)


@given(TEXTS)
def test_expands_as_the_kubelet_does(text: str) -> None:
    def mapped(name: str) -> str:
        return KNOWN.get(name, f"$({name})")

    def value_of(name: str) -> Value | None:
        return Value(KNOWN[name]) if name in KNOWN else None

    assert finished(expanded(text, value_of)) == Value(expand(text, mapped))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$(A)", "1"),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$1"),
        ("$$$$(A)", "$$(A)"),
        ("$(B)", "$(A)"),
        ("$A ${A} $", "$A ${A} $"),
        ("$(A", "$(A"),
        ("$($(A)", "odd"),
        ("$(C)", "$(C)"),
        ("$()", "empty"),
    ],
)
def test_known_cases(text: str, expected: str) -> None:
    assert finished(expanded(text, lambda name: Value(KNOWN[name]) if name in KNOWN else None)).text == expected


def test_a_value_with_a_masked_one_is_masked_and_has_its_source() -> None:
    secret = Value(None, EnvironmentSource(EnvironmentSourceKind.Secret, "db", "password"))

    assert finished(expanded("a$(S)b$(A)", lambda name: secret if name == "S" else Value("1"))) == secret


def test_a_value_with_an_unknown_one_is_unknown_even_beside_a_masked_one() -> None:
    values = {"S": Value(None), "U": Value(None, None, "gone")}

    assert finished(expanded("$(S)$(U)", values.get)).error == "gone"


def test_the_length_is_bounded() -> None:
    most = Value("x" * MOST_CHARACTERS)

    assert finished(expanded("$(A)", lambda _name: most)) == most
    assert "more than 131072 characters" in (finished(expanded("$(A)!", lambda _name: most)).error or "")


@pytest.mark.parametrize("text", ["$(" * 100_000, "$" * 100_000, "$(" * 100_000 + ")", ")" + "$(" * 100_000])
def test_long_values_take_linear_time(text: str) -> None:
    began = perf_counter()
    value = finished(expanded(text, lambda _name: None))
    assert value.text is not None or value.error is not None
    assert perf_counter() - began < 5  # quadratic: minutes
