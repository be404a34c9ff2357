"""Responses in payloads over HTTP: one part of `multipart/mixed` for each payload, sent as soon as it is complete.

Each part ends with the delimiter of the next, so that a client knows that it has all of it.
Source: https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from graph.incremental.payloads import PayloadFormat
from k8s.errors import ErrorCode
from server.auth.accesslost import AccessLost
from server.http.disconnect import while_connected
from server.http.framing import Chunks, Framing, send_chunk, send_chunks, send_end
from server.http.graphqlexecutor import Payloads
from server.http.mediatypes import MULTIPART, MediaType

_DELIMITER: Final = b"\r\n---"
_PART: Final = f"\r\nContent-Type: {MediaType.JSON}; charset=utf-8\r\n\r\n".encode()
_END: Final = b"--\r\n"
_PARAMETERS: Final[Mapping[PayloadFormat, str]] = {
    PayloadFormat.IDS: "incrementalSpec=v0.2",
    PayloadFormat.PATHS: "deferSpec=20220824",
}
_STOPPING: Final = "The server is stopping; ask again."
_CHECK_INTERVAL_S: Final = 0.8
"""The interval of permission checks: a response ends within a second after its permission is lost."""
_LAST_PAYLOAD_S: Final = 1.0
"""Seconds that a client has to receive the last payload when the server stops."""
PAYLOAD_TIMEOUT_S: Final = 120.0
"""Seconds that a client has to receive a payload; then its connection is closed, to free its place."""


class IncrementalParts:
    """The parts of one format of payloads.

    Attributes:
        content_type: The media type of such a response; its boundary is `-`.
    """

    beginning: Final = _DELIMITER
    end: Final = _END

    def __init__(self, payload_format: PayloadFormat) -> None:
        self.content_type = f'{MULTIPART}; boundary="-"; {_PARAMETERS[payload_format]}'

    def payload(self, body: bytes) -> Chunks:
        """Returns the part of a payload."""
        return _PART, body, _DELIMITER

    def whole(self, body: bytes) -> Chunks:
        """Returns the parts of a response that is one payload: a JSON object with at least one member."""
        return _DELIMITER + _PART, memoryview(body)[:-1], b',"hasNext":false}' + _DELIMITER + _END


async def _nothing_lost() -> AccessLost | None:
    return None


class WholeResponse(Response):
    """A response in a single payload, for clients that accept nothing else."""

    def __init__(self, body: bytes, framing: Framing) -> None:
        """Takes the response: a JSON object with at least one member."""
        super().__init__(headers={"Content-Type": framing.content_type})
        self._chunks = framing.whole(body)
        self.headers["content-length"] = str(sum(map(len, self._chunks)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it, without a copy."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for chunk in self._chunks:
            await send_chunk(send, chunk)
        await send_end(send)


class PayloadsResponse(Response):
    """A response in payloads. Work is cancelled at once when the client disconnects or the server stops."""

    def __init__(
        self,
        answer: Payloads,
        framing: Framing,
        *,
        access_lost: Callable[[], Awaitable[AccessLost | None]] = _nothing_lost,
        payload_timeout_s: float = PAYLOAD_TIMEOUT_S,
    ) -> None:
        super().__init__(headers={"Content-Type": framing.content_type})
        del self.headers["content-length"]
        self.headers["X-Accel-Buffering"] = "no"  # a proxy that buffers the response would defeat its purpose
        self._answer = answer
        self._framing = framing
        self._access_lost = access_lost
        self._payload_timeout_s = payload_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the payloads."""
        try:
            await while_connected(receive, self._send(send))
        finally:
            await self._answer.close()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send_chunk(send, self._framing.beginning)
        try:
            async with aclosing(self._answer.payloads()) as payloads, aclosing(self._permitted(payloads)) as permitted:
                async for payload in permitted:
                    await self._send_in_time(send_chunks(send, self._framing.payload(payload)))
        except asyncio.CancelledError:
            async with asyncio.timeout(_LAST_PAYLOAD_S):
                async for payload in self._answer.cut_off(_STOPPING, ErrorCode.INTERNAL):
                    await send_chunks(send, self._framing.payload(payload))
                await send_end(send, self._framing.end)
            raise
        await self._send_in_time(send_end(send, self._framing.end))

    async def _permitted(self, payloads: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """Yields the payloads as long as the caller may see them; after that, the reason."""
        loop = asyncio.get_running_loop()
        checked_s = loop.time()
        while True:
            following = asyncio.ensure_future(anext(payloads, None))
            try:
                while not following.done() or loop.time() - checked_s > _CHECK_INTERVAL_S:
                    await asyncio.wait([following], timeout=max(0, checked_s + _CHECK_INTERVAL_S - loop.time()))
                    if loop.time() - checked_s >= _CHECK_INTERVAL_S:
                        access_lost = await self._access_lost()
                        checked_s = loop.time()
                        if access_lost is not None:
                            following.cancel()
                            await asyncio.gather(following, return_exceptions=True)
                            async for last in self._answer.cut_off(access_lost.message, access_lost.code):
                                yield last
                            return
                payload = following.result()
            finally:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
            if payload is None:
                return
            yield payload

    async def _send_in_time(self, sending: Coroutine[object, object, None]) -> None:
        try:
            async with asyncio.timeout(self._payload_timeout_s):
                await sending
        except TimeoutError:
            raise ClientDisconnect from None
