"""One reading of a list of one cluster, for all fields of an operation that need it."""

from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from k8s.errors import ClusterError, TooMuchMemory, without_frames
from k8s.reading.listing import PAGE_OBJECTS, WHOLE, ListRequest, Page, Window
from k8s.reading.listorder import ordered
from k8s.reading.rowdecoders import Row
from k8s.transport.deadline import Deadline
from resolvers.fleet.cluster import FleetCluster
from resolvers.limits import MIB
from resolvers.lists.clusteranswer import ClusterAnswer, Reduce
from resolvers.lists.shares import Share
from resolvers.memory.share import MemoryShare
from resolvers.memory.weighing import weight
from resolvers.operation.chargedrows import ChargedRows
from resolvers.unexpected import contained

_AHEAD_BYTES: Final = 3 * 2**20
"""Bytes of the pages of a longer list that are in transfer or not decoded yet."""

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
"""The state of a list before its first page."""


class SharedReading:
    """One reading of a list of one cluster: pulls its pages, charges their rows, and reduces them for each field."""

    def __init__(
        self,
        cluster: FleetCluster,
        request: ListRequest,
        window: Window,
        *,
        counted: Callable[[int], bool],
        memory: MemoryShare,
        relieve: Callable[[int], None],
    ) -> None:
        """Takes a list, its memory and its counter.

        Args:
            cluster: the cluster.
            request: the list.
            window: the part of it that is needed.
            counted: counts the objects that were read; returns whether the operation has read many.
            memory: the memory that the rows are charged to.
            relieve: refuses the largest cluster if much memory is held; takes the bytes that are about to be charged.
        """
        self._cluster = cluster
        self._request = request
        self._window = window
        self._counted = counted
        self._memory = memory
        self._relieve = relieve
        self._rows = ChargedRows(memory)
        self._ahead_bytes = 0
        self._shares: list[Share] = []
        self._end = _NOTHING
        self._is_needed = False
        self._is_needed_whole = False
        self._reduces = False
        self._is_over = False

    def takes(self, reduce: Reduce | None) -> bool:
        """Returns True if the reading can still serve a field; `reduce` is None if it needs whole objects."""
        return (not self._reduces or reduce in self._rows.reduced) and self._refusal() is None

    def join(self, reduce: Reduce | None, share: Share | None) -> None:
        """Adds a field: its values are retained, and objects count towards its share."""
        if share is None:
            self._is_needed = True
        else:
            self._shares.append(share)
            share.count(self, self._end.read, self._end.left)
        if reduce is None:
            self._is_needed_whole = True
        else:
            self._rows.reduced.setdefault(reduce, [])

    async def read(self, deadline: Deadline, most: int) -> None:
        """Reads the list to its end; waits while others hold too much memory.

        Args:
            deadline: the deadline of the whole list.
            most: the maximum number of its objects.

        Raises:
            ClusterError: the cluster failed, or its rows are refused: all clusters together have too many objects.
            LimitExceeded: the operation holds too much memory.
            MemoryFull: other operations hold the memory that it needs.
        """
        try:
            with contained(self._cluster.name):
                await self._read_in_order(deadline, most)
        except ClusterError as error:
            self._counted(0)  # no object counts
            self._begin_anew()
            raise without_frames(error) from error.__cause__
        except BaseException:
            self._begin_anew()
            raise
        self._end_ahead()
        self._is_over = True

    def answer(self, reduce: Reduce | None) -> ClusterAnswer:
        """Returns the answer; if rows were reduced, the results for one of the fields."""
        end = self._end
        reduced = self._rows.reduced[reduce] if self._reduces and reduce is not None else None
        return ClusterAnswer(
            self._cluster,
            self._rows.rows if reduced is None else reduced,
            end.count,
            0.0,
            end.observed_at,
            None,
            end.token,
            end.resource_version,
            is_reduced=reduced is not None,
            is_estimate=bool(end.token),
        )

    @property
    def rows_bytes(self) -> int:
        """Bytes of the rows that were read."""
        return self._rows.size_bytes

    @property
    def expected_bytes(self) -> int:
        """Expected bytes of all its rows; of those that were read, if the API server does not report the number."""
        end = self._end
        return self._rows.size_bytes * (end.read + (end.left or 0)) // end.read if end.read else 0

    def withdraw(self, held_bytes: int) -> None:
        """Refuses the cluster's rows for their memory, unless the list is in use."""
        if self._is_needed or any(share.is_closed for share in self._shares):
            return
        for share in self._shares:
            share.withdraw(
                TooMuchMemory(
                    share.cluster,
                    f"its rows take most of the {held_bytes // MIB} MiB of memory that the query holds, which may hold "
                    f"{self._memory.most_bytes // MIB} MiB (FLEETGRAPH_MAX_OPERATION_MEMORY_BYTES, "
                    "FLEETGRAPH_MAX_MEMORY_BYTES). Ask for it alone, for fewer fields, or for pages.",
                )
            )

    def release_unused(self) -> None:
        """Releases the list if no field needs it any more; a reading in progress ends with its next page."""
        if self._refusal() is not None and self._is_over and all(share.is_over for share in self._shares):
            self._rows.release()

    def _refusal(self) -> ClusterError | None:
        """Returns the error of the list if all fields have lost it; None if one still needs it."""
        if self._is_needed or not self._shares:
            return None
        refusals = [share.refusal for share in self._shares]
        return None if None in refusals else refusals[0]

    def _refuse(self) -> None:
        if (refusal := self._refusal()) is not None:
            raise refusal

    async def _read_in_order(self, deadline: Deadline, most: int) -> None:
        """Reads the window; if the server does not send it in order, reads all released objects again and sorts."""
        end = await self._pull(self._window, deadline, most, reduces=True)
        if end.is_ordered:
            return
        if end.token or self._rows.is_reduced:
            await self._pull(WHOLE, deadline, most, reduces=False)
        self._rows.rows[:] = await ordered(self._rows.rows, self._request.kind)
        if self._reduces:
            await self._rows.reduce(self._cluster)

    async def _pull(self, window: Window, deadline: Deadline, most: int, *, reduces: bool) -> Page:
        """Reads all pages; returns the last one, without its rows."""
        reader, end = self._cluster.reader, self._end
        listed = reader.pages(self._request, deadline=deadline, limit=most, window=window, memory=self._memory)
        async with aclosing(listed) as pages:
            async for page in pages:
                end = await self._add(page)
                del page  # no frame here holds rows during their reduction or the next request
                if reduces and self._reduces and end.is_ordered:
                    await self._rows.reduce(self._cluster)
        return end

    async def _add(self, page: Page) -> Page:
        """Charges the rows of a page; returns the page without them."""
        if page.is_first:
            self._begin_anew()
        for share in self._shares:
            share.count(self, page.read, page.left)
        self._refuse()
        self._reduces = (self._counted(page.read) and not self._is_needed_whole) or self._reduces
        size_bytes = await weight(page.rows) if page.rows else 0
        self._end = replace(page, rows=())
        if page.rows:
            self._charge(page.rows, size_bytes)
        return self._end

    def _charge(self, rows: Sequence[Row], size_bytes: int) -> None:
        if not self._ahead_bytes and len(rows) >= PAGE_OBJECTS:
            self._ahead_bytes = _AHEAD_BYTES
            self._memory.charge_passing(_AHEAD_BYTES)
        self._rows.add(rows, size_bytes)
        self._relieve(size_bytes)
        try:
            self._refuse()
        except ClusterError:
            self._rows.size_bytes -= size_bytes
            raise
        self._memory.charge(size_bytes)

    def _begin_anew(self) -> None:
        """Releases all rows: they are void."""
        if self._end.read:
            self._end = _NOTHING
            self._rows.release()
            self._end_ahead()

    def _end_ahead(self) -> None:
        """Releases the charge for pages in transfer."""
        self._memory.charge_passing(-self._ahead_bytes)
        self._ahead_bytes = 0
