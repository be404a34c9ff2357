"""A subscription as the response to one HTTP request: payloads, heartbeats, and an end that says why.

A response ends with a payload of errors when the subscription fails, when its caller may not see the rest, or when the
server stops. A client that takes nothing is disconnected.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping, Sequence
from contextlib import AbstractContextManager, aclosing
from random import uniform
from typing import Any, Final, Protocol

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from graph.live.subscription import SubscriptionFailed
from k8s.errors import ErrorCode
from server.auth.accesslost import AccessLost
from server.http.disconnect import disconnected
from server.http.framing import Chunks, Errors, LiveFraming, send_chunk, send_chunks, send_end
from server.http.pieces import in_pieces
from server.live.limits import LiveLimits
from server.live.liveerrors import live_errors
from store.errors import StoreError

STOPPING: Final = "The server is stopping; ask again."
UNREADABLE: Final = "The registry cannot be read at the moment."
_LAST_PAYLOAD_S: Final = 1.0
"""Seconds that a client has to take the last payload."""
_STOP_SPREAD_S: Final = 1.0
"""Seconds within which streams end when the server stops: their clients do not come back at the same moment."""


class OngoingConnection(Protocol):
    """The connection of a response that goes on."""

    def admit(self, *, send_timeout_s: float) -> None:
        """Takes the connection out of the limits of others; who takes nothing for the timeout is disconnected."""
        ...

    def abort(self) -> None:
        """Closes it, and drops unsent bytes."""
        ...

    def abort_soon(self) -> None:
        """Closes it after the time that a client has to read what is left."""
        ...


class LiveStream(Response):
    """The response to a subscription. It ends at once when its client disconnects."""

    def __init__(
        self,
        payloads: AsyncGenerator[bytes, None],
        framing: LiveFraming,
        *,
        place: Callable[[], AbstractContextManager[None]],
        access_lost: Callable[[], Awaitable[AccessLost]],
        stopping: asyncio.Event,
        limits: LiveLimits,
    ) -> None:
        """Takes a subscription.

        Args:
            payloads: Its payloads; closed with the response.
            framing: The form of the response.
            place: Counts the response against its caller's limits while it is sent; raises `Refusal`.
            access_lost: Returns when the caller may not see the rest.
            stopping: Set when the server stops.
            limits: Limits.
        """
        super().__init__(headers={"Content-Type": framing.content_type})
        del self.headers["content-length"]
        self.headers["Connection"] = "close"  # behind it, the connection is not counted again
        self.headers["X-Accel-Buffering"] = "no"  # a proxy that buffers the response would defeat its purpose
        self._payloads = payloads
        self._framing = framing
        self._place = place
        self._access_lost = access_lost
        self._stopping = stopping
        self._limits = limits
        self._sending = asyncio.Lock()
        self._is_passing = False
        self._sent_at_s = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the payloads."""
        async with aclosing(self._payloads):
            with self._place():
                state = scope.setdefault("state", {})
                state["is_stream"] = True
                link: OngoingConnection | None = state.get("link")
                if link is not None:
                    link.admit(send_timeout_s=self._limits.send_timeout_s)
                try:
                    await self._send(receive, in_pieces(self._timed(send)), state)
                except ClientDisconnect:
                    if link is not None:
                        link.abort()
                    raise
                finally:
                    if link is not None:
                        link.abort_soon()

    async def _send(self, receive: Receive, send: Send, state: MutableMapping[str, object]) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await self._write(send, (self._framing.beginning,))
        passing, gone = asyncio.create_task(self._pass_on(send)), asyncio.create_task(disconnected(receive))
        stopping, losing = asyncio.create_task(self._stop()), asyncio.ensure_future(self._access_lost())
        tasks: tuple[asyncio.Future[Any], ...] = passing, gone, stopping, losing
        try:
            await self._beat_until_one_is_done(send, tasks)
            if gone.done():
                return  # the usual end of a subscription
            try:
                errors = _reason(passing, stopping, losing, state)
            except Exception:
                await self._end(send, passing, live_errors("internal error", ErrorCode.INTERNAL))
                raise  # the log of requests has it
            await self._end(send, passing, errors)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass_on(self, send: Send) -> Errors:
        """Sends the payloads; returns the errors with which the subscription ended."""
        try:
            async for body in self._payloads:
                async with self._sending:
                    self._is_passing = True
                    await self._write(send, self._framing.payload(body))
                    self._is_passing = False
                del body  # large, and shared: not kept until the next one comes
        except SubscriptionFailed as failed:
            return failed.errors
        except StoreError:
            return live_errors(UNREADABLE, ErrorCode.INTERNAL)
        return ()

    async def _stop(self) -> None:
        await self._stopping.wait()
        await asyncio.sleep(uniform(0, _STOP_SPREAD_S))  # noqa: S311  no secret

    async def _beat_until_one_is_done(self, send: Send, tasks: Sequence["asyncio.Future[Any]"]) -> None:
        """Sends heartbeats as long as nothing else is sent."""
        due_s = self._limits.heartbeat_s
        while not (await asyncio.wait(tasks, timeout=due_s, return_when=asyncio.FIRST_COMPLETED))[0]:
            due_s = self._limits.heartbeat_s
            if self._sending.locked():
                continue
            silent_s = asyncio.get_running_loop().time() - self._sent_at_s
            if silent_s < due_s:
                due_s -= silent_s
            elif not await self._beat(send, tasks):
                return  # before a payload that waited for the heartbeat takes its turn

    async def _beat(self, send: Send, tasks: Sequence["asyncio.Future[Any]"]) -> bool:
        """Returns whether the client took a heartbeat before one of the tasks was done."""
        beating = asyncio.create_task(self._send_heartbeat(send))
        try:
            await asyncio.wait((beating, *tasks), return_when=asyncio.FIRST_COMPLETED)
            return beating.done() and beating.result() is None
        finally:
            beating.cancel()

    async def _send_heartbeat(self, send: Send) -> None:
        async with self._sending:
            await self._write(send, (self._framing.heartbeat,))

    async def _end(self, send: Send, passing: "asyncio.Task[Errors]", errors: Errors) -> None:
        """Sends the end, behind a payload that is being sent; one that waits is not sent any more."""
        if not self._is_passing:
            passing.cancel()
        try:
            async with asyncio.timeout(_LAST_PAYLOAD_S), self._sending:
                passing.cancel()
                if errors:
                    await send_chunk(send, self._framing.failure(errors))
                await send_end(send, self._framing.end)
        except TimeoutError:
            raise ClientDisconnect from None

    async def _write(self, send: Send, chunks: Chunks) -> None:
        await send_chunks(send, chunks)
        self._sent_at_s = asyncio.get_running_loop().time()

    def _timed(self, send: Send) -> Send:
        """Returns a `send` that raises ClientDisconnect for a client that takes nothing."""

        async def sending(message: Message) -> None:
            try:
                async with asyncio.timeout(self._limits.send_timeout_s):
                    await send(message)
            except TimeoutError:
                raise ClientDisconnect from None

        return sending


def _reason(
    passing: "asyncio.Task[Errors]",
    stopping: "asyncio.Future[Any]",
    losing: "asyncio.Future[AccessLost]",
    state: MutableMapping[str, object],
) -> Errors:
    """Returns the errors of a response that ends; none if its subscription is complete."""
    if passing.done():
        return passing.result()
    if losing.done():
        try:
            lost = losing.result()
        except StoreError:
            return live_errors(UNREADABLE, ErrorCode.INTERNAL)
        state["error_code"] = lost.code
        return live_errors(lost.message, lost.code, is_retryable=lost.is_retryable)
    return live_errors(STOPPING, ErrorCode.INTERNAL)
