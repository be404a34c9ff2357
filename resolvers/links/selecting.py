"""Links by selectors: objects of one kind select objects of another one by their labels, in the same namespace.

A `Selecting` says which kind selects which, and how the selectors are read. It gives both directions of a link, each in
one entry. Both join the same way: an object is compared only with the selectors that name one of its labels, and with
those that name none.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.longlists import MAX_ITEMS
from resolvers.links.fetching import Fetch
from resolvers.links.labels import ObjectSelector
from resolvers.links.members import Family, Shape
from resolvers.links.naming import namespace_of
from resolvers.lists.rows import Rows
from resolvers.names import list_name
from resolvers.pacing import worked

LABELS: Final = "metadata.labels"
"""The path by which objects are selected."""

_Home = tuple[FleetCluster, str | None]
"""The cluster and the namespace in which a selector selects; the namespace is None for the whole cluster."""
_Label = tuple[str, str]
_Selector = tuple[int, ObjectSelector]
"""The index of an object and one of its selectors."""


@dataclass(frozen=True, slots=True)
class Selecting:
    """Objects of one kind that select objects of another one by their labels.

    Attributes:
        of: the kind of the objects with selectors.
        to: the kind of the objects that are selected.
        reads: the paths that `selectors` reads.
        selectors: returns the selectors of an object, of which one must match; none for an object that selects nothing.
    """

    of: Kind
    to: Kind
    reads: tuple[str, ...]
    selectors: Callable[[Row], Iterable[ObjectSelector]]

    async def selected(self, parents: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
        """Reads the objects that each parent selects, in the order of their list."""
        return await self.among(await fetch.children(self.to, LABELS), parents)

    async def among(self, children: Rows, parents: Rows) -> Sequence[Sequence[Row]]:
        """Returns those of the children that each parent selects, in their order."""
        found: list[list[Row]] = [[] for _ in range(len(parents))]
        join = await self._join(parents)

        def add(child: tuple[FleetCluster, Row]) -> None:
            for parent in join.selecting(*child):
                found[parent].append(child[1])

        await worked(add, children)
        return found

    async def selecting(self, parents: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
        """Reads the objects that select each parent, in the order of their list."""
        children = await fetch.children(self.of, *self.reads)
        join = await self._join(children)
        rows = children.rows

        def found(parent: tuple[FleetCluster, Row]) -> list[Row]:
            return [rows[index] for index in join.selecting(*parent)]

        return await worked(found, parents)

    async def _join(self, objects: Rows) -> "_Join":
        join = _Join(is_namespaced=self.of.namespaced and self.to.namespaced)
        pairs = iter(objects)

        def add(index: int) -> None:
            cluster, row = next(pairs)
            for selector in islice(self.selectors(row), MAX_ITEMS):
                join.add(index, cluster, row, selector)

        await worked(add, range(len(objects)))
        return join


class _Join:
    """The selectors of many objects, by namespace and by the rarest label that each one names.

    Charts give many objects one label, so the first label of their selectors may be the same.
    """

    def __init__(self, *, is_namespaced: bool) -> None:
        self._is_namespaced = is_namespaced
        self._selectors: dict[_Home, list[_Selector]] = defaultdict(list)
        self._uses: dict[_Home, Counter[_Label]] = defaultdict(Counter)
        self._by_label: dict[_Home, dict[_Label | None, list[_Selector]]] = {}
        self._selecting: dict[tuple[_Home, tuple[_Label, ...]], Sequence[int]] = {}

    def add(self, index: int, cluster: FleetCluster, row: Row, selector: ObjectSelector) -> None:
        """Adds a selector of the object at an index."""
        home = self._home(cluster, row)
        self._selectors[home].append((index, selector))
        self._uses[home].update(selector.pairs)

    def selecting(self, cluster: FleetCluster, row: Row) -> Sequence[int]:
        """Returns the indexes of the objects that select an object, in order."""
        labels: Mapping[str, Any] = row.metadata.labels or {}
        home = self._home(cluster, row)
        key = home, tuple(labels.items())
        known = self._selecting.get(key)
        if known is None:  # the pods of a workload have the same labels
            known = self._selecting[key] = self._found(home, labels)
        return known

    def _found(self, home: _Home, labels: Mapping[str, Any]) -> Sequence[int]:
        by_label = self._labelled(home)
        candidates = list(by_label.get(None, ()))
        for label in labels.items() if by_label else ():
            candidates += by_label.get(label, ())
        return sorted({index for index, selector in candidates if selector.selects(labels)})

    def _labelled(self, home: _Home) -> Mapping[_Label | None, Sequence[_Selector]]:
        """Returns the selectors by the rarest label of each one; those that name none by None."""
        known = self._by_label.get(home)
        if known is None:
            known, uses = self._by_label.setdefault(home, {}), self._uses[home]
            for entry in self._selectors.get(home, ()):
                rarest = min(entry[1].pairs, key=uses.__getitem__, default=None)
                known.setdefault(rarest, []).append(entry)
        return known

    def _home(self, cluster: FleetCluster, row: Row) -> _Home:
        return cluster, namespace_of(row) if self._is_namespaced else None


def add_selected(family: Family, selecting: Selecting, *, description: str, name: str | None = None) -> None:
    """Adds the link from an object to those that it selects, as a connection."""
    _add(family, selecting.reads, selecting.to, name=name, description=description, function=selecting.selected)


def add_selecting(family: Family, selecting: Selecting, *, description: str, name: str | None = None) -> None:
    """Adds the link from an object to those that select it, as a connection."""
    _add(family, (LABELS,), selecting.of, name=name, description=description, function=selecting.selecting)


def _add(
    family: Family, reads: tuple[str, ...], to: Kind, *, name: str | None, description: str, function: Any
) -> None:
    home = ("metadata.namespace",) if isinstance(family.owner, Kind) and family.owner.namespaced else ()
    family.link(*home, *reads, to=to, shape=Shape.MANY, description=description, name=name or list_name(to))(function)
