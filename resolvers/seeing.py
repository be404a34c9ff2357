"""In which namespaces an identity may list a kind, where it may not list all of them.

The cluster is asked, namespace by namespace, what it allows: one SelfSubjectRulesReview answers for all kinds. Names of
namespaces to ask about come from the cluster, if the identity may list them; else from what the identity was granted
(`FleetCluster.namespaces_hint`) and from rules that name namespaces.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Final, TypeVar

from k8s.access import Permission, read_permissions
from k8s.errors import Forbidden, TooManyNamespaces
from k8s.kind import Kind
from k8s.kinds import NAMESPACE
from k8s.listing import ListRequest
from k8s.models import structure_names
from k8s.path import PathInvalid, checked_namespace
from k8s.rules import Rules, read_rules
from k8s.selection import selection_of
from resolvers.cluster import FleetCluster
from resolvers.operation import Operation
from resolvers.together import together

T = TypeVar("T")

ASKED_AT_ONCE: Final = 8
"""Namespaces of one cluster that are asked, or asked about, at the same time for one list."""

_DEFAULT: Final = "default"
_NAMES: Final = ListRequest(NAMESPACE, structure_names()[NAMESPACE], selection_of(["metadata.name"]))
_GET_NAMESPACE: Final = Permission("get", NAMESPACE.group, NAMESPACE.plural)


async def visible_namespaces(
    operation: Operation, cluster: FleetCluster, kind: Kind, *, asked: Collection[str] | None
) -> Sequence[str]:
    """The namespaces, in the order of lists, in which objects of a kind may be listed.

    Args:
        operation: shares what it learns.
        cluster: as one identity reaches it.
        kind: a namespaced one.
        asked: names to look at; None for all that there are.

    Raises:
        TooManyNamespaces: of names to look at, or of those in which the kind may be listed.
        ClusterError: the cluster failed.
    """
    names = asked if asked is not None else await _known_namespaces(operation, cluster)
    most = operation.limits.probed_namespaces
    if len(names) > most:
        raise TooManyNamespaces(
            cluster.name,
            f"{kind} may not be listed in all namespaces at once, and of its {len(names)} at most {most} are looked "
            "at one by one; name those that you need in `namespaces`.",
        )
    allowed = await at_once(names, lambda name: _is_listed(operation, cluster, kind, name))
    visible = sorted((name for name, is_allowed in zip(names, allowed, strict=True) if is_allowed), key="{}/".format)
    most = operation.limits.listed_namespaces
    if len(visible) > most:
        raise TooManyNamespaces(
            cluster.name,
            f"{kind} may be listed in {len(visible)} namespaces, but not in all at once, and one list reads at most "
            f"{most} of them; name those that you need in `namespaces`.",
        )
    return visible


async def at_once(items: Iterable[str], work: Callable[[str], Awaitable[T]]) -> list[T]:
    """Does something for each of the namespaces, a few at the same time, and gives what came of it in their order."""
    places = asyncio.Semaphore(ASKED_AT_ONCE)

    async def one(item: str) -> T:
        async with places:
            return await work(item)

    return await together(*(one(item) for item in items))


async def _known_namespaces(operation: Operation, cluster: FleetCluster) -> tuple[str, ...]:
    known = cluster.listable.namespaces.get(None)
    if known is None:
        known = await operation.once((cluster.id, "namespaces"), lambda: _find_namespaces(operation, cluster))
        cluster.listable.namespaces.put(None, known)
    return known


async def _find_namespaces(operation: Operation, cluster: FleetCluster) -> tuple[str, ...]:
    try:
        listing = await operation.list(cluster, _NAMES)
    except Forbidden:
        rules = await namespace_rules(operation, cluster, _DEFAULT)
        named = rules.names_allowed(_GET_NAMESPACE) if rules is not None else ()
        return tuple(sorted({_DEFAULT, *cluster.namespaces_hint, *filter(_is_namespace, named)}))
    return tuple(row.metadata.name for row in listing.rows)


async def _is_listed(operation: Operation, cluster: FleetCluster, kind: Kind, namespace: str) -> bool:
    """Whether a kind may be listed in a namespace, or at least nothing says that it may not."""
    permission = Permission("list", kind.group, kind.plural, namespace=namespace)
    rules = await namespace_rules(operation, cluster, namespace)
    allowed = rules.allow(permission) if rules is not None else None
    if allowed is not None:
        return allowed
    operation.add_requests(cluster, 1)
    told = await read_permissions(cluster.sender, operation.deadline(cluster), asked=[permission])
    return told is None or told[permission]


async def namespace_rules(operation: Operation, cluster: FleetCluster, namespace: str) -> Rules | None:
    """What the identity may do in a namespace, as it was a few seconds ago; None where it may not ask."""

    async def read() -> Rules | None:
        operation.add_requests(cluster, 1)
        return await read_rules(cluster.sender, operation.deadline(cluster), namespace=namespace)

    known = cluster.listable.rules.get(namespace)
    if known is None:
        known = await operation.once((cluster.id, "rules", namespace), read)
        if known is not None:
            cluster.listable.rules.put(namespace, known)
    return known


def _is_namespace(name: str) -> bool:
    try:
        return bool(checked_namespace(name))
    except PathInvalid:
        return False
