"""A subscription without an engine, and the wire of one response to it."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from starlette.types import Message

from resolvers.caller import Caller

SUBSCRIPTION = b'{"query":"subscription { pods { resume } }"}'


@dataclass
class FakeSubscription:
    """A subscription whose payloads the test puts in; it ends with `None`, or with an error."""

    waiting: asyncio.Queue[bytes | Exception | None] = field(default_factory=asyncio.Queue)
    callers: list[Caller] = field(default_factory=list)
    was_closed: bool = False

    def put(self, *payloads: bytes | Exception | None) -> None:
        for payload in payloads:
            self.waiting.put_nowait(payload)

    async def payloads(self, caller: Caller) -> AsyncGenerator[bytes, None]:
        self.callers.append(caller)
        try:
            while (payload := await self.waiting.get()) is not None:
                if isinstance(payload, Exception):
                    raise payload
                yield payload
        finally:
            self.was_closed = True


@dataclass
class Wire:
    """An ASGI server's side of one request with a body. Once `takes` is cleared, the client takes nothing."""

    request: bytes = SUBSCRIPTION
    body: bytes = b""
    messages: list[Message] = field(default_factory=list)
    has_grown: asyncio.Condition = field(default_factory=asyncio.Condition)
    is_gone: asyncio.Event = field(default_factory=asyncio.Event)
    takes: asyncio.Event = field(default_factory=asyncio.Event)
    was_read: bool = False
    was_aborted: bool = False
    timeout_s: float = 0.0

    def __post_init__(self) -> None:
        self.takes.set()

    async def receive(self) -> Message:
        if not self.was_read:
            self.was_read = True
            return {"type": "http.request", "body": self.request, "more_body": False}
        await self.is_gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self.takes.wait()
        async with self.has_grown:
            self.messages.append(message)
            self.body += message.get("body", b"")
            self.has_grown.notify_all()

    async def until(self, text: bytes) -> None:
        """Waits until the client has received a text."""
        async with asyncio.timeout(30), self.has_grown:
            await self.has_grown.wait_for(lambda: text in self.body)

    def admit(self, *, send_timeout_s: float) -> None:
        """Is what a connection does for a response that goes on."""
        self.timeout_s = send_timeout_s

    def abort(self) -> None:
        """Is what a connection does for a client that is cut off."""
        self.was_aborted = True

    def abort_soon(self) -> None:
        """Is what a connection does behind the end of a response."""

    @property
    def is_complete(self) -> bool:
        """Returns whether the response came to its end."""
        return self.messages[-1].get("more_body") is False
