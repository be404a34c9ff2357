"""Reading the objects of one cluster: from a request to rows.

A `Reader` is what everything above depends on; `ClusterReader` is the one that asks an API server.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from k8s import errors
from k8s.kinds.kind import Kind
from k8s.reading.answers import Answers
from k8s.reading.decoding import Row, object_decoder
from k8s.reading.listing import (
    WHOLE,
    Keeper,
    Listing,
    ListRequest,
    Window,
    keeping_whole,
    keeps_everything,
    keeps_nothing,
)
from k8s.reading.listorder import behind, is_ordered, ordered
from k8s.reading.page import Page
from k8s.reading.pages import Pages, list_call
from k8s.reading.room import ROOM
from k8s.reading.selection import LEAF, Selection
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import PathInvalid, object_path
from k8s.transport.sender import Sender
from k8s.turns.turns import Pace, turn

T = TypeVar("T")

_LONG_BYTES = 65_536
"""A longer page takes about a millisecond to decode."""


class Reader(Protocol):
    """What can read one cluster's objects."""

    async def list(
        self,
        request: ListRequest,
        *,
        deadline: Deadline,
        limit: int,
        window: Window = WHOLE,
        keeper: Keeper = keeps_everything,
    ) -> Listing:
        """What is kept of the objects that the request and the window mean, at most `limit`."""
        ...

    async def get(
        self, kind: Kind, *, structure: str, selection: Selection, namespace: str | None, name: str, deadline: Deadline
    ) -> Row | None:
        """One object, or None if the cluster has none of that name."""
        ...

    async def count(self, request: ListRequest, *, deadline: Deadline, limit: int) -> int:
        """How many objects the request means."""
        ...


class ClusterReader:
    """Reads from an API server; see `Reader`."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._answers = Answers(sender.name)

    async def list(
        self,
        request: ListRequest,
        *,
        deadline: Deadline,
        limit: int,
        window: Window = WHOLE,
        keeper: Keeper = keeps_everything,
    ) -> Listing:
        """The objects that the request and the window mean, in the API server's own order: by `namespace/name`.

        Args:
            request: what is listed.
            deadline: of the whole list.
            limit: the most objects that it may have.
            window: the part that is needed.
            keeper: asked after each page what is kept of the objects, so that a list of any length takes the memory
                of that; everything, as long as it says None. What keeping raises is raised.

        Raises:
            ClusterError: the cluster failed before the last page; nothing of the list is returned then.
            TooManyObjects: there are more than `limit`.
        """
        with self._asked():
            return await self._list(request, deadline, limit, window, keeper)

    async def _list(
        self, request: ListRequest, deadline: Deadline, limit: int, window: Window, keeper: Keeper
    ) -> Listing:
        if window.token:
            try:
                return await self._ordered(request, deadline, limit, window, keeper)
            except errors.StatusError:  # the token has expired, or is of another life of the cluster
                window = replace(window, token="")
        return await _twice(lambda: self._ordered(request, deadline, limit, window, keeper))

    async def get(
        self, kind: Kind, *, structure: str, selection: Selection, namespace: str | None, name: str, deadline: Deadline
    ) -> Row | None:
        """One object, or None if the cluster has none of that name.

        Raises:
            ClusterError: the cluster failed, or does not serve the kind at all.
        """
        where = f" in namespace {namespace}" if namespace else ""
        with self._asked():
            path = object_path(kind, namespace, name)
            call = Call(path, verb="get", target=f"{kind} {name}{where}", most_bytes=None)

            async def read() -> Row:
                body = await self._sender.send(call, deadline)
                return await self._answers.single(kind, object_decoder(structure, selection), body, call)

            try:
                return await _twice(read)
            except errors.ResourceNotFound as error:
                if error.is_about_object:
                    return None
                raise

    async def count(self, request: ListRequest, *, deadline: Deadline, limit: int) -> int:
        """How many objects the request means: one small request where the API server tells, else by reading names.

        Raises:
            ClusterError: the cluster failed.
        """
        with self._asked():
            return await self._count(request, deadline, limit)

    async def _count(self, request: ListRequest, deadline: Deadline, limit: int) -> int:
        call = list_call(request, "", limit=1)

        async def read() -> Page[Row]:
            return await self._answers.page(request, await self._sender.send(call, deadline), LEAF)

        page = await _twice(read)
        shown = len(page.items or ())
        if not page.metadata.continue_token:
            return shown
        if page.metadata.remaining is not None:
            return shown + page.metadata.remaining
        listing, _ = await _twice(lambda: self._read(request, deadline, limit, WHOLE, keeps_nothing))
        return listing.read

    async def _ordered(
        self, request: ListRequest, deadline: Deadline, limit: int, window: Window, keeper: Keeper
    ) -> Listing:
        """The window's rows in order; of a server that does not send them so, the whole list is read and ordered."""
        listing, in_order = await self._read(request, deadline, limit, window, keeper)
        if in_order:
            return listing
        if listing.token or listing.is_kept:
            del listing  # the keeper lets go of it when the list begins anew
            listing, _ = await self._read(request, deadline, limit, WHOLE, keeping_whole(keeper))
        with self._named(request.kind):
            rows = await ordered(listing.rows, request.kind)
        keep = await keeper(listing.read, (), 0)
        if keep is None:
            return replace(listing, rows=rows)
        return replace(listing, rows=list(await keep(rows)), is_kept=True)

    async def _read(
        self, request: ListRequest, deadline: Deadline, limit: int, window: Window, keeper: Keeper
    ) -> tuple[Listing, bool]:
        """The window's rows, and whether they came in order, which is looked at page by page."""
        observed_at = datetime.now(UTC)
        in_order, is_whole = True, window.first is None
        rows: list[Row] = []
        kept: list[Any] | None = None
        last: Sequence[Row] = ()
        version, token, skipped, read = "", window.token, 0, 0
        pace = Pace()
        async with Pages(self._sender, request, deadline, window=window) as pages:
            while True:
                page = await self._next_page(pages, request, token)
                await pace.breathe()
                version = version or page.metadata.resource_version
                with self._named(request.kind):
                    found = behind(page.items or (), window, request.kind)
                    self._answers.refuse_long_names(found, request)
                    in_order = in_order and is_ordered((*last, *found), request.kind)
                last, read = found[-1:] or last, read + len(found)
                skipped += len(page.items or ()) - len(found)
                remaining = page.metadata.remaining
                self._refuse_over(limit, request, skipped + read + ((remaining or 0) if is_whole else 0))
                rows += found
                token = page.metadata.continue_token
                keep = await keeper(read, found, window.left(read, remaining) if token else 0)
                if keep is not None and in_order:
                    kept = [] if kept is None else kept
                    kept += await keep(rows)
                    rows = []
                if not token or (window.first is not None and read >= window.first):
                    known = not window.token and (not token or remaining is not None)
                    count = skipped + read + (remaining or 0 if token else 0) if known else None
                    given = rows if kept is None else kept
                    return Listing(given, version, observed_at, token, count, read, kept is not None), in_order

    async def _next_page(self, pages: Pages, request: ListRequest, token: str) -> Page[Row]:
        """The page behind a token, with fewer objects than were asked for first if they are too much at once."""
        while True:
            body = await pages.body(token)
            room = ROOM.get()
            if room is not None and not room.has_room(size_bytes := len(body)):
                body = b""
                await pages.put_back(token)
                await room.wait(size_bytes)
                continue
            if len(body) > _LONG_BYTES:
                await turn()
            try:
                return await self._answers.page(request, body, request.selection)
            except errors.AnswerTooLarge:
                if not pages.ask_again(token):
                    raise
            finally:
                pages.decoded(token)

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Translates names that no request can be made of: those of callers were looked at, so they are of the cluster.

        What is raised holds nothing that was read.
        """
        try:
            yield
        except PathInvalid as error:
            cause = f"it has an object that can be none: {error}"
            raise errors.ProtocolBroken(self._sender.name, cause) from error.with_traceback(None)
        except errors.ClusterError as error:
            raise errors.without_frames(error) from error.__cause__

    @contextmanager
    def _named(self, kind: Kind) -> Iterator[None]:
        try:
            yield
        except TypeError as error:
            raise errors.ProtocolBroken(self._sender.name, f"it sent {kind} without a namespace.") from error

    def _refuse_over(self, limit: int, request: ListRequest, found: int) -> None:
        if found > limit:
            raise errors.TooManyObjects(
                self._sender.name,
                f"it has at least {found} {request.kind} here and a list reads at most {limit} from a cluster; "
                "narrow it by namespaces, labelSelector or fieldSelector.",
            )


async def _twice(read: Callable[[], Awaitable[T]]) -> T:
    """Reads once more, from the start, where the answer was damaged or the continue token expired."""
    try:
        return await read()
    except errors.AnswerTooLarge:
        raise
    except (errors.Gone, errors.ProtocolBroken):
        pass  # and its frames, which hold what was read
    return await read()
