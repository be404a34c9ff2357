"""One list of one cluster, as far as the identity that reads it may see."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from k8s.errors import Forbidden
from k8s.kinds.kind import Kind
from k8s.reading.listing import Listing
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import Scope
from resolvers.lists.shares import Share
from resolvers.lists.visibility import at_once, visible_namespaces
from resolvers.operation.operation import Operation

if TYPE_CHECKING:
    from resolvers.lists.ask import ListQuestion


@dataclass(frozen=True, slots=True)
class Listed:
    """What answers a question in one cluster, in the order of every list, and how much of the cluster that is."""

    listings: list[Listing]
    scope: Scope
    is_by_namespace: bool = False


async def read_list(operation: Operation, question: "ListQuestion", cluster: FleetCluster, share: Share) -> Listed:
    """One list, or one of each namespace that was asked for, or of each in which the identity may list the kind.

    Whatever is read counts for the cluster's share of the list over all clusters.

    Raises:
        Forbidden: it may list the kind nowhere.
        ClusterError: the cluster failed, or has too many objects.
    """
    kind, asked = question.kind, question.arguments.namespaces
    if question.asks_each_namespace:
        return await _read_namespaces(operation, question, cluster, asked or (), share)
    if not kind.namespaced or not cluster.listable.refused.get(kind):
        try:
            return Listed([await _read_one(operation, question, cluster, None, share)], Scope(asked))
        except Forbidden:
            if not kind.namespaced:
                raise
            cluster.listable.refused.put(kind, True)
    visible = await visible_namespaces(operation, cluster, kind, asked=question.wanted_namespaces)
    return await _read_namespaces(operation, question, cluster, visible, share)


async def _read_namespaces(
    operation: Operation, question: "ListQuestion", cluster: FleetCluster, namespaces: Collection[str], share: Share
) -> Listed:
    """The lists of some namespaces; those that the cluster refuses are left out, unless these are all of them."""
    refused: list[Forbidden] = []

    async def read(namespace: str) -> Listing | None:
        try:
            return await _read_one(operation, question, cluster, namespace, share)
        except Forbidden as error:
            cluster.listable.rules.drop(namespace)
            refused.append(error)
            return None

    asked = sorted(namespaces, key="{}/".format)
    operation.add_requests(cluster, max(0, len(asked) - 1))
    found = dict(zip(asked, await at_once(asked, read), strict=True))
    listings = [listing for listing in found.values() if listing is not None]
    if not listings:
        cluster.listable.forget()
        raise refused[0] if refused else unseen(cluster, question.kind)
    seen = tuple(namespace for namespace, listing in found.items() if listing is not None)
    wanted = question.wanted_namespaces
    is_partial = wanted is None or not set(wanted) <= set(seen)
    return Listed(listings, Scope(seen, is_partial=is_partial), is_by_namespace=True)


async def _read_one(
    operation: Operation, question: "ListQuestion", cluster: FleetCluster, namespace: str | None, share: Share
) -> Listing:
    request, window = question.request(namespace), question.part.window(cluster.name, namespace)
    picks = namespace is None and question.arguments.reads_all_namespaces
    if (question.selection is None and not picks) or window is None:
        counted = await operation.count(cluster, request)
        return Listing([], "", counted.observed_at, count=counted.objects)
    listing = await operation.list(
        cluster, request, window, keep=None if picks else question.keep_in(cluster), share=share
    )
    if picks:
        rows = [row for row in listing.rows if question.wants(row)]
        return replace(listing, rows=rows, count=len(rows), read=len(rows))
    if listing.count is None and question.wants_count:
        return replace(listing, count=(await operation.count(cluster, request)).objects)
    return listing


def unseen(cluster: FleetCluster, kind: Kind, namespace: str | None = None) -> Forbidden:
    """The error of a namespace in which a kind may not be listed, or of a cluster in which it may be in none."""
    where = f" in namespace {namespace}" if namespace is not None else ""
    return Forbidden(cluster.name, f"its RBAC does not allow to list {kind}{where}.", status=403)
