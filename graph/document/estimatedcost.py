"""The estimated cost of an operation, against its limits."""

from dataclasses import dataclass
from typing import Final

from resolvers.limits import OperationLimits

_ROUGHLY: Final = 10
"""Tolerated error of an estimate of values: small fleets have fewer than usual, and no page is taken into account."""


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
