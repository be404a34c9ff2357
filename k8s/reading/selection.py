"""The JSON paths that are needed of an object.

A selection is a frozen tree of JSON keys in the order in which they were first selected; a leaf, or a value that is
decoded whole, has no branches. It is built with `SelectionBuilder` and used as a cache key.

At its top level, the key `*` (`OPEN`) has raw JSON paths below it (`k8s.reading.openpaths`), which end with the key `*`
(`WHOLE`): the value is needed whole, whatever other paths lead through it. JSON with a key `*` is read whole as well.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import msgspec

OPEN: Final = "*"
WHOLE: Final = "*"


class Selection(msgspec.Struct, frozen=True, cache_hash=True, gc=False):
    """Keys with the selection below each; empty for a leaf.

    Caches keep thousands of them. They have no cycles, so the garbage collector need not walk them.
    """

    branches: tuple[tuple[str, "Selection"], ...] = ()

    def __iter__(self) -> Iterator[tuple[str, "Selection"]]:
        return iter(self.branches)

    def __bool__(self) -> bool:
        return bool(self.branches)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of this level."""
        return tuple(key for key, _below in self.branches)

    def below(self, key: str) -> "Selection":
        """Returns the selection below a key of this level; empty if the key is not selected."""
        return next((below for name, below in self.branches if name == key), LEAF)


LEAF = Selection()


@dataclass(slots=True)
class SelectionBuilder:
    """Collects paths; the first mention of a key decides its place."""

    _branches: dict[str, "SelectionBuilder"] = field(default_factory=dict)

    def branch(self, key: str) -> "SelectionBuilder":
        """Returns the builder of the selection below `key`."""
        return self._branches.setdefault(key, SelectionBuilder())

    def add(self, path: str) -> None:
        """Adds a path of keys with dots between, as `spec.nodeName`."""
        builder = self
        for key in path.split("."):
            builder = builder.branch(key)

    def add_open(self, keys: Iterable[str]) -> None:
        """Adds the raw JSON at keys of the object, whatever its type; the whole object for no keys."""
        builder = self.branch(OPEN)
        for key in keys:
            builder = builder.branch(key)
        builder.branch(WHOLE)

    def update(self, selection: Selection) -> None:
        """Adds another selection."""
        for key, below in selection:
            self.branch(key).update(below)

    def freeze(self) -> Selection:
        """Returns the selection that was collected."""
        return Selection(tuple((key, builder.freeze()) for key, builder in self._branches.items()))


def selection_of(paths: Iterable[str]) -> Selection:
    """Returns the selection of paths, such as `["metadata.name", "spec.nodeName"]`."""
    builder = SelectionBuilder()
    for path in paths:
        builder.add(path)
    return builder.freeze()
