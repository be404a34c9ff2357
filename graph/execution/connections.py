"""Connections of any number of parents, completed together: all their objects are one level."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from graphql.pyutils import Path

from graph.execution.groups import Groups, completed_groups, groups_of_pages
from graph.execution.lists import alike, complete_lists
from graph.execution.responsepaths import PathAt, PathOfItem, items_below, picked
from graph.planning.connectionplan import (
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
from graph.planning.emitted import NULLED, emitted_rows
from graph.planning.levels import AnyLevel
from k8s.turns.turns import Pace
from resolvers.lists.clusternotes import Notes
from resolvers.lists.paging import ListPage
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected, mapped, worked

if TYPE_CHECKING:
    from graph.execution.run import Run


class Connections:
    """The connections of one plan."""

    def __init__(self, run: "Run", plan: ConnectionPlan) -> None:
        self._run = run
        self.plan = plan

    async def complete(self, pages: Sequence[ListPage | None], path_at: PathAt) -> list[Any]:
        """Completes each page, the same one once; null for one that is None, or has a null in a non-null place."""
        owners, places = await alike(pages)
        if len(owners) < len(pages):
            own = await mapped(pages.__getitem__, owners)
            return await mapped((await self.complete(own, picked(path_at, owners))).__getitem__, places)
        indexes = await collected(index for index, page in enumerate(pages) if page is not None)
        present = await collected(page for page in pages if page is not None)

        def path_of(place: int) -> Path:
            return path_at(indexes[place])

        columns: dict[str, Iterable[Any]] = {}
        for field in sorted(self.plan.fields, key=_is_of_envelope):
            columns[field.key] = await self.column(field, present, path_of)
        ordered = [columns[field.key] for field in self.plan.fields]
        connections: list[Any] = [None] * len(pages)
        async for batch in batches(zip(indexes, *ordered, strict=True)):
            for index, *values in batch:
                connections[index] = None if NULLED in values else self.plan.emitted(*values)
        return connections

    async def column(self, field: ConnectionField, pages: Sequence[ListPage], path_at: PathAt) -> Iterable[Any]:
        """Completes one field of each page; `NULLED` for a page with a null row in a non-null place."""
        match field:
            case Nodes(key, level):
                return await self._split(level, await _rows(pages), items_below(path_at, key))
            case Edges():
                return await self._edges(field, pages, path_at)
            case PageInfoField():
                return await worked(partial(self._page_info, field), pages)
            case TotalCount():
                return await collected(page.total for page in pages)
            case Groups():
                groups = await groups_of_pages(self._run, field, pages, path_at)
                return await completed_groups(field, groups, pages, path_at, self._split)
            case Reports(key, level):
                reported = partial(_reported, self._run.scope.notes)
                return await self._split(level, await mapped(reported, pages), items_below(path_at, key))
            case TypeNameField(_, value):
                return [value] * len(pages)

    async def _split(self, level: AnyLevel, lists: Sequence[Rows], path_at: PathOfItem) -> list[Any]:
        return await complete_lists(self._run, level, lists, path_at)

    async def _edges(self, field: Edges, pages: Sequence[ListPage], path_at: PathAt) -> list[Any]:
        columns: list[Sequence[Any]] = []
        for inner in field.fields:
            match inner:
                case EdgeNode(key, level):
                    paths = items_below(path_at, field.key, key)
                    columns.append(await self._split(level, await _rows(pages), paths))
                case EdgeCursor():
                    columns.append(await self._cursors(pages))
                case TypeNameField(_, value):
                    columns.append(await collected([value] * len(page.rows) for page in pages))
        pace, edges = Pace(), list[Any]()
        for page, *values in zip(pages, *columns, strict=True):
            if NULLED in values:
                edges.append(NULLED)
            else:
                edges.append(await collected(emitted_rows(field.emitted, values, len(page.rows))))
            await pace.breathe()
        return edges

    async def _cursors(self, pages: Sequence[ListPage]) -> list[Sequence[str]]:
        signer = self._run.operation.cursors
        places = ((page, index) for page in pages for index in range(len(page.rows)))
        cursors = iter(await worked(lambda place: place[0].cursor(place[1], signer), places))
        return await collected(list(islice(cursors, len(page.rows))) for page in pages)

    def _page_info(self, field: PageInfoField, page: ListPage) -> Any:
        return field.emitted(*(self.page_info_value(name, page) for name in field.names.values()))

    def page_info_value(self, name: str, page: ListPage) -> bool | str | None:
        """Returns one field of `pageInfo`."""
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
    return await collected(page.rows for page in pages)


def _reported(notes: Notes, page: ListPage) -> Rows:
    answers = [replace(one, notes=own) if (own := notes.of(one.cluster)) else one for one in page.answers]
    return Rows(answers, [answer.cluster for answer in answers])


def _is_of_envelope(field: ConnectionField) -> bool:
    """Returns whether a field has notes on the others, so that it is completed after them."""
    return isinstance(field, Reports)
