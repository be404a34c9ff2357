"""What is kept of long lists while their pages are read, so that they take the memory of their answer.

Objects that `where` drops are dropped page by page. Where no object is sent, only numbers and groups, nothing is kept
of an object but the values that it is grouped by and that figures are computed of. Links are followed for whole lists,
so what leads through one is looked at when the list is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from graphql.pyutils import Path

from graph.execution.groups import Groups, LooksAtHidden, values_of
from graph.execution.sifted import CompletesHidden, sift
from graph.planning.filters import Sifting
from graph.planning.listfield import ListField
from k8s.reading.decoding import Row
from k8s.turns.turns import Pace
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.answers import FleetAnswer
from resolvers.lists.paging import ListPage, counted_page
from resolvers.lists.rows import Rows
from resolvers.pacing import mapped, taken


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is kept of the objects of one list.

    Attributes:
        hidden: completes what `where` looks at.
        sifting: `where`; None where everything passes.
        groups: each with what completes what it looks at; None where objects are kept, not values.
        path: the list's.
    """

    hidden: CompletesHidden
    sifting: Sifting | None
    groups: Sequence[tuple[Groups, CompletesHidden]] | None
    path: Path

    @property
    def keeps_values(self) -> bool:
        """Whether values are kept instead of objects."""
        return self.groups is not None

    async def keep(self, cluster: FleetCluster, objects: Sequence[Row]) -> Sequence[Any]:
        """Objects that `where` lets through, or of each a tuple of its values for each of the `groups`."""
        rows = Rows()
        rows.extend(cluster, objects)
        ((rows, _),) = await sift(self.hidden, self.sifting, [rows], lambda _index: self.path)
        if self.groups is None:
            return rows.rows
        pace, columns = Pace(), list[Sequence[tuple[Any, ...]]]()
        for groups, hidden in self.groups:
            columns.append(await self._values(groups, hidden, rows))
            await pace.breathe()
        return await taken(zip(*columns, strict=True)) if columns else [()] * len(rows)

    async def _values(self, groups: Groups, hidden: CompletesHidden, rows: Rows) -> Sequence[tuple[Any, ...]]:
        (values,) = await values_of(groups, hidden, [rows], lambda _index: self.path)
        return values

    async def page(self, answer: FleetAnswer) -> ListPage:
        """The page of a list of which values were kept."""
        kept = answer.rows().rows
        places = enumerate(groups.key for groups, _ in self.groups or ())
        values = {key: await mapped(itemgetter(place), kept) for place, key in places}
        return counted_page(len(kept), answer.answers, values)


def keeping(run: LooksAtHidden, hidden: CompletesHidden, asked: ListField) -> Keeping | None:
    """What is kept of a list that is read as a whole; None where that is everything.

    Args:
        run: completes what groups look at.
        hidden: completes what `where` looks at.
        asked: the list.
    """
    plan, path, sifting = asked.plan, asked.path, asked.plan.sifting
    if sifting is not None and sifting.level.asks_clusters:
        return None
    groups = [part for part in plan.parts if isinstance(part, Groups)]
    if plan.sends_no_object and not asked.arguments.order_by and not any(each.level.asks_clusters for each in groups):
        return Keeping(hidden, sifting, [(each, each.hidden(run, path)) for each in groups], path)
    if sifting is None or not asked.arguments.where:
        return None
    return Keeping(hidden, replace(sifting, columns=(), values=()), None, path)
