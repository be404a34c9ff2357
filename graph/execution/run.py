"""The completion of one level at a time: all rows of a list at once.

A derived field is a loop over the rows, a link one call for all of them, and the children of all parents are the next
level. Errors are reported with the same path as in graphql-core's executor. A row whose non-null field failed becomes
`NULLED`; its parent replaces it by null if the row's type is nullable.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from graphql.pyutils import Path

from graph.execution.columns import derived_values, masked_column, remote_values
from graph.execution.connections import Connections
from graph.execution.linkedkinds import linked_kinds
from graph.execution.linkedobjects import linked_objects
from graph.execution.links import link_pages
from graph.execution.lists import complete_parts
from graph.execution.listscope import ListScope
from graph.execution.responsepaths import PathAt, Report, beginning, picked
from graph.execution.shaping import column, completed_composites, decoded_selection
from graph.execution.typedvalues import mixed_rows
from graph.incremental.fragments import Deferrals
from graph.planning.connectionplan import ConnectionPlan
from graph.planning.emitted import NULLED, UNKNOWN, emitted_rows
from graph.planning.levels import (
    AnyLevel,
    Computed,
    Entry,
    FieldDetailsList,
    Level,
    Linked,
    LinkedKinds,
    LinkedMany,
    MixedLevel,
    Remote,
)
from k8s.turns.turns import Pace
from resolvers.filters.expansion import Expansion
from resolvers.links.members import Owner
from resolvers.lists.clusternotes import Notes
from resolvers.lists.paging import ListPage
from resolvers.lists.rows import Rows
from resolvers.memory.share import MemoryShare
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, collected, in_slices, mapped, slices
from resolvers.together import together

_LOOKED_AT_ONCE: Final = 256


@dataclass(slots=True)
class Run:
    """The execution of levels for one operation."""

    operation: Operation
    report: Report
    is_hidden: bool = False
    deferrals: Deferrals | None = None
    of: ListScope | None = None

    @property
    def scope(self) -> ListScope:
        """The scope of the list; fields in no list have warnings instead of notes."""
        self.of = self.of or ListScope(Notes(warnings=self.operation.warnings))
        return self.of

    def of_list(self) -> "Run":
        """Returns the same for a list that begins here: its envelope has the notes on its own fields."""
        return replace(self, of=self.scope.below())

    @property
    def unknown(self) -> Any:
        """The value of a field that could not be read: null in the answer, and for paths a mark."""
        return UNKNOWN if self.is_hidden else None

    @property
    def expansion(self) -> Expansion:
        """The counter of values that paths lead to."""
        return self.operation.expansion

    @property
    def memory(self) -> MemoryShare:
        """The memory of the operation."""
        return self.operation.memory

    def hidden(self, details: FieldDetailsList, path: Path) -> "Run":
        """Returns a run for values that are not sent; it reports an error once, at a path of the length of `path`."""
        length = len(path.as_list())
        seen: set[str] = set()

        def report(error: Exception, _details: FieldDetailsList, below: Path) -> None:
            if str(error) not in seen:
                seen.add(str(error))
                self.report(error, details, beginning(below, length))

        return Run(self.operation, report, is_hidden=True, of=self.scope)

    async def level(self, level: AnyLevel, rows: Rows, path_at: PathAt) -> Sequence[Any]:
        """Completes each row, in order; `path_at` gives the path of a row by its index."""
        if not rows.rows:
            return []
        if isinstance(level, MixedLevel):
            return await mixed_rows(self, level, rows, path_at)
        if not self.is_hidden:
            self.operation.count_sent(rows.sent_objects)
        return await self.completed(level, rows, path_at)

    async def completed(self, level: Level, rows: Rows, path_at: PathAt) -> Sequence[Any]:
        """Completes rows that are counted already; there is at least one."""
        selection = decoded_selection(rows.rows[0])
        if level.entries and level.passes(selection):
            return rows.rows
        self.operation.memory.charge(len(rows) * level.emitted_bytes)
        columns = await self._columns(level, rows, path_at)
        emitted = emitted_rows(level.emitted, columns, len(rows))
        values = await collected(emitted) if len(rows) > _LOOKED_AT_ONCE else list(emitted)
        for index in await self._nulled_rows(level, columns):
            values[index] = NULLED
        if not self.is_hidden and self.deferrals is None:  # hidden values, and values of payloads, are released earlier
            self.operation.memory.hold([*values])
        if level.deferred and self.deferrals is not None:
            await self.deferrals.add(level, rows, values)
        return values

    async def connections(self, plan: ConnectionPlan, pages: Sequence[ListPage | None], path_at: PathAt) -> list[Any]:
        """Completes each connection; None for those that failed."""
        return await Connections(self, plan).complete(pages, path_at)

    async def _nulled_rows(self, level: Level, columns: Sequence[Sequence[Any]]) -> set[int]:
        nulled: set[int] = set()
        for entry, values in zip(level.entries, columns, strict=True):
            if isinstance(entry, Computed | Remote | LinkedMany | LinkedKinds):  # decoded values are never `NULLED`
                start = 0
                async for batch in slices(values):
                    if NULLED in batch:
                        nulled.update(start + place for place, value in enumerate(batch) if value is NULLED)
                    start += len(batch)
        return nulled

    async def _columns(self, level: Level, rows: Rows, path_at: PathAt) -> list[Sequence[Any]]:
        """Returns a column for each entry; starts all requests at once, and computes the others one after the other."""
        reported = set[str]()
        asking = [entry for entry in level.entries if _may_ask(entry)]
        computing = [entry for entry in level.entries if not _may_ask(entry)]

        async def computed() -> list[Sequence[Any]]:
            pace, columns = Pace(), list[Sequence[Any]]()
            for entry in computing:
                columns.append(await self._column(entry, level, rows, path_at, reported))
                await pace.breathe()
            return columns

        if not asking:
            return await computed()
        own, *others = await together(
            computed(), *(self._column(entry, level, rows, path_at, reported) for entry in asking)
        )
        columns = dict(zip((entry.key for entry in (*computing, *asking)), (*own, *others), strict=True))
        return [columns[entry.key] for entry in level.entries]

    async def _column(
        self, entry: Entry, level: Level, rows: Rows, path_at: PathAt, reported: set[str]
    ) -> Sequence[Any]:
        def path_of(index: int) -> Path:
            return path_at(index).add_key(entry.key, level.row_type.name)

        column_of = partial(self._column, reported=reported)
        if (masked := await masked_column(self, entry, level, rows, path_at=path_at, column=column_of)) is not None:
            return masked
        match entry:
            case Computed():
                return await self._computed(entry, rows, path_of)
            case Remote():
                values = await remote_values(self, entry, rows, path_of, reported)
                return await completed_composites(entry.level, values, are_lists=entry.returns.is_list)
            case Linked():
                return await linked_objects(self, entry, rows, path_of)
            case LinkedKinds():
                return await linked_kinds(self.of_list(), entry, rows, path_of)
            case LinkedMany():
                return await self._linked_many(entry, rows, path_of)
            case _:
                own = decoded_selection(rows.rows[0])
                return await in_slices(lambda part: column(entry, part, own), rows.rows)

    async def _computed(self, entry: Computed, rows: Rows, path_of: PathAt) -> Sequence[Any]:
        values = await derived_values(self.report, entry, rows, path_of)
        if isinstance(entry.returns.element, Owner) and entry.level is not None:
            if entry.returns.is_list:
                return await complete_parts(
                    self, entry.level, values, lambda index, place: path_of(index).add_key(place, None)
                )
            return await self.distinct(lambda _value: entry.level, values, rows, path_of)
        return await completed_composites(entry.level, values, are_lists=entry.returns.is_list)

    async def distinct(
        self,
        level_of: Callable[[Any], Level | None],
        values: Sequence[Any],
        parents: Rows,
        path_of: PathAt,
    ) -> list[Any]:
        """Completes each distinct object once, for any number of parents."""
        copies: dict[int, int] = {}
        by_level: dict[Level, list[int]] = {}
        pace = Pace()
        for index, value in enumerate(values):
            if not index % _LOOKED_AT_ONCE:
                await pace.breathe()
            if value is None or value is NULLED:
                continue
            is_new = id(value) not in copies
            copies[id(value)] = copies.get(id(value), 0) + parents.copies_of(index)
            level = level_of(value) if is_new else None
            if level is not None:
                by_level.setdefault(level, []).append(index)
        completed: dict[int, Any] = {}
        for level, indexes in by_level.items():
            objects = await mapped(values.__getitem__, indexes)
            clusters = await mapped(parents.clusters.__getitem__, indexes)
            rows = Rows(objects, clusters, await collected(copies[id(value)] for value in objects))
            results = await self.level(level, rows, picked(path_of, indexes))
            async for batch in batches(zip(objects, results, strict=True)):
                completed.update((id(value), result) for value, result in batch)
        return await collected(value if value is None or value is NULLED else completed[id(value)] for value in values)

    async def _linked_many(self, entry: LinkedMany, rows: Rows, path_of: PathAt) -> Sequence[Any]:
        run = self.of_list()
        try:
            pages = await link_pages(run, entry, rows, path_of)
        except Exception as error:  # noqa: BLE001  reported at the first row's path, masked at the border
            self.report(error, entry.details, path_of(0))
            return [self.unknown] * len(rows)
        connections = await run.connections(entry.connection, pages, path_of)
        if not self.is_hidden:
            return connections
        return [UNKNOWN if page is None else one for page, one in zip(pages, connections, strict=True)]


def _may_ask(entry: Entry) -> bool:
    """Returns True if a column may need requests to clusters."""
    if isinstance(entry, Computed):
        return isinstance(entry.returns.element, Owner)
    return isinstance(entry, Remote | Linked | LinkedMany | LinkedKinds)
