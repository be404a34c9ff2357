"""Letting running queries finish when the server is told to stop, and refusing new ones."""

import asyncio
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from k8s.errors import ErrorCode
from server.http.responses import error_response

RETRY_AFTER_S: Final = 5
"""What a client should wait before it asks another replica, as a kube-apiserver says when it stops."""


class Draining:
    """Which requests run, and whether new ones are accepted.

    Attributes:
        has_begun: No new request is accepted.
    """

    def __init__(self) -> None:
        self.has_begun = False
        self._running: set[asyncio.Task[object]] = set()
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    def begin(self) -> None:
        """Refuses requests from now on."""
        self.has_begun = True

    def enter(self) -> asyncio.Task[object]:
        """Notes that the current task serves a request."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("Requests are served by tasks.")
        self._running.add(task)
        self._is_idle.clear()
        return task

    def leave(self, task: asyncio.Task[object]) -> None:
        """Notes that the request was served, its answer sent."""
        self._running.discard(task)
        if not self._running:
            self._is_idle.set()

    async def finish(self, *, timeout_s: float) -> int:
        """Waits until no request runs, and cuts those off that still do after `timeout_s`; returns how many."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._is_idle.wait()
        except TimeoutError:
            return self.cut()
        return 0

    def cut(self) -> int:
        """Cancels what runs; its callers get 503."""
        cut = list(self._running)
        for task in cut:
            task.cancel()
        return len(cut)


class DrainingMiddleware:
    """Puts the requests for one path under a `Draining`; others are never refused and never waited for."""

    def __init__(self, app: ASGIApp, draining: Draining, *, path: str) -> None:
        self._app = app
        self._draining = draining
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http" or scope["path"] != self._path:
            await self._app(scope, receive, send)
        elif self._draining.has_begun:
            await _refuse(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_started = False

        async def noting_send(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        task = self._draining.enter()
        try:
            await self._app(scope, receive, noting_send)
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
    await response(scope, receive, send)
