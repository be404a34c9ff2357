"""`columns`: what `kubectl get -o wide` prints of an object, as the API server itself prints it.

One list for each cluster and kind, however many objects there are; a few objects are read by name.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import islice
from typing import Annotated, Final, TypeAlias

from msgspec import Meta, Struct
from msgspec.json import encode

from k8s.apiserver.tables import TablePage, TableRow, table_of, table_pages
from k8s.errors import ClusterError, Forbidden, TooManyObjects
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.arguments.listarguments import FEW
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.leaves import Json
from resolvers.links.absent import NoValue, absent_of_masked
from resolvers.links.joining import is_selectable
from resolvers.links.members import ANY_KIND, Family
from resolvers.lists.rows import Rows
from resolvers.lists.visibility import at_once
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, collected, worked
from resolvers.together import together
from resolvers.unexpected import contained

COLUMNS = Family(ANY_KIND)

MOST_COLUMNS: Final = 100
"""The limit of columns of one kind; real kinds have fewer than 20."""

_COLUMN_BYTES: Final = 200
"""The memory of one value with its column, estimated."""

_OBJECT_TIMES: Final = 10
"""Bytes of memory for a byte of JSON, of lists and objects."""

_Place: TypeAlias = tuple[str, str]
"""Namespace, empty for an object of the whole cluster, and name."""


class ObjectColumn(Struct, frozen=True):
    """One column of an object, as `kubectl get` prints it."""

    name: Annotated[str, Meta(description="The heading, such as `Ready`.")]
    type: Annotated[str, Meta(description="string, integer, number, boolean or date.")]
    format: Annotated[str, Meta(description="A finer type, such as `name` for the object's name; often empty.")]
    priority: Annotated[int, Meta(description="0 for columns that are always printed; others need `-o wide`.")]
    value: Annotated[Json | None, Meta(description="The value as it is printed, such as `1/2`, `5d` or 3.")]


_Columns: TypeAlias = list[ObjectColumn] | NoValue | None


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
            masked = absent_of_masked([kind.plural])
            for index in own:
                result[index] = masked
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
        namespaces = Counter(namespace for namespace, _ in places)
        if self.kind.namespaced and (len(namespaces) == 1 or self.cluster.listable.refused.get(self.kind)):
            await self._each(namespaces, places)
            return self._found
        try:
            await self._listed(None, places, len(places))
        except Forbidden:
            if not self.kind.namespaced:
                raise
            await self._each(namespaces, places)
        return self._found

    async def _one(self, place: _Place) -> None:
        namespace = place[0] if self.kind.namespaced else None
        deadline = self.operation.deadline(self.cluster)
        page = await table_of(self.cluster.sender, self.kind, namespace, place[1], deadline=deadline)
        await self._add(page, {place})

    async def _each(self, namespaces: Mapping[str, int], places: Collection[_Place]) -> None:
        """Reads the lists of namespaces, which the objects were read from."""
        self._add_requests(len(namespaces))
        await at_once(sorted(namespaces), lambda namespace: self._listed(namespace, places, namespaces[namespace]))

    async def _listed(self, namespace: str | None, places: Collection[_Place], wanted: int) -> None:
        """Reads a list until as many objects as are `wanted` there are found."""
        deadline = self.operation.deadline(self.cluster)
        async with aclosing(table_pages(self.cluster.sender, self.kind, namespace, deadline=deadline)) as pages:
            async for page in pages:
                wanted -= await self._add(page, places)
                if not wanted:
                    return

    async def _add(self, page: TablePage, places: Collection[_Place]) -> int:
        """Adds the rows of objects at `places`; returns their number."""
        definitions = [*islice(page.column_definitions or (), MOST_COLUMNS)]
        rows, most = page.rows or [], self.operation.limits.objects
        self._read += len(rows)
        if self._read > most:
            raise TooManyObjects(
                self.cluster.name,
                f"its list of {self.kind} for `columns` has more than {most} objects; the limit is {most} "
                "(FLEETGRAPH_MAX_OBJECTS).",
            )

        def add(row: TableRow) -> int | None:
            """Returns the bytes of the values; None if the row is none of those that are wanted."""
            place = row.place
            if place is None or place not in places or place in self._found:
                return None
            self._found[place] = [
                ObjectColumn(one.name, one.type, one.format, one.priority, value)
                for one, value in zip(definitions, row.cells or (), strict=False)
            ]
            return sum(_size_bytes(column.value) for column in self._found[place])

        sizes = [size_bytes for size_bytes in await worked(add, rows) if size_bytes is not None]
        self.operation.memory.charge(len(sizes) * len(definitions) * _COLUMN_BYTES + sum(sizes))
        return len(sizes)

    def _add_requests(self, count: int) -> None:
        """Counts requests beyond the estimated one."""
        self.operation.add_requests(self.cluster, max(0, count - 1))


def _size_bytes(value: object) -> int:
    """Returns the memory of a printed value beyond that of a short one; API servers print no objects."""
    if isinstance(value, str):
        return len(value)
    return _OBJECT_TIMES * len(encode(value)) if isinstance(value, list | dict) else 0


def _place(kind: Kind, row: Row) -> _Place:
    return row.metadata.namespace or "" if kind.namespaced else "", row.metadata.name
