"""Reads of what no watch tells, such as usage: each answer serves the evaluations of some seconds.

A list with ten changes a second is evaluated ten times a second; what is polled is not read again for each of them.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from k8s.errors import ClusterError, without_frames
from k8s.kinds.kind import Kind
from k8s.kinds.structures import Structures
from k8s.reading.listing import WHOLE, ListRequest, ObjectCount, Page, Window
from k8s.reading.pages import PageMemory
from k8s.reading.reader import Reader
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import Selection
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import DISCOVERY_PATHS, VERSION_PATH
from k8s.transport.sender import Sender
from resolvers.live.dependencies import Dependencies

_KEPT_S: Final = 10.0
"""Seconds for which an answer is good: after those a right may have been revoked."""
_MOST_ANSWERS: Final = 200
_DISCOVERY: Final = frozenset({*DISCOVERY_PATHS, VERSION_PATH})


class PolledAnswers:
    """The answers of one cluster to one list, failures among them: a slow server is not asked at each change."""

    def __init__(self, dependencies: Dependencies) -> None:
        """Takes the watches of the list, to note there that it is polled."""
        self._dependencies = dependencies
        self._known: dict[object, tuple[Any, ClusterError | None]] = {}

    async def of(self, key: object, read: Callable[[], Awaitable[Any]]) -> Any:
        """Returns a known answer, or reads it; raises ClusterError."""
        self._dependencies.is_polled = True
        if key not in self._known:
            answer, failure = None, None
            try:
                answer = await read()
            except ClusterError as error:
                failure = without_frames(error)
            self._known[key] = answer, failure
            asyncio.get_running_loop().call_later(_KEPT_S, self._known.pop, key, None)
            if len(self._known) > _MOST_ANSWERS:
                del self._known[next(iter(self._known))]
        answer, failure = self._known[key]
        if failure is not None:
            raise failure
        return answer


@dataclass(frozen=True, slots=True)
class PolledReader:
    """A `Reader` of kinds that cannot be watched."""

    reader: Reader
    answers: PolledAnswers

    async def pages(
        self,
        request: ListRequest,
        *,
        deadline: Deadline,
        limit: int,
        window: Window = WHOLE,
        memory: PageMemory | None = None,
    ) -> AsyncGenerator[Page, None]:
        """Yields pages as `Reader.pages`."""

        async def read() -> list[Page]:
            listed = self.reader.pages(request, deadline=deadline, limit=limit, window=window, memory=memory)
            async with aclosing(listed) as pages:
                return [page async for page in pages]

        for page in await self.answers.of((request, limit, window), read):
            yield page

    async def get(
        self,
        kind: Kind,
        *,
        structure: str,
        selection: Selection,
        namespace: str | None,
        name: str,
        deadline: Deadline,
        structures: Structures | None = None,
    ) -> Row | None:
        """Returns an object as `Reader.get`."""

        async def read() -> Row | None:
            return await self.reader.get(
                kind,
                structure=structure,
                selection=selection,
                namespace=namespace,
                name=name,
                deadline=deadline,
                structures=structures,
            )

        row: Row | None = await self.answers.of((kind, structure, selection, namespace, name), read)
        return row

    async def count(self, request: ListRequest, *, deadline: Deadline, limit: int) -> ObjectCount:
        """Returns a number as `Reader.count`."""
        counted: ObjectCount = await self.answers.of(
            (request, limit), lambda: self.reader.count(request, deadline=deadline, limit=limit)
        )
        return counted


@dataclass(frozen=True, slots=True)
class PolledSender:
    """A `Sender` to a cluster."""

    sender: Sender
    answers: PolledAnswers

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self.sender.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the body of the answer to `call`; raises ClusterError."""
        if call.path in _DISCOVERY:
            return await self.sender.send(call, deadline, on_prefix=on_prefix)
        answer: bytes = await self.answers.of(call, lambda: self.sender.send(call, deadline, on_prefix=on_prefix))
        return answer
