"""The namespaces in which an identity may list a kind that it may not list in the whole cluster.

The cluster reports the permissions of one namespace at a time: one SelfSubjectRulesReview covers all kinds. The names
of the namespaces come from the cluster, if the identity may list them; else from the identity's grants
(`FleetCluster.namespaces_hint`) and from rules that name namespaces.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import Final, TypeVar

from k8s.apiserver.access import Permission, read_permissions
from k8s.apiserver.rules import Rules
from k8s.errors import Forbidden, TooManyNamespaces
from k8s.kinds.builtin import BUILT_IN, NAMESPACE
from k8s.kinds.kind import Kind
from k8s.kinds.models import structure_names
from k8s.reading.listing import ListRequest
from k8s.reading.selection import selection_of
from k8s.transport.path import PathInvalid, checked_namespace
from resolvers.access.rulecache import read_namespace_rules
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.listable import ListRules, NamespaceNames, same_kinds
from resolvers.operation.operation import Operation
from resolvers.pacing import collected
from resolvers.together import together

T = TypeVar("T")

ASKED_AT_ONCE: Final = 8
"""Namespaces of one cluster that are read or checked at the same time for one list."""

_DEFAULT: Final = "default"
_NAMES: Final = ListRequest(NAMESPACE, structure_names()[NAMESPACE], selection_of(["metadata.name"]))
_GET_NAMESPACE: Final = Permission("get", NAMESPACE.group, NAMESPACE.plural)
_MOST_NAMED: Final = 10_000
_KNOWN: Final = frozenset(BUILT_IN)


async def visible_namespaces(
    operation: Operation, cluster: FleetCluster, kind: Kind, *, candidates: Collection[str] | None
) -> Sequence[str]:
    """Returns the namespaces in which objects of a kind may be listed, in the order of lists.

    Args:
        operation: the operation, which makes equal requests once.
        cluster: the cluster, with the identity of its requests.
        kind: a namespaced kind.
        candidates: the namespaces to check; None for all of the cluster.

    Raises:
        TooManyNamespaces: there are too many to check, or the kind may be listed in too many.
        ClusterError: the cluster failed.
    """
    if candidates is None:
        known = await _known_namespaces(operation, cluster)
    else:
        known = NamespaceNames(len(candidates), tuple(candidates))
    names, most = known.names, operation.limits.probed_namespaces
    if known.count > most:
        raise TooManyNamespaces(
            cluster.name,
            f"{kind} may not be listed in all namespaces at once, and of its {known.count} at most {most} are looked "
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


def unseen(cluster: FleetCluster, kind: Kind, *namespaces: str) -> Forbidden:
    """Returns the error of namespaces, or of a whole cluster without any, in which a kind may not be listed."""
    where = f" in namespace {namespaces[0]}" if namespaces else ""
    if len(namespaces) > 1:
        where = f" in {len(namespaces)} namespaces, such as {namespaces[0]}"
    return Forbidden(cluster.name, f"its RBAC does not allow to list {kind}{where}.", status=403)


async def at_once(items: Iterable[str], work: Callable[[str], Awaitable[T]]) -> list[T]:
    """Runs work on each of the items, a few at the same time; returns the results in their order."""
    places = asyncio.Semaphore(ASKED_AT_ONCE)

    async def one(item: str) -> T:
        async with places:
            return await work(item)

    return await together(*(one(item) for item in items))


async def _known_namespaces(operation: Operation, cluster: FleetCluster) -> NamespaceNames:
    known = cluster.listable.namespaces.get(None)
    if known is None:
        known = await operation.once((cluster.id, "namespaces"), lambda: _find_namespaces(operation, cluster))
        cluster.listable.namespaces.put(None, known)
    return known


async def _find_namespaces(operation: Operation, cluster: FleetCluster) -> NamespaceNames:
    most = operation.limits.probed_namespaces
    try:
        answer = await operation.list(cluster, _NAMES)
    except Forbidden:
        rules = await _listed_kinds(operation, cluster, _DEFAULT)
        names = {_DEFAULT, *cluster.namespaces_hint, *(rules.namespaces if rules is not None else ())}
        return NamespaceNames(len(names), () if len(names) > most else tuple(sorted(names)))
    count = len(answer.rows)
    return NamespaceNames(count, () if count > most else tuple(row.metadata.name for row in answer.rows))


async def _is_listed(operation: Operation, cluster: FleetCluster, kind: Kind, namespace: str) -> bool:
    """Returns True unless the cluster reports that a kind may not be listed in a namespace."""
    permission = Permission("list", kind.group, kind.plural, namespace=namespace)
    rules = await _listed_kinds(operation, cluster, namespace)
    if rules is not None and kind in rules.kinds:
        return True
    if rules is not None and rules.is_complete and kind in _KNOWN:
        return False
    operation.add_requests(cluster, 1)
    permissions = await read_permissions(cluster.sender, operation.deadline(cluster), permissions=[permission])
    return permissions is None or permissions[permission]


async def _listed_kinds(operation: Operation, cluster: FleetCluster, namespace: str) -> ListRules | None:
    """Returns the kinds that the identity may list in a namespace, a few seconds old; None if the cluster refuses."""

    async def read() -> ListRules | None:
        rules = await read_namespace_rules(operation, cluster, namespace)
        if rules is None:
            return None
        named = await _named_namespaces(rules) if namespace == _DEFAULT else ()
        return ListRules(same_kinds(await rules.listed()), rules.are_complete, named)

    known = cluster.listable.rules.get(namespace)
    if known is None:
        known = await operation.once((cluster.id, "rules", namespace), read)
        if known is not None:
            cluster.listable.rules.put(namespace, known)
    return known


async def _named_namespaces(rules: Rules) -> tuple[str, ...]:
    """Returns the namespaces that rules name, at most `_MOST_NAMED`."""
    allowed = await rules.allowed(_GET_NAMESPACE)
    return tuple(islice(await collected(filter(_is_namespace, allowed.names)), _MOST_NAMED))


def _is_namespace(name: str) -> bool:
    try:
        return bool(checked_namespace(name))
    except PathInvalid:
        return False
