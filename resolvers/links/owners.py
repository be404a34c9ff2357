"""Owners of objects: one rule for all links between an object and its controller, for any number of parents.

An object's owner is the one that its controller reference names, as for the garbage collector: the kind, the name and
the uid agree, and an owner that has a namespace is in the object's own. The reference may name the kind's former API
group, since references outlive it.

Source: Kubernetes, "Owners and Dependents"; `ownerReferences` of ObjectMeta.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import islice
from typing import Final

from k8s.kinds.builtin import BUILT_IN, BY_NAME
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected

OwnerKey = tuple[FleetCluster, str | None, str, str]
"""Cluster, namespace, name and uid of an owner; the namespace is None for a kind of the whole cluster."""

REFERENCES: Final = tuple(
    f"metadata.ownerReferences.{key}" for key in ("uid", "controller", "name", "kind", "apiVersion")
)
"""The paths that references are read from."""
UID: Final = "metadata.uid"
"""The path that owners are recognized by, beside their names."""

_MOST_OWNERS: Final = 1000
_FORMER_GROUPS: Final = frozenset({"extensions"})
"""API groups whose kinds have moved to other groups under the same names."""
_MOVED: Final = {kind.name: kind for kind in reversed(BUILT_IN)}


def references(row: Row) -> Iterable[Row]:
    """Returns the first 1,000 owner references of an object; reads `REFERENCES`."""
    return islice(row.metadata.ownerReferences or (), _MOST_OWNERS)


def controller(row: Row) -> Row | None:
    """Returns the owner reference with `controller: true` among the first 1,000; reads `metadata.ownerReferences`."""
    return next((reference for reference in references(row) if reference.controller), None)


def kind_of(reference: Row | None) -> Kind | None:
    """Returns the built-in kind of an owner reference, in any version; None for another kind or no reference."""
    return None if reference is None else built_in_kind(group_of(reference), reference.kind)


def built_in_kind(group: str, name: str | None) -> Kind | None:
    """Returns the built-in kind of a name in an API group, or in the one from which it has moved; None for another."""
    return _MOVED.get(name or "") if group in _FORMER_GROUPS else BY_NAME.get((group, name or ""))


def group_of(reference: Row) -> str:
    """Returns the API group of an owner reference; empty for the core group."""
    group: str
    group, slash, _version = (reference.apiVersion or "").partition("/")
    return group if slash else ""


def is_of_group(reference: Row, group: str) -> bool:
    """Returns whether a reference may lead to an object of an API group: it names the group, a former one, or none."""
    return not reference.apiVersion or group_of(reference) in {group, *_FORMER_GROUPS}


def owner_key(cluster: FleetCluster, row: Row, kind: Kind) -> OwnerKey | None:
    """Returns the key of an object's owner of a kind; None without one. Reads `REFERENCES`."""
    reference = controller(row)
    if reference is None or reference.kind != kind.name or not _is_of_kind(reference, kind):
        return None
    return reference_key(cluster, row, reference, kind)


def _is_of_kind(reference: Row, kind: Kind) -> bool:
    """Returns whether a reference with a kind's name is to that kind; custom kinds have no former groups."""
    built_in = BY_NAME.get((kind.group, kind.name))
    return group_of(reference) == kind.group if built_in is None else kind_of(reference) is built_in


def reference_key(cluster: FleetCluster, row: Row, reference: Row, kind: Kind) -> OwnerKey | None:
    """Returns the key of the object of a kind to which an object's reference leads; None if it cannot lead to one."""
    namespace = _namespace(row) if kind.namespaced else None
    if not reference.name or (kind.namespaced and namespace is None):
        return None
    return cluster, namespace, reference.name, reference.uid or ""


def own_key(cluster: FleetCluster, row: Row, kind: Kind) -> OwnerKey:
    """Returns the key by which other objects refer to an object of a kind; reads `UID`."""
    return cluster, _namespace(row) if kind.namespaced else None, row.metadata.name, row.metadata.uid or ""


async def owner_keys(objects: Rows, kind: Kind) -> list[OwnerKey | None]:
    """Returns the key of each object's owner of a kind, or None; reads `REFERENCES`."""
    return await collected(owner_key(cluster, row, kind) for cluster, row in objects)


async def owners(
    named: Callable[..., Awaitable[Sequence[Row | None]]],
    clusters: Sequence[FleetCluster],
    kind: Kind,
    *,
    keys: Sequence[OwnerKey | None],
    reads: Sequence[str] = (),
) -> Sequence[Row | None]:
    """Reads the owners of a kind by name and returns one for each key; None if there is none any more.

    Args:
        named: `Fetch.named`, or `Fetch.named_steps` for owners on the way to others.
        clusters: the cluster of each parent.
        kind: the kind of the owners.
        keys: the owner's key of each parent, or None.
        reads: paths to read beside those that the query selects.
    """
    names = await collected(
        (cluster, *key[1:3]) if key is not None else (cluster, None, None)
        for cluster, key in zip(clusters, keys, strict=True)
    )
    rows = await named(kind, names, UID, *reads)
    return await collected(
        row if row is not None and key is not None and (row.metadata.uid or "") == key[3] else None
        for row, key in zip(rows, keys, strict=True)
    )


async def by_own_key(objects: Rows, kind: Kind) -> dict[OwnerKey, Row]:
    """Returns objects of a kind by the keys with which others refer to them; reads `UID`."""
    rows: dict[OwnerKey, Row] = {}
    async for batch in batches(objects):
        rows.update((own_key(cluster, row, kind), row) for cluster, row in batch)
    return rows


async def owners_of(objects: Rows, kind: Kind, owner_kind: Kind) -> dict[OwnerKey, OwnerKey]:
    """Returns the keys of objects with those of their owners of a kind; reads `UID` and `REFERENCES`."""
    result: dict[OwnerKey, OwnerKey] = {}
    async for batch in batches(objects):
        found = ((own_key(cluster, row, kind), owner_key(cluster, row, owner_kind)) for cluster, row in batch)
        result.update((key, owner) for key, owner in found if owner is not None)
    return result


async def owned(children: Rows, key: Callable[[FleetCluster, Row], OwnerKey | None]) -> dict[OwnerKey, list[Row]]:
    """Returns children by the key that `key` returns for each, in their order; those without a key are left out."""
    groups: dict[OwnerKey, list[Row]] = {}
    async for batch in batches(children):
        for cluster, row in batch:
            if (owner := key(cluster, row)) is not None:
                groups.setdefault(owner, []).append(row)
    return groups


def _namespace(row: Row) -> str | None:
    return getattr(row.metadata, "namespace", None) or None
