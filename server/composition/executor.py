"""The executor over the clusters of the registry, from the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from k8s.watches.watchfigures import WatchFigures
from resolvers.audit.auditor import Auditor
from resolvers.fleet.fleet import Fleet
from resolvers.grants.managedgrants import ManagedGrants
from resolvers.memory.budget import MemoryBudget
from resolvers.types.learning import TypeLearning
from server.composition.clients import account_policy, cluster_clients
from server.composition.typedengine import typed_engine
from server.observe.metrics import Metrics
from server.observe.observers import opened_tracing
from server.operationexecutor import OperationExecutor
from server.settings.clusterlimits import discovery_limits
from server.settings.limits import audit_policy, memory_limits, operation_limits
from server.settings.settings import Settings
from store.registry import Registry


@asynccontextmanager
async def opened_executor(settings: Settings, registry: Registry) -> AsyncIterator[OperationExecutor]:
    """Opens an executor over the registered clusters, and closes their connections at the end.

    Building the schema blocks.
    """
    metrics = Metrics()
    registry.database.on_transaction = metrics.transaction
    accounts = await account_policy(settings, registry)
    async with (
        opened_tracing(settings, metrics) as (observer, tracing),
        Auditor(registry.audit, audit_policy(settings)) as auditor,
    ):
        figures = WatchFigures()
        metrics.watches.show(figures)
        connect = cluster_clients(settings, registry, accounts, observer=observer, figures=figures).connect
        fleet = Fleet(
            registry.registered,
            grants=registry.grants,
            connect=connect,
            auditor=auditor,
            most_connections=settings.max_connections,
            requests_per_cluster=settings.connections_per_cluster,
            discovery=discovery_limits(settings),
            masking=settings.masking,
        )
        engine, types = typed_engine(settings)
        learning = TypeLearning(
            fleet,
            types,
            choice=settings.type_choice,
            store=registry.types,
            limits=settings.schema_limits,
            timeout_s=settings.types_timeout_s,
        )
        await learning.restore()
        types.listen(engine.schemas.follow)
        try:
            yield OperationExecutor(
                engine,
                fleet,
                learning=None if settings.type_choice.is_empty else learning,
                cursor_key=registry.keys.derive("cursor"),
                limits=operation_limits(settings),
                timeout_s=settings.operation_timeout_s,
                memory=MemoryBudget(memory_limits(settings)),
                metrics=metrics,
                tracing=tracing,
                grants=ManagedGrants(
                    registry.grants, registry.clusters, connect=connect, policy=accounts, auditor=auditor
                ),
            )
        finally:
            await engine.close()
            await fleet.close()
