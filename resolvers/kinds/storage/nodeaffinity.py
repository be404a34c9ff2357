"""The join of persistent volumes and nodes by the volumes' node affinity.

Source: `NodeSelector` in k8s.io/api/core/v1/types.go, and `nodeaffinity.LazyErrorNodeSelector` in
k8s.io/component-helpers: one of the terms must match, with all its requirements; an empty term matches no node.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from time import perf_counter
from typing import Any, Final

from k8s.reading.rowdecoders import Row
from k8s.turns.turns import Pace
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.longlists import MAX_ITEMS, items_of
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected, worked

AFFINITY_READS: Final = tuple(
    f"spec.nodeAffinity.required.nodeSelectorTerms.{of}.{key}"
    for of in ("matchExpressions", "matchFields")
    for key in ("key", "operator", "values")
)
NODE_READS: Final = ("metadata.name", "metadata.labels")
"""The paths of volumes and of nodes that are compared."""

_NAME_FIELD: Final = "metadata.name"
_Requirements = tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class _Term:
    labels: _Requirements
    fields: _Requirements

    def selects(self, node: Row) -> bool:
        labels, fields = node.metadata.labels or {}, {_NAME_FIELD: node.metadata.name}
        return all(_holds(one, labels) for one in self.labels) and all(
            len(one[2]) == 1 and _holds(one, fields) for one in self.fields
        )


class _Nodes:
    """The nodes of one cluster in the order of their list, and their places in it by name and by label."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._places: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self._selected: dict[_Term, list[int]] = {}

    def add(self, node: Row) -> None:
        """Adds a node."""
        for value in (_NAME_FIELD, node.metadata.name), *islice((node.metadata.labels or {}).items(), MAX_ITEMS):
            self._places[value].append(len(self.rows))
        self.rows.append(node)

    async def selected(self, term: _Term, pace: Pace) -> Sequence[int]:
        """Returns the places of the nodes that a term selects."""
        if term not in self._selected:
            places = self._candidates(term)
            flags = await worked(lambda place: term.selects(self.rows[place]), places, pace)
            self._selected[term] = [place for place, is_selected in zip(places, flags, strict=True) if is_selected]
        return self._selected[term]

    def _candidates(self, term: _Term) -> Sequence[int]:
        """Returns the places of the nodes that have a value which the term requires; all if it requires none."""
        for key, operator, wanted in (*term.fields, *term.labels):
            if operator == "In":
                return [place for value in dict.fromkeys(wanted) for place in self._places.get((key, value), ())]
        return range(len(self.rows))


async def selected_nodes(volumes: Rows, nodes: Rows) -> Sequence[Sequence[Row]]:
    """Returns the nodes that the affinity of each volume selects, in the order of their list."""
    by_cluster: defaultdict[FleetCluster, _Nodes] = defaultdict(_Nodes)
    await worked(lambda node: by_cluster[node[0]].add(node[1]), nodes)
    pace, found = Pace(), list[Sequence[Row]]()
    for cluster, volume in volumes:
        own, places = by_cluster[cluster], set[int]()
        for term in _terms(volume):
            places.update(await own.selected(term, pace))
        found.append([own.rows[place] for place in sorted(places)])
        if perf_counter() > pace.until_s:
            await pace.breathe()
    return found


async def selecting_volumes(nodes: Rows, volumes: Rows) -> Sequence[Sequence[Row]]:
    """Returns the volumes whose affinity selects each node."""
    found: dict[int, list[Row]] = {id(node): [] for node in nodes.rows}
    selected = await selected_nodes(volumes, nodes)
    async for batch in batches(zip(volumes.rows, selected, strict=True)):
        for volume, own in batch:
            for node in own:
                found[id(node)].append(volume)
    return await collected(found[id(node)] for node in nodes.rows)


def _terms(volume: Row) -> tuple[_Term, ...]:
    affinity = volume.spec.nodeAffinity if volume.spec else None
    required = affinity.required if affinity else None
    terms = (
        _Term(_requirements(term.matchExpressions), _requirements(term.matchFields))
        for term in items_of(required.nodeSelectorTerms if required else None)
    )
    return tuple(term for term in terms if term.labels or term.fields)


def _requirements(rows: Sequence[Row] | None) -> _Requirements:
    return tuple((row.key or "", row.operator or "", tuple(items_of(row.values))) for row in items_of(rows))


def _holds(requirement: tuple[str, str, tuple[str, ...]], values: Mapping[str, Any]) -> bool:
    key, operator, wanted = requirement
    rule = _RULES.get(operator)
    return rule is not None and rule(values.get(key), wanted)


def _is_greater(value: Any, wanted: tuple[str, ...]) -> bool:
    return _compared(value, wanted) > 0


def _is_less(value: Any, wanted: tuple[str, ...]) -> bool:
    return _compared(value, wanted) < 0


def _compared(value: Any, wanted: tuple[str, ...]) -> int:
    """Returns 1 for a value that is greater than the wanted one, -1 for a smaller one, else 0, as for no numbers."""
    own, other = _number(value), _number(wanted[0] if len(wanted) == 1 else None)
    return 0 if own is None or other is None else (own > other) - (own < other)


def _number(text: Any) -> int | None:
    if not isinstance(text, str) or not text.isascii() or len(text) > _MOST_DIGITS:
        return None
    return int(text) if text.removeprefix("-").isdigit() else None


_MOST_DIGITS: Final = 20
_RULES: Final[Mapping[str, Callable[[Any, tuple[str, ...]], bool]]] = {
    "In": lambda value, wanted: value in wanted,
    "NotIn": lambda value, wanted: bool(wanted) and value not in wanted,
    "Exists": lambda value, wanted: value is not None and not wanted,
    "DoesNotExist": lambda value, wanted: value is None and not wanted,
    "Gt": _is_greater,
    "Lt": _is_less,
}
