"""The estimated cost of an operation, against its limits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from weakref import ref

from graphql import FieldNode, OperationDefinitionNode

from graph.document.lrucache import LruCache
from resolvers.limits import OperationLimits

if TYPE_CHECKING:
    from graph.document.cost import CostMeasure

_ROUGHLY: Final = 10
"""Tolerated error of an estimate of values: small fleets have fewer than usual, and no page is taken into account."""
_MOST_COSTS: Final = 256
"""As many as documents are cached."""


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


class KnownCosts:
    """The costs of operations that do not depend on variables, as long as their documents are cached."""

    def __init__(self) -> None:
        self._known = LruCache[tuple[int, int], tuple[ref[OperationDefinitionNode], Cost]](
            _MOST_COSTS, weight=_MOST_COSTS
        )

    def of(self, operation: OperationDefinitionNode, clusters: int, measure: "Callable[[], CostMeasure]") -> Cost:
        """Returns the cost of an operation over a number of clusters; measured at first, or if it has variables."""
        key = (id(operation), clusters)
        known = self._known.find(key)
        if known is not None and known[0]() is operation:  # else the id is that of an operation which is gone
            return known[1]
        measuring = measure()
        cost = measuring.of(operation)
        if not measuring.depends_on_variables:
            self._known.add(key, (ref(operation), cost), 1)
        return cost


def only_introspects(operation: OperationDefinitionNode) -> bool:
    """Returns True if all root fields begin with `__`; fields inside fragments count as others."""
    selections = operation.selection_set.selections if operation.selection_set else ()
    return all(isinstance(node, FieldNode) and node.name.value.startswith("__") for node in selections)
