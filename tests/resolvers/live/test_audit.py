"""Secrets that are watched: each caller of a list is in the audit, whoever began the watch."""

import asyncio
from dataclasses import replace
from typing import cast

from k8s.kinds.builtin import POD, SECRET
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.target import WatchTarget
from resolvers.audit.auditedsender import AuditedSender
from resolvers.audit.auditor import Auditor
from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.live.dependencies import Dependencies
from resolvers.live.livefleet import LiveFleet
from server.serve.memoryaudit import MemoryAudit
from store.audit.event import AuditAction, AuditFilter
from tests.graph.fleets import cluster_of
from tests.resolvers.live.simulatedapi import SimulatedApi
from tests.resolvers.live.virtualtime import run


class AuditedFleet:
    """A fleet of one cluster, whose requests are audited."""

    def __init__(self, auditor: Auditor) -> None:
        self.auditor = auditor
        self._api = SimulatedApi("east", "secrets", "pods")
        self._watches = SharedWatches(self._api, linger_s=0)
        self._known: dict[Caller, tuple[FleetCluster, ...]] = {}

    async def clusters(self, caller: Caller) -> tuple[FleetCluster, ...]:
        if caller not in self._known:
            sender = AuditedSender(self._api, caller, self.auditor, "itself")
            self._known[caller] = (replace(cluster_of(sender), watches=lambda: self._watches),)
        return self._known[caller]


def test_each_caller_of_a_list_with_secrets_is_recorded_once() -> None:
    async def main() -> None:
        log = MemoryAudit()
        async with Auditor(log) as auditor:
            fleet = LiveFleet(cast(Fleet, AuditedFleet(auditor)), Dependencies(lambda _one, _before: None))
            ann, bob = (Caller(name=name, is_administrator=True) for name in ("ann", "bob"))
            await fleet.join(ann)
            await fleet.members()
            for _ in range(2):
                fleet._read("east", WatchTarget(SECRET))
                fleet._read("east", WatchTarget(POD))
            await fleet.join(bob)
            await asyncio.sleep(1)
        events = await log.page(first=10, before=None, matching=AuditFilter())
        assert {event.action for event in events} == {AuditAction.SECRET_READ}
        assert [(event.actor, event.cluster, event.verb, event.resource) for event in reversed(events)] == [
            ("ann", "east", "watch", "secrets"),
            ("bob", "east", "watch", "secrets"),
        ]

    run(main())
