"""Reading the objects of one cluster: from a request to rows.

A `Reader` is what everything above depends on; `ClusterReader` is the one that asks an API server.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from operator import attrgetter
from typing import Protocol, TypeVar

import msgspec

from k8s import errors
from k8s.call import Call
from k8s.connection import Sender
from k8s.deadline import Deadline
from k8s.decoding import Row, object_decoder, page_decoder
from k8s.kind import Kind
from k8s.listing import Listing, ListRequest
from k8s.pages import Pages, list_call
from k8s.path import object_path
from k8s.selection import LEAF, Selection

T = TypeVar("T")

_BY_NAME = attrgetter("metadata.name")
_BY_NAMESPACE_AND_NAME = attrgetter("metadata.namespace", "metadata.name")


class Reader(Protocol):
    """What can read one cluster's objects."""

    async def list(self, request: ListRequest, *, deadline: Deadline, limit: int) -> Listing:
        """All objects that the request means, at most `limit`."""
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

    async def list(self, request: ListRequest, *, deadline: Deadline, limit: int) -> Listing:
        """All objects that the request means, ordered by namespace and name.

        Raises:
            ClusterError: the cluster failed before the last page; nothing of the list is returned then.
            TooManyObjects: there are more than `limit`.
        """
        try:
            listing = await self._read(request, deadline, limit)
        except (errors.Gone, errors.ProtocolBroken):  # an expired continue token, a damaged answer: from the start, once
            listing = await self._read(request, deadline, limit)
        try:
            listing.rows.sort(key=_BY_NAMESPACE_AND_NAME if request.kind.namespaced else _BY_NAME)
        except TypeError as error:
            cause = f"it sent {request.kind} without a namespace."
            raise errors.ProtocolBroken(self._sender.name, cause) from error
        return listing

    async def get(
        self, kind: Kind, *, structure: str, selection: Selection, namespace: str | None, name: str, deadline: Deadline
    ) -> Row | None:
        """One object, or None if the cluster has none of that name.

        Raises:
            ClusterError: the cluster failed, or does not serve the kind at all.
        """
        where = f" in namespace {namespace}" if namespace else ""
        call = Call(object_path(kind, namespace, name), verb="get", target=f"{kind} {name}{where}")
        try:
            body = await self._sender.send(call, deadline)
        except errors.NotFound as error:
            if error.is_about_object:
                return None
            raise
        return self._decoded(object_decoder(structure, selection).decode, body, call)

    async def count(self, request: ListRequest, *, deadline: Deadline, limit: int) -> int:
        """How many objects the request means: one small request where the API server tells, else by reading names."""
        call = list_call(request, "", limit=1)
        body = await self._sender.send(call, deadline)
        page = self._decoded(page_decoder(request.structure, LEAF).decode, body, call)
        if not page.metadata.continue_token:
            return len(page.items)
        if page.metadata.remaining_item_count is not None:
            return len(page.items) + page.metadata.remaining_item_count
        return len((await self.list(request, deadline=deadline, limit=limit)).rows)

    async def _read(self, request: ListRequest, deadline: Deadline, limit: int) -> Listing:
        decode = page_decoder(request.structure, request.selection).decode
        observed_at = datetime.now(UTC)
        rows: list[Row] = []
        version = ""
        async with Pages(self._sender, request, deadline) as pages:
            while True:
                body = await pages.next()
                page = self._decoded(decode, body, list_call(request, ""))
                rows += page.items
                version = version or page.metadata.resource_version
                self._refuse_over(limit, request, len(rows) + (page.metadata.remaining_item_count or 0))
                if not page.metadata.continue_token:
                    return Listing(rows, version, observed_at)
                pages.ask_for(page.metadata.continue_token)

    def _decoded(self, decode: Callable[[bytes], T], body: bytes, call: Call) -> T:
        try:
            return decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            cause = f"its answer to {call.verb} {call.target} is not what the Kubernetes API sends."
            raise errors.ProtocolBroken(self._sender.name, cause) from error

    def _refuse_over(self, limit: int, request: ListRequest, found: int) -> None:
        if found > limit:
            raise errors.TooManyObjects(
                self._sender.name,
                f"it has at least {found} {request.kind} here and a list reads at most {limit} from a cluster; "
                "narrow it by namespaces, labelSelector or fieldSelector.",
            )
