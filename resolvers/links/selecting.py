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
from resolvers.memory.share import REFERENCE_BYTES
from resolvers.names import list_name
from resolvers.pacing import mapped, worked

LABELS: Final = "metadata.labels"
"""The path by which objects are selected."""

_Home = tuple[FleetCluster, str | None]
"""The cluster and the namespace in which a selector selects; the namespace is None for the whole cluster."""
_Label = tuple[str, str]
_Selector = tuple[int, ObjectSelector]
"""The index of an object, or of objects with equal selectors, and one of the selectors."""
_Charge = Callable[[int], None]
"""Takes the memory to charge, in bytes."""


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
        """Reads the objects that each parent selects, in their order; parents with equal selectors have one list."""
        return await self.among(await fetch.children(self.to, LABELS), parents, fetch.operation.memory.charge)

    async def among(self, children: Rows, parents: Rows, charge: _Charge) -> Sequence[Sequence[Row]]:
        """Returns those of the children that each parent selects, in their order; charges the memory of the lists."""
        join, found = self._join(charge), list[list[Row]]()
        known: dict[tuple[_Home, tuple[ObjectSelector, ...]], list[Row]] = {}

        def selected(parent: tuple[FleetCluster, Row]) -> list[Row]:
            home, selectors = join.home(*parent), tuple(islice(self.selectors(parent[1]), MAX_ITEMS))
            own = known.get((home, selectors))
            if own is None:
                own = known[home, selectors] = []
                join.add(len(found), home, selectors)
                found.append(own)
            return own

        def add(child: tuple[FleetCluster, Row]) -> None:
            if indexes := join.selecting(*child):
                charge(len(indexes) * REFERENCE_BYTES)
            for index in indexes:
                found[index].append(child[1])

        lists = await worked(selected, parents)
        await worked(add, children)
        return lists

    async def selecting(self, parents: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
        """Reads the objects that select each parent, in their order; parents that are alike have one list."""
        children = await fetch.children(self.of, *self.reads)
        charge = fetch.operation.memory.charge
        join, rows, known = self._join(charge), children.rows, dict[int, list[Row]]()
        pairs = iter(children)

        def add(index: int) -> None:
            cluster, row = next(pairs)
            join.add(index, join.home(cluster, row), tuple(islice(self.selectors(row), MAX_ITEMS)))

        def found(at: int) -> list[Row]:
            indexes = join.selecting(parents.clusters[at], parents.rows[at])
            if id(indexes) not in known:  # the join holds them
                charge(len(indexes) * REFERENCE_BYTES)
                known[id(indexes)] = [rows[index] for index in indexes]
            return known[id(indexes)]

        await worked(add, range(len(children)))
        owners, places = await parents.alike_by_labels()
        lists = await worked(found, owners)
        return await mapped(lists.__getitem__, places)

    def _join(self, charge: _Charge) -> "_Join":
        return _Join(is_namespaced=self.of.namespaced and self.to.namespaced, charge=charge)


class _Join:
    """The selectors of many objects, by namespace and by the rarest label that each one names.

    Charts give many objects one label, so the first label of their selectors may be the same.
    """

    def __init__(self, *, is_namespaced: bool, charge: _Charge) -> None:
        self._is_namespaced, self._charge = is_namespaced, charge
        self._selectors: dict[_Home, list[_Selector]] = defaultdict(list)
        self._uses: dict[_Home, Counter[_Label]] = defaultdict(Counter)
        self._by_label: dict[_Home, dict[_Label | None, list[_Selector]]] = {}
        self._selecting: dict[tuple[_Home, tuple[_Label, ...]], Sequence[int]] = {}

    def add(self, index: int, home: _Home, selectors: Iterable[ObjectSelector]) -> None:
        """Adds the selectors of the object at an index."""
        for selector in selectors:
            self._selectors[home].append((index, selector))
            self._uses[home].update(selector.pairs)

    def selecting(self, cluster: FleetCluster, row: Row) -> Sequence[int]:
        """Returns the indexes of the objects that select an object, in order."""
        labels: Mapping[str, Any] = row.metadata.labels or {}
        home = self.home(cluster, row)
        key = home, tuple(labels.items())
        known = self._selecting.get(key)
        if known is None:  # the pods of a workload have the same labels
            known = self._selecting[key] = self._found(home, labels)
            self._charge(len(known) * REFERENCE_BYTES)
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

    def home(self, cluster: FleetCluster, row: Row) -> _Home:
        """Returns the cluster and the namespace in which an object selects or is selected."""
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
