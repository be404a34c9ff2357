"""The demo fleet in place of a registry: no database, no credential, no file in the user's home directory."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from demo.fleet.company.profile import PROFILES, Profile
from demo.fleet.senders import served_fleet
from graph.engine import Engine
from resolvers.audit.auditor import Auditor
from resolvers.fleet.fleet import Fleet
from resolvers.memory.budget import MemoryBudget
from server.operationexecutor import OperationExecutor
from server.serve.memoryaudit import MemoryAudit
from server.settings.limits import document_limits, memory_limits, operation_limits
from server.settings.settings import Settings
from store.clusters.cluster import ClusterConnection, ClusterId, ClusterRecord, OpenedCluster

_REGISTERED_AT: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
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
    engine = Engine(document_limits(settings), may_introspect=settings.introspection)
    async with served_fleet(is_frozen=is_frozen) as senders, Auditor(MemoryAudit()) as auditor:
        fleet = Fleet(
            demo_clusters(),
            connect=lambda opened, _identity: senders[opened.record.name],
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
            )
        finally:
            await fleet.close()


def _opened(profile: Profile) -> OpenedCluster:
    record = ClusterRecord(
        id=ClusterId(profile.id),
        name=profile.name,
        labels=profile.labels,
        connection=ClusterConnection(server=f"https://{profile.name}.demo.invalid"),
        description=profile.description,
        created_at=_REGISTERED_AT,
        updated_at=_REGISTERED_AT,
    )
    return OpenedCluster(record=record, open_credential=lambda: b"none")
