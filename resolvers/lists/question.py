"""A list of a kind as it is requested from many clusters, and the part of it that a page needs.

Lists are ordered by cluster, and within a cluster in the API server's order. So a page needs at most `first` objects of
each cluster, and none of the clusters before the cursor's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from k8s.kinds.kind import Kind
from k8s.reading.listing import WHOLE, ListRequest, Window
from k8s.reading.selection import LEAF, Selection, SelectionBuilder
from resolvers.arguments.cursors import END, IN_NAMESPACE, CursorPlace, number_behind
from resolvers.arguments.listarguments import EVERYTHING, FEW, ListArguments
from resolvers.arguments.objectnames import name_selector
from resolvers.errors import BadUserInput
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.clusteranswer import Reduce
from resolvers.lists.picking import Picked
from resolvers.lists.shares import Shares
from resolvers.operation.operation import Operation
from resolvers.typedkinds import TypedKinds


@dataclass(frozen=True, slots=True)
class PageWindow:
    """A part of a list in the order by identity.

    Attributes:
        first: the number of objects; None for all.
        after: the place after which it begins; None for the beginning of the list. A place without the name of an
            object is the beginning of its cluster.
        is_behind_cluster: whether it begins after all objects of that place's cluster.
        only: namespaces and names, by cluster, of the objects that are read again because they have changed; None for
            all objects.
    """

    first: int | None = None
    after: CursorPlace | None = None
    is_behind_cluster: bool = False
    only: Mapping[str, frozenset[tuple[str, str]]] | None = None

    def window(self, cluster: str, namespace: str | None) -> Window | None:
        """Returns the part of one cluster's list that is needed; None if no object of it is.

        Args:
            cluster: the name of the cluster.
            namespace: the namespace of the list; None for all namespaces.
        """
        if self.only is not None:
            return Window(only=self.only.get(cluster, frozenset()))
        if self.after is None:
            return Window(self.first) if self.first is not None else WHOLE
        if self.is_behind_cluster and cluster == self.after.key[0]:
            return None
        place = (self.after.key[0], f"{self.after.key[-2]}/")
        request_place = (cluster, place[1] if namespace is None else f"{namespace}/")
        if request_place < place:
            return None
        if request_place > place or not self.after.key[-1]:
            return Window(self.first)
        token = self._token(self.after.token, is_in_namespace=namespace is not None)
        if token == END:
            return None
        after, skipped = (self.after.key[-2], self.after.key[-1]), number_behind(token)
        return Window(self.first, after, "" if skipped else token, skipped)

    def _token(self, token: str, *, is_in_namespace: bool) -> str:
        """Returns the token if it continues such a list, else an empty one: permissions may change between pages."""
        if token.startswith(IN_NAMESPACE) != is_in_namespace:
            return ""
        return token.removeprefix(IN_NAMESPACE)


ALL = PageWindow()
"""The whole list."""


def page_window(arguments: ListArguments, after: CursorPlace | None) -> PageWindow:
    """Returns the part that a page needs: the whole list if anything but a selector picks its objects."""
    picks = arguments.where or arguments.order_by or arguments.reads_all_namespaces
    if picks or len(arguments.names or ()) > 1 or arguments.first is None:
        return ALL
    return PageWindow(arguments.first, after)


def changed_window(operation: Operation) -> PageWindow | None:
    """Returns the part that an evaluation of a subscription needs; None for any other operation."""
    if operation.changed is None:
        return None
    only = {cluster: keys for cluster, keys in operation.changed.items() if keys is not None}
    return PageWindow(only=only) if only else ALL


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """The list; without a selection only its objects' number is requested.

    Attributes:
        window: the objects that are needed, in the order by identity.
        wants_count: whether the number of all objects is needed.
        within: the only namespaces that are read if the list must be read by namespace; None for all visible ones.
        reduce: reduces the objects of a cluster's whole list if there are many; None: all of them are needed.
        is_estimated: whether all requests for names and namespaces are in the estimate; else one for each cluster is.
        kinds: the kinds with the structure of the objects; None for those of the operation.
        is_addition: whether other objects are sent without it, so that it has the deadline of additions.
    """

    kind: Kind
    selection: Selection | None
    arguments: ListArguments = EVERYTHING
    window: PageWindow = ALL
    wants_count: bool = True
    within: tuple[str, ...] | None = None
    reduce: Reduce | None = None
    is_estimated: bool = False
    kinds: TypedKinds | None = None
    is_addition: bool = False

    @property
    def namespaces(self) -> tuple[str, ...] | None:
        """The namespaces whose objects are needed; None for all."""
        return self.within if self.arguments.namespaces is None else self.arguments.namespaces

    @property
    def asks_each_namespace(self) -> bool:
        """True if each of a few namespaces is requested on its own, instead of the whole cluster."""
        return self.arguments.namespaces is not None and not self.arguments.reads_all_namespaces

    def shares(self, operation: Operation, clusters: Iterable[FleetCluster], *, sends_early: bool = False) -> Shares:
        """Returns the shares of the clusters that the list is requested from."""
        names = [cluster.name for cluster in clusters]
        return Shares(self.kind, operation.limits.objects, names, sends_early=sends_early)

    def picked(self, namespace: str | None) -> Picked | None:
        """Returns the names to which a list of a namespace, or of the whole cluster, is reduced; None for all."""
        names, namespaces = self.arguments.names, self.picked_namespaces(namespace)
        if names is None and namespaces is None:
            return None
        return Picked(frozenset(names) if names is not None else None, namespaces)

    def picked_namespaces(self, namespace: str | None) -> frozenset[str] | None:
        """Returns the namespaces to which such a list is reduced; None for all."""
        is_reduced = namespace is None and self.arguments.reads_all_namespaces
        return frozenset(self.arguments.namespaces or ()) if is_reduced else None

    def names_apart(self, namespace: str | None) -> tuple[str, ...]:
        """Returns the names that are selected with a request each; empty if one list is read for all of them.

        Args:
            namespace: the namespace that is read, or None for the whole cluster.
        """
        names, namespaces = self.arguments.names or (), self.arguments.namespaces
        if self.window.only is not None and len(names) > 1:
            return ()
        reads = 1 if namespace is None else FEW if namespaces is None else len(namespaces)
        return names if len(names) == 1 or len(names) * reads <= FEW else ()

    def request(self, operation: Operation, namespace: str | None, name: str | None = None) -> ListRequest:
        """Returns the request for a namespace, or for the whole cluster; with a name, for the objects of that name."""
        selector, kinds = self.arguments.field_selector, self.kinds or operation.kinds
        return ListRequest(
            kind=self.kind,
            structure=kinds.type_of(self.kind),
            selection=with_identity(self.selection or LEAF, self.kind),
            namespace=namespace,
            label_selector=self.arguments.label_selector,
            field_selector=selector if name is None else ",".join(filter(None, (selector, name_selector(name)))),
            structures=kinds.structures,
        )


@lru_cache(maxsize=512)
def with_identity(selection: Selection, kind: Kind) -> Selection:
    """Returns a selection with the paths that every row needs: its name and namespace."""
    builder = SelectionBuilder()
    builder.update(selection)
    builder.add("metadata.name")
    if kind.namespaced:
        builder.add("metadata.namespace")
    return builder.freeze()


def with_paths(selection: Selection, paths: Iterable[str]) -> Selection:
    """Returns a selection with more paths."""
    builder = SelectionBuilder()
    builder.update(selection)
    for path in paths:
        builder.add(path)
    return builder.freeze()


async def narrowed_list(
    operation: Operation, kind: Kind, arguments: ListArguments
) -> tuple[ListArguments, list[FleetCluster]]:
    """Returns a root list's arguments with `where` pushed down to the API servers, and the clusters of the list.

    Raises:
        QueryError: a cluster is unknown.
        BadUserInput: there are fewer clusters than must answer (`minClusters`).
    """
    pushed = operation.pushed_down(kind, arguments)
    clusters = pushed.of(arguments.clusters.of(await operation.clusters(), is_strict=not operation.changed))
    refuse_few_clusters(arguments, clusters)
    return pushed.arguments, clusters


def refuse_few_clusters(arguments: ListArguments, clusters: Sequence[FleetCluster]) -> None:
    """Refuses a list of fewer clusters than must answer; raises BadUserInput."""
    if len(clusters) < arguments.min_clusters:
        raise BadUserInput(f"minClusters is {arguments.min_clusters}, and the list asks {len(clusters)} altogether.")
