"""Columns of members that are made of masked paths: null, and a note on the cluster."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from graph.execution.responsepaths import PathAt, picked
from graph.planning.levels import Computed, Entry, Level, Linked, LinkedMany, Remote
from graph.schema.catalogue import RowType
from k8s.kinds.kind import Kind
from resolvers.links.absent import Absent
from resolvers.links.masked import masked_absence
from resolvers.links.members import Derived, Link, RemoteField
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected

if TYPE_CHECKING:
    from graph.execution.run import Run

_Column = Callable[[Entry, Level, Rows, PathAt], Awaitable[Sequence[Any]]]


async def masked_column(
    run: "Run", entry: Entry, level: Level, rows: Rows, *, path_at: PathAt, column: _Column
) -> Sequence[Any] | None:
    """Returns the column of an entry with null for rows of kinds whose paths are masked; None if there are none."""
    row_type = level.row_type
    if not (run.operation.masking.has_own and isinstance(entry, Computed | Remote | Linked | LinkedMany)):
        return None
    member = entry.link if isinstance(entry, Linked | LinkedMany) else entry.member
    absents = await _absents(run, row_type, member, rows)
    if not absents:
        return None
    values: list[Any] = [None] * len(rows)
    rest = list[int]()
    async for batch in batches(enumerate(rows)):
        for index, (cluster, row) in batch:
            absent = absents.get(_kind_of(row_type, row))
            if absent is None:
                rest.append(index)
            else:
                run.scope.notes.add(cluster, absent.note)
    if rest:
        known = await column(entry, level, await rows.picked(rest), picked(path_at, rest))
        async for known_batch in batches(zip(rest, known, strict=True)):
            for index, value in known_batch:
                values[index] = value
    return values


async def _absents(
    run: "Run", row_type: RowType, member: Derived | RemoteField | Link, rows: Rows
) -> dict[Kind | None, Absent]:
    kinds = (
        {*await collected(_kind_of(row_type, row) for row in rows.rows)} if row_type.is_object else {row_type.part_of}
    )
    found = ((kind, masked_absence(run.operation.masking, row_type.name, member, kind)) for kind in kinds)
    return {kind: absent for kind, absent in found if absent is not None}


def _kind_of(row_type: RowType, row: Any) -> Kind | None:
    """Returns the kind of a row in the version that was requested, or of the object that it is a part of."""
    if not row_type.is_object:
        return row_type.part_of
    kind: Kind | None = getattr(type(row), "kind", row_type.kind)
    return kind
