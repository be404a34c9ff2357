"""One GraphQL operation of one caller: its clusters, their deadlines, and equal requests made once."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeVar

from k8s.kinds.kind import Kind
from k8s.masking.masking import STANDARD, Masking
from k8s.reading.listing import WHOLE, ListRequest, Window
from k8s.transport.deadline import Deadline
from resolvers.arguments.cursors import CursorSigner
from resolvers.arguments.listarguments import ListArguments
from resolvers.arguments.pushdown import Pushed, pushed_down
from resolvers.audit.auditor import Auditor
from resolvers.caller import Caller
from resolvers.errors import LimitExceeded, NotPermitted
from resolvers.filters.expansion import Expansion
from resolvers.fleet.cluster import FleetCluster, has_lost_rights
from resolvers.fleet.fleetofcaller import FleetOfCaller as FleetOfCaller
from resolvers.fleet.reachability import Reachability, read_reachability
from resolvers.grants.managedgrants import ManagedGrants
from resolvers.limits import OperationLimits
from resolvers.lists.clusteranswer import ClusterAnswer, Reduce
from resolvers.lists.shares import Share
from resolvers.memory.budget import MemoryBudget
from resolvers.memory.share import MemoryShare
from resolvers.operation.deadlines import Deadlines
from resolvers.operation.explanation import Explanation, ListNote
from resolvers.operation.requests import Requests
from resolvers.operation.sharedlists import SharedLists
from resolvers.operation.sharedwork import SharedWork
from resolvers.operation.warnings import Warnings
from resolvers.typedkinds import built_in_kinds, no_schema_problems
from resolvers.unexpected import contained
from store.errors import StoreError

T = TypeVar("T")

_LISTS_AT_ONCE: Final = 4
"""Lists of one cluster that an operation reads at the same time; each has two pages in transfer."""


@dataclass(frozen=True, slots=True)
class Count:
    """The number of objects of a list of one cluster, read at `observed_at` or later; see `ObjectCount`."""

    objects: int
    is_estimate: bool
    observed_at: datetime


class Operation:
    """The state of one execution; `kinds` are those of its schema, `own_kinds` those of its caller's clusters.

    In an evaluation of a subscription, `changed` has by cluster the objects of its list that are read; None for all.
    """

    def __init__(
        self,
        fleet: FleetOfCaller,
        *,
        caller: Caller,
        cursor_key: bytes,
        limits: OperationLimits | None = None,
        explanation: Explanation | None = None,
        pushes_down: bool = True,
        grants: ManagedGrants | None = None,
        memory: MemoryShare | None = None,
        changed: Mapping[str, frozenset[tuple[str, str]] | None] | None = None,
        masking: Masking = STANDARD,
    ) -> None:
        self.caller = caller
        self.kinds = self.own_kinds = built_in_kinds()
        self.schema_problems, self.changed = no_schema_problems, changed
        self.limits = limits or OperationLimits()
        self.explanation, self.pushes_down = explanation, pushes_down
        self.warnings, self._requests = Warnings(), Requests(self.limits.requests)
        self.cursors = CursorSigner(cursor_key, owner=caller.name)
        self._fleet, self.masking, self._grants = fleet, masking, grants
        self.memory = memory or MemoryBudget().share(caller.name)
        self.lists = SharedLists(self.memory)
        self.objects_sent = self.representations = self.revealed_secrets = self.history_points = 0
        self.expansion = Expansion(self.limits.expanded_values)
        self._deadlines = Deadlines(self.limits.cluster_timeout_s)
        self._places: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_LISTS_AT_ONCE))
        self._shared, self._is_over = SharedWork(self.memory), False

    @property
    def grants(self) -> ManagedGrants:
        """The grants, and their changes.

        Raises:
            NotPermitted: this server has no grants, such as the demo.
        """
        if self._grants is None:
            raise NotPermitted("Nothing is granted here: everybody who asks is an administrator.")
        return self._grants

    @property
    def auditor(self) -> Auditor | None:
        """The auditor of changes, if there is one."""
        return self._fleet.auditor

    def extensions(self) -> Mapping[str, object]:
        """Returns `extensions` of the response: the cost, if it is explained, and warnings, if there are any."""
        explained = {} if self.explanation is None else {"explain": self.explanation.to_builtins()}
        warnings = self.warnings.to_builtins()
        return explained | ({"warnings": warnings} if warnings else {})

    async def clusters(self) -> tuple[FleetCluster, ...]:
        """Returns all clusters that exist for the caller, ordered by name; reads them once."""
        return await self.once("clusters", self._clusters)

    async def _clusters(self) -> tuple[FleetCluster, ...]:
        clusters = await self._fleet.clusters(self.caller)
        return tuple(map(self.explanation.watched, clusters)) if self.explanation is not None else clusters

    async def is_permitted(self) -> bool:
        """Returns True if the caller's rights in each cluster are unchanged, or cannot be read."""
        if self._is_over:
            return True
        try:
            before, now = await self.clusters(), await self._fleet.clusters(self.caller)
        except StoreError:
            return True
        return not has_lost_rights(before, now)

    async def estimate(self, links: int, lists: int = 0, clusters: Sequence[FleetCluster] | None = None) -> None:
        """Counts the estimated requests of a root field: one for each of its lists and links in each cluster (or all).

        Raises:
            LimitExceeded: the operation's requests exceed the limit.
        """
        self.lists.is_needed_whole = self.lists.is_needed_whole or links > 0
        every = await self.clusters()  # before the sum is read: root fields are executed at the same time
        self.estimate_requests((links + lists) * len(every if clusters is None else clusters))

    def estimate_requests(self, requests: int) -> None:
        """Counts the estimated requests of a root field whose clusters are known.

        Raises:
            LimitExceeded: the operation's requests exceed the limit.
        """
        try:
            self._requests.estimate(requests)
        finally:
            if self.explanation is not None:
                self.explanation.estimated_requests = self._requests.estimated

    def add_requests(self, cluster: FleetCluster, requests: int) -> None:
        """Counts requests beyond the estimate, for namespaces, kinds or objects that must be requested one by one.

        Raises:
            TooManyNamespaces: the operation's requests exceed the limit, and the cluster's exceed its share.
        """
        self._requests.add(cluster.name, requests)

    def pushed_down(self, kind: Kind, arguments: ListArguments) -> Pushed:
        """Returns a list's arguments with the conditions of `where` that API servers can evaluate."""
        pushed = pushed_down(kind, arguments) if self.pushes_down else Pushed(arguments)
        if self.explanation is not None and arguments.where:
            self.explanation.lists.append(ListNote(str(kind), pushed.requirements, pushed.residual))
        return pushed

    def count_sent(self, objects: int) -> None:
        """Counts objects of the answer; a shared object counts once for each of its parents.

        Raises:
            LimitExceeded: the answer has more objects than the limit.
        """
        self.objects_sent += objects
        if self.objects_sent > self.limits.sent_objects:
            raise LimitExceeded(
                f"The answer has more than {self.limits.sent_objects} objects; select fewer links, or use `first`."
            )

    def deadline(self, cluster: FleetCluster, *, is_addition: bool = False) -> Deadline:
        """Returns the deadline that all requests to a cluster share, or all for additions (`Deadlines`)."""
        return self._deadlines.of(cluster, is_addition=is_addition)

    async def list(
        self,
        cluster: FleetCluster,
        request: ListRequest,
        window: Window = WHOLE,
        *,
        reduce: Reduce | None = None,
        share: Share | None = None,
        is_addition: bool = False,
    ) -> ClusterAnswer:
        """Returns a list of one cluster, or a part of it; makes equal requests of the operation once.

        Args:
            cluster: the cluster.
            request: the list.
            window: the part that is needed.
            reduce: reduces its objects to the values that are needed, once the operation has read many.
            share: the cluster's share in a list over several clusters.
            is_addition: whether it has the deadline of additions.

        Raises:
            ClusterError: the cluster failed, or its rows are refused: all clusters together have too many objects.
        """
        reading = self.lists.reading(cluster, request, window, reduce=reduce, share=share)

        async def read() -> None:
            async with self._places[cluster.id]:
                await reading.read(self.deadline(cluster, is_addition=is_addition), self.limits.objects)

        await self.once(reading, read)
        return reading.answer(reduce)

    async def count(self, cluster: FleetCluster, request: ListRequest) -> Count:
        """Returns the number of objects of a list of one cluster; makes equal requests of the operation once."""

        async def read() -> Count:
            observed_at = datetime.now(UTC)
            deadline, most = self.deadline(cluster), self.limits.objects
            with contained(cluster.name):
                counted = await cluster.reader.count(request, deadline=deadline, limit=most)
            return Count(counted.objects, counted.is_estimate, observed_at)

        return await self.once((cluster.id, "count", request), read)

    async def health(self, cluster: FleetCluster) -> Reachability:
        """Returns whether a cluster answers, its version and its latency; requests them once."""
        return await self.once((cluster.id, "health"), partial(read_reachability, cluster, self.deadline(cluster)))

    async def once(self, key: object, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Returns the result of work that is done once in the operation under a key.

        Raises:
            CancelledError: the operation is closed; work that a failure left behind starts nothing any more.
            LimitExceeded: the operation holds too much memory.
        """
        return await self._shared.once(key, work)

    async def close(self) -> None:
        """Cancels the requests in progress, for example after a disconnect, and releases everything that was read.

        Left to the garbage collector, rows would outlive their operation, because no collection counts them.
        """
        self._is_over = True
        await self._shared.close()
        self._deadlines.clear()
        self.lists.close()
