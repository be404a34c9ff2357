"""Large answers as JSON, encoded in slices, so that the event loop serves others in between."""

import asyncio
from collections.abc import Collection, Mapping
from io import BytesIO
from operator import attrgetter
from time import perf_counter
from typing import Any, Final, Protocol

import msgspec

from k8s.turns.turns import Pace
from resolvers.limits import MIB

_SHORT: Final = 16
"""Items of a list that is encoded item by item: each may be large, such as a cluster with all of its pods."""

_SLICE_S: Final = 0.002
_MOST_AT_ONCE: Final = 16
"""Items that are encoded at once, however short the items before were: one may have a megabyte."""
_MANY: Final = 200
"""Objects below one item that are encoded with it."""
_CHARGED_AT_ONCE_BYTES: Final = MIB
_WRITTEN_AT_ONCE_BYTES: Final = MIB
_DEEPEST: Final = 64
"""Levels of values that are written level by level; those further down are JSON of one object."""
_ENCODE = msgspec.json.Encoder().encode


class Charges(Protocol):
    """A share of the memory of all operations."""

    def charge(self, size_bytes: int) -> None:
        """Charges a number of bytes, which may be negative."""
        ...

    async def room(self) -> None:
        """Waits until there is room for more."""
        ...


class _BodyWriter:
    """The encoded bytes, charged as they grow; a value that is shared in memory is written each time."""

    def __init__(self, memory: Charges | None, written: list[Any] | None) -> None:
        self._memory = memory
        self._written = written
        self._charged_bytes = 0
        self._out = BytesIO()  # grows in place, and returns its bytes without a copy
        self.write = self._out.write
        self._pace = Pace()
        self.depth = 0

    async def write_pieces(self, encoded: memoryview) -> None:
        """Writes a piece at a time: new memory for all of it takes as long as encoding it did."""
        for start in range(0, len(encoded), _WRITTEN_AT_ONCE_BYTES):
            await self.breathe()
            self.write(encoded[start : start + _WRITTEN_AT_ONCE_BYTES])

    def note(self, items: list[Any]) -> None:
        """Collects the written items of long lists, if the caller wants them."""
        if self._written is not None:
            self._written += items

    async def breathe(self) -> None:
        """Waits for the turns of other tasks, and for memory for the bytes that were written."""
        if self._memory is not None and self._out.tell() - self._charged_bytes > _CHARGED_AT_ONCE_BYTES:
            self._charge(self._memory)
            await self._memory.room()
        await self._pace.breathe()

    def content(self) -> bytes:
        """Returns all bytes, after charging them."""
        if self._memory is not None:
            self._charge(self._memory)
        return self._out.getvalue()

    def _charge(self, memory: Charges) -> None:
        size_bytes = self._out.tell()
        grown_bytes, self._charged_bytes = size_bytes - self._charged_bytes, size_bytes
        memory.charge(grown_bytes)


async def encoded(
    response: Mapping[str, object], memory: Charges | None = None, *, written: list[Any] | None = None
) -> bytes:
    """Returns the same bytes as `msgspec.json.encode(response)`.

    Args:
        response: the value to encode.
        memory: the memory that the bytes are charged to.
        written: gets the items of all long lists.

    Raises:
        LimitExceeded: they are more than the operation may hold.
        MemoryFull: others hold the memory that they need.
    """
    body = _BodyWriter(memory, written)
    await _write(response, body)
    return body.content()


async def _write(value: Any, out: _BodyWriter) -> None:
    if out.depth == _DEEPEST and isinstance(value, dict | list):
        # In a thread with a stack of its own, since a value may be as deep as the decoder allows.
        await out.write_pieces(memoryview(await asyncio.to_thread(_ENCODE, value)))
        return
    out.depth += 1
    await _write_level(value, out)
    out.depth -= 1


async def _write_level(value: Any, out: _BodyWriter) -> None:
    match value:
        case dict():
            await _write_fields([(_ENCODE(key), inner) for key, inner in value.items()], out)
        case msgspec.Struct():
            names = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
            fields = [(_ENCODE(name), getattr(value, attribute)) for name, attribute in names]
            await _write_fields(fields, out)
        case list() if len(value) <= _SHORT:
            await _write_each(value, out)
        case list():
            await _write_slices(value, out)
        case _:
            if len(text := _ENCODE(value)) > _WRITTEN_AT_ONCE_BYTES:
                await out.write_pieces(memoryview(text))
            else:
                out.write(text)


async def _write_fields(fields: list[tuple[bytes, Any]], out: _BodyWriter) -> None:
    out.write(b"{")
    for index, (name, value) in enumerate(fields):
        out.write(b"," + name + b":" if index else name + b":")
        await _write(value, out)
        await out.breathe()
    out.write(b"}")


async def _write_each(values: list[Any], out: _BodyWriter) -> None:
    out.write(b"[")
    await _write_items(values, out)
    out.write(b"]")


async def _write_items(values: list[Any], out: _BodyWriter) -> None:
    for index, value in enumerate(values):
        if index:
            out.write(b",")
        await _write(value, out)
        await out.breathe()


async def _write_slices(values: list[Any], out: _BodyWriter) -> None:
    """Writes about as many items at a time as a slice allows; an item with many objects below it alone."""
    out.write(b"[")
    start, size = 0, 1
    leads = any(getattr(item_type, "__leads__", ()) for item_type in set(map(type, values)))
    while start < len(values):
        began_s = perf_counter()
        some = values[start : start + size]
        if start:
            out.write(b",")
        if leads and _have_many(some):
            await _write_items(some, out)
        elif len(text := _ENCODE(some)) > _WRITTEN_AT_ONCE_BYTES:
            await out.write_pieces(memoryview(text)[1:-1])
        else:
            out.write(text[1:-1])
        out.note(some)
        start += size
        size = max(1, size // 2) if perf_counter() - began_s > _SLICE_S else min(size * 2, _MOST_AT_ONCE)
        await out.breathe()
    out.write(b"]")


def _have_many(items: Collection[Any]) -> bool:
    """Returns True if an object has many others below it; objects below several of them are looked at once."""
    for item_type in set(map(type, items)):
        for attribute, _ in getattr(item_type, "__leads__", ()):
            values = map(attrgetter(attribute), (item for item in items if type(item) is item_type))
            below = {id(value): value for value in values}.values()
            lists = [value for value in below if type(value) is list]
            if any(len(one) > (_SHORT if one and _leads(one[0]) else _MANY) for one in lists):
                return True
            if _have_many([value for value in below if value is not None and type(value) is not list]):
                return True
    return False


def _leads(item: Any) -> tuple[tuple[str, str], ...]:
    """Returns the attributes of an object that contain other objects."""
    leads: tuple[tuple[str, str], ...] = getattr(type(item), "__leads__", ())
    return leads
