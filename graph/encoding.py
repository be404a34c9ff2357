"""Large answers as JSON, in slices: encoding one at a stretch would hold the event loop up."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any, Final

import msgspec

from k8s.turns import Pace

_SHORT: Final = 16
"""Lists of so few are looked into: each of them may be large in itself, as a cluster with all of its pods."""

_SLICE_S: Final = 0.002
_ENCODE = msgspec.json.Encoder().encode


async def encoded(response: Mapping[str, object]) -> bytes:
    """The same bytes as `msgspec.json.encode(response)`."""
    parts: list[bytes] = []
    await _write(response, parts, Pace())
    return b"".join(parts)


async def _write(value: Any, parts: list[bytes], pace: Pace) -> None:
    match value:
        case dict():
            await _write_fields([(_ENCODE(key), each) for key, each in value.items()], parts, pace)
        case msgspec.Struct():
            names = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
            fields = [(_ENCODE(name), getattr(value, attribute)) for name, attribute in names]
            await _write_fields(fields, parts, pace)
        case list() if len(value) <= _SHORT:
            await _write_each(value, parts, pace)
        case list():
            await _write_slices(value, parts, pace)
        case _:
            parts.append(_ENCODE(value))


async def _write_fields(fields: list[tuple[bytes, Any]], parts: list[bytes], pace: Pace) -> None:
    parts.append(b"{")
    for index, (name, value) in enumerate(fields):
        parts.append(b"," + name + b":" if index else name + b":")
        await _write(value, parts, pace)
    parts.append(b"}")


async def _write_each(values: list[Any], parts: list[bytes], pace: Pace) -> None:
    parts.append(b"[")
    for index, value in enumerate(values):
        if index:
            parts.append(b",")
        await _write(value, parts, pace)
    parts.append(b"]")


async def _write_slices(values: list[Any], parts: list[bytes], pace: Pace) -> None:
    """As many at a time as take about as long as a slice may."""
    parts.append(b"[")
    start, size = 0, _SHORT
    while start < len(values):
        began_s = perf_counter()
        part = _ENCODE(values[start : start + size])[1:-1]
        parts.append(b"," + part if start else part)
        start += size
        size = max(1, size // 2) if perf_counter() - began_s > _SLICE_S else size * 2
        await pace.breathe()
    parts.append(b"]")
