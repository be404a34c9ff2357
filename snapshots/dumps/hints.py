"""Hints at the kinds of objects, from the folders of a must-gather.

`cluster-scoped-resources/GROUP/PLURAL/NAME.yaml` and `namespaces/NAMESPACE/GROUP/PLURAL/NAME.yaml`, or `PLURAL.yaml`
for a list of them; the core group is called `core` (source: `oc adm inspect`).
"""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

_CLUSTER: Final = "cluster-scoped-resources"
_NAMESPACES: Final = "namespaces"
_CORE: Final = "core"


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


def hint_of(path: str) -> Hint | None:
    """Returns the hint of a file's path within a dump; None for another layout."""
    parts = PurePosixPath(path).parts
    for at, part in enumerate(parts):
        if part == _CLUSTER:
            return _hint(parts[at + 1 :], namespaced=False)
        if part == _NAMESPACES:
            return _hint(parts[at + 2 :], namespaced=True)
    return None


def _hint(parts: tuple[str, ...], *, namespaced: bool) -> Hint | None:
    if len(parts) not in {2, 3}:
        return None
    group = "" if parts[0] == _CORE else parts[0]
    return Hint(group, parts[1].partition(".")[0], namespaced)
