"""The operations that run on one WebSocket."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from starlette.websockets import WebSocketDisconnect

from k8s.errors import ErrorCode
from server.auth.accesslost import AccessLost
from server.live.closing import CloseCode, Closed, unexpected
from server.live.log import logged
from server.live.messages import ClientMessage, complete, error_of, next_of
from server.live.operating import OperationRefused, Operations, Session
from server.ratelimit.tokenbucket import TokenBucket

_STOPPING: Final = "The server is stopping; ask again."
_LAST_WORDS_S: Final = 1.0
"""Seconds that operations have to end when their connection does."""


@dataclass(eq=False, slots=True)
class _Running:
    """An operation.

    Attributes:
        is_subscription: Whether it is known to be a subscription.
    """

    id: str
    task: asyncio.Task[None] | None = None
    is_subscription: bool = False

    def cancel(self) -> None:
        if self.task is not None:
            self.task.cancel()


class RunningOperations:
    """The operations of one connection, each a task.

    Attributes:
        lost: The reason why their caller may not see the rest; each is told when it is cancelled then.
    """

    def __init__(
        self,
        operations: Operations,
        *,
        most: int,
        send: Callable[[bytes], Awaitable[None]],
        on_end: Callable[[Closed], None],
        on_idle: Callable[[], None],
    ) -> None:
        """Takes what executes them.

        Args:
            operations: Executes them.
            most: The most of them at once.
            send: Sends a message to the client; raises `Closed`.
            on_end: Called when one of them ends the connection.
            on_idle: Called when the last one has ended.
        """
        self.lost: AccessLost | None = None
        self._operations = operations
        self._most = most
        self._send = send
        self._on_end = on_end
        self._on_idle = on_idle
        self._running: dict[str, _Running] = {}
        self._begun = 0
        self._refused_lines = TokenBucket(per_s=1, burst=1)
        self._is_stopping = False

    def __len__(self) -> int:
        return len(self._running)

    async def begin(self, message: ClientMessage, session: Session) -> None:
        """Begins an operation, or refuses it.

        Raises:
            Closed: Another one has its id.
        """
        if message.id in self._running:
            raise Closed(CloseCode.SUBSCRIBER_ALREADY_EXISTS, f"Subscriber for {message.id} already exists")
        if self._is_stopping:
            await self._refuse(message.id, OperationRefused.because(_STOPPING, ErrorCode.INTERNAL))
        elif len(self._running) >= self._most:
            text = (
                f"Operations on this connection: {self._most}, which is the limit (FLEETGRAPH_MAX_LIVE_OPERATIONS). "
                "End one first."
            )
            await self._refuse(message.id, OperationRefused.because(text, ErrorCode.LIMIT_EXCEEDED))
        else:
            self._begun += 1
            running = self._running[message.id] = _Running(message.id)
            on_subscription = partial(self._begin_subscription, running)
            responses = self._operations.responses(bytes(message.payload), session, on_subscription)
            operation = self._operate(running, responses, session.caller.name, number=self._begun)
            running.task = asyncio.create_task(operation, name="live operation")

    def end(self, operation: str) -> None:
        """Ends an operation, of which the client does not want to hear more."""
        if (running := self._running.pop(operation, None)) is not None:
            running.cancel()
            if not self._running:
                self._on_idle()

    def stop(self) -> None:
        """Ends subscriptions without a word, and refuses further operations; others go on to their end."""
        self._is_stopping = True
        for running in self._running.values():
            if running.is_subscription:
                running.cancel()

    async def close(self) -> None:
        """Ends all operations."""
        tasks = [running.task for running in self._running.values() if running.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_LAST_WORDS_S)
            for task in late:  # the client does not read
                task.cancel()

    def _begin_subscription(self, running: _Running) -> None:
        running.is_subscription = True
        if self._is_stopping:
            raise OperationRefused.because(_STOPPING, ErrorCode.INTERNAL)

    async def _operate(
        self, running: _Running, responses: AsyncGenerator[bytes, None], caller: str, *, number: int
    ) -> None:
        try:
            with logged(caller, number, self._refused_lines) as line:
                async with aclosing(responses):
                    async for body in responses:
                        await self._send(next_of(running.id, body))
                        del body  # large, and shared: not kept until the next one comes
                await self._send(complete(running.id))
                line.outcome = "complete"
        except OperationRefused as refused:
            await self._refuse(running.id, refused)
        except asyncio.CancelledError:
            if self.lost is not None and self._running.get(running.id) is running:
                lost = self.lost
                ended = OperationRefused.because(lost.message, lost.code, is_retryable=lost.is_retryable)
                await self._refuse(running.id, ended)
        except Closed as closed:
            self._on_end(closed)
        except WebSocketDisconnect:
            pass
        except Exception:  # noqa: BLE001  masked, as over HTTP
            self._on_end(unexpected())
        finally:
            if self._running.get(running.id) is running:
                del self._running[running.id]
                if not self._running:
                    self._on_idle()

    async def _refuse(self, operation: str, refused: OperationRefused) -> None:
        try:
            with suppress(WebSocketDisconnect):
                await self._send(error_of(operation, refused.errors))
        except Closed as closed:
            self._on_end(closed)
