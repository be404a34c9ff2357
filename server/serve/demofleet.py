"""The demo fleet in place of a registry: no database, no credential, no file in the user's home directory."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from demo.fleet.company.profile import PROFILES, Profile
from demo.fleet.customkinds.customkind import CustomKind
from demo.fleet.customkinds.served import definitions, served_by
from demo.fleet.machines.site import Site
from demo.fleet.moment import FROZEN_S
from demo.fleet.pendingsender import ClosableSender
from demo.fleet.recordings import PROMETHEUS
from demo.fleet.senders import served_fleet
from k8s.schemas.clustertypes import ClusterTypes
from k8s.schemas.learning import learn
from k8s.transport.deadline import Deadline
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.watchfigures import WatchFigures
from resolvers.audit.auditor import Auditor
from resolvers.fleet.fleet import Fleet
from resolvers.live.watchingclient import WatchingClient
from resolvers.live.watchpolicy import WatchedClusters
from resolvers.memory.budget import MemoryBudget
from resolvers.types.learnedtypes import LearnedTypes
from resolvers.types.typechoice import TypeChoice
from server.composition.typedengine import typed_engine
from server.observe.metrics import Metrics
from server.operationexecutor import OperationExecutor
from server.serve.memoryaudit import MemoryAudit
from server.settings.clusterlimits import watch_policy
from server.settings.limits import memory_limits, operation_limits
from server.settings.settings import Settings
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent
from store.clusters.cluster import ClusterConnection, ClusterId, ClusterRecord, OpenedCluster

_REGISTERED_AT: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
_LEARNING_TIMEOUT_S: Final = 60.0
_CURSOR_KEY: Final = b"the demo fleet has nothing to hide"


@dataclass(frozen=True, slots=True)
class DemoClusters:
    """A substitute for the registry: the six clusters, which never change."""

    opened: tuple[OpenedCluster, ...]

    async def open(self) -> Sequence[OpenedCluster]:
        """Returns all of them."""
        return self.opened


def demo_clusters() -> DemoClusters:
    """Returns the clusters in the form of the registry."""
    return DemoClusters(tuple(_opened(profile) for profile in PROFILES))


@asynccontextmanager
async def opened_demo_executor(settings: Settings, *, is_frozen: bool = False) -> AsyncIterator[OperationExecutor]:
    """Opens an executor over the demo fleet, which moves as long as the context lasts. Building the schema blocks.

    Args:
        settings: Their limits apply to the demo as well.
        is_frozen: Whether nothing changes, and all times count from a fixed moment, so that responses are always the
            same.
    """
    engine, types = typed_engine(settings)
    await _learn(types, settings.type_choice)
    metrics, figures = Metrics(), WatchFigures()
    metrics.watches.show(figures)
    clusters = WatchedClusters(watch_policy(settings), figures)
    async with served_fleet(is_frozen=is_frozen) as senders, Auditor(MemoryAudit()) as auditor:
        fleet = Fleet(
            demo_clusters(),
            connect=lambda opened, _identity: _watched(senders[opened.record.name], settings, clusters),
            auditor=auditor,
            masking=settings.masking,
        )
        try:
            yield OperationExecutor(
                engine,
                fleet,
                cursor_key=_CURSOR_KEY,
                limits=operation_limits(settings),
                timeout_s=settings.operation_timeout_s,
                memory=MemoryBudget(memory_limits(settings)),
                metrics=metrics,
            )
        finally:
            await engine.close()
            await fleet.close()


def _watched(sender: ClosableSender, settings: Settings, clusters: WatchedClusters) -> WatchingClient:
    """Returns a client of a cluster, whose only identity may watch everything."""

    def watches(_cluster: OpenedCluster) -> SharedWatches:
        common = clusters.of(sender.name, sender.name)
        return SharedWatches(sender, linger_s=settings.watch_linger_s, common=common, masking=settings.masking)

    return WatchingClient(sender, watches)


async def _learn(types: LearnedTypes, choice: TypeChoice) -> None:
    """Learns the types of custom kinds of all clusters, also of the one that is down, as if they had been stored.

    The definitions are enough for that, and never change, so that the first query finds all types.
    """
    learned: dict[tuple[CustomKind, ...], ClusterTypes] = {}
    for profile in PROFILES:
        kinds = served_by(profile)
        if kinds not in learned:
            content = StaticContent(definitions(Site(profile, FROZEN_S)))
            sender = SnapshotSender(profile.name, SnapshotApi(content))
            learned[kinds] = await learn(sender, Deadline(_LEARNING_TIMEOUT_S), chosen=choice.chooses, before=None)
        types.put(profile.id, learned[kinds])


def _opened(profile: Profile) -> OpenedCluster:
    record = ClusterRecord(
        id=ClusterId(profile.id),
        name=profile.name,
        labels=profile.labels,
        connection=ClusterConnection(server=f"https://{profile.name}.demo.invalid"),
        description=profile.description,
        created_at=_REGISTERED_AT,
        updated_at=_REGISTERED_AT,
        prometheus=PROMETHEUS if profile.has_metrics else None,
    )
    return OpenedCluster(record=record, open_credential=lambda: b"none")
