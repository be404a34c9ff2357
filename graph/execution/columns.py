"""Columns of derived and of remote fields, for all rows of a level, and of members whose paths the operator masks.

Errors are reported with the path of the row. The value is null there, or `NULLED` if the field is non-null.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from graph.execution.responsepaths import PathAt, Report, picked
from graph.planning.emitted import NULLED, UNKNOWN, Mark
from graph.planning.levels import Computed, Entry, Level, Linked, LinkedMany, Remote
from graph.schema.catalogue import RowType
from k8s.errors import ClusterError
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from k8s.turns.turns import Pace
from resolvers.fleet.cluster import FleetCluster
from resolvers.links.absent import Absent
from resolvers.links.masked import masked_absence
from resolvers.links.members import Derived, Link, RemoteField
from resolvers.links.partialvalue import PartialValue
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected, slices, stepped, worked

if TYPE_CHECKING:
    from graph.execution.run import Run

_Column = Callable[[Entry, Level, Rows, PathAt], Awaitable[Sequence[Any]]]
_REMEMBERED_BYTES: Final = 200
_REPLACED: Final = (Absent, PartialValue, ClusterError)
"""The types that stand for a value, and are not sent."""
_MISSING: Final = "Cannot return null for non-nullable field"


async def derived_values(report: Report, entry: Computed, rows: Rows, path_of: PathAt) -> list[Any]:
    """Returns the values of a derived field, row by row; if a call fails, calls again to find the paths of errors."""
    function: Callable[..., Any] = entry.function
    try:
        if entry.member.is_in_steps:
            pace = Pace()
            values = [await stepped(function(*_arguments(entry, place)), pace) for place in rows]
        elif entry.member.takes_cluster:
            values = await worked(lambda place: function(place[1], place[0]), rows)
        else:
            values = await worked(function, rows.rows)  # a row may be long, so time is checked after each
    except Exception:  # noqa: BLE001  the rows that fail are found below
        values = await _one_by_one(report, entry, rows, path_of)
    return values if entry.returns.is_nullable else await _without_nulls(report, entry, values, path_of)


def _arguments(entry: Computed, place: tuple[FleetCluster, Row]) -> tuple[Any, ...]:
    cluster, row = place
    return (row, cluster) if entry.member.takes_cluster else (row,)


async def remote_values(run: "Run", entry: Remote, rows: Rows, path_of: PathAt, reported: set[str]) -> Sequence[Any]:
    """Returns the values of a remote field, with one call for all rows; none for rows whose values a path has read.

    Args:
        run: the execution.
        entry: the field.
        rows: the rows.
        path_of: the path of the field by the index of the row.
        reported: the failures of clusters that fields beside it have reported: a failure is one error.
    """
    scope, member = run.scope, entry.member
    is_remembered = member.arguments is None  # a path may lead to it
    if not (is_remembered and scope.knows(member)):
        values = await _remote_values(run, entry, rows, path_of, reported)
    else:
        known = await collected(scope.known(member, row) for row in rows.rows)
        missing = await collected(index for index, value in enumerate(known) if value is None)
        values = await collected(value and value[1] for value in known)
        if missing:
            read = await _remote_values(run, entry, await rows.picked(missing), picked(path_of, missing), reported)
            async for batch in batches(zip(missing, read, strict=True)):
                for index, value in batch:
                    values[index] = value
    if run.is_hidden and is_remembered:
        run.memory.charge(len(rows) * _REMEMBERED_BYTES)
        await scope.remember(member, rows.rows, values)
    if {Mark, PartialValue}.isdisjoint(await _types_of(values)):  # as usual
        return values
    return await worked(partial(_of_run, run), values)


async def _types_of(values: Sequence[Any]) -> set[type]:
    types: set[type] = set()
    async for batch in slices(values):
        types.update(map(type, batch))
    return types


def _of_run(run: "Run", value: Any) -> Any:
    """Returns a value for a path or for the answer: an unknown one is sent as null, and a partial one as it is."""
    if isinstance(value, PartialValue):
        return UNKNOWN if run.is_hidden else value.value
    return run.unknown if value is UNKNOWN else value


async def _remote_values(run: "Run", entry: Remote, rows: Rows, path_of: PathAt, reported: set[str]) -> list[Any]:
    try:
        values = list(await entry.member.values(rows, run.operation, entry.arguments))
    except Exception as error:  # noqa: BLE001  reported at the first row's path, masked at the border
        run.report(error, entry.details, path_of(0))
        return [run.unknown if entry.returns.is_nullable else NULLED] * len(rows)
    values = await _without_failures(run, entry, rows, values, path_of=path_of, reported=reported)
    return values if entry.returns.is_nullable else await _without_nulls(run.report, entry, values, path_of)


async def _one_by_one(report: Report, entry: Computed, rows: Rows, path_of: PathAt) -> list[Any]:
    values: list[Any] = []
    pace = Pace()
    for index, place in enumerate(rows):
        try:
            value: Any = entry.function(*_arguments(entry, place))
            values.append(await stepped(value, pace) if entry.member.is_in_steps else value)
        except Exception as error:  # noqa: BLE001  reported at the row's path, masked at the border
            report(error, entry.details, path_of(index))
            values.append(None if entry.returns.is_nullable else NULLED)
        await pace.breathe()
    return values


async def _without_nulls(report: Report, entry: Computed | Remote, values: list[Any], path_of: PathAt) -> list[Any]:
    async for batch in batches(enumerate(values) if None in values else ()):
        for index, value in batch:
            if value is None:
                report(TypeError(f"{_MISSING} {entry.member.name}."), entry.details, path_of(index))
                values[index] = NULLED
    return values


async def _without_failures(
    run: "Run", entry: Remote, rows: Rows, values: list[Any], *, path_of: PathAt, reported: set[str]
) -> list[Any]:
    """Replaces the errors of clusters and absent values by null.

    Each error is reported once, those of partial values, too; the reason for absent values is noted.
    """
    if not any(issubclass(one, _REPLACED) for one in await _types_of(values)):  # as usual
        return values
    async for batch in batches(enumerate(values)):
        for index, value in batch:
            _note(run, rows.clusters[index], value)
            if isinstance(value, Absent):
                values[index] = run.unknown if value.is_unknown else None
                continue
            if isinstance(value, PartialValue):
                errors = value.errors
            elif isinstance(value, ClusterError):
                values[index], errors = run.unknown if entry.returns.is_nullable else NULLED, (value,)
            else:
                continue
            for error in errors:
                if str(error) not in reported:
                    reported.add(str(error))
                    run.report(error, entry.details, path_of(index))
    return values


def _note(run: "Run", cluster: FleetCluster, value: object) -> None:
    """Notes the reason for an absent value, or for absent parts of one."""
    absent = value.absent if isinstance(value, PartialValue) else value
    if isinstance(absent, Absent):
        run.scope.notes.add(cluster, absent.note)


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
    values: list[Any] = [run.unknown] * len(rows)
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
