"""Bounds of one operation and of the fleet; each is a setting (docs/settings.md)."""

from dataclasses import dataclass, field

from k8s.limits import ConnectionLimits


@dataclass(frozen=True, slots=True)
class OperationLimits:
    """What one GraphQL operation may cost.

    Attributes:
        cluster_timeout_s: seconds in which a cluster must have answered all that an operation asks of it.
        objects: objects that one list may read.
        page_objects: the largest `first`.
    """

    cluster_timeout_s: float = 15.0
    objects: int = 100_000
    page_objects: int = 10_000


@dataclass(frozen=True, slots=True)
class FleetLimits:
    """Bounds of the connections to all clusters."""

    connection: ConnectionLimits = field(default_factory=ConnectionLimits)
