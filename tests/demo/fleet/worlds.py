"""Generated clusters for tests: objects by kind, and their fields by path."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from demo.fleet.company.profile import PROFILES
from demo.fleet.manifest import Manifest
from demo.fleet.moment import FROZEN_S
from demo.fleet.world import World

NAMES = tuple(profile.name for profile in PROFILES if profile.is_reachable)


@cache
def world(name: str) -> World:
    """Returns one of the clusters of the frozen fleet."""
    return World(next(profile for profile in PROFILES if profile.name == name), FROZEN_S)


@cache
def objects(name: str) -> tuple[Manifest, ...]:
    """Returns all objects of a cluster, which must not be changed."""
    return tuple(world(name).objects())


def of_kind(manifests: Iterable[Manifest], kind: str) -> list[Manifest]:
    """Returns the objects of a kind; events in their core shape."""
    return [item for item in manifests if item["kind"] == kind and item["apiVersion"] != "events.k8s.io/v1"]


def at(item: Manifest, path: str) -> Any:
    """Returns the value at a path of an object, or None; Any because it is JSON of any shape."""
    value: Any = item
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def key(item: Manifest) -> tuple[str, str]:
    """Returns namespace and name."""
    return at(item, "metadata.namespace") or "", at(item, "metadata.name")


def condition(item: Manifest, kind: str) -> Manifest:
    """Returns one of an object's conditions."""
    found: Manifest = next(entry for entry in at(item, "status.conditions") if entry["type"] == kind)
    return found


def owned_by(manifests: Iterable[Manifest], owner: Manifest) -> list[Manifest]:
    """Returns the objects that an object controls."""
    uid = at(owner, "metadata.uid")
    return [item for item in manifests if any(o["uid"] == uid for o in at(item, "metadata.ownerReferences") or ())]


def is_ready(pod: Manifest) -> bool:
    """Returns whether a pod serves requests."""
    conditions = at(pod, "status.conditions")
    return any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)


def is_active(pod: Manifest) -> bool:
    """Returns whether a pod's controller counts it."""
    return at(pod, "metadata.deletionTimestamp") is None


def texts(value: object, *, where: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Yields all strings in a value with their keys, or those under some keys."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str) and where(name):
                yield name, inner
            yield from texts(inner, where=where)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, where=where)
