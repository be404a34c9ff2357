"""The links of every object."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from tests.links.relation import EVERY_KIND, Json, World, name, space

_USUAL: Final = (
    *("ControllerRevision", "CronJob", "DaemonSet", "Deployment", "EndpointSlice", "Job", "PersistentVolumeClaim"),
    *("Pod", "ReplicaSet", "Service", "StatefulSet"),
)
"""The kinds in which `owned` looks without an argument."""


def _references(item: Json) -> Sequence[Json]:
    return item["metadata"].get("ownerReferences", ())


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
    return about.get("apiVersion", "").rpartition("/")[0], *(
        about.get(key, "") for key in ("kind", "namespace", "name")
    )


OF_EVERY_OBJECT: Final[Mapping[str, Callable[[Json, World], Iterable[Json]]]] = {
    "owner": lambda item, world: _owners(item, world, only_controller=True),
    "owners": _owners,
    "owned": _owned,
    "events": _events,
    "namespaceObject": lambda item, world: [one for one in world.of("Namespace") if name(one) == space(item)],
}
"""The objects to which each link leads from an object."""
