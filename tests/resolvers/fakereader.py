"""A reader with fixed rows, and clusters that are read with it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from k8s.errors import Forbidden
from k8s.kinds.kind import Kind
from k8s.kinds.structures import Structures
from k8s.reading.listing import WHOLE, ListRequest, ObjectCount, Page, Window
from k8s.reading.pages import PageMemory
from k8s.reading.reader import Reader
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import Selection
from k8s.transport.deadline import Deadline
from resolvers.fleet.cluster import FleetCluster
from tests.k8s.listsender import ListSender

STARTED = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class FakeReader:
    """Answers with the rows of the namespace that is asked for, or fails; each list is observed a minute later.

    `versions` are the lists' by namespace.
    """

    rows: list[Row] = field(default_factory=list)
    error: Exception | None = None
    hangs: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)
    listed: list[ListRequest] = field(default_factory=list)
    counted: list[ListRequest] = field(default_factory=list)
    deadlines: set[Deadline] = field(default_factory=set)
    under_way: int = 0

    async def pages(
        self,
        request: ListRequest,
        *,
        deadline: Deadline,
        limit: int,
        window: Window = WHOLE,
        memory: PageMemory | None = None,
    ) -> AsyncGenerator[Page, None]:
        self.listed.append(request)
        await self._wait(deadline)
        rows = _of(self.rows, request)
        yield Page(
            rows,
            is_first=True,
            is_ordered=True,
            resource_version=self.versions.get(request.namespace or "", "1"),
            observed_at=STARTED + timedelta(minutes=len(self.listed)),
            token="",
            read=len(rows),
            left=0,
            count=len(rows),
        )

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
        raise NotImplementedError

    async def count(self, request: ListRequest, *, deadline: Deadline, limit: int) -> ObjectCount:
        self.counted.append(request)
        await self._wait(deadline)
        return ObjectCount(len(_of(self.rows, request)))

    async def _wait(self, deadline: Deadline) -> None:
        self.deadlines.add(deadline)
        self.under_way += 1
        try:
            await (asyncio.Event().wait() if self.hangs else asyncio.sleep(0))
        finally:
            self.under_way -= 1
        if self.error is not None:
            raise self.error


def _of(rows: list[Row], request: ListRequest) -> list[Row]:
    return [row for row in rows if request.namespace in {None, row.metadata.namespace}]


def cluster(name: str, reader: Reader) -> FleetCluster:
    """A cluster that is read so, and allows nothing else."""
    sender = ListSender({"": [Forbidden(name, "no", status=403)]}, name=name)
    return FleetCluster(f"id-{name}", name, {}, "", STARTED, STARTED, reader, sender)
