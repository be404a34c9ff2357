"""Label selectors of objects: `matchLabels`, `matchExpressions` and plain maps.

A selector with more than 500 labels, 500 expressions or 10,000 values is invalid, unlike in API servers: objects are
compared with many selectors at once, and one comparison cannot be interrupted.

Source: `LabelSelectorAsSelector` and `labels.Requirement.Matches` of k8s.io/apimachinery.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import MAX_ITEMS

SELECTOR_PATHS: Final = ("matchLabels", "matchExpressions.key", "matchExpressions.operator", "matchExpressions.values")
"""The paths of a `LabelSelector` below its own."""

MOST_REQUIREMENTS: Final = 500
"""The limit of a selector's labels, and of its expressions."""

_OPERATORS: Final = frozenset({"In", "NotIn", "Exists", "DoesNotExist"})


@dataclass(frozen=True, slots=True)
class MatchExpression:
    """One of `matchExpressions`."""

    key: str
    operator: str
    values: frozenset[str]

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Returns whether labels meet it; `NotIn` is met by labels without the key."""
        match self.operator:
            case "In":
                return self.key in labels and labels[self.key] in self.values
            case "NotIn":
                return self.key not in labels or labels[self.key] not in self.values
            case "Exists":
                return self.key in labels
            case _:
                return self.key not in labels


@dataclass(frozen=True, slots=True)
class ObjectSelector:
    """The selector of an object: all labels and expressions must match; without any of them it selects everything."""

    pairs: tuple[tuple[str, str], ...] = ()
    expressions: tuple[MatchExpression, ...] = ()

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Returns whether it selects an object with these labels."""
        return all(labels.get(key) == value for key, value in self.pairs) and all(
            expression.holds(labels) for expression in self.expressions
        )


EVERYTHING: Final = ObjectSelector()


def selector_reads(path: str) -> tuple[str, ...]:
    """Returns the paths that `label_selector` reads of the selector at a path."""
    return tuple(f"{path}.{below}" for below in SELECTOR_PATHS)


def map_selector(labels: Mapping[str, str] | None) -> ObjectSelector | None:
    """Returns the selector of a plain map, as services have; None for an empty or too long one."""
    pairs = _pairs(labels)
    return ObjectSelector(pairs) if pairs else None


def label_selector(selector: Row | None) -> ObjectSelector | None:
    """Returns the selector of a `LabelSelector`; an empty one selects everything, a missing or invalid one is None.

    Reads `selector_reads`. A selector with an unknown operator, or one that is too long, is invalid.
    """
    if selector is None:
        return None
    pairs, raw = _pairs(selector.matchLabels), selector.matchExpressions or ()
    if pairs is None or len(raw) > MOST_REQUIREMENTS or sum(len(one.values or ()) for one in raw) > MAX_ITEMS:
        return None
    expressions = tuple(match_expression(one.key, one.operator, one.values) for one in raw)
    known = tuple(one for one in expressions if one is not None)
    return ObjectSelector(pairs, known) if len(known) == len(expressions) else None


def match_expression(key: str | None, operator: str | None, values: Iterable[Any] | None) -> MatchExpression | None:
    """Returns an expression; None for an unknown operator, no key, or values where the operator takes none."""
    texts = frozenset(_texts(values))
    if operator not in _OPERATORS or not key or (operator in {"In", "NotIn"}) != bool(texts):
        return None
    return MatchExpression(key, operator, texts)


def _pairs(labels: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...] | None:
    """Returns the labels; None if they are too many."""
    return tuple((labels or {}).items()) if len(labels or ()) <= MOST_REQUIREMENTS else None


def _texts(values: Iterable[Any] | None) -> Iterable[str]:
    return (value for value in values or () if isinstance(value, str))
