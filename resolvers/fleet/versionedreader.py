"""A reader that requests each kind in the best version that its cluster serves.

A request goes out in the kind's own version, without asking first what the cluster serves. If the cluster answers that
there is no such resource, it is asked what it serves, and the request is made in the best version of that. The next
requests go there at once, as long as the cluster serves the same (`resolvers.fleet.servedkinds`).
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar

import msgspec

from k8s.apiserver.bestversion import best_kind, kind_unavailable
from k8s.apiserver.served import Served
from k8s.errors import ClusterError, KindUnavailable, ResourceNotFound
from k8s.kinds.kind import Kind
from k8s.kinds.structures import Structures
from k8s.reading.listing import WHOLE, ListRequest, ObjectCount, Page, Window
from k8s.reading.pages import PageMemory
from k8s.reading.reader import Reader
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import Selection
from k8s.transport.deadline import Deadline
from resolvers.fleet.servedkinds import ServedKinds

T = TypeVar("T")


class BestVersions(msgspec.Struct, frozen=True, gc=False):  # each cluster of each caller has one
    """The versions in which kinds are requested of a cluster.

    Attributes:
        served: the kinds that the cluster serves to the identity of the requests.
    """

    served: ServedKinds

    async def read(self, kind: Kind, deadline: Deadline, read: Callable[[Kind], Awaitable[T]]) -> T:
        """Returns the result of `read`, which makes a request for the kind in the version that it is given.

        Raises:
            KindUnavailable: the cluster serves the kind in no version that can be read.
            ClusterError: the cluster failed.
        """
        usual = await self.usual(kind, deadline)
        try:
            return await read(usual)
        except ResourceNotFound as error:
            other = await self.other(kind, usual, error, deadline)
        return await read(other)

    async def usual(self, kind: Kind, deadline: Deadline) -> Kind:
        """Returns the kind in its best version as far as that is known; it may have changed since."""
        known = self.known(kind)
        if known is kind or known == kind:
            return kind
        return best_kind(kind, await self.served.current(deadline)) or kind

    def known(self, kind: Kind) -> Kind:
        """Returns the same without a request."""
        served = self.served.known
        return (best_kind(kind, served) if served is not None else None) or kind

    async def other(self, kind: Kind, asked: Kind, error: ResourceNotFound, deadline: Deadline) -> Kind:
        """Returns the kind in another version than `asked`, of which the cluster has no resource.

        Raises:
            KindUnavailable: there is no other version that can be read.
            ResourceNotFound: the error itself, if it is about an object or if what the cluster serves is unknown.
        """
        if error.is_about_object:
            raise error
        try:
            served = await self._served_now(deadline)
        except ClusterError:
            raise error from None
        best = best_kind(kind, served)
        if best is None:
            raise kind_unavailable(self.served.sender.name, kind, served) from None
        if best == asked:
            raise error
        return best

    async def _served_now(self, deadline: Deadline) -> Served:
        """Returns what the cluster serves, read at once unless that was done within the last second."""
        known = self.served.known
        return known if known is not None and self.served.cache.wait_s else await self.served.reread(deadline)


class VersionedReader(msgspec.Struct, frozen=True, gc=False):  # each cluster of each caller has one
    """A `Reader` of a cluster, in the versions that it serves.

    Attributes:
        reader: reads a kind in the version that a request names.
        versions: the versions in which kinds are requested.
    """

    reader: Reader
    versions: BestVersions

    async def pages(
        self,
        request: ListRequest,
        *,
        deadline: Deadline,
        limit: int,
        window: Window = WHOLE,
        memory: PageMemory | None = None,
    ) -> AsyncGenerator[Page, None]:
        """Yields the pages of a list as `ClusterReader.pages` does.

        Raises:
            KindUnavailable: the cluster serves the kind in no version that can be read.
            ClusterError: the cluster failed.
        """
        kind, is_second = await self.versions.usual(request.kind, deadline), False
        while True:
            listed = self.reader.pages(
                self._versioned(request, kind), deadline=deadline, limit=limit, window=window, memory=memory
            )
            try:
                async with aclosing(listed) as pages:
                    while True:
                        yield await anext(pages)  # no frame here holds rows
            except StopAsyncIteration:
                return
            except ResourceNotFound as error:
                if is_second:
                    raise
                kind, is_second = await self.versions.other(request.kind, kind, error, deadline), True

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
        """Returns one object, or None if the cluster has none of that name; raises as `pages`."""
        return await self.versions.read(
            kind,
            deadline,
            lambda versioned: self.reader.get(
                versioned,
                structure=structure,
                selection=selection,
                namespace=namespace,
                name=name,
                deadline=deadline,
                structures=structures,
            ),
        )

    async def count(self, request: ListRequest, *, deadline: Deadline, limit: int) -> ObjectCount:
        """Returns the number of objects of a list; raises as `pages`."""
        return await self.versions.read(
            request.kind,
            deadline,
            lambda kind: self.reader.count(self._versioned(request, kind), deadline=deadline, limit=limit),
        )

    def _versioned(self, request: ListRequest, kind: Kind) -> ListRequest:
        """Returns the list in the kind that a cluster serves.

        Raises:
            KindUnavailable: it has another plural there, by which an operator may have masked the fields of a selector.
        """
        if kind is request.kind or kind == request.kind:
            return request
        if kind.plural != request.kind.plural and not _selects_names_only(request.field_selector):
            cause = f'it serves {request.kind} as {kind}; select by fields with objects(resource: "{kind}").'
            raise KindUnavailable(self.versions.served.sender.name, cause)
        return replace(request, kind=kind)


def _selects_names_only(field_selector: str) -> bool:
    return all(not field or field.startswith("metadata.") for field in field_selector.split(","))
