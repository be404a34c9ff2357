"""Objects of a list, picked by their names or namespaces after they were read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from k8s.reading.listing import WHOLE, ListRequest, Window
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.clusteranswer import ClusterAnswer
from resolvers.lists.shares import Share
from resolvers.operation.operation import Operation
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


async def read_picked(
    operation: Operation, cluster: FleetCluster, request: ListRequest, window: Window, share: Share, picked: Picked
) -> ClusterAnswer:
    """Reads a list, and picks from it; reads all of it if the server ignores the selector that a page needs.

    A server that selects does not know how many objects remain (`remainingItemCount` of ListMeta).
    """
    if window.only is not None:
        answer = await operation.list(cluster, request, window, share=share)
        rows = await picked(cluster, answer.rows)
        return replace(answer, rows=rows, count=len(rows))
    if window is not WHOLE:
        page = await operation.list(cluster, request, window, share=share)
        is_selected = not page.has_more or page.count is None
        if is_selected and len(await picked(cluster, page.rows)) == len(page.rows):
            return page
    answer = await operation.list(cluster, request, WHOLE, reduce=picked, share=share)
    rows = await picked(cluster, answer.rows)
    return replace(answer, rows=rows, count=len(rows), is_reduced=False, is_estimate=False)
