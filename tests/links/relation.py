"""`Relation`: a link and its way back, as a question about two objects that is answered from their JSON alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

Json = Any
"""Objects as the API server sends them."""

EVERY_KIND: Final = "any kind"
"""The end of a link to objects of any kind."""


@dataclass(frozen=True)
class World:
    """All objects of an API server, by kind; of custom kinds `group/Kind`."""

    objects: Mapping[str, Sequence[Json]]

    def of(self, kind: str) -> Sequence[Json]:
        """Returns the objects of a kind, or of all."""
        return self._every if kind == EVERY_KIND else self.objects[kind]

    def above(self, item: Json) -> Iterator[Json]:
        """Yields the object that controls another one, what controls that, and so on."""
        uids = [owner["uid"] for owner in item["metadata"].get("ownerReferences", ()) if owner.get("controller")]
        for owner in (self._by_uid[uid] for uid in uids if uid in self._by_uid):
            yield owner
            yield from self.above(owner)

    @cached_property
    def _by_uid(self) -> Mapping[str, Json]:
        return {one["metadata"]["uid"]: one for one in self._every if "uid" in one["metadata"]}

    @cached_property
    def _every(self) -> Sequence[Json]:
        return [one for objects in self.objects.values() for one in objects]


LeadsTo = Callable[[Json, Json, World], bool]
"""Returns whether the first object leads to the second one."""


@dataclass(frozen=True)
class Relation:
    """A link, and perhaps its way back.

    Attributes:
        link: the link, such as `Pod.node`.
        to: the kind that it leads to, or `EVERY_KIND`.
        back: the field of `to` that leads back; empty for none.
        leads_to: says which objects are related.
    """

    link: str
    to: str
    back: str
    leads_to: LeadsTo

    @property
    def names(self) -> Iterator[tuple[str, str]]:
        """Yields the kinds and the names of its links."""
        kind, _, name = self.link.rpartition(".")
        yield kind, name
        if self.back:
            yield self.to, self.back


def name(item: Json) -> str:
    """Returns the name of an object."""
    return str(item["metadata"]["name"])


def space(item: Json) -> str:
    """Returns the namespace of an object; empty for one of the whole cluster."""
    return str(item["metadata"].get("namespace", ""))


def labels(item: Json) -> Mapping[str, str]:
    """Returns the labels of an object, or of a template."""
    return (item.get("metadata") or {}).get("labels") or {}


def at(value: Json, path: str) -> list[Json]:
    """Returns the values at a path; those of each item of a list on the way."""
    values = [value]
    for key in path.split("."):
        inner = [one[key] for one in values if isinstance(one, dict) and key in one]
        values = [item for one in inner for item in (one if isinstance(one, list) else [one])]
    return values


def by_name(path: str, *more: str) -> LeadsTo:
    """Relates objects that name others of their namespace, or of the whole cluster, at one of some paths."""
    paths = (path, *more)
    return lambda one, other, _world: (
        space(other) in {"", space(one)} and any(name(other) in at(one, path) for path in paths)
    )


def by_place(path: str) -> LeadsTo:
    """Relates objects that name others with their namespaces."""
    return lambda one, other, _world: any(
        (place.get("namespace"), place.get("name")) == (space(other), name(other)) for place in at(one, path)
    )


def by_kind(path: str, *, default: str | None = None, group: str = "group") -> LeadsTo:
    """Relates objects that refer to others with their kinds, and perhaps with their groups and namespaces."""

    def refers(one: Json, other: Json, _world: World) -> bool:
        own_group, _, _ = other["apiVersion"].rpartition("/")
        for place in at(one, path):
            kind = place.get("kind", default)
            named = place.get(group)  # null in some kinds
            referred = place["apiVersion"].rpartition("/")[0] if "apiVersion" in place else named
            referred = own_group if referred is None else referred
            where = place.get("namespace", space(one)) if space(other) else ""
            if (kind, referred, where, place.get("name")) == (other["kind"], own_group, space(other), name(other)):
                return True
        return False

    return refers


def controlled(one: Json, other: Json, _world: World) -> bool:
    """Relates objects to their controllers."""
    owners = one["metadata"].get("ownerReferences", ())
    return any(owner.get("controller") and owner["uid"] == other["metadata"]["uid"] for owner in owners)


def chosen(selector: Json, found: Mapping[str, str]) -> bool:
    """Returns whether a selector matches labels; no selector matches nothing."""
    if selector is None:
        return False
    rules = [
        *((key, "In", [value]) for key, value in selector.get("matchLabels", {}).items()),
        *((one["key"], one["operator"], one.get("values", [])) for one in selector.get("matchExpressions", ())),
    ]
    return all(_holds(found.get(key), operator, values) for key, operator, values in rules)


def _holds(value: str | None, operator: str, values: Sequence[str]) -> bool:
    if operator in {"In", "NotIn"}:
        return (value in values) == (operator == "In")
    return (value is not None) == (operator == "Exists")


def through(kind: str, first: LeadsTo, second: LeadsTo) -> LeadsTo:
    """Relates objects by a third one, which the first one leads to."""
    return lambda one, other, world: any(
        second(middle, other, world) for middle in world.of(kind) if first(one, middle, world)
    )


def backward(leads: LeadsTo) -> LeadsTo:
    """Relates objects the other way round."""
    return lambda one, other, world: leads(other, one, world)


on_node: Final = by_name("spec.nodeName")
"""Relates objects to the node that they name."""
