"""Classes of what is sent: one for each sequence of response keys."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec


@lru_cache(maxsize=4096)
def emitted_type(keys: tuple[str, ...], leads: tuple[str, ...] = ()) -> type[msgspec.Struct]:
    """A struct with one positional attribute for each response key; encodes to a JSON object in their order.

    `leads` are the keys below which further objects stand: the class knows their attributes as `__leads__`.
    """
    names = {key: f"value{index}" for index, key in enumerate(keys)}
    return msgspec.defstruct(
        "Emitted",
        [(name, Any) for name in names.values()],
        rename={name: key for key, name in names.items()},
        namespace={"__leads__": tuple((names[key], key) for key in leads)},
        gc=False,
    )


def emitted_rows(emitted: type[msgspec.Struct], columns: Sequence[Iterable[Any]], count: int) -> Iterator[Any]:
    """One object for each place of the columns; `count` empty ones where `@skip` has left nothing to send."""
    return map(emitted, *columns) if columns else (emitted() for _ in range(count))
