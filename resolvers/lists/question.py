"""One question to many clusters: a list of a kind, and what of each object."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from k8s.kinds.kind import Kind
from k8s.kinds.models import structure_names
from k8s.reading.decoding import Row
from k8s.reading.listing import ListRequest
from k8s.reading.selection import LEAF, Selection, SelectionBuilder
from resolvers.arguments.arguments import EVERYTHING, ListArguments
from resolvers.errors import BadUserInput
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.answers import Reduce
from resolvers.lists.pagewindow import ALL, PageWindow
from resolvers.lists.shares import Shares
from resolvers.operation.operation import Operation

_STRUCTURES = structure_names()


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """The question; without a selection it asks only for the number of objects.

    Attributes:
        window: the objects that are needed, in the order of every list.
        wants_count: whether the number of all objects matters.
        within: namespaces that matter alone, where the list must be read namespace by namespace.
        reduce: reduces the objects of a cluster's whole list, should there be many; None: all of them are needed.
    """

    kind: Kind
    selection: Selection | None
    arguments: ListArguments = EVERYTHING
    window: PageWindow = ALL
    wants_count: bool = True
    within: tuple[str, ...] | None = None
    reduce: Reduce | None = None

    @property
    def namespaces(self) -> tuple[str, ...] | None:
        """The namespaces whose objects matter; None for all."""
        return self.within if self.arguments.namespaces is None else self.arguments.namespaces

    @property
    def asks_each_namespace(self) -> bool:
        """True if it is one request for each of a few namespaces, and not one for the whole cluster."""
        return self.arguments.namespaces is not None and not self.arguments.reads_all_namespaces

    def shares(self, operation: Operation, clusters: Iterable[FleetCluster], *, sends_early: bool = False) -> Shares:
        """Returns the shares of the clusters that are asked."""
        names = [cluster.name for cluster in clusters]
        return Shares(self.kind, operation.limits.objects, names, sends_early=sends_early)

    def picks(self, row: Row) -> bool:
        """Returns True if an object is in one of the namespaces, for when there were too many to ask for each."""
        return row.metadata.namespace in (self.arguments.namespaces or ())

    def request(self, namespace: str | None) -> ListRequest:
        """Returns the request for a namespace, or for the whole cluster."""
        return ListRequest(
            kind=self.kind,
            structure=_STRUCTURES[self.kind],
            selection=with_identity(self.selection or LEAF, self.kind),
            namespace=namespace,
            label_selector=self.arguments.label_selector,
            field_selector=self.arguments.field_selector,
        )


@lru_cache(maxsize=512)
def with_identity(selection: Selection, kind: Kind) -> Selection:
    """Returns a selection with what every row must have: its name and namespace."""
    builder = SelectionBuilder()
    builder.update(selection)
    builder.add("metadata.name")
    if kind.namespaced:
        builder.add("metadata.namespace")
    return builder.freeze()


async def asked_clusters(
    operation: Operation, kind: Kind, arguments: ListArguments
) -> tuple[ListArguments, list[FleetCluster]]:
    """Returns a root list's arguments with what the API servers can do of `where`, and the clusters to ask.

    Raises:
        QueryError: a cluster is unknown.
        BadUserInput: they are fewer than must answer (`minClusters`).
    """
    pushed = operation.pushed_down(kind, arguments)
    clusters = pushed.of(arguments.clusters.of(await operation.clusters()))
    if len(clusters) < arguments.min_clusters:
        raise BadUserInput(
            f"minClusters: {arguments.min_clusters} clusters must answer, and the list asks {len(clusters)} altogether."
        )
    return pushed.arguments, clusters
