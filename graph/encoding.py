"""Large answers as JSON, in slices: encoding one at a stretch would hold the event loop up."""

from collections.abc import Mapping
from io import BytesIO
from time import perf_counter
from typing import Any, Final

import msgspec

from k8s.turns import Pace

_SHORT: Final = 16
"""Lists of so few are looked into: each of them may be large in itself, as a cluster with all of its pods."""

_SLICE_S: Final = 0.002
_MOST_AT_ONCE: Final = 16
"""Items that are encoded at once, however short those before them were: one may hold a megabyte."""
_MANY: Final = 200
"""Objects below one item that are encoded with it."""
_ENCODE = msgspec.json.Encoder().encode


async def encoded(response: Mapping[str, object]) -> bytes:
    """The same bytes as `msgspec.json.encode(response)`."""
    out = BytesIO()  # which grows in place, and gives its bytes away without a copy
    await _write(response, out, Pace())
    return out.getvalue()


async def _write(value: Any, out: BytesIO, pace: Pace) -> None:
    match value:
        case dict():
            await _write_fields([(_ENCODE(key), each) for key, each in value.items()], out, pace)
        case msgspec.Struct():
            names = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
            fields = [(_ENCODE(name), getattr(value, attribute)) for name, attribute in names]
            await _write_fields(fields, out, pace)
        case list() if len(value) <= _SHORT:
            await _write_each(value, out, pace)
        case list():
            await _write_slices(value, out, pace)
        case _:
            out.write(_ENCODE(value))


async def _write_fields(fields: list[tuple[bytes, Any]], out: BytesIO, pace: Pace) -> None:
    out.write(b"{")
    for index, (name, value) in enumerate(fields):
        out.write(b"," + name + b":" if index else name + b":")
        await _write(value, out, pace)
        await pace.breathe()
    out.write(b"}")


async def _write_each(values: list[Any], out: BytesIO, pace: Pace) -> None:
    out.write(b"[")
    await _write_items(values, out, pace)
    out.write(b"]")


async def _write_items(values: list[Any], out: BytesIO, pace: Pace) -> None:
    for index, value in enumerate(values):
        if index:
            out.write(b",")
        await _write(value, out, pace)
        await pace.breathe()


async def _write_slices(values: list[Any], out: BytesIO, pace: Pace) -> None:
    """As many at a time as take about as long as a slice may; an item with many objects below it by itself."""
    out.write(b"[")
    start, size = 0, 1
    leads = any(getattr(each, "__leads__", ()) for each in set(map(type, values)))
    while start < len(values):
        began_s = perf_counter()
        some = values[start : start + size]
        if start:
            out.write(b",")
        if leads and any(map(_has_many, some)):
            await _write_items(some, out, pace)
        else:
            out.write(_ENCODE(some)[1:-1])
        start += size
        size = max(1, size // 2) if perf_counter() - began_s > _SLICE_S else min(size * 2, _MOST_AT_ONCE)
        await pace.breathe()
    out.write(b"]")


def _has_many(item: Any) -> bool:
    """Whether an object has many others below it."""
    for attribute, _ in _leads(item):
        below = getattr(item, attribute)
        if type(below) is list:
            if len(below) > (_SHORT if below and _leads(below[0]) else _MANY):
                return True
        elif below is not None and _has_many(below):
            return True
    return False


def _leads(item: Any) -> tuple[tuple[str, str], ...]:
    """The attributes of an object below which others stand."""
    found: tuple[tuple[str, str], ...] = getattr(type(item), "__leads__", ())
    return found
