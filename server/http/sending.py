"""Responses that are being sent, and the speed of their clients."""

import asyncio
from contextlib import AsyncExitStack
from typing import Final

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from server.http.pieces import in_pieces
from server.ratelimit.anonymousbodies import BodyTransport

_PATIENCE_S: Final = 10.0
_SLOWEST_BYTES_PER_S: Final = 2**20


class Sending:
    """One response to a caller.

    Attributes:
        caller: The caller's name.
    """

    def __init__(self, caller: str, transport: BodyTransport | None) -> None:
        """Takes the transport of the response, if it is known."""
        self.caller = caller
        self._transport = transport
        self._sent_bytes = 0
        self._waited_s = 0.0
        self._waits_since_s: float | None = None

    @property
    def is_slow(self) -> bool:
        """Returns whether the client read less than 1 MiB per second over more than 10 s of waiting."""
        waits_s = 0.0 if self._waits_since_s is None else asyncio.get_running_loop().time() - self._waits_since_s
        waited_s = self._waited_s + waits_s
        return waited_s > _PATIENCE_S and self._sent_bytes < waited_s * _SLOWEST_BYTES_PER_S

    def cut(self) -> None:
        """Closes its connection."""
        if self._transport is not None:
            self._transport.abort()

    def measured(self, send: Send) -> Send:
        """Returns a `send` whose waiting is measured."""

        async def sending(message: Message) -> None:
            loop = asyncio.get_running_loop()
            self._waits_since_s = loop.time()
            try:
                await send(message)
            finally:
                self._waited_s += loop.time() - self._waits_since_s
                self._waits_since_s = None
                self._sent_bytes += len(message.get("body", b""))

        return sending


class CountedResponse(Response):
    """A response that counts against its caller's limits until it was sent."""

    def __init__(self, response: Response, sending: Sending, resources: AsyncExitStack) -> None:
        self._response = response
        self._sending = sending
        self._ending = resources

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the response, no faster than the client reads it."""
        async with self._ending:
            await self._response(scope, receive, in_pieces(self._sending.measured(send)))
