"""Bodies: decompressed as they arrive, limited, with their first bytes passed on early."""

import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterable

import pytest

from k8s.transport.body import (
    MOST_MEMBERS,
    PREFIX_BYTES,
    BodyBroken,
    BodyTooLarge,
    TooManyMembers,
    read_body,
)
from k8s.turns.turns import Turns

BODY = bytes(range(256)) * 40


async def _chunks(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def _pieces(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


@pytest.mark.parametrize("size", [1, 7, 1000, 100_000])
@pytest.mark.parametrize("compressed", [False, True])
async def test_the_body_is_whole_however_it_comes(size: int, compressed: bool) -> None:
    wire = gzip.compress(BODY) if compressed else BODY

    assert await read_body(_chunks(_pieces(wire, size)), gzip=compressed, limit_bytes=len(BODY)) == BODY


@pytest.mark.parametrize("compressed", [False, True])
async def test_one_byte_over_the_limit_is_too_large(compressed: bool) -> None:
    wire = gzip.compress(BODY) if compressed else BODY

    with pytest.raises(BodyTooLarge):
        await read_body(_chunks([wire]), gzip=compressed, limit_bytes=len(BODY) - 1)


async def test_a_compression_bomb_costs_no_more_than_the_limit() -> None:
    deflate = zlib.compressobj(wbits=31)
    bomb = b"".join(deflate.compress(bytes(2**20)) for _ in range(64)) + deflate.flush()
    tracemalloc.start()

    with pytest.raises(BodyTooLarge):
        await read_body(_chunks([bomb]), gzip=True, limit_bytes=2**20)

    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 4 * 2**20


@pytest.mark.parametrize(
    "wire", [b"", b"plain text", gzip.compress(BODY)[:-1], gzip.compress(BODY)[:200], b"\x1f\x8b" + b"\0" * 50]
)
async def test_a_damaged_compressed_body(wire: bytes) -> None:
    with pytest.raises(BodyBroken):
        await read_body(_chunks([wire]), gzip=True, limit_bytes=10**6)


@pytest.mark.parametrize("compressed", [False, True])
async def test_the_first_bytes_are_shown_once_and_before_the_rest(compressed: bool) -> None:
    prefixes: list[bytes] = []
    read_when_shown: list[int] = []
    wire = _pieces(zlib.compress(BODY, 0, wbits=31) if compressed else BODY, 500)
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for part in wire:
            read += 1
            yield part

    def on_prefix(prefix: bytes) -> None:
        prefixes.append(prefix)
        read_when_shown.append(read)

    await read_body(chunks(), gzip=compressed, limit_bytes=10**6, on_prefix=on_prefix)

    assert prefixes == [BODY[:PREFIX_BYTES]]
    assert read_when_shown[0] < len(wire) / 2


async def test_of_a_short_body_all_is_shown() -> None:
    prefixes: list[bytes] = []

    await read_body(_chunks([b"{}"]), gzip=False, limit_bytes=10, on_prefix=prefixes.append)

    assert prefixes == [b"{}"]


async def test_members_of_a_gzip_stream_are_one_body() -> None:
    wire = b"".join(gzip.compress(BODY[start : start + 100]) for start in range(0, len(BODY), 100))

    for size in (1, 7, 1000, 100_000):
        assert await read_body(_chunks(_pieces(wire, size)), gzip=True, limit_bytes=len(BODY)) == BODY


@pytest.mark.parametrize("behind", [b"x", b"\0" * 10, b"\x1f\x8b", gzip.compress(BODY, mtime=0)[:30]])
async def test_what_follows_the_last_member_is_damage(behind: bytes) -> None:
    with pytest.raises(BodyBroken):
        await read_body(_chunks([gzip.compress(BODY) + behind]), gzip=True, limit_bytes=10**6)


@pytest.mark.parametrize("content", [b"", b" "])
async def test_members_have_a_number(content: bytes) -> None:
    """A million members with two bytes each took 90 ms of the event loop, and 100 MB that were not counted."""
    member = gzip.compress(content)

    read = await read_body(_chunks([member] * MOST_MEMBERS), gzip=True, limit_bytes=10**6)

    assert read == content * MOST_MEMBERS
    for size in (7, 100_000):
        with pytest.raises(TooManyMembers):
            await read_body(_chunks(_pieces(member * (MOST_MEMBERS + 1), size)), gzip=True, limit_bytes=10**6)


async def test_blocks_without_content_come_to_an_end() -> None:
    beginning = zlib.compressobj(0, wbits=31).compress(b"")

    with pytest.raises(BodyTooLarge):
        await read_body(_chunks([beginning, *[b"\0\0\0\xff\xff" * 100_000] * 10]), gzip=True, limit_bytes=1000)


@pytest.mark.parametrize("sizes", [(2,), (2, 9000), (0, 0, 0, 3)])
async def test_small_parts_take_no_more_memory_than_their_bytes(sizes: tuple[int, ...]) -> None:
    body, parts, start = bytes(60_000), list[tuple[int, int]](), 0
    while start < len(body):
        size = sizes[len(parts) % len(sizes)]
        parts.append((start, start + size))
        start += size
    tracemalloc.start()

    read = await read_body(_chunks(body[start:end] for start, end in parts), gzip=False, limit_bytes=2 * len(body))

    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read == body
    assert peak_bytes < 4 * len(body)  # separate chunks took 22 times as much


async def test_a_long_body_takes_its_memory_once() -> None:
    chunk, chunks = bytes(64 * 1024), 64
    tracemalloc.start()

    read = await read_body(_chunks(chunk for _ in range(chunks)), gzip=False, limit_bytes=chunks * len(chunk))

    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(read) == chunks * len(chunk)
    assert peak_bytes < 1.5 * len(read)  # blocks, and the whole made of them, are twice as much


async def test_decompressing_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.turns.turns.SLICE_S", -1.0)  # no machine is so fast that a slice suffices
    turns = 0

    async def take(_turns: Turns, _who: str) -> None:
        nonlocal turns
        turns += 1

    monkeypatch.setattr("k8s.turns.turns.Turns.take", take)

    await read_body(_chunks([gzip.compress(bytes(2**22))]), gzip=True, limit_bytes=2**22)

    assert turns >= 16
