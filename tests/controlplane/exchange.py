"""The requests of one connection on their way through a fault proxy."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from http import HTTPStatus
from types import TracebackType
from typing import Self

from tests.controlplane.faults import (
    Answer,
    Cut,
    Delay,
    Drip,
    Hang,
    Hold,
    Pieces,
    RequestFault,
    Rewrite,
    Stall,
    Truncate,
)
from tests.controlplane.message import HEAD_LIMIT_BYTES, Head, body_pieces, frame

_POLL_INTERVAL_S = 0.005
_READ_GRACE_S = 0.05
"""Seconds for the client to read: a kernel may drop unread data when a reset arrives."""


class Exchange:
    """The requests of one client over one connection; the one to the API server is opened on demand."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        address: tuple[str, int],
        context: ssl.SSLContext,
    ) -> None:
        """Takes the streams of the client."""
        self._reader = reader
        self._writer = writer
        self._address = address
        self._context = context
        self._upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._upstream:
            self._upstream[1].transport.abort()

    async def handle(self, request: Head, fault: RequestFault | None) -> bool:
        """Answers one request; returns whether the connection may carry another."""
        if isinstance(fault, Hang | Answer) or (isinstance(fault, Cut) and fault.before_headers):
            async for _ in body_pieces(self._reader, request, until_close=False):
                pass
            return await self._answer_alone(fault)
        if isinstance(fault, Delay):
            await asyncio.sleep(fault.ms / 1000)
        if isinstance(fault, Hold):
            while not fault.is_released.is_set():  # noqa: ASYNC110  a thread sets it
                await asyncio.sleep(_POLL_INTERVAL_S)
        upstream = await self._forward(request)
        response = await Head.read(upstream)
        if response is None:
            return False
        if response.status == HTTPStatus.SWITCHING_PROTOCOLS:
            await self._tunnel(response)
            return False
        pieces = self._response_body(request, response, upstream)
        if isinstance(fault, Rewrite):
            await self._send_rewritten(response, pieces, fault=fault)
        else:
            await self._send(response, pieces, fault=fault)
        if isinstance(fault, Stall | Cut | Truncate):
            return False
        return (response.header("connection") or "").lower() != "close"

    async def _answer_alone(self, fault: RequestFault) -> bool:
        if isinstance(fault, Answer):
            await self._write(_head_of(fault).encode() + fault.body)
            return True
        if isinstance(fault, Hang):
            await self._wait_for_client()
        self._reset()
        return False

    async def _forward(self, request: Head) -> asyncio.StreamReader:
        if self._upstream is None:
            self._upstream = await self._open()
        reader, writer = self._upstream
        writer.write(request.encode())
        async for piece in body_pieces(self._reader, request, until_close=False):
            writer.write(frame(piece, chunked=request.is_chunked))
        if request.is_chunked:
            writer.write(frame(b"", chunked=True))
        await writer.drain()
        return reader

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Opens the connection to the API server; if that is cancelled, its transport would be left open."""
        host, port = self._address
        opening = asyncio.ensure_future(asyncio.open_connection(host, port, ssl=self._context, limit=HEAD_LIMIT_BYTES))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            with suppress(OSError):
                (await opening)[1].transport.abort()
            raise

    def _response_body(self, request: Head, response: Head, upstream: asyncio.StreamReader) -> AsyncIterator[bytes]:
        if request.start.startswith("HEAD ") or response.is_bodyless:
            return _nothing()
        return body_pieces(upstream, response, until_close=True)

    async def _send(self, response: Head, pieces: AsyncIterator[bytes], *, fault: RequestFault | None) -> None:
        await self._write(response.encode())
        sent_bytes = 0
        async for piece in pieces:
            limit = fault.after_bytes if isinstance(fault, Stall | Cut | Truncate) else None
            part = piece if limit is None else piece[: limit - sent_bytes]
            if isinstance(fault, Pieces):
                part = fault.change(piece)
            if isinstance(fault, Drip):
                await self._drip(part, fault, chunked=response.is_chunked)
            elif part:
                await self._write(frame(part, chunked=response.is_chunked))
            sent_bytes += len(part)
            if limit is not None and sent_bytes >= limit:
                break
        await self._finish(response, fault)

    async def _finish(self, response: Head, fault: RequestFault | None) -> None:
        if isinstance(fault, Stall):
            await self._wait_for_client()
        elif isinstance(fault, Cut):
            await asyncio.sleep(_READ_GRACE_S)
            self._reset()
        elif isinstance(fault, Truncate):
            self._writer.close()
            await self._writer.wait_closed()
        elif response.is_chunked:
            await self._write(frame(b"", chunked=True))

    async def _drip(self, piece: bytes, fault: Drip, *, chunked: bool) -> None:
        for start in range(0, len(piece), fault.size):
            await self._write(frame(piece[start : start + fault.size], chunked=chunked))
            await asyncio.sleep(fault.every_s)

    async def _send_rewritten(self, response: Head, pieces: AsyncIterator[bytes], *, fault: Rewrite) -> None:
        original = b"".join([piece async for piece in pieces])
        body = original if fault.body is None else fault.body
        if fault.change is not None:
            is_packed = response.header("content-encoding") == "gzip"
            body = fault.change(gzip.decompress(original) if is_packed else original)
        changed: dict[str, str | None] = {"transfer-encoding": None, "content-length": str(len(body))}
        if fault.body is not None or fault.change is not None:
            changed["content-encoding"] = None
        changed |= {name.lower(): value for name, value in fault.headers.items()}
        start = response.start if fault.status is None else _start(fault.status)
        await self._write(Head(start, response.headers).with_headers(changed).encode() + body)

    async def _tunnel(self, response: Head) -> None:
        """Passes bytes both ways after an upgrade (exec, attach, port-forward) until one side closes."""
        if self._upstream is None:
            return
        upstream_reader, upstream_writer = self._upstream
        await self._write(response.encode())
        ways = [_copy(self._reader, upstream_writer), _copy(upstream_reader, self._writer)]
        tasks = [asyncio.ensure_future(way) for way in ways]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    def _reset(self) -> None:
        """Closes the connection so that the kernel sends RST instead of FIN: the peer sees ECONNRESET, not an end."""
        connection = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _wait_for_client(self) -> None:
        while await self._reader.read(HEAD_LIMIT_BYTES):
            pass


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(HEAD_LIMIT_BYTES):
        writer.write(data)
        await writer.drain()


async def _nothing() -> AsyncIterator[bytes]:
    none: tuple[bytes, ...] = ()
    for piece in none:
        yield piece


def _start(status: int) -> str:
    phrase = HTTPStatus(status).phrase if status in HTTPStatus.__members__.values() else "Unknown"
    return f"HTTP/1.1 {status} {phrase}"


def _head_of(answer: Answer) -> Head:
    head = Head(_start(answer.status), tuple((name.lower(), value) for name, value in answer.headers.items()))
    return head if head.is_bodyless else head.with_headers({"content-length": str(len(answer.body))})
