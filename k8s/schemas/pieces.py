"""JSON of megabytes, decoded piece by piece: a call that decodes cannot be interrupted.

A `msgspec.Raw` is a value that is still text. Opened, a small one is decoded as a whole. Of a large one, one level is
decoded, with the small members in it.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec

from k8s.reading.decoder import Decoder, Undecodable

_PIECE_BYTES: Final = 32 * 1024
"""The size up to which a value is decoded as a whole, in less than 2 ms, whatever its content."""

_MEMBER_BYTES: Final = 256


def _no_cost(_body: bytes) -> float:
    return 0.0  # of a piece, or of a level, in which only keys are decoded


_WHOLE: Final = Decoder(cast(type[Any], Any), cost_s=_no_cost)
_OBJECT: Final = Decoder(dict[str, msgspec.Raw], cost_s=_no_cost)
_LIST: Final = Decoder(list[msgspec.Raw], cost_s=_no_cost)
_ONE_LEVEL: Final[Mapping[int, Decoder[Any]]] = {ord("{"): _OBJECT, ord("["): _LIST}


def opened(value: object) -> object:
    """Returns a value whose large members are still text; None for text that is no JSON."""
    if not isinstance(value, msgspec.Raw):
        return value
    text = cast(bytes, memoryview(value))
    try:
        if len(text) <= _PIECE_BYTES:
            return _WHOLE.decode(text)
        found = _ONE_LEVEL.get(text[0], _WHOLE).decode(text)
    except Undecodable:
        return None
    if isinstance(found, dict):
        return {
            key: opened(member) if len(memoryview(member)) <= _MEMBER_BYTES else member for key, member in found.items()
        }
    return found


def as_object(value: object) -> Mapping[str, object]:
    """Returns the members of a JSON object by key, the small ones opened; none of anything else."""
    found = opened(value)
    return found if isinstance(found, dict) else {}


def as_list(value: object) -> list[object]:
    """Returns the members of a JSON list; none of anything else."""
    found = opened(value)
    return found if isinstance(found, list) else []


def as_text(value: object) -> str:
    """Returns a JSON string; an empty one for anything else."""
    found = opened(value)
    return found if isinstance(found, str) else ""
