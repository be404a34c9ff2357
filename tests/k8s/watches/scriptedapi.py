"""An API server of a few objects for watches, whose answers tests choose, without a network."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import NoReturn

from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.watches.watchsource import Chunks

Object = Mapping[str, object]


def line(event: str, name: str, version: int, **more: object) -> bytes:
    metadata = {"name": name, "namespace": "a", "uid": f"uid-{name}", "resourceVersion": str(version)}
    return json.dumps({"type": event, "object": {"metadata": metadata, **more}}).encode() + b"\n"


def end_of_initial(version: int) -> bytes:
    annotations = {"k8s.io/initial-events-end": "true"}
    metadata = {"resourceVersion": str(version), "annotations": annotations}
    return json.dumps({"type": "BOOKMARK", "object": {"metadata": metadata}}).encode() + b"\n"


class ScriptedApi:
    """A source of watches.

    Attributes:
        initial: The lines of a watch that begins with all objects.
        items: The objects of lists.
        is_allowed: Called for each review: returns its answer, or raises.
        listed: Called for each list; it may raise.
        calls: All calls.
        streams: The open streams: put further chunks there; empty to end one.
    """

    name = "alpha"

    def __init__(self, *initial: bytes) -> None:
        self.initial = initial or (end_of_initial(7),)
        self.items: list[Object] = []
        self.version = 7
        self.is_allowed: Callable[[], bool] = lambda: True
        self.listed: Callable[[], None] = lambda: None
        self.calls: list[Call] = []
        self.reviews = 0
        self.streams: list[asyncio.Queue[bytes | Exception]] = []
        self._happened = asyncio.Event()

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.calls.append(call)
        self._happened.set()
        if call.body is not None:
            self.reviews += 1
            return json.dumps({"status": {"allowed": self.is_allowed()}}).encode()
        self.listed()
        metadata = {"resourceVersion": str(self.version)}
        return json.dumps({"kind": "ConfigMapList", "metadata": metadata, "items": self.items}).encode()

    @asynccontextmanager
    async def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AsyncIterator[Chunks]:
        self.calls.append(call)
        self._happened.set()
        chunks: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        if dict(call.query).get("sendInitialEvents"):
            for chunk in self.initial:
                chunks.put_nowait(chunk)
        self.streams.append(chunks)
        yield _Stream(chunks)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits until a condition holds, which may depend on the calls only."""
        async with asyncio.timeout(30):
            while not holds():
                self._happened.clear()
                await self._happened.wait()

    async def close(self) -> None:
        """Ends nothing."""


class _Stream:
    def __init__(self, chunks: "asyncio.Queue[bytes | Exception]") -> None:
        self._chunks = chunks

    async def chunk(self) -> bytes:
        chunk = await self._chunks.get()
        if isinstance(chunk, Exception):
            raise chunk
        return chunk


def failing(error: Exception) -> Callable[[], NoReturn]:
    """Returns a function that raises an error."""

    def fail() -> NoReturn:
        raise error

    return fail
