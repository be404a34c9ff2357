"""Hints at the kinds of objects, from the folders and files of support bundles.

| layout | source |
|---|---|
| `cluster-scoped-resources/GROUP/PLURAL/NAME`, `namespaces/NAMESPACE/GROUP/PLURAL/NAME` or `.../PLURAL` | must-gather |
| `resources/PLURAL.GROUP/namespaces/NAMESPACE/NAME`, `.../cluster/NAME`, `.../VERSION-preferredversion/...` | Velero |
| `resources/ns/NAMESPACE/GROUP_VERSION_PLURAL`, `resources/cluster/GROUP_VERSION_PLURAL` | Sonobuoy |
| `cluster-resources/PLURAL/NAMESPACE`, `cluster-resources/PLURAL`; names with hyphens | Troubleshoot |
| `NAMESPACE/PLURAL`, `PLURAL/NAMESPACE`, `PLURAL/NAME` | `kubectl cluster-info dump`, others |

The first three give the plural and scope of custom kinds; all of them, a built-in kind for objects without a type.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final

from k8s.kinds.builtin import BUILT_IN, BY_PLURAL, EVENTS_EVENT
from k8s.kinds.kind import Kind

_CLUSTER: Final = "cluster-scoped-resources"
_NAMESPACES: Final = "namespaces"
_RESOURCES: Final = "resources"
_SCOPES: Final = frozenset({"ns", "namespaces", "cluster"})
_BUNDLE: Final = "cluster-resources"
_CORE: Final = "core"
_SHORT: Final[Mapping[str, str]] = {
    "pv": "persistentvolumes",
    "pvs": "persistentvolumes",
    "pvc": "persistentvolumeclaims",
    "pvcs": "persistentvolumeclaims",
    "crd": "customresourcedefinitions",
    "crds": "customresourcedefinitions",
    "hpa": "horizontalpodautoscalers",
    "hpas": "horizontalpodautoscalers",
    "pdb": "poddisruptionbudgets",
    "pdbs": "poddisruptionbudgets",
}
_BY_NAME: Final[Mapping[str, Kind]] = {
    name: kind for kind in BUILT_IN if kind != EVENTS_EVENT for name in (kind.plural, kind.name.lower())
}


@dataclass(frozen=True, slots=True)
class Hint:
    """The kind of the objects in a file, from its path.

    Attributes:
        group: The API group; empty for the core group.
        plural: The resource name.
        namespaced: Whether the path has a namespace.
    """

    group: str
    plural: str
    namespaced: bool


@lru_cache(maxsize=16)
def hint_of(path: str) -> Hint | None:
    """Returns the hint of a file's path within a dump; None for a layout that does not give group and plural."""
    parts = PurePosixPath(path).parts
    for at, part in enumerate(parts):
        if part == _CLUSTER:
            return _must_gather(parts[at + 1 :], namespaced=False)
        if part == _RESOURCES and (hint := _resources(parts[at + 1 :])) is not None:
            return hint
        if part == _NAMESPACES:
            return _must_gather(parts[at + 2 :], namespaced=True)
    return None


@lru_cache(maxsize=16)
def kind_of(path: str) -> Kind | None:
    """Returns the built-in kind that a file's path names; None if it names none, or two different ones."""
    if (hint := hint_of(path)) is not None:
        return BY_PLURAL.get((hint.group, hint.plural))
    parts = PurePosixPath(path).parts
    if _BUNDLE in parts[:-1]:
        return _named(parts[parts.index(_BUNDLE) + 1])
    named = {kind for part in parts[-2:] if (kind := _named(part)) is not None}
    return named.pop() if len(named) == 1 else None


def _must_gather(parts: tuple[str, ...], *, namespaced: bool) -> Hint | None:
    if len(parts) not in {2, 3}:
        return None
    return Hint(_group(parts[0]), parts[1].partition(".")[0], namespaced)


def _resources(parts: tuple[str, ...]) -> Hint | None:
    if len(parts) < 2:
        return None
    if parts[0] in _SCOPES:
        group, _, rest = parts[-1].partition("_")
        plural = rest.partition("_")[2].partition(".")[0]
        return Hint(_group(group), plural, namespaced=parts[0] != "cluster") if plural else None
    scope = parts[2] if parts[1].endswith("-preferredversion") and len(parts) > 2 else parts[1]
    if scope not in _SCOPES:
        return None
    plural, _, group = parts[0].partition(".")
    return Hint(group, plural, namespaced=scope != "cluster")


def _group(name: str) -> str:
    return "" if name == _CORE else name


def _named(part: str) -> Kind | None:
    name = part.partition(".")[0].lower().replace("-", "").replace("_", "")
    name = _SHORT.get(name, name)
    return _BY_NAME.get(name) or _BY_NAME.get(f"{name}s")
