"""A reader of watched objects in the place of the reader of a cluster."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from k8s.errors import Forbidden, KindUnavailable
from k8s.kinds.kind import Kind
from k8s.kinds.structures import Structures
from k8s.reading.listing import WHOLE, ListRequest, ObjectCount, Page, Window
from k8s.reading.pages import PageMemory
from k8s.reading.reader import Reader
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import Selection
from k8s.transport.deadline import Deadline
from k8s.watches.heldreader import NAMED, HeldReader, selected_name
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.target import WatchTarget
from resolvers.fleet.cluster import FleetCluster
from resolvers.live.dependencies import Dependencies, Dependency

_USAGE: Final = "metrics.k8s.io"
"""The group of what clusters measure, of which none can be watched."""
_NOTHING: Final = Page(
    (),
    is_first=True,
    is_ordered=True,
    resource_version="",
    observed_at=datetime.max.replace(tzinfo=UTC),
    token="",
    read=0,
    left=None,
    count=None,
)


class LiveReader:
    """A `Reader` of one cluster: each kind that is read is watched from then on."""

    def __init__(self, cluster: FleetCluster, watches: Callable[[], SharedWatches], dependencies: Dependencies) -> None:
        """Takes the cluster, the watches of its identity, and those of the subscription."""
        self._cluster = cluster
        self._watches = watches
        self._dependencies = dependencies

    async def pages(
        self,
        request: ListRequest,
        *,
        deadline: Deadline,
        limit: int,
        window: Window = WHOLE,
        memory: PageMemory | None = None,
    ) -> AsyncGenerator[Page, None]:
        """Yields the current objects of a list; waits for the first of a watch.

        Raises:
            ClusterError: The kind cannot be watched.
        """
        if window.only is not None and not window.only:
            yield _NOTHING
            return
        request = await self._versioned(request, deadline)
        if self._is_watched(request.kind):
            found = await self._dependency(request, deadline, is_root=window.only is not None)
            reader: Reader = HeldReader(self._cluster.name, found.held, self._cluster.masking)
        else:
            reader = self._polled(request.kind, is_root=window.only is not None)
        listed = reader.pages(request, deadline=deadline, limit=limit, window=window, memory=memory)
        async with aclosing(listed) as pages:
            async for page in pages:
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
        """Returns one object, or None if there is none of that name; raises as `pages`."""
        kind = await self._cluster.versions.usual(kind, deadline)
        if self._is_watched(kind):
            found = await self._found(WatchTarget(kind, namespace, field_selector=f"{NAMED}{name}"), deadline)
            reader: Reader = HeldReader(self._cluster.name, found.held, self._cluster.masking)
        else:
            reader = self._polled(kind, is_root=False)
        return await reader.get(
            kind,
            structure=structure,
            selection=selection,
            namespace=namespace,
            name=name,
            deadline=deadline,
            structures=structures,
        )

    async def count(self, request: ListRequest, *, deadline: Deadline, limit: int) -> ObjectCount:
        """Returns the number of objects of a list; raises as `pages`."""
        request = await self._versioned(request, deadline)
        if not self._is_watched(request.kind):
            return await self._polled(request.kind, is_root=False).count(request, deadline=deadline, limit=limit)
        found = await self._dependency(request, deadline)
        return await HeldReader(self._cluster.name, found.held).count(request, deadline=deadline, limit=limit)

    def _is_watched(self, kind: Kind) -> bool:
        """Returns whether a kind can be watched, as far as that is known."""
        known = self._cluster.served.known
        served = known.find(kind.group, kind.name) if known is not None else None
        return kind.group != _USAGE and (served is None or kind.version in served.versions_with("watch"))

    def _polled(self, kind: Kind, *, is_root: bool) -> Reader:
        """Returns the cluster's own reader for what cannot be watched; raises KindUnavailable for a list itself."""
        if is_root:
            raise KindUnavailable(self._cluster.name, f"its {kind} cannot be watched.")
        self._dependencies.is_polled = True
        return self._cluster.reader

    async def _versioned(self, request: ListRequest, deadline: Deadline) -> ListRequest:
        kind = await self._cluster.versions.usual(request.kind, deadline)
        return request if kind == request.kind else replace(request, kind=kind)

    async def _dependency(self, request: ListRequest, deadline: Deadline, *, is_root: bool = False) -> Dependency:
        """Returns the watch of a request; linked objects that are selected by name alone are found among all."""
        fields = "" if selected_name(request) and not is_root else request.field_selector
        target = WatchTarget(request.kind, request.namespace, request.label_selector, fields)
        return await self._found(target, deadline, is_root=is_root)

    async def _found(self, target: WatchTarget, deadline: Deadline, *, is_root: bool = False) -> Dependency:
        cluster = self._cluster
        found = self._dependencies.of(cluster.id, cluster.name, self._watches(), target)
        found.is_root = found.is_root or is_root
        try:
            await found.complete(deadline)
        except Forbidden:
            self._dependencies.release(cluster.id, target)  # perhaps its namespaces may be watched
            raise
        return found
