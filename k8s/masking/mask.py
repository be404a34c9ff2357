"""Masked paths of an object as a tree of JSON keys.

A masked value becomes null. A masked map keeps its keys, each with null, so that it can still be seen what is there.
Lists on the way are passed through: `spec.containers.env.value` masks the value of each variable of each container.
A text where a map is expected on the way may hold the masked value, so it is masked.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

_COPY_WORDS: Final = ("last-applied", "last-handled")
"""Words in the names of annotations with a copy of the object; operators write them with prefixes of their own.

Sources: kubectl, k8s-objectmatcher (`example.com/last-applied`), kopf (`example.com/last-handled-configuration`).
"""


class Mask(msgspec.Struct, frozen=True, cache_hash=True, gc=False):
    """Masked paths below a place of an object; false if there are none.

    Attributes:
        branches: keys with the masks below them.
        is_masked: whether the value of the place itself is masked.
        has_copies: whether keys that name a copy of the whole object are masked; for annotations.
    """

    branches: tuple[tuple[str, "Mask"], ...] = ()
    is_masked: bool = False
    has_copies: bool = False

    def __bool__(self) -> bool:
        return self.is_masked or self.has_copies or bool(self.branches)

    def below(self, key: str) -> "Mask":
        """Returns the mask below a key; everything below a masked place is masked."""
        if self.is_masked or (self.has_copies and _is_copy(key)):
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
        if isinstance(value, str) and self:
            return None
        if not isinstance(value, dict):
            return value
        masked = {key: below.applied(value[key]) for key, below in self.branches if key in value}
        if self.has_copies:
            masked |= {key: MASKED.applied(value[key]) for key in value if _is_copy(key)}
        return value | masked if masked else value


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
    has_copies = any(mask.has_copies for mask in present)
    return Mask(tuple((key, mask_of_all(inner)) for key, inner in sorted(below.items())), has_copies=has_copies)


def _is_copy(key: str) -> bool:
    return any(word in key for word in _COPY_WORDS)
