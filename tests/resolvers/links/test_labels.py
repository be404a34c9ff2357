"""Label selectors of objects, compared with the rule of apimachinery case by case."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from resolvers.links.labels import EVERYTHING, MOST_REQUIREMENTS, label_selector, map_selector

LABELS = {"app": "web", "tier": ""}


def _selector(pairs: dict[str, str] | None = None, *expressions: tuple[str, Any, list[Any] | None]) -> Any:
    made = [SimpleNamespace(key=key, operator=operator, values=values) for key, operator, values in expressions]
    return SimpleNamespace(matchLabels=pairs, matchExpressions=made or None)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (_selector(), True),
        (_selector({}), True),
        (_selector({"app": "web"}), True),
        (_selector({"app": "web", "tier": ""}), True),
        (_selector({"app": "api"}), False),
        (_selector({"other": ""}), False),
        (_selector(None, ("app", "In", ["web", "api"])), True),
        (_selector(None, ("app", "In", ["api"])), False),
        (_selector(None, ("other", "In", ["web"])), False),
        (_selector(None, ("app", "NotIn", ["api"])), True),
        (_selector(None, ("app", "NotIn", ["web"])), False),
        (_selector(None, ("other", "NotIn", ["web"])), True),
        (_selector(None, ("tier", "Exists", None)), True),
        (_selector(None, ("other", "Exists", [])), False),
        (_selector(None, ("other", "DoesNotExist", None)), True),
        (_selector(None, ("app", "DoesNotExist", None)), False),
        (_selector({"app": "web"}, ("tier", "Exists", None), ("other", "DoesNotExist", None)), True),
        (_selector({"app": "web"}, ("tier", "Exists", None), ("other", "Exists", None)), False),
    ],
)
def test_a_selector_selects_as_api_servers_do(selector: Any, expected: bool) -> None:
    made = label_selector(selector)

    assert made is not None
    assert made.selects(LABELS) is expected


@pytest.mark.parametrize(
    "expression",
    [
        ("app", "Like", ["w"]),
        ("app", "", ["w"]),
        ("app", None, ["w"]),
        ("app", "In", []),
        ("app", "NotIn", None),
        ("app", "Exists", ["w"]),
        ("", "Exists", None),
        ("app", "In", [1, None]),
    ],
)
def test_an_invalid_expression_makes_a_selector_that_selects_nothing(expression: tuple[str, Any, Any]) -> None:
    assert label_selector(_selector({"app": "web"}, expression)) is None


def test_an_empty_selector_is_everything_and_a_missing_one_nothing() -> None:
    assert label_selector(_selector()) == EVERYTHING
    assert label_selector(None) is None


def test_an_empty_map_selects_nothing() -> None:
    selector = map_selector({"app": "web"})

    assert selector is not None
    assert selector.selects(LABELS)
    assert map_selector({}) is None
    assert map_selector(None) is None


def test_selectors_that_are_too_long_select_nothing() -> None:
    many = {f"label-{number}": "x" for number in range(MOST_REQUIREMENTS)}
    expressions = [(key, "Exists", None) for key in many]

    assert map_selector(many) is not None
    assert label_selector(_selector(many, *expressions)) is not None
    assert map_selector(many | {"app": "web"}) is None
    assert label_selector(_selector(many | {"app": "web"})) is None
    assert label_selector(_selector(None, *expressions, ("app", "Exists", None))) is None


def test_selectors_with_too_many_values_select_nothing() -> None:
    values = [f"value-{number}" for number in range(5000)]

    assert label_selector(_selector(None, ("app", "In", [*values]), ("tier", "NotIn", [*values]))) is not None
    assert label_selector(_selector(None, ("app", "In", [*values]), ("tier", "NotIn", [*values, "web"]))) is None
