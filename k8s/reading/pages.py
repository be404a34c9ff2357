"""The pages of a list; each is requested as soon as the token in the page before arrives.

The API server sends a list's metadata before its items, so the first bytes of a page contain the token of the next one.
While a page is transferred and decoded, the next is requested. At most `_UNDECODED` pages are held, so memory is
bounded by pages, not by lists. Pages have as many objects as fit a few MB. A page that is too large is requested again
with fewer objects.
"""

import asyncio
import re
from contextvars import copy_context
from typing import Protocol

from k8s.errors import AnswerTooLarge, ProtocolBroken
from k8s.reading.cells import TABLE, WITH_METADATA
from k8s.reading.listing import FIRST_OBJECTS, PAGE_OBJECTS, WHOLE, ListRequest, ObjectSizes, PageSizes, Window
from k8s.transport.bodymemory import PORTION, Portion
from k8s.transport.call import JSON, Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import list_path
from k8s.transport.sender import Sender
from k8s.turns.steps import start

METADATA_ONLY = f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,{JSON}"
_UNDECODED = 2
"""The page that is being decoded, or is the next to be, and the one that is transferred meanwhile."""
_TOKEN = re.compile(rb'^[^\[]*?"metadata":\{[^\[\]{}]*?"continue":"([A-Za-z0-9_=+/.-]+)"')


class PageMemory(Protocol):
    """The memory that an operation may hold.

    An operation without room releases a page undecoded and reads it again later. So if many operations begin at once,
    only as many hold objects as there is memory for, and waiting pages take no memory from the others.
    """

    def has_room(self, size_bytes: int) -> bool:
        """Returns True if a body of so many bytes may be decoded now."""
        ...

    async def wait(self, size_bytes: int) -> None:
        """Waits until such a body may be decoded; raises the operation's error if that takes too long."""
        ...


class Pages:
    """Bodies of one list's pages, in order; use it as an asynchronous context manager.

    If one page has all objects of the window, no other is requested ahead.
    """

    def __init__(
        self,
        sender: Sender,
        request: ListRequest,
        deadline: Deadline,
        *,
        window: Window = WHOLE,
        memory: PageMemory | None = None,
        sizes: ObjectSizes | None = None,
        most_first: int = FIRST_OBJECTS,
    ) -> None:
        """Takes a list and its sender.

        Args:
            sender: sends the requests.
            request: the list.
            deadline: the deadline of all its requests.
            window: the part that is needed.
            memory: the memory that decoded pages take; a page without room is requested again later. None: no page
                waits.
            sizes: the known sizes of the cluster's objects; None if there are none.
            most_first: the most objects of the first page.
        """
        self._sizes = PageSizes(sender.name, request, window, sizes or ObjectSizes())
        self._sizes.first = min(self._sizes.first, most_first)
        self._begin = window.token
        self._reads_ahead = window.first is None or window.first > self._sizes.first
        self._sender = sender
        self._request = request
        self._deadline = deadline
        self._memory = memory
        self._context = copy_context()
        self._places = asyncio.Semaphore(_UNDECODED)
        self._tasks: dict[str, asyncio.Task[bytes]] = {}
        self._portions: dict[str, Portion] = {}
        self._newest = ""
        self._read: set[int] = set()
        """Hashes of the tokens of pages that were read: a cluster may send any number of long tokens."""

    async def __aenter__(self) -> "Pages":
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._drop()

    async def body(self, token: str) -> bytes:
        """Returns the body of the page behind a token, empty for the first page; `decoded` releases it.

        A page without room is released, with all pages requested ahead, and requested again later.

        Raises:
            ClusterError: the page could not be read, or was read before, so the list would never end.
        """
        while True:
            body = await self._body(token)
            if self._memory is None or self._memory.has_room(size_bytes := len(body)):
                return body
            body = b""
            self._read.discard(hash(token))
            await self._drop()
            await self._memory.wait(size_bytes)

    async def _body(self, token: str) -> bytes:
        if hash(token) in self._read:
            raise ProtocolBroken(self._sender.name, f"its list of {self._request.kind} never ends.")
        self._read.add(hash(token))
        while True:
            if token not in self._tasks:
                await self._drop()  # pages requested ahead continue another reading of the page before
                self._start(token)
            self._portions[token].want()
            try:
                return await self._tasks[token]
            except AnswerTooLarge:
                if not self._sizes.shrink(is_first=token == self._begin):
                    raise
            finally:
                del self._tasks[token]

    def decoded(self, token: str) -> None:
        """Releases the body of a page, and its place for another one."""
        if portion := self._portions.pop(token, None):
            portion.release()
            self._places.release()

    def note(self, objects: int, size_bytes: int) -> None:
        """Notes the size of a page, by which further ones are requested."""
        self._sizes.note(objects, size_bytes)

    def ask_again(self, token: str) -> bool:
        """Allows another request for a page, and makes pages smaller; returns False if they have one object already."""
        self._read.discard(hash(token))
        return self._sizes.shrink(is_first=token == self._begin)

    def _start(self, token: str) -> None:
        """Starts a page in the context in which the list began, not in the context of the page that has its token.

        The context of a page has values for one page, such as its slot and the recorder of its exchanges; and a list
        may have any number of pages.
        """
        self._newest = token
        self._portions[token] = Portion(is_wanted=False)
        self._tasks[token] = start(self._fetch(token), context=self._context.copy())

    async def _fetch(self, token: str) -> bytes:
        PORTION.set(self._portions[token])
        await self._places.acquire()
        sizes = self._sizes
        return await self._sender.send(
            list_call(self._request, token, limit=sizes.first if token == self._begin else sizes.next),
            self._deadline,
            on_prefix=(lambda prefix: self._look_ahead(token, prefix)) if self._reads_ahead else None,
        )

    def _look_ahead(self, token: str, prefix: bytes) -> None:
        """Starts the next page, once: a retry of a page may have another token."""
        match = _TOKEN.match(prefix)
        if match and token == self._newest:
            following = match[1].decode("ascii")
            if hash(following) not in self._read:
                self._start(following)

    async def _drop(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        for portion in self._portions.values():  # before any await, which may be cancelled
            portion.release()
        self._portions.clear()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()
        self._places = asyncio.Semaphore(_UNDECODED)


def list_call(request: ListRequest, token: str, *, limit: int = PAGE_OBJECTS) -> Call:
    """Returns the call for one page of a list."""
    query = [("limit", str(limit))]
    query += [("labelSelector", request.label_selector)] if request.label_selector else []
    query += [("fieldSelector", request.field_selector)] if request.field_selector else []
    query += [("continue", token)] if token else []
    has_cells = request.needs_only_cells
    query += [WITH_METADATA] if has_cells else []
    where = f" in namespace {request.namespace}" if request.namespace else ""
    return Call(
        list_path(request.kind, request.namespace),
        verb="list",
        target=f"{request.kind}{where}",
        query=tuple(query),
        accept=METADATA_ONLY if request.needs_only_metadata else TABLE if has_cells else JSON,
        most_bytes=None,
    )
