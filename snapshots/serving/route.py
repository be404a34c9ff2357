"""Routing of paths to objects, lists and discovery documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from k8s.kinds.kind import Kind
from snapshots.serving.status import no_such_resource


@dataclass(frozen=True, slots=True)
class Route:
    """Objects of a kind: all, those of a namespace, or one."""

    kind: Kind
    namespace: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class GroupVersion:
    """A path of discovery: all groups, one, or one version of it; the core group is empty."""

    root: str
    group: str | None = None
    version: str | None = None


def segments_of(path: str) -> tuple[str, ...]:
    """Returns the decoded segments of a path."""
    return tuple(unquote(segment) for segment in path.removesuffix("/").split("/")[1:])


def route_of(segments: tuple[str, ...], kinds: Iterable[Kind]) -> Route | GroupVersion:
    """Returns the route of a path below `/api` or `/apis`.

    Raises:
        RequestRefused: The path has none of these kinds.
    """
    root, *rest = segments
    rest = ["", *rest] if root == "api" else rest
    if len(rest) < 2:
        return GroupVersion(root, *rest)
    group, version, *rest = rest
    if not rest:
        return GroupVersion(root, group, version)
    by_plural = {kind.plural: kind for kind in kinds if (kind.group, kind.version) == (group, version)}
    namespace = None
    if len(rest) > 2 and rest[0] == "namespaces":
        _namespaces, namespace, *rest = rest
    plural, *names = rest
    kind = by_plural.get(plural)
    if kind is None or len(names) > 1 or not _is_in_place(kind, namespace, bool(names)):
        raise no_such_resource()
    return Route(kind, namespace, *names)


def _is_in_place(kind: Kind, namespace: str | None, has_name: bool) -> bool:
    """Returns whether the path has a namespace if the kind needs one: for single objects, always."""
    if namespace is not None:
        return kind.namespaced and bool(namespace) and "/" not in namespace
    return not (has_name and kind.namespaced)
