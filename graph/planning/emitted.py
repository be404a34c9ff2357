"""Classes of what is sent: one for each sequence of response keys."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

_KEPT: Final = 384
"""Classes; each takes 3 to 10 KB, ten objects for every full collection of garbage to walk, and 17 us to make."""
_LONGEST_KEYS: Final = 1000
"""Characters of the response keys of a class that is kept: callers make them up."""


def emitted_type(keys: tuple[str, ...], leads: tuple[str, ...] = ()) -> type[msgspec.Struct]:
    """A struct with one positional attribute for each response key; encodes to a JSON object in their order.

    `leads` are the keys below which further objects stand: the class knows their attributes as `__leads__`.
    """
    return _known(keys, leads) if sum(map(len, keys)) <= _LONGEST_KEYS else _made(keys, leads)


def _made(keys: tuple[str, ...], leads: tuple[str, ...]) -> type[msgspec.Struct]:
    names = {key: f"value{index}" for index, key in enumerate(keys)}
    return msgspec.defstruct(
        "Emitted",
        [(name, Any) for name in names.values()],
        rename={name: key for key, name in names.items()},
        namespace={"__leads__": tuple((names[key], key) for key in leads)},
        gc=False,
    )


_known = lru_cache(maxsize=_KEPT)(_made)


def emitted_rows(emitted: type[msgspec.Struct], columns: Sequence[Iterable[Any]], count: int) -> Iterator[Any]:
    """One object for each place of the columns; `count` empty ones where `@skip` has left nothing to send."""
    return map(emitted, *columns) if columns else (emitted() for _ in range(count))
