"""The links of every object."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from tests.links.relation import EVERY_KIND, Json, World, name, space

Children = Callable[[Json, World], Iterable[Json]]
"""Returns the objects to which a link leads from an object."""

_USUAL: Final = (
    *("ControllerRevision", "CronJob", "DaemonSet", "Deployment", "EndpointSlice", "Job", "PersistentVolumeClaim"),
    *("Pod", "ReplicaSet", "Service", "StatefulSet"),
)
"""The kinds in which `owned` looks without an argument."""


def _references(item: Json) -> Sequence[Json]:
    references: Sequence[Json] = item["metadata"].get("ownerReferences", ())
    return references


def _owners(item: Json, world: World, *, only_controller: bool = False) -> Iterable[Json]:
    uids = {one["uid"] for one in _references(item) if one.get("controller") or not only_controller}
    return [one for one in world.of(EVERY_KIND) if one["metadata"].get("uid") in uids] if uids else ()


def _owned(item: Json, world: World) -> Iterable[Json]:
    uid = item["metadata"].get("uid")
    return [one for kind in _USUAL for one in world.of(kind) if uid in [owner["uid"] for owner in _references(one)]]


def _events(item: Json, world: World) -> Iterable[Json]:
    place = (item["apiVersion"].rpartition("/")[0], item["kind"], space(item), name(item))
    return [event for event in world.of("Event") if _subject(event["involvedObject"]) == place]


def _subject(about: Json) -> tuple[str, ...]:
    kind, namespace, named = (about.get(key, "") for key in ("kind", "namespace", "name"))
    return about.get("apiVersion", "").rpartition("/")[0], kind, namespace, named


OF_EVERY_OBJECT: Final[Mapping[str, Children]] = {
    "owner": lambda item, world: _owners(item, world, only_controller=True),
    "owners": _owners,
    "owned": _owned,
    "events": _events,
    "namespaceObject": lambda item, world: [one for one in world.of("Namespace") if name(one) == space(item)],
}
