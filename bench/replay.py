"""Clusters of any number of pods: the pages of a real API server, repeated under other namespaces.

Writing 50,000 pods to an API server takes longer than everything else together. Only fleetgraph's own work is measured
here, so the same bytes come from files.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from k8s.kinds.builtin import DEPLOYMENT, NODE, POD, REPLICA_SET
from k8s.kinds.kind import Kind
from k8s.kinds.models import structure_names
from k8s.reading.listing import PAGE_OBJECTS, ListRequest
from k8s.reading.pages import list_call
from k8s.reading.reader import ClusterReader
from k8s.reading.selection import selection_of
from k8s.transport.body import PREFIX_BYTES, OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet

REPLAYED = (POD, NODE, REPLICA_SET, DEPLOYMENT)

_FULL = ("metadata.name", "spec")
_TOKEN = re.compile(rb'"continue":"([^"]*)"')
_METADATA = re.compile(rb'"metadata":\{"resourceVersion":"([^"]*)"[^}]*\}', re.DOTALL)


async def record(sender: Sender, folder: Path) -> None:
    """Writes the pages of all pods of a cluster and of their links to files, in a folder for each kind."""
    for kind in REPLAYED:
        of_kind = folder / kind.plural
        of_kind.mkdir()
        await _record(sender, ListRequest(kind, structure_names()[kind], selection_of(_FULL)), of_kind)


async def _record(sender: Sender, request: ListRequest, folder: Path) -> None:
    token, place = "", 0
    while True:
        body = await sender.send(list_call(request, token), Deadline(60))
        (folder / f"page-{place:03d}.json").write_bytes(body)
        match, place = _TOKEN.search(body[:PREFIX_BYTES]), place + 1
        if match is None or not match[1]:
            return
        token = match[1].decode()


@dataclass(frozen=True)
class ReplayingSender:
    """An API server with `objects` pods and their links, with a latency of `latency_s` seconds.

    Namespaced objects are repeated under other namespaces and uids, as often as it takes; nodes are not.
    """

    name: str
    folder: Path
    objects: int
    latency_s: float = 0.0

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns a page; the continue token is its number."""
        await asyncio.sleep(self.latency_s)
        kind = next(kind for kind in REPLAYED if call.path.endswith(f"/{kind.plural}"))
        place = int(dict(call.query).get("continue", "0"))
        body = await asyncio.to_thread(self._page, kind, place)
        if on_prefix is not None:
            on_prefix(body[:PREFIX_BYTES])
        return body

    def _page(self, kind: Kind, place: int) -> bytes:
        pages = sorted((self.folder / kind.plural).iterdir())
        copy, page = divmod(place, len(pages))
        body = pages[page].read_bytes()
        for name in (b'"namespace":"', b'"uid":"'):
            body = body.replace(name, name + b"c%03d-" % copy)
        left = self._pages(kind, len(pages)) - place - 1
        remaining = left * PAGE_OBJECTS
        following = b'"continue":"%d","remainingItemCount":%d' % (place + 1, remaining) if left else b'"continue":""'
        return _METADATA.sub(rb'"metadata":{"resourceVersion":"\1",' + following + b"}", body, count=1)

    def _pages(self, kind: Kind, of_one_copy: int) -> int:
        """Yields the pages of all copies."""
        if kind == POD:
            return -(-self.objects // PAGE_OBJECTS)
        pods = len(list((self.folder / POD.plural).iterdir())) * PAGE_OBJECTS
        return of_one_copy * (-(-self.objects // pods) if kind.namespaced else 1)


@dataclass(frozen=True)
class _Clusters:
    known: tuple[FleetCluster, ...]

    async def clusters(self, _caller: Caller) -> tuple[FleetCluster, ...]:
        return self.known


def fleet_of(senders: Sequence[Sender]) -> Fleet:
    """Returns a fleet without a registry, one cluster for each sender."""
    now = datetime.now(UTC)
    return cast(
        Fleet,
        _Clusters(
            tuple(
                FleetCluster(sender.name, sender.name, {}, "", now, now, ClusterReader(sender), sender)
                for sender in sorted(senders, key=lambda sender: sender.name)
            )
        ),
    )
