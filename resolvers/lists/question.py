"""One question to many clusters: a list of a kind, and the part of it that a page needs.

Lists are ordered by cluster and then as the API servers order them, so a page needs at most `first` objects of each
cluster, and none of the clusters before the cursor's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from k8s.kinds.kind import Kind
from k8s.kinds.models import structure_names
from k8s.reading.decoding import Row
from k8s.reading.listing import WHOLE, ListRequest, Window
from k8s.reading.selection import LEAF, Selection, SelectionBuilder
from resolvers.arguments.arguments import EVERYTHING, ListArguments
from resolvers.arguments.cursors import END, IN_NAMESPACE, CursorPlace
from resolvers.errors import BadUserInput
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.answers import Reduce
from resolvers.lists.shares import Shares
from resolvers.operation.operation import Operation

_STRUCTURES = structure_names()


@dataclass(frozen=True, slots=True)
class PageWindow:
    """A part of a list in the order of every list.

    Attributes:
        first: the number of objects that are needed; None for all.
        after: the place behind which it begins; None at the beginning.
    """

    first: int | None = None
    after: CursorPlace | None = None

    def window(self, cluster: str, namespace: str | None) -> Window | None:
        """Returns the part that is needed of one request to one cluster; None if no object is.

        Args:
            cluster: its name.
            namespace: of the request; None for one over all namespaces.
        """
        if self.after is None:
            return Window(self.first) if self.first is not None else WHOLE
        place = (self.after.key[0], f"{self.after.key[1]}/")
        request_place = (cluster, place[1] if namespace is None else f"{namespace}/")
        if request_place < place:
            return None
        if request_place > place:
            return Window(self.first)
        token = self._token(self.after.token, is_in_namespace=namespace is not None)
        return None if token == END else Window(self.first, self.after.key[1:], token)

    def _token(self, token: str, *, is_in_namespace: bool) -> str:
        """Returns the token itself, if it continues such a list: what the caller may list can change between pages."""
        if token.startswith(IN_NAMESPACE) != is_in_namespace:
            return ""
        return token.removeprefix(IN_NAMESPACE)


ALL = PageWindow()
"""The whole list."""


def page_window(arguments: ListArguments, after: CursorPlace | None) -> PageWindow:
    """Returns the part that a page needs: the whole list where objects are picked from all of it."""
    picks = arguments.where or arguments.order_by or arguments.reads_all_namespaces
    if picks or arguments.first is None:
        return ALL
    return PageWindow(arguments.first, after)


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
