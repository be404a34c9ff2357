"""`columns`: what `kubectl get -o wide` prints of an object, as the API server itself prints it.

One list for each cluster and kind, however many objects there are; a few objects are read by name.
"""

from collections.abc import Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import islice
from typing import Annotated, Final, TypeAlias

from msgspec import Meta, Struct

from k8s.apiserver.tables import TablePage, table_of, table_pages
from k8s.errors import ClusterError, Forbidden, TooManyObjects
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.leaves import Json
from resolvers.links.fetching import is_selectable
from resolvers.links.members import ANY_KIND, Family
from resolvers.lists.question import FEW
from resolvers.lists.rows import Rows
from resolvers.lists.visibility import at_once
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, collected
from resolvers.together import together
from resolvers.unexpected import contained

COLUMNS = Family(ANY_KIND)

MOST_COLUMNS: Final = 100
"""The limit of columns of one kind; real kinds have fewer than 20."""

_COLUMN_BYTES: Final = 200
"""The memory of one value with its column, estimated."""

_Place: TypeAlias = tuple[str, str]
"""Namespace, empty for an object of the whole cluster, and name."""


class ObjectColumn(Struct, frozen=True):
    """One column of an object, as `kubectl get` prints it."""

    name: Annotated[str, Meta(description="The heading, such as `Ready`.")]
    type: Annotated[str, Meta(description="string, integer, number, boolean or date.")]
    format: Annotated[str, Meta(description="A finer type, such as `name` for the object's name; often empty.")]
    priority: Annotated[int, Meta(description="0 for columns that are always printed; others need `-o wide`.")]
    value: Annotated[Json | None, Meta(description="The value as it is printed, such as `1/2`, `5d` or 3.")]


_Columns: TypeAlias = list[ObjectColumn] | ClusterError | None


@COLUMNS.remote(
    description="The columns that `kubectl get -o wide` prints, made by the API server itself; of custom kinds the "
    "printer columns of their definition. One list for each cluster and kind; a few objects are read by name. Null "
    "for an object that is gone, and for kinds of which the operator masks values; null with an error from a cluster "
    "that does not print.",
    returns=list[ObjectColumn] | None,
)
async def columns(rows: Rows, operation: Operation) -> Sequence[_Columns]:
    """Reads the Tables of all clusters and kinds at once."""
    indexes: dict[tuple[FleetCluster, Kind], list[int]] = {}
    async for batch in batches(enumerate(rows)):
        for index, (cluster, row) in batch:
            indexes.setdefault((cluster, type(row).kind), []).append(index)
    result: list[_Columns] = [None] * len(rows)

    async def print_kind(cluster: FleetCluster, kind: Kind, own: Sequence[int]) -> None:
        if not operation.masking.shows_columns(kind):
            return
        places = await collected(_place(kind, rows.rows[index]) for index in own)
        try:
            with contained(cluster.name):
                printed = await _Printing(operation, cluster, kind).printed(set(places))
        except ClusterError as error:
            for index in own:
                result[index] = error
            return
        async for batch in batches(zip(own, places, strict=True)):
            for index, place in batch:
                result[index] = printed.get(place)

    await together(*(print_kind(cluster, kind, own) for (cluster, kind), own in indexes.items()))
    return result


@dataclass(slots=True)
class _Printing:
    """The Table of a kind in a cluster, read for some objects."""

    operation: Operation
    cluster: FleetCluster
    kind: Kind
    _found: dict[_Place, list[ObjectColumn]] = field(default_factory=dict)
    _read: int = 0

    async def printed(self, places: Collection[_Place]) -> dict[_Place, list[ObjectColumn]]:
        """Returns the columns of the objects at these places; those that are gone are left out.

        Raises:
            ClusterError: the cluster failed, or does not print the kind.
        """
        if len(places) <= FEW and all(is_selectable(name) for _, name in places):
            self._add_requests(len(places))
            await together(*(self._one(place) for place in places))
            return self._found
        namespaces = sorted({namespace for namespace, _ in places})
        if not self.kind.namespaced:
            await self._listed(None, places)
        elif len(namespaces) == 1 or self.cluster.listable.refused.get(self.kind):
            await self._each(namespaces, places)
        else:
            try:
                await self._listed(None, places)
            except Forbidden:
                await self._each(namespaces, places)
        return self._found

    async def _one(self, place: _Place) -> None:
        namespace = place[0] if self.kind.namespaced else None
        deadline = self.operation.deadline(self.cluster)
        page = await table_of(self.cluster.sender, self.kind, namespace, place[1], deadline=deadline)
        await self._add(page, {place})

    async def _each(self, namespaces: Sequence[str], places: Collection[_Place]) -> None:
        """Reads the lists of namespaces, which the objects were read from."""
        self._add_requests(len(namespaces))
        await at_once(namespaces, lambda namespace: self._listed(namespace, places))

    async def _listed(self, namespace: str | None, places: Collection[_Place]) -> None:
        """Reads a list until all objects are found."""
        deadline = self.operation.deadline(self.cluster)
        wanted = sum(1 for place in places if namespace is None or place[0] == namespace)
        async with aclosing(table_pages(self.cluster.sender, self.kind, namespace, deadline=deadline)) as pages:
            async for page in pages:
                wanted -= await self._add(page, places)
                if not wanted:
                    return

    async def _add(self, page: TablePage, places: Collection[_Place]) -> int:
        """Adds the rows of objects at `places`; returns their number."""
        definitions, added = [*islice(page.column_definitions or (), MOST_COLUMNS)], 0
        rows, most = page.rows or [], self.operation.limits.objects
        self._read += len(rows)
        if self._read > most:
            raise TooManyObjects(
                self.cluster.name,
                f"its list of {self.kind} for `columns` has more than {most} objects; the limit is {most} "
                "(FLEETGRAPH_MAX_OBJECTS).",
            )
        async for batch in batches(rows):
            for row in batch:
                place = row.place
                if place is None or place not in places:
                    continue
                added += place not in self._found
                self._found[place] = [
                    ObjectColumn(one.name, one.type, one.format, one.priority, value)
                    for one, value in zip(definitions, row.cells or (), strict=False)
                ]
        self.operation.memory.charge(added * len(definitions) * _COLUMN_BYTES)
        return added

    def _add_requests(self, count: int) -> None:
        """Counts requests beyond the estimated one."""
        self.operation.add_requests(self.cluster, max(0, count - 1))


def _place(kind: Kind, row: Row) -> _Place:
    return row.metadata.namespace or "" if kind.namespaced else "", row.metadata.name
