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
        selected_fields: fields that a document may select, fragments counted wherever they are spread.
        depth: selection sets inside each other.
        requests: requests to clusters, one for each list and link and each cluster, as they are estimated before.
        sent_objects: objects in the answer, those that links share counted wherever they stand.
    """

    cluster_timeout_s: float = 15.0
    objects: int = 100_000
    page_objects: int = 10_000
    selected_fields: int = 10_000
    depth: int = 50
    sent_objects: int = 1_000_000
    requests: int = 5000


@dataclass(frozen=True, slots=True)
class FleetLimits:
    """Bounds of the connections to all clusters."""

    connection: ConnectionLimits = field(default_factory=ConnectionLimits)
