"""Readers of the objects of one cluster: from a request to pages of rows. All packages above depend on `Reader`."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from typing import Protocol, TypeVar

from k8s import errors
from k8s.kinds.kind import Kind
from k8s.kinds.structures import Structures
from k8s.masking.masking import STANDARD, Masking
from k8s.reading.listing import WHOLE, ListRequest, ObjectCount, ObjectSizes, Page, Window
from k8s.reading.listprogress import ListProgress
from k8s.reading.pagedecoder import DecodedPage
from k8s.reading.pages import PageMemory, Pages, list_call
from k8s.reading.responsedecoder import ResponseDecoder
from k8s.reading.rowdecoders import Row, object_decoder
from k8s.reading.selection import LEAF, Selection
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import PathInvalid, object_path
from k8s.transport.sender import Sender
from k8s.turns.turns import Pace, turn

T = TypeVar("T")

_LONG_BYTES = 65_536
"""The length above which a page takes about a millisecond to decode."""


class Reader(Protocol):
    """A reader of one cluster's objects."""

    def pages(
        self,
        request: ListRequest,
        *,
        deadline: Deadline,
        limit: int,
        window: Window = WHOLE,
        memory: PageMemory | None = None,
    ) -> AsyncGenerator[Page, None]:
        """Yields the objects of the request and the window, at most `limit`, page by page."""
        ...

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
        """Returns one object, or None if the cluster has none of that name."""
        ...

    async def count(self, request: ListRequest, *, deadline: Deadline, limit: int) -> ObjectCount:
        """Returns the number of objects of the request."""
        ...


class ClusterReader:
    """A `Reader` of an API server."""

    def __init__(self, sender: Sender, masking: Masking = STANDARD, sizes: ObjectSizes | None = None) -> None:
        """Takes the sender of requests, the masks of the values that no row has, and known sizes of objects."""
        self._sender = sender
        self._sizes = sizes
        self._masking = masking

    @property
    def _decoder(self) -> ResponseDecoder:  # made for each response: a cluster that nobody asks costs little
        return ResponseDecoder(self._sender.name, self._masking)

    async def pages(
        self,
        request: ListRequest,
        *,
        deadline: Deadline,
        limit: int,
        window: Window = WHOLE,
        memory: PageMemory | None = None,
    ) -> AsyncGenerator[Page, None]:
        """Yields the pages of a list as they arrive; requests the next ones meanwhile (`k8s.reading.pages`).

        If a continue token has expired or an answer was damaged, the list starts again once, with a page that
        `is_first`. Close the generator if you leave it before its end (`contextlib.aclosing`).

        Args:
            request: the list.
            deadline: the deadline of the whole list.
            limit: the maximum number of its objects.
            window: the part that is needed.
            memory: the memory that decoded pages take; a page without room is requested again later. None: no limit.

        Raises:
            ClusterError: the cluster failed before the last page; the pages before are void.
            TooManyObjects: there are more than `limit`.
        """
        has_begun_anew = False
        with self._translated_errors():
            while True:
                try:
                    async with aclosing(self._pages(request, deadline, limit, window, memory)) as pages:
                        while True:
                            yield await anext(pages)  # no frame here holds rows
                except StopAsyncIteration:
                    return
                except errors.ClusterError as error:
                    if window.token and isinstance(error, errors.StatusError):
                        window = replace(window, token="")  # it has expired, or the cluster was rebuilt since
                    elif window.token or has_begun_anew or not _may_be_whole_now(error):
                        raise
                    else:
                        has_begun_anew = True

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
        """Returns one object, or None if the cluster has none of that name.

        Raises:
            ClusterError: the cluster failed, or does not serve the kind.
        """
        where = f" in namespace {namespace}" if namespace else ""
        with self._translated_errors():
            call = Call(object_path(kind, namespace, name), "get", f"{kind} {name}{where}", most_bytes=None)

            async def read() -> Row:
                body = await self._sender.send(call, deadline)
                decoder = object_decoder(structure, selection, kind, structures, self._masking.of(kind))
                return await self._decoder.single(kind, decoder, body, call)

            try:
                return await _twice(read)
            except errors.ResourceNotFound as error:
                if error.is_about_object:
                    return None
                raise

    async def count(self, request: ListRequest, *, deadline: Deadline, limit: int) -> ObjectCount:
        """Returns the number of objects of a list, from one small request; reads the list if that does not have it.

        Raises:
            ClusterError: the cluster failed.
        """
        with self._translated_errors():
            return await self._count(request, deadline, limit)

    async def _count(self, request: ListRequest, deadline: Deadline, limit: int) -> ObjectCount:
        call = list_call(request, "", limit=1)

        async def read() -> DecodedPage[Row]:
            return await self._decoder.page(request, await self._sender.send(call, deadline), LEAF)

        first = await _twice(read)
        objects, remaining = len(first.items), first.metadata.remaining
        if remaining is not None:
            return ObjectCount(objects + remaining, is_estimate=remaining > 0)
        async with aclosing(self.pages(request, deadline=deadline, limit=limit)) as pages:
            async for page in pages:
                objects = page.read
        return ObjectCount(objects)

    async def _pages(
        self, request: ListRequest, deadline: Deadline, limit: int, window: Window, memory: PageMemory | None
    ) -> AsyncGenerator[Page, None]:
        """Yields the pages of a list, read once; holds no rows during the next request."""
        progress, pace = ListProgress(request, window, limit), Pace()
        async with Pages(self._sender, request, deadline, window=window, memory=memory, sizes=self._sizes) as pages:
            while not progress.is_over:
                yield await self._next_page(pages, progress, pace)

    async def _next_page(self, pages: Pages, progress: ListProgress, pace: Pace) -> Page:
        decoded = await self._decoded_page(pages, progress.request, progress.token)
        await pace.breathe()
        try:
            page = progress.page(decoded)
        except TypeError as error:
            cause = f"it sent {progress.request.kind} without a namespace."
            raise errors.ProtocolBroken(self._sender.name, cause) from error
        self._decoder.refuse_long_names(page.rows, progress.request)
        self._refuse_over(progress)
        return page

    async def _decoded_page(self, pages: Pages, request: ListRequest, token: str) -> DecodedPage[Row]:
        """Returns the page behind a token; requests it with fewer objects if it is too large to decode at once."""
        while True:
            body = await pages.body(token)
            if len(body) > _LONG_BYTES:
                await turn()
            try:
                page = await self._decoder.page(request, body, request.selection)
                pages.note(len(page.items), len(body))
                return page
            except errors.AnswerTooLarge:
                if not pages.ask_again(token):
                    raise
            finally:
                pages.decoded(token)

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Raises ProtocolBroken for names that no path can have: callers' names were checked, so the cluster sent it.

        Errors hold no frames, and so no rows.
        """
        try:
            yield
        except PathInvalid as error:
            cause = f"it has an object that can be none: {error}"
            raise errors.ProtocolBroken(self._sender.name, cause) from error.with_traceback(None)
        except errors.ClusterError as error:
            raise errors.without_frames(error) from error.__cause__

    def _refuse_over(self, progress: ListProgress) -> None:
        if progress.known > progress.limit:
            kind = progress.request.kind
            raise errors.TooManyObjects(
                self._sender.name,
                f"it has at least {progress.known} {kind} here and a list reads at most {progress.limit} from a "
                "cluster; narrow it by namespaces, labelSelector or fieldSelector.",
            )


async def _twice(read: Callable[[], Awaitable[T]]) -> T:
    """Reads; retries once if the answer was damaged or the continue token expired."""
    try:
        return await read()
    except errors.ClusterError as error:
        if not _may_be_whole_now(error):
            raise
    return await read()


def _may_be_whole_now(error: errors.ClusterError) -> bool:
    """Returns True for a damaged answer and an expired continue token, which a retry may cure."""
    is_passing = isinstance(error, errors.Gone | errors.ProtocolBroken)
    return is_passing and not isinstance(error, errors.AnswerTooLarge)
