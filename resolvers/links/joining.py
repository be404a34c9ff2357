"""Which of the objects that were read a parent leads to: by name, by owner, by any other key."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Final

from k8s.reading.decoding import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, taken

ObjectName = tuple[FleetCluster, str | None, str | None]
"""Cluster, namespace and name; a name of None means no object."""

_MOST_OWNERS: Final = 1000


async def by_name(children: Rows, names: Iterable[ObjectName]) -> list[Row | None]:
    """For each name its object, or None."""
    found: dict[ObjectName, Row] = {}
    async for part in batches(children):
        found.update(((each, getattr(row.metadata, "namespace", None), row.metadata.name), row) for each, row in part)
    return await taken(map(found.get, names))


async def grouped(
    children: Rows, key: Callable[[Row], Iterable[str | None]]
) -> dict[tuple[FleetCluster, str], list[Row]]:
    """Children by cluster and each key that `key` gives for them."""
    groups: dict[tuple[FleetCluster, str], list[Row]] = {}
    async for part in batches(children):
        for cluster, row in part:
            for value in key(row):
                if value is not None:
                    groups.setdefault((cluster, value), []).append(row)
    return groups


async def same(references: Sequence[Row | None], found: Sequence[Row | None]) -> Sequence[Row | None]:
    """Those that are still the objects which the references mean: one of the same name may have come after."""
    return await taken(
        row if row is not None and reference is not None and row.metadata.uid == reference.uid else None
        for reference, row in zip(references, found, strict=True)
    )


def controller(row: Row) -> Row | None:
    """The owner reference that says `controller: true`, among the first 1,000; reads `metadata.ownerReferences`."""
    references = islice(row.metadata.ownerReferences or (), _MOST_OWNERS)
    return next((reference for reference in references if reference.controller), None)


def owner_uid(row: Row) -> str | None:
    """The uid of an object's controller; reads `metadata.ownerReferences.{uid,controller}`."""
    reference = controller(row)
    return None if reference is None else str(reference.uid)
