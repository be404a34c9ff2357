"""Masked paths of an object as a tree of JSON keys.

A masked value becomes null. A masked map keeps its keys, each with null, so that it can still be seen what is there.
Lists on the way are passed through: `spec.containers.env.value` masks the value of each variable of each container.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec


class Mask(msgspec.Struct, frozen=True, cache_hash=True, gc=False):
    """Masked paths below a place of an object; false if there are none.

    Attributes:
        branches: keys with the masks below them.
        is_masked: whether the value of the place itself is masked.
    """

    branches: tuple[tuple[str, "Mask"], ...] = ()
    is_masked: bool = False

    def __bool__(self) -> bool:
        return self.is_masked or bool(self.branches)

    def below(self, key: str) -> "Mask":
        """Returns the mask below a key; everything below a masked place is masked."""
        if self.is_masked:
            return MASKED
        return next((below for name, below in self.branches if name == key), NOTHING)

    def at(self, keys: Iterable[str]) -> "Mask":
        """Returns the mask at a path of keys."""
        mask = self
        for key in keys:
            mask = mask.below(key)
        return mask

    def applied(self, value: Any) -> Any:
        """Returns JSON (builtins) with null at the masked places; the value itself is not changed."""
        if self.is_masked:
            return dict.fromkeys(value) if isinstance(value, dict) else None
        if isinstance(value, list):
            return [self.applied(item) for item in value]
        if not isinstance(value, dict) or not any(key in value for key, _below in self.branches):
            return value
        return value | {key: below.applied(value[key]) for key, below in self.branches if key in value}


NOTHING = Mask()
MASKED = Mask(is_masked=True)


def mask_of(paths: Iterable[Sequence[str]]) -> Mask:
    """Returns the mask of paths of JSON keys, such as `[("data",), ("metadata", "annotations", "a/b")]`."""
    below: dict[str, list[Sequence[str]]] = {}
    for path in paths:
        if not path:
            return MASKED
        below.setdefault(path[0], []).append(path[1:])
    return Mask(tuple((key, mask_of(rest)) for key, rest in sorted(below.items())))


def mask_of_all(masks: Iterable[Mask]) -> Mask:
    """Returns the mask of the places that any of the masks covers."""
    present = [mask for mask in masks if mask]
    if any(mask.is_masked for mask in present):
        return MASKED
    below: dict[str, list[Mask]] = {}
    for mask in present:
        for key, inner in mask.branches:
            below.setdefault(key, []).append(inner)
    return Mask(tuple((key, mask_of_all(inner)) for key, inner in sorted(below.items())))
