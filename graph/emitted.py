"""Classes of what is sent: one for each sequence of response keys."""

from functools import lru_cache
from typing import Any

import msgspec


@lru_cache(maxsize=4096)
def emitted_type(keys: tuple[str, ...]) -> type[msgspec.Struct]:
    """A struct with one positional attribute for each response key; encodes to a JSON object in their order."""
    names = [f"value{index}" for index in range(len(keys))]
    return msgspec.defstruct(
        "Emitted", [(name, Any) for name in names], rename=dict(zip(names, keys, strict=True)), gc=False
    )
