"""Classes of emitted objects, one for each sequence of response keys, and the mark of a row that became null."""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, Final

import msgspec

_MOST_CLASSES: Final = 384
"""Classes in the cache; each takes 3 to 10 KB, ten objects for each full garbage collection, and 17 us to make."""
_LONGEST_KEYS: Final = 1000
"""Characters of the response keys of a cached class: callers choose them."""


class Mark(Enum):
    """A mark instead of a value."""

    NULLED = "nulled"
    UNKNOWN = "unknown"


NULLED: Final = Mark.NULLED
"""The mark of a row that is null because one of its non-null fields failed."""
UNKNOWN: Final = Mark.UNKNOWN
"""The mark of a hidden value that the caller may not know, or that could not be read: no condition holds of it."""


def emitted_type(keys: tuple[str, ...], leads: tuple[str, ...] = ()) -> type[msgspec.Struct]:
    """Returns a struct class with one positional attribute for each response key, encoded in their order.

    `leads` are the keys below which other objects are: the class lists their attributes as `__leads__`.
    """
    return _cached_class(keys, leads) if sum(map(len, keys)) <= _LONGEST_KEYS else _emitted_class(keys, leads)


def _emitted_class(keys: tuple[str, ...], leads: tuple[str, ...]) -> type[msgspec.Struct]:
    names = {key: f"value{index}" for index, key in enumerate(keys)}
    return msgspec.defstruct(
        "Emitted",
        [(name, Any) for name in names.values()],
        rename={name: key for key, name in names.items()},
        namespace={"__leads__": tuple((names[key], key) for key in leads)},
        gc=False,
    )


_cached_class = lru_cache(maxsize=_MOST_CLASSES)(_emitted_class)


def emitted_rows(emitted: type[msgspec.Struct], columns: Sequence[Iterable[Any]], count: int) -> Iterator[Any]:
    """Yields one object for each index of the columns; `count` empty ones if `@skip` has removed every field."""
    return map(emitted, *columns) if columns else (emitted() for _ in range(count))
