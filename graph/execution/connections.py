"""Connections of any number of parents, completed together: all their objects are one level."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from typing import Any, Protocol

from graphql.pyutils import Path

from graph.execution.groups import Groups, completed_groups, found_groups
from graph.execution.lists import PathOfItem, complete_lists
from graph.execution.nulled import NULLED
from graph.execution.sifted import CompletesHidden
from graph.planning.connection import (
    ConnectionField,
    ConnectionPlan,
    EdgeCursor,
    EdgeNode,
    Edges,
    Nodes,
    PageInfoField,
    Reports,
    TotalCount,
    TypeNameField,
)
from graph.planning.emitted import emitted_rows
from graph.planning.levels import FieldDetailsList, Level, PathAt
from k8s.turns.turns import Pace
from resolvers.lists.paging import ListPage
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, mapped, taken, worked


class CompletesLevels(Protocol):
    """Who completes the objects of a connection: `graph.execution.run.Run`."""

    operation: Operation

    async def level(self, level: Level, rows: Rows, path_at: PathAt) -> Sequence[Any]:
        """What is sent of each row."""
        ...

    def hidden(self, details: FieldDetailsList, path: Path) -> CompletesHidden:
        """Completes what is looked at but not sent."""
        ...


class Connections:
    """Completes pages by one plan."""

    def __init__(self, run: CompletesLevels, plan: ConnectionPlan) -> None:
        self._run = run
        self.plan = plan

    async def complete(self, pages: Sequence[ListPage | None], path_at: PathAt) -> list[Any]:
        """What is sent of each page; a page that is None, or that has a row which may not be null, is sent as null."""
        indexes = await taken(index for index, page in enumerate(pages) if page is not None)
        present = await taken(page for page in pages if page is not None)

        def path_of(place: int) -> Path:
            return path_at(indexes[place])

        columns = [await self.column(part, present, path_of) for part in self.plan.parts]
        sent: list[Any] = [None] * len(pages)
        async for some in batches(zip(indexes, *columns, strict=True)):
            for index, *values in some:
                sent[index] = None if NULLED in values else self.plan.emitted(*values)
        return sent

    async def column(self, part: ConnectionField, pages: Sequence[ListPage], path_at: PathAt) -> Iterable[Any]:
        """What is sent of one part of each page; `NULLED` where a row may not be null."""
        match part:
            case Nodes(key, level):
                return await self._split(level, await _rows(pages), _below(path_at, key))
            case Edges():
                return await self._edges(part, pages, path_at)
            case PageInfoField():
                return await worked(partial(self._page_info, part), pages)
            case TotalCount():
                return await taken(page.total for page in pages)
            case Groups():
                found = await found_groups(self._run, part, pages, path_at)
                return await completed_groups(part, found, pages, path_at, self._split)
            case Reports(key, level):
                return await self._split(level, await mapped(_reported, pages), _below(path_at, key))
            case TypeNameField(_, value):
                return [value] * len(pages)

    async def _split(self, level: Level, batches: Sequence[Rows], path_at: PathOfItem) -> list[Any]:
        return await complete_lists(self._run, level, batches, path_at)

    async def _edges(self, part: Edges, pages: Sequence[ListPage], path_at: PathAt) -> list[Any]:
        columns: list[Sequence[Any]] = []
        for inner in part.parts:
            match inner:
                case EdgeNode(key, level):
                    paths = _below(path_at, part.key, key)
                    columns.append(await self._split(level, await _rows(pages), paths))
                case EdgeCursor():
                    columns.append(await self._cursors(pages))
                case TypeNameField(_, value):
                    columns.append(await taken([value] * len(page.rows) for page in pages))
        pace, sent = Pace(), list[Any]()
        for page, *values in zip(pages, *columns, strict=True):
            if NULLED in values:
                sent.append(NULLED)
            else:
                sent.append(await taken(emitted_rows(part.emitted, values, len(page.rows))))
            await pace.breathe()
        return sent

    async def _cursors(self, pages: Sequence[ListPage]) -> list[Sequence[str]]:
        signer = self._run.operation.cursors
        places = ((page, index) for page in pages for index in range(len(page.rows)))
        cursors = iter(await worked(lambda place: place[0].cursor(place[1], signer), places))
        return await taken(list(islice(cursors, len(page.rows))) for page in pages)

    def _page_info(self, part: PageInfoField, page: ListPage) -> Any:
        return part.emitted(*(self.page_info_value(name, page) for name in part.names.values()))

    def page_info_value(self, name: str, page: ListPage) -> bool | str | None:
        """One field of `pageInfo`."""
        signer = self._run.operation.cursors
        match name:
            case "hasNextPage":
                return page.has_next
            case "hasPreviousPage":
                return page.has_previous
            case "startCursor":
                return page.cursor(0, signer) if len(page.rows) else None
            case "endCursor":
                return page.cursor(len(page.rows) - 1, signer) if len(page.rows) else None
            case _:
                return "PageInfo"


async def _rows(pages: Sequence[ListPage]) -> Sequence[Rows]:
    return await taken(page.rows for page in pages)


def _reported(page: ListPage) -> Rows:
    return Rows(list(page.answers), [answer.cluster for answer in page.answers])


def _below(path_at: PathAt, key: str, inner: str | None = None) -> Callable[[int, int], Path]:
    """Paths of the items of a list below each page."""

    def path_of(page: int, place: int) -> Path:
        item = path_at(page).add_key(key, None).add_key(place, None)
        return item.add_key(inner, None) if inner else item

    return path_of
