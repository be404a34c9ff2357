"""Links by name: objects of one kind name objects of another one, in their own namespace or in a given one.

A `Naming` says which kind names which, and how the names are read. It gives both directions of a link, each in one
entry: from an object to those that it names, and from an object to those that name it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Any, Final

from k8s.kinds.kind import Kind
from k8s.kinds.structure import attribute_name
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.longlists import MAX_ITEMS, items_of
from resolvers.links.fetching import Fetch
from resolvers.links.joining import ObjectName
from resolvers.links.members import Family, Shape
from resolvers.lists.rows import Rows
from resolvers.names import list_name, single_name
from resolvers.pacing import batches, collected, mapped, worked

Place = tuple[str | None, str]
"""The namespace and the name of an object; the namespace is None for a kind of the whole cluster."""
NamedPlace = tuple[str | None, str | None]
"""The same as another object has them: a name that is missing or empty names nothing."""

_NAME: Final = ("metadata.name",)
_NAME_IN_NAMESPACE: Final = ("metadata.name", "metadata.namespace")


@dataclass(frozen=True, slots=True)
class Naming:
    """Objects of one kind that name objects of another one.

    Attributes:
        of: the kind of the objects that name others.
        to: the kind of the objects that are named.
        reads: the paths that `places` reads.
        places: returns the places of the objects that an object names, with or without duplicates.
        is_across_namespaces: whether an object may name objects of other namespaces.
    """

    of: Kind
    to: Kind
    reads: tuple[str, ...]
    places: Callable[[Row], Iterable[NamedPlace]]
    is_across_namespaces: bool = False

    async def named(self, parents: Rows, fetch: Fetch) -> Sequence[Sequence[Row] | None]:
        """Reads the objects that each parent names; returns them in the order of the names, each once.

        Parents that name the same objects have one list. None for a parent that names an object in a namespace whose
        objects the identity may not list.
        """
        places = await mapped(tuple, await worked(self._distinct_places, parents.rows))
        keys = await collected(zip(parents.clusters, places, strict=True))
        lists: dict[tuple[FleetCluster, tuple[Place, ...]], list[Row] | None] = {}
        async for batch in batches(keys):
            lists.update((key, None) for key in batch)
        names: list[ObjectName] = []
        async for distinct in batches(lists):
            names += [(cluster, *place) for cluster, own in distinct for place in own]
        children = iter(await self._within(fetch).named(self.to, names))
        async for distinct in batches([*lists]):
            for key in distinct:
                found = [child for child in islice(children, len(key[1])) if child is not None]
                lists[key] = None if fetch.partial and self._are_hidden(fetch, *key) else found
        return await mapped(lists.__getitem__, keys)

    async def one(self, parents: Rows, fetch: Fetch) -> Sequence[Row | None]:
        """Reads the first object that each parent names; None where it names none, or one that does not exist."""
        names = await collected((cluster, *self._first_place(row)) for cluster, row in parents)
        found = await self._within(fetch).named(self.to, names)
        async for batch in batches(enumerate(names) if fetch.partial else ()):
            fetch.unread |= {index for index, (cluster, home, _) in batch if fetch.hides(cluster, self.to, home)}
        return found

    async def naming(self, parents: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
        """Reads the objects that name each parent, in the order of their list."""
        children = await self._within(fetch).children(self.of, *self.reads)
        found: dict[tuple[FleetCluster, Place], list[Row]] = {}

        def add(named_by: tuple[FleetCluster, Row]) -> None:
            cluster, child = named_by
            for place in self._distinct_places(child):
                found.setdefault((cluster, place), []).append(child)

        await worked(add, children)
        return await collected(found.get((cluster, self._own_place(row)), ()) for cluster, row in parents)

    def _are_hidden(self, fetch: Fetch, cluster: FleetCluster, places: Sequence[Place]) -> bool:
        return any(fetch.hides(cluster, self.to, namespace) for namespace, _name in places)

    def _places(self, row: Row) -> list[Place]:
        named = islice(self.places(row), MAX_ITEMS)
        if self.to.namespaced:
            return [(namespace, name) for namespace, name in named if name and namespace and isinstance(name, str)]
        return [(None, name) for _namespace, name in named if name and isinstance(name, str)]

    def _first_place(self, row: Row) -> NamedPlace:
        places = self._places(row)
        return places[0] if places else (None, None)

    def _distinct_places(self, row: Row) -> Sequence[Place]:
        return [*dict.fromkeys(self._places(row))]

    def _own_place(self, row: Row) -> Place:
        return (namespace_of(row) if self.to.namespaced else None), row.metadata.name

    def _within(self, fetch: Fetch) -> Fetch:
        fetch.is_across_namespaces = self.is_across_namespaces
        return fetch


def at_paths(*paths: str, namespace: str = "metadata.namespace") -> Callable[[Row], Sequence[Place]]:
    """Returns a `places` function for names at paths of the object, through lists; `namespace` is a path to one value.

    The paths are also the `reads`, with that of the namespace.
    """
    steps = [steps_of(path) for path in paths]
    namespace_steps = steps_of(namespace)
    one_name = attrgetter(".".join(steps[0]), ".".join(namespace_steps)) if len(paths) == 1 else None

    def places(row: Row) -> Sequence[Place]:
        if one_name is not None:
            try:
                name, home = one_name(row)
            except AttributeError:
                name = home = None
            if type(name) is str and type(home) is str:  # of thousands of rows
                return [(home, name)]
        homes, names = values_at(row, namespace_steps), list[Any]()
        home = homes[0] if homes else None
        for path in steps:
            _add_values(row, path, 0, names)
        return [(home, name) for name in names]

    return places


def by_paths(of: Kind, to: Kind, *paths: str, namespace: str = "metadata.namespace") -> Naming:
    """Returns the naming of objects whose names are at paths of the object, through lists.

    Args:
        of: the kind of the objects that name others.
        to: the kind of the objects that are named.
        paths: the paths to the names.
        namespace: the path to the namespace of all of them; by default the object's own.
    """
    is_across = namespace != "metadata.namespace" and of.namespaced and to.namespaced
    reads = (*paths, namespace) if to.namespaced else paths
    return Naming(of, to, reads, at_paths(*paths, namespace=namespace), is_across_namespaces=is_across)


def namespace_of(row: Row) -> str | None:
    """Returns the namespace of an object; None for an object of the whole cluster."""
    return getattr(row.metadata, "namespace", None) or None


def add_named(
    family: Family, naming: Naming, *, description: str, shape: Shape = Shape.SOME, name: str | None = None
) -> None:
    """Adds the link from an object to those that it names: a list, or one object with `Shape.ONE`."""
    function: Any = naming.one if shape is Shape.ONE else naming.named
    named = name or (single_name(naming.to) if shape is Shape.ONE else list_name(naming.to))
    family.link(*naming.reads, to=naming.to, shape=shape, description=description, name=named)(function)


def add_naming(family: Family, naming: Naming, *, description: str, name: str | None = None) -> None:
    """Adds the link from an object to those that name it, as a connection."""
    reads = _NAME_IN_NAMESPACE if naming.to.namespaced else _NAME
    named = name or list_name(naming.of)
    family.link(*reads, to=naming.of, shape=Shape.MANY, description=description, name=named)(naming.naming)


def steps_of(path: str) -> tuple[str, ...]:
    """Returns the attributes of a path."""
    return tuple(attribute_name(step) for step in path.split("."))


def values_at(value: Any, steps: Sequence[str]) -> Sequence[Any]:
    """Returns the values at a path, through lists and the keys of maps; none for absent ones."""
    found: list[Any] = []
    _add_values(value, steps, 0, found)
    return found


def _add_values(value: Any, steps: Sequence[str], place: int, found: list[Any]) -> None:
    for at in range(place, len(steps)):
        if value is None:
            return
        if isinstance(value, list):
            for item in items_of(value):
                _add_values(item, steps, at, found)
            return
        value = value.get(steps[at]) if isinstance(value, dict) else getattr(value, steps[at], None)
    if isinstance(value, list):
        found.extend(items_of(value))
    elif value is not None:
        found.append(value)
