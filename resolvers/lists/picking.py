"""Objects of a list, picked by their names or namespaces after they were read."""

from collections.abc import Sequence
from dataclasses import dataclass

from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.pacing import collected


@dataclass(frozen=True, slots=True)
class Picked:
    """Names of objects and of namespaces; None for any. A `Reduce`, the same one for equal names.

    It also picks from the answers to selectors: aggregated APIs may ignore them.
    """

    names: frozenset[str] | None
    namespaces: frozenset[str] | None = None

    async def __call__(self, _cluster: FleetCluster, rows: Sequence[Row]) -> list[Row]:
        """Returns the objects with these names in these namespaces, in order."""
        names, namespaces = self.names, self.namespaces
        return await collected(
            row
            for row in rows
            if (names is None or row.metadata.name in names)
            and (namespaces is None or row.metadata.namespace in namespaces)
        )
