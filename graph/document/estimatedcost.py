"""The estimated cost of an operation, against its limits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from graphql import FieldNode, OperationDefinitionNode

from graph.document.lrucache import LruCache
from resolvers.limits import OperationLimits

_ROUGHLY: Final = 10
"""Tolerated error of an estimate of values: small fleets have fewer than usual, and no page is taken into account."""
_MOST_COSTS: Final = 512
_MOST_CHARACTERS: Final = 60_000
"""Characters of the documents of all operations with a known cost, which live as long."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The estimated cost of an operation.

    Attributes:
        objects: objects of all lists.
        values: values that paths read through links to many objects.
    """

    objects: int
    values: int

    def excess(self, limits: OperationLimits) -> str | None:
        """Returns the message about an exceeded limit, or None."""
        if self.objects > limits.cost:
            return (
                f"Estimated cost: {self.objects} objects; the limit is {limits.cost} (FLEETGRAPH_MAX_COST). "
                "Ask for smaller pages (`first`) or for fewer links."
            )
        if self.values > _ROUGHLY * limits.expanded_values:
            return (
                f"Estimated values that paths of where, orderBy and groups lead to through links: {self.values}; "
                f"the limit is {limits.expanded_values} (FLEETGRAPH_MAX_EXPANDED_VALUES). Use paths through fewer "
                "links."
            )
        return None


class Measure(Protocol):
    """A measure of the cost of one operation."""

    @property
    def depends_on_variables(self) -> bool:
        """Returns True if the values of variables made a difference."""
        ...

    def of(self, operation: OperationDefinitionNode) -> Cost:
        """Returns the cost of the operation."""
        ...


class KnownCosts:
    """The costs of operations that do not depend on variables; operations are compared by identity."""

    def __init__(self) -> None:
        self._known = LruCache[tuple[int, int], tuple[OperationDefinitionNode, Cost]](
            _MOST_COSTS, weight=_MOST_CHARACTERS
        )

    def of(self, operation: OperationDefinitionNode, clusters: int, measure: Callable[[], Measure]) -> Cost:
        """Returns the cost of an operation over a number of clusters; measured at first, or if it has variables.

        The operation is kept alive with it, so that no other has its id.
        """
        key = (id(operation), clusters)
        known = self._known.find(key)
        if known is not None:
            return known[1]
        measuring = measure()
        cost = measuring.of(operation)
        if not measuring.depends_on_variables:
            characters = len(operation.loc.source.body) if operation.loc is not None else 0
            self._known.add(key, (operation, cost), characters)
        return cost


def only_introspects(operation: OperationDefinitionNode) -> bool:
    """Returns True if all root fields begin with `__`; fields inside fragments count as others."""
    selections = operation.selection_set.selections if operation.selection_set else ()
    return all(isinstance(node, FieldNode) and node.name.value.startswith("__") for node in selections)
