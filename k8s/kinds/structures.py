"""A set of structures, such as those of all built-in kinds, and the cache of what is made of them."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any, TypeVar

from k8s.kinds.structure import Structure

T = TypeVar("T")


class Structures(Mapping[str, Structure]):
    """Structures by name. Sets are compared by identity; a set never changes.

    A set of custom kinds is an addition to the built-in one: its structures may refer to those of the other, and cannot
    replace them. What is made of a structure, such as a decoder, is cached in the set that holds it. So sets with the
    same base share what is made of that, and the cache of a set ends with the set.
    """

    def __init__(self, own: Mapping[str, Structure], base: "Structures | None" = None) -> None:
        """Takes the structures by name, and the set that they are an addition to."""
        self._own = own
        self._base = base
        self._cached: dict[object, Callable[..., Any]] = {}

    def __getitem__(self, name: str) -> Structure:
        if self._base is not None and name in self._base:
            return self._base[name]
        return self._own[name]

    def __iter__(self) -> Iterator[str]:
        if self._base is None:
            yield from self._own
        else:
            yield from self._base
            yield from (name for name in self._own if name not in self._base)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in self._own or (self._base is not None and name in self._base)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def holder(self, name: str) -> "Structures":
        """Returns the set that holds a structure: this one, or the one that it is an addition to."""
        return self._base.holder(name) if self._base is not None and name in self._base else self

    def cached(self, function: Callable[..., T], most: int) -> Callable[..., T]:
        """Returns a function of this set and of further arguments, with a cache of its last `most` results."""
        known = self._cached.get(function)
        if known is None:
            known = self._cached[function] = lru_cache(maxsize=most)(partial(function, self))
        return known
