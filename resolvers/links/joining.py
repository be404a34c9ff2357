"""The join of parents and the objects that were read for them: by name, by owner, by any other key."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Final

from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected

ObjectName = tuple[FleetCluster, str | None, str | None]
"""Cluster, namespace and name; the name is None for no object."""

_MOST_OWNERS: Final = 1000


async def by_name(children: Rows, names: Iterable[ObjectName]) -> list[Row | None]:
    """Returns the object of each name, or None."""
    rows: dict[ObjectName, Row] = {}
    async for batch in batches(children):
        rows.update(
            ((cluster, getattr(row.metadata, "namespace", None), row.metadata.name), row) for cluster, row in batch
        )
    return await collected(map(rows.get, names))


async def grouped(
    children: Rows, key: Callable[[Row], Iterable[str | None]]
) -> dict[tuple[FleetCluster, str], list[Row]]:
    """Returns children by cluster and key; `key` returns the keys of one child, of which None does not count."""
    groups: dict[tuple[FleetCluster, str], list[Row]] = {}
    async for batch in batches(children):
        for cluster, row in batch:
            for value in key(row):
                if value is not None:
                    groups.setdefault((cluster, value), []).append(row)
    return groups


async def same(references: Sequence[Row | None], rows: Sequence[Row | None]) -> Sequence[Row | None]:
    """Returns each row if it has the uid of its reference, else None: a new object may have taken the same name."""
    return await collected(
        row if row is not None and reference is not None and row.metadata.uid == reference.uid else None
        for reference, row in zip(references, rows, strict=True)
    )


def controller(row: Row) -> Row | None:
    """Returns the owner reference with `controller: true` among the first 1,000; reads `metadata.ownerReferences`."""
    references = islice(row.metadata.ownerReferences or (), _MOST_OWNERS)
    return next((reference for reference in references if reference.controller), None)


def owner_uid(row: Row) -> str | None:
    """Returns the uid of an object's controller; reads `metadata.ownerReferences.{uid,controller}`."""
    reference = controller(row)
    return None if reference is None else str(reference.uid)
