"""API servers that send too much, as a process of its own: each is a path below one address, named after its response.

`python -m tests.server.hostileapi CERTIFICATE KEY` prints its port, and serves until its input ends.
"""

import asyncio
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from tests.server.apiserver import main

_MIB: Final = 2**20
_LIST: Final = b'{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":['
_POD: Final = b'{"metadata":{"name":"%s","namespace":"a"%s}}'

Answer = tuple[bytes, Iterable[bytes]]


def gzipped(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the parts compressed, in pieces of any length."""
    deflate = zlib.compressobj(9, wbits=31)
    for part in parts:
        yield deflate.compress(part)
    yield deflate.flush()


def _plain(parts: Iterable[bytes], headers: str = "") -> Answer:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n{headers}\r\n"
    return head.encode(), parts


def _bomb(part: bytes, mib: int) -> Answer:
    return _plain([b"".join(gzipped([part * (_MIB // len(part))] * mib))], "Content-Encoding: gzip\r\n")


def _much(part: bytes, mib: int, before: bytes = b"") -> Answer:
    block = part * (_MIB // len(part))
    return _plain(block if number else before + block for number in range(mib))


def _page(values: bytes) -> Answer:
    return _plain([_LIST + _POD % (b"p", b',"annotations":' + values) + b"]}"])


HOSTILE: Final[Mapping[str, Callable[[], Answer]]] = {
    "backslashes-gzipped": lambda: _bomb(b"\\", 64),
    "backslashes-in-a-list": lambda: _plain(
        [b"".join(gzipped([_LIST + b'"', *[b"\\" * _MIB] * 20, b'"]}']))], "Content-Encoding: gzip\r\n"
    ),
    "spaces": lambda: _much(b" ", 250),
    "letters": lambda: _much(b"x", 250, _LIST + b'"'),
    "empty-lists": lambda: _much(b"[],", 30, _LIST),
    "deep-lists": lambda: _much(b"[", 30, _LIST),
    "no-text": lambda: _plain([_LIST + b'"', *[b"\xff" * _MIB] * 30, b'"]}']),
    "lone-surrogates": lambda: _plain([_LIST + b'"' + b"\\ud800" * 340_000 + b'"]}']),
    "many-pods": lambda: _plain([_LIST, b",".join([_POD % (b"p", b"")] * 700_000), b"]}"]),
    "keys": lambda: _page(b"{" + b",".join(b'"%07d":""' % number for number in range(500_000)) + b"}"),
    "small-chunks": lambda: _plain([b"1\r\n \r\n" * 2_000_000], "Transfer-Encoding: chunked\r\n"),
    "hints": lambda: (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 500_000, [b""]),
    "a-refusal": lambda: (b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n", [b"x" * _MIB] * 250),
}


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    line, parts = HOSTILE[head.split(b"/", 2)[1].decode()]()
    writer.write(line)
    for part in parts:
        writer.write(part)
        await writer.drain()


if __name__ == "__main__":
    main(_serve)
