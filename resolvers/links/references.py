"""The objects to which owner references lead, of kinds of any group, with one request per cluster and kind.

The kind of a reference is a built-in one, a custom one with a type, or else one that its cluster serves.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from k8s.apiserver.served import Served, ServedKind
from k8s.errors import ClusterError, ErrorCode, TooManyNamespaces
from k8s.kinds.builtin import BY_NAME
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.links.fetching import Fetch
from resolvers.links.owners import built_in_kind, group_of, owners, reference_key
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, collected, mapped
from resolvers.together import together
from resolvers.unexpected import contained

GroupKind = tuple[str, str]
"""The API group and the name of a kind."""
_MISSING_S: Final = 10.0
"""Seconds for which a kind that a cluster does not serve stays unknown: references outlive their kinds."""


async def referenced(
    fetch: Fetch,
    clusters: Sequence[FleetCluster],
    objects: Sequence[Row],
    references: Sequence[Row | None],
    *,
    unknown: set[int] | None = None,
) -> Sequence[Row | None]:
    """Reads the object of each reference; None for no reference, and for an object or a kind that is gone or unknown.

    Failures of clusters and kinds are added to those of `fetch`; one kind that fails costs no other.

    Args:
        fetch: the reads of the link.
        clusters: the cluster of each reference.
        objects: the object that has each reference.
        references: the references; the same object may have several.
        unknown: takes the places of references whose objects cannot be read.
    """
    names = await mapped(_group_kind, references)
    kinds, failures = await kinds_of(fetch, clusters, names)

    async def of_kind(kind: Kind, places: Sequence[int]) -> tuple[Fetch, Sequence[Row | None]]:
        apart = replace(fetch, answers={}, failures={}, partial=[])
        own = await mapped(clusters.__getitem__, places)
        keys = await collected(
            reference_key(clusters[place], objects[place], reference, kind)
            for place in places
            if (reference := references[place]) is not None
        )
        return apart, await owners(apart.named, own, kind, keys=keys)

    missed = unknown if unknown is not None else set[int]()
    async for numbered in batches(enumerate(zip(clusters, names, kinds, strict=True)) if failures else ()):
        missed.update(at for at, (one, name, kind) in numbered if name and kind is None and one in failures)
    places = await places_of(kinds)
    found = await together(*(of_kind(kind, at) for kind, at in places.items()))
    children: list[Row | None] = [None] * len(references)
    for (kind, at), (apart, rows) in zip(places.items(), found, strict=True):
        failed = {cluster: error for cluster, error in apart.failures.items() if not is_gone(kind, error)}
        failures |= failed
        fetch.partial += apart.partial
        async for batch in batches(zip(at, rows, strict=True)):
            for place, row in batch:
                children[place] = row
                home = getattr(objects[place].metadata, "namespace", None)
                if row is None and (clusters[place] in failed or apart.hides(clusters[place], kind, home)):
                    missed.add(place)
    fetch.failures |= failures
    return children


def _group_kind(reference: Row | None) -> GroupKind | None:
    return None if reference is None else (group_of(reference), reference.kind or "")


async def places_of(kinds: Iterable[Kind | None]) -> dict[Kind, list[int]]:
    """Returns the places of the references of each kind."""
    places: dict[Kind, list[int]] = {}
    async for batch in batches(enumerate(kinds)):
        for place, kind in batch:
            if kind is not None:
                places.setdefault(kind, []).append(place)
    return places


def is_gone(kind: Kind, error: ClusterError) -> bool:
    """Returns whether a cluster does not serve a custom kind any more: references outlive it, as they do objects."""
    is_built_in = (kind.group, kind.name) in BY_NAME
    return not is_built_in and is_kind_gone(error)


def is_kind_gone(error: ClusterError) -> bool:
    """Returns whether a cluster answered that it does not serve a kind."""
    return error.code in {ErrorCode.NOT_FOUND, ErrorCode.KIND_UNAVAILABLE}


async def kinds_of(
    fetch: Fetch, clusters: Sequence[FleetCluster], names: Sequence[GroupKind | None]
) -> tuple[list[Kind | None], dict[FleetCluster, ClusterError]]:
    """Returns the kind of each group and name, or None; and the clusters whose kinds are unknown, or too many.

    Counts a list for each kind of a cluster.
    """
    known: dict[tuple[FleetCluster, GroupKind], Kind | None] = {}
    places: list[tuple[FleetCluster, GroupKind] | None] = []
    unknown: dict[FleetCluster, set[GroupKind]] = {}
    async for batch in batches(zip(clusters, names, strict=True)):
        for cluster, name in batch:
            if name is None:
                places.append(None)
                continue
            place = cluster, name
            places.append(place)
            if place not in known:
                known[place] = built_in_kind(*name) or fetch.operation.kinds.find(*name)
                if known[place] is None:
                    unknown.setdefault(cluster, set()).add(name)
    answers = await together(*(_served(fetch, cluster, names) for cluster, names in unknown.items()))
    failures: dict[FleetCluster, ClusterError] = {}
    for cluster, answer in zip(unknown, answers, strict=True):
        if isinstance(answer, ClusterError):
            failures[cluster] = answer
        else:
            known |= {(cluster, name): kind for name, kind in answer.items()}
    refused = exceeding(fetch.operation, Counter(await collected(place[0] for place in known if known[place])))
    failures |= refused
    async for batch in batches([*known] if refused else ()):
        known |= {place: None for place in batch if place[0] in refused}
    return await collected(known[place] if place is not None else None for place in places), failures


def exceeding(operation: Operation, requests: Mapping[FleetCluster, int]) -> dict[FleetCluster, ClusterError]:
    """Counts requests to clusters beyond the estimated one of each; returns the clusters that need too many."""
    refused: dict[FleetCluster, ClusterError] = {}
    for cluster, count in requests.items():
        try:
            operation.add_requests(cluster, count - 1)
        except TooManyNamespaces as error:
            refused[cluster] = error
    return refused


async def _served(
    fetch: Fetch, cluster: FleetCluster, names: Iterable[GroupKind]
) -> Mapping[GroupKind, Kind] | ClusterError:
    """Returns the kinds of a cluster with these groups and names, in a version that can be read."""
    deadline = fetch.operation.deadline(cluster)
    try:
        with contained(cluster.name):
            served = await cluster.served.current(deadline)
            if not all(served.find(*name) for name in names) and cluster.served.age_s > _MISSING_S:
                served = await cluster.served.reread(deadline)
    except ClusterError as error:
        return error
    return _readable(served, names)


def _readable(served: Served, names: Iterable[GroupKind]) -> dict[GroupKind, Kind]:
    found: list[tuple[GroupKind, ServedKind | None]] = [(name, served.find(*name)) for name in names]
    versions = [(name, kind, next(kind.versions_with("list"), None)) for name, kind in found if kind is not None]
    return {name: kind.kind(version) for name, kind, version in versions if version is not None}
