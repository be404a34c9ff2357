"""The end of running queries when the server stops, and the refusal of new ones."""

import asyncio
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from k8s.errors import ErrorCode
from server.http.responses import error_response

RETRY_AFTER_S: Final = 5
"""Seconds before a client retries with another replica, as kube-apiserver says when it stops."""


class Draining:
    """Running requests, and whether new ones are accepted.

    Attributes:
        has_begun: Whether new requests are refused.
        stopping: Set when that begins. Streams, which would never end, end then.
    """

    def __init__(self) -> None:
        self.has_begun = False
        self.stopping = asyncio.Event()
        self._running: set[asyncio.Task[object]] = set()
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    def begin(self) -> None:
        """Refuses requests from now on."""
        self.has_begun = True
        self.stopping.set()

    def enter(self) -> asyncio.Task[object]:
        """Adds the current task to the running requests."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("Requests are served by tasks.")
        self._running.add(task)
        self._is_idle.clear()
        return task

    def leave(self, task: asyncio.Task[object]) -> None:
        """Removes a task whose response was sent."""
        self._running.discard(task)
        if not self._running:
            self._is_idle.set()

    async def finish(self, *, timeout_s: float) -> int:
        """Waits until no request runs, for at most `timeout_s`. Cancels those that remain, and returns their number."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._is_idle.wait()
        except TimeoutError:
            return self.cancel_all()
        return 0

    def cancel_all(self) -> int:
        """Cancels all running requests, and returns their number; their clients get 503."""
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        return len(tasks)


class DrainingMiddleware:
    """Middleware that drains requests for one path. Others are never refused and never waited for."""

    def __init__(self, app: ASGIApp, draining: Draining, *, path: str) -> None:
        self._app = app
        self._draining = draining
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] not in {"http", "websocket"} or scope["path"] != self._path:
            await self._app(scope, receive, send)
        elif self._draining.has_begun:
            await _refuse(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_started = False

        async def tracking_send(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        task = self._draining.enter()
        try:
            await self._app(scope, receive, tracking_send)
        except asyncio.CancelledError:
            if not self._draining.has_begun:
                raise
            task.uncancel()
            if not has_started:
                await _refuse(scope, receive, send)
        finally:
            self._draining.leave(task)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"Retry-After": str(RETRY_AFTER_S), "Connection": "close"}
    accept = Headers(scope=scope).get("accept")
    response = error_response(
        503, "The server is stopping; ask again.", code=ErrorCode.INTERNAL, headers=headers, accept=accept
    )
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).send_denial_response(response)
    else:
        await response(scope, receive, send)
