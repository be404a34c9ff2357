"""The join of parents and the objects that were read for them: by name or by any other key."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected

ObjectName = tuple[FleetCluster, str | None, str | None]
"""Cluster, namespace and name; the name is None for no object."""
_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


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


def is_selectable(name: str | None) -> bool:
    """Returns whether a name that a cluster sent is a valid name, for a selector or a path."""
    return name is not None and _NAME.fullmatch(name) is not None
