"""The pages of a list, the next one asked for as soon as its token is seen.

The API server sends a list's metadata before its items, so the token of the next page stands in the first bytes of this
one: while a page is transferred and decoded the next is on its way. At most `_AHEAD` pages wait undecoded, so memory is
bounded by pages, not by lists.
"""

import asyncio
import re

from k8s.call import JSON, Call
from k8s.connection import Sender
from k8s.deadline import Deadline
from k8s.listing import ListRequest
from k8s.path import list_path

PAGE_OBJECTS = 500
METADATA_ONLY = f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,{JSON}"
_AHEAD = 2
_TOKEN = re.compile(rb'^[^\[]*?"metadata":\{[^\[\]{}]*?"continue":"([A-Za-z0-9_=+/.-]+)"')


class Pages:
    """Bodies of one list's pages, in order; use it as an asynchronous context manager."""

    def __init__(self, sender: Sender, request: ListRequest, deadline: Deadline) -> None:
        self._sender = sender
        self._request = request
        self._deadline = deadline
        self._started: asyncio.Queue[asyncio.Task[bytes]] = asyncio.Queue()
        self._places = asyncio.Semaphore(_AHEAD)
        self._tasks: set[asyncio.Task[bytes]] = set()
        self._asked: set[str] = set()

    async def __aenter__(self) -> "Pages":
        self.ask_for("")
        return self

    async def __aexit__(self, *_exception: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def ask_for(self, token: str) -> None:
        """Starts the page behind a token, unless it was seen in the first bytes already."""
        if token in self._asked:
            return
        self._asked.add(token)
        task = asyncio.create_task(self._fetch(token))
        self._tasks.add(task)
        self._started.put_nowait(task)

    async def next(self) -> bytes:
        """The next page's body; only to be called while there is one (its token was passed to `ask_for`)."""
        task = await self._started.get()
        try:
            return await task
        finally:
            self._tasks.discard(task)
            self._places.release()

    async def _fetch(self, token: str) -> bytes:
        await self._places.acquire()
        return await self._sender.send(list_call(self._request, token), self._deadline, on_prefix=self._look_ahead)

    def _look_ahead(self, prefix: bytes) -> None:
        match = _TOKEN.match(prefix)
        if match:
            self.ask_for(match[1].decode("ascii"))


def list_call(request: ListRequest, token: str, *, limit: int = PAGE_OBJECTS) -> Call:
    """The call for one page of a list."""
    query = [("limit", str(limit))]
    query += [("labelSelector", request.label_selector)] if request.label_selector else []
    query += [("fieldSelector", request.field_selector)] if request.field_selector else []
    query += [("continue", token)] if token else []
    where = f" in namespace {request.namespace}" if request.namespace else ""
    return Call(
        list_path(request.kind, request.namespace),
        verb="list",
        target=f"{request.kind}{where}",
        query=tuple(query),
        accept=METADATA_ONLY if request.needs_only_metadata else JSON,
    )
