"""A reader of watched objects in the place of the reader of a cluster."""

from collections.abc import AsyncGenerator, Callable, Iterator
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
from k8s.watches.heldreader import HeldReader, selected_name
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.target import WatchTarget
from resolvers.fleet.cluster import FleetCluster
from resolvers.live.dependencies import Dependencies
from resolvers.live.dependency import Dependency
from resolvers.live.evaluation import BEGINNING

_USAGE: Final = "metrics.k8s.io"
"""The group of what clusters measure, of which nothing can be watched."""
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

    def __init__(
        self,
        cluster: FleetCluster,
        watches: Callable[[], SharedWatches],
        dependencies: Dependencies,
        on_read: Callable[[str, WatchTarget], None] = lambda _cluster, _target: None,
        *,
        polled: Reader | None = None,
        watches_counted: bool = True,
        is_counting: bool = False,
    ) -> None:
        """Takes the cluster, the watches of its identity, and those of the subscription.

        `on_read` hears of each target, by the name of its cluster, before it is read. `polled` reads kinds that cannot
        be watched; by default the cluster's own reader does. Without `watches_counted` no watch is begun for objects
        that are only counted. One that `is_counting` reads for totals: no row depends on what it reads.
        """
        self._is_counting = is_counting
        self._on_read = on_read
        self._watches_counted = watches_counted
        self._cluster = cluster
        self._reader_of_polled = polled or cluster.reader
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
        is_root = window.only is not None
        reader = self._polled(request.kind, is_root=is_root)
        if reader is None:
            found = await self._dependency(request, deadline, is_root=is_root, may_be_early=window.only != BEGINNING)
            reader = self._held(found, request, is_linked=not is_root)
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
        name_alone = f"metadata.name={name}"
        request = ListRequest(kind, structure, selection, namespace, field_selector=name_alone, structures=structures)
        reader = self._polled(kind)
        if reader is None:
            reader = self._held(await self._dependency(request, deadline), request, is_linked=True)
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
        reader = self._polled(request.kind)
        if reader is None and not self._watches_counted:
            held = self._watches().current(_target(request, request.field_selector))
            reader = self._cluster.reader if held is None else HeldReader(self._cluster.name, held)
        if reader is None:
            found = await self._dependency(request, deadline)
            reader = HeldReader(self._cluster.name, found.held)
        return await reader.count(request, deadline=deadline, limit=limit)

    def _held(self, found: Dependency, request: ListRequest, *, is_linked: bool) -> HeldReader:
        """Returns the reader of what is held; what rows show of linked objects is noted."""
        if is_linked and not self._is_counting:
            found.view(request, self._cluster.masking)
        return HeldReader(self._cluster.name, found.held, self._cluster.masking)

    def _polled(self, kind: Kind, *, is_root: bool = False) -> Reader | None:
        """Returns the reader of a kind that cannot be watched; None for one that can.

        Raises:
            KindUnavailable: The objects of the list itself cannot be watched.
        """
        if kind.group != _USAGE:
            return None
        if is_root:
            raise KindUnavailable(self._cluster.name, f"its {kind} cannot be watched.")
        self._dependencies.is_polled = True
        return self._reader_of_polled

    async def _versioned(self, request: ListRequest, deadline: Deadline) -> ListRequest:
        kind = await self._cluster.versions.usual(request.kind, deadline)
        return request if kind == request.kind else replace(request, kind=kind)

    async def _dependency(
        self, request: ListRequest, deadline: Deadline, *, is_root: bool = False, may_be_early: bool = False
    ) -> Dependency:
        """Returns the watch of a request; objects that are selected by name alone are found among all.

        What links lead to is watched in all namespaces, if the list itself is: else each namespace with a change would
        get a watch of its own.
        """
        own = _target(request, request.field_selector)
        if self._is_counting and any(one.held.target == own for one in self._roots):
            return await self._found(own, deadline, is_root=False)
        fields = "" if selected_name(request) and not is_root else request.field_selector
        target = _target(request, fields)
        wide = replace(target, namespace=None)
        if not is_root and wide != target and self._dependencies.may_widen(self._cluster.name, wide):
            try:
                return await self._found(wide, deadline, is_root=False)
            except Forbidden:
                self._dependencies.refuse(self._cluster.name, wide)
                self._dependencies.release(self._cluster.name, wide)
        return await self._found(target, deadline, is_root=is_root, may_be_early=is_root and may_be_early)

    async def _found(
        self, target: WatchTarget, deadline: Deadline, *, is_root: bool, may_be_early: bool = False
    ) -> Dependency:
        cluster = self._cluster.name
        self._on_read(cluster, target)
        found = self._dependencies.of(cluster, self._watches(), target)
        if may_be_early:  # so is a namespace that is read only after others
            found.is_early = found.is_early or any(one.is_arriving for one in self._roots)
        if not self._is_counting:
            found.is_root, found.is_link = found.is_root or is_root, found.is_link or not is_root
        try:
            await found.complete(deadline, may_be_early=may_be_early)
        except Forbidden:
            if not found.is_link and not self._is_counting:  # these go on, for when the right is there
                self._dependencies.release(cluster, target)  # perhaps its namespaces may be watched
            raise
        return found

    @property
    def _roots(self) -> Iterator[Dependency]:
        return (one for one in self._dependencies.of_cluster(self._cluster.name) if one.is_root)


def _target(request: ListRequest, fields: str) -> WatchTarget:
    return WatchTarget(request.kind, request.namespace, request.label_selector, fields)
