"""Generated clusters as tests look at them: objects by kind, and their fields by path."""

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
    """One of the clusters, as the frozen fleet has it."""
    return World(next(profile for profile in PROFILES if profile.name == name), FROZEN_S)


@cache
def objects(name: str) -> tuple[Manifest, ...]:
    """Everything in a cluster; nobody changes it."""
    return tuple(world(name).objects())


def of_kind(found: Iterable[Manifest], kind: str) -> list[Manifest]:
    """The objects of a kind; events in their core shape."""
    return [each for each in found if each["kind"] == kind and each["apiVersion"] != "events.k8s.io/v1"]


def at(item: Manifest, path: str) -> Any:
    """What stands at a path of an object, None if nothing does; Any because it is JSON of any shape."""
    found: Any = item
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def key(item: Manifest) -> tuple[str, str]:
    """Namespace and name."""
    return at(item, "metadata.namespace") or "", at(item, "metadata.name")


def condition(item: Manifest, kind: str) -> Manifest:
    """One of its conditions."""
    found: Manifest = next(each for each in at(item, "status.conditions") if each["type"] == kind)
    return found


def owned_by(found: Iterable[Manifest], owner: Manifest) -> list[Manifest]:
    """The objects that an object controls."""
    uid = at(owner, "metadata.uid")
    return [each for each in found if any(o["uid"] == uid for o in at(each, "metadata.ownerReferences") or ())]


def is_ready(pod: Manifest) -> bool:
    """Whether a pod serves requests."""
    conditions = at(pod, "status.conditions")
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def is_active(pod: Manifest) -> bool:
    """Whether its controller counts a pod."""
    return at(pod, "metadata.deletionTimestamp") is None


def texts(value: object, *, where: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """All strings inside a value with the keys that they stand under, if these are wanted."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str) and where(name):
                yield name, inner
            yield from texts(inner, where=where)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, where=where)
