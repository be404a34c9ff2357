"""Answers in payloads over HTTP: a part of `multipart/mixed` for each, sent as soon as it is there.

Each part ends with the delimiter of the next, so that a client knows at once that it is whole.
Source: https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from graph.incremental.format import PayloadFormat
from k8s.errors import ErrorCode
from server.http.answers import Payloads
from server.http.disconnect import while_connected
from server.http.mediatypes import MULTIPART, MediaType
from server.http.pieces import PIECE_BYTES

_DELIMITER: Final = b"\r\n---"
_PART: Final = f"\r\nContent-Type: {MediaType.JSON}; charset=utf-8\r\n\r\n".encode()
_END: Final = b"--\r\n"
_PARAMETERS: Final[Mapping[PayloadFormat, str]] = {
    PayloadFormat.IDS: "incrementalSpec=v0.2",
    PayloadFormat.PATHS: "deferSpec=20220824",
}
_STOPPING: Final = "The server is stopping; ask again."
_CHECKED_EVERY_S: Final = 0.8
"""How often it is asked whether the caller may still have the answer: it ends within a second after that is over."""
_LAST_WORDS_S: Final = 1.0
"""What a client has to take the last payload when the server stops."""
TAKEN_WITHIN_S: Final = 120.0
"""Who has not taken a payload by then is gone: else its place among all requests would never be another's."""


def content_type(payload_format: PayloadFormat) -> str:
    """The media type of such an answer; its boundary is `-`."""
    return f'{MULTIPART}; boundary="-"; {_PARAMETERS[payload_format]}'


@dataclass(frozen=True, slots=True)
class AccessLost:
    """Why a caller may not have the rest of an answer."""

    message: str
    code: ErrorCode


async def _nothing_lost() -> AccessLost | None:
    return None


class WholeResponse(Response):
    """Sends an answer in a single payload, for who accepts nothing else."""

    def __init__(self, body: bytes, payload_format: PayloadFormat) -> None:
        """Takes the answer: a JSON object with at least one member."""
        super().__init__(media_type=content_type(payload_format))
        self._parts = (_DELIMITER + _PART, memoryview(body)[:-1], b',"hasNext":false}' + _DELIMITER + _END)
        self.headers["content-length"] = str(sum(map(len, self._parts)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it, without a copy of the answer."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for part in self._parts:
            await _more(send, part)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class PayloadsResponse(Response):
    """Sends payloads; when the client goes away, or the server stops, what is under way is ended at once."""

    def __init__(
        self,
        answer: Payloads,
        payload_format: PayloadFormat,
        *,
        lost: Callable[[], Awaitable[AccessLost | None]] = _nothing_lost,
        taken_within_s: float = TAKEN_WITHIN_S,
    ) -> None:
        super().__init__(media_type=content_type(payload_format))
        del self.headers["content-length"]
        self.headers["X-Accel-Buffering"] = "no"  # a proxy that waits for the end would take the point of it
        self._answer = answer
        self._lost = lost
        self._taken_within_s = taken_within_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends them."""
        try:
            await while_connected(receive, self._send(send))
        finally:
            await self._answer.close()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await _more(send, _DELIMITER)
        try:
            async with aclosing(self._answer.payloads()) as payloads, aclosing(self._permitted(payloads)) as permitted:
                async for payload in permitted:
                    await self._taken(_part(send, payload))
        except asyncio.CancelledError:
            async with asyncio.timeout(_LAST_WORDS_S):
                async for payload in self._answer.cut_off(_STOPPING, ErrorCode.INTERNAL):
                    await _part(send, payload)
                await _end(send)
            raise
        await self._taken(_end(send))

    async def _permitted(self, payloads: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """The payloads, as long as the caller may have them; after that, why not."""
        loop = asyncio.get_running_loop()
        checked_s = loop.time()
        while True:
            following = asyncio.ensure_future(anext(payloads, None))
            try:
                while not following.done() or loop.time() - checked_s > _CHECKED_EVERY_S:
                    await asyncio.wait([following], timeout=max(0, checked_s + _CHECKED_EVERY_S - loop.time()))
                    if loop.time() - checked_s >= _CHECKED_EVERY_S:
                        lost = await self._lost()
                        checked_s = loop.time()
                        if lost is not None:
                            following.cancel()
                            await asyncio.gather(following, return_exceptions=True)
                            async for last in self._answer.cut_off(lost.message, lost.code):
                                yield last
                            return
                payload = following.result()
            finally:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
            if payload is None:
                return
            yield payload

    async def _taken(self, sending: Coroutine[object, object, None]) -> None:
        try:
            async with asyncio.timeout(self._taken_within_s):
                await sending
        except TimeoutError:
            raise ClientDisconnect from None


async def _part(send: Send, payload: bytes) -> None:
    """Sends a payload; a long one is not copied."""
    if len(payload) <= PIECE_BYTES:
        await _more(send, _PART + payload + _DELIMITER)
        return
    for body in (_PART, payload, _DELIMITER):
        await _more(send, body)


async def _more(send: Send, body: bytes | memoryview) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _end(send: Send) -> None:
    await send({"type": "http.response.body", "body": _END, "more_body": False})
