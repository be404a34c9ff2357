"""Queries against the fleet: each request is an operation of its own, with an end."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from graph.engine import Engine
from graph.engine import GraphRequest as EngineRequest
from k8s.errors import ErrorCode
from resolvers.auditing import Auditor
from resolvers.caller import Caller
from resolvers.explaining import Explanation
from resolvers.fleet import Fleet
from resolvers.granting import Granting
from resolvers.limits import OperationLimits
from resolvers.operation import Operation
from server.execution import Answer, GraphqlRequest
from server.limits import audit_policy, document_limits, operation_limits
from server.metrics import Metrics
from server.settings import Settings
from server.snapshotclusters import account_policy, snapshot_clusters
from store.registry import Registry


@dataclass(frozen=True, slots=True)
class TimedOutAnswer:
    """The answer to a query that took too long altogether."""

    timeout_s: float
    executed: bool = True

    def to_json(self) -> bytes:
        """A GraphQL error; what was read is not shown, because nobody could tell what is missing of it."""
        message = (
            f"The query took more than {self.timeout_s:g} s (setting FLEETGRAPH_OPERATION_TIMEOUT_S); ask for less."
        )
        error = {"message": message, "extensions": {"code": ErrorCode.LIMIT_EXCEEDED.value, "retryable": True}}
        return json.dumps({"data": None, "errors": [error]}).encode()


class OperationExecutor:
    """Answers requests with the engine, over the clusters of the registry."""

    def __init__(
        self,
        engine: Engine,
        fleet: Fleet,
        *,
        cursor_key: bytes,
        limits: OperationLimits,
        timeout_s: float,
        metrics: Metrics | None = None,
        granting: Granting | None = None,
    ) -> None:
        """Takes what it works with; `metrics` are made if there are none, and without `granting` nothing is granted."""
        self.granting = granting
        self._engine = engine
        self._fleet = fleet
        self._cursor_key = cursor_key
        self._limits = limits
        self._timeout_s = timeout_s
        self.metrics = metrics or Metrics()
        self.metrics.watch_documents(engine.documents)
        self.auditor = fleet.auditor
        if self.auditor is not None:
            self.metrics.watch_audit(self.auditor)

    @property
    def sdl(self) -> str:
        """The schema in the schema definition language; made anew each time, which takes a while."""
        return self._engine.sdl

    async def execute(self, request: GraphqlRequest, caller: Caller) -> Answer:
        """The answer; whatever is still under way when it is there, or when nobody waits for it, is ended."""
        explanation = Explanation() if request.is_explained else None
        operation = Operation(
            self._fleet, caller=caller, cursor_key=self._cursor_key, limits=self._limits, explanation=explanation
        )
        asked = EngineRequest(request.query, request.variables, request.operation_name)
        with self.metrics.operation() as figures:
            try:
                async with asyncio.timeout(self._timeout_s):
                    answer = await self._engine.execute(asked, operation)
                figures.answered(executed=answer.executed, errors=answer.errors)
                return answer
            except TimeoutError:
                figures.timed_out()
                return TimedOutAnswer(self._timeout_s)
            finally:
                figures.objects_read, figures.objects_sent = operation.objects_read, operation.objects_sent
                await operation.close()


@asynccontextmanager
async def opened_executor(settings: Settings, registry: Registry) -> AsyncIterator[OperationExecutor]:
    """An executor over the registered clusters; their connections are closed behind it. Building the schema blocks."""
    metrics = Metrics()
    registry.database.on_transaction = metrics.transaction
    accounts = await account_policy(settings, registry)
    connect = snapshot_clusters(settings, registry, accounts, observer=metrics).connect
    async with Auditor(registry.audit, audit_policy(settings)) as auditor:
        fleet = Fleet(
            registry.clusters,
            grants=registry.grants,
            connect=connect,
            auditor=auditor,
            most_connections=settings.max_connections,
        )
        try:
            yield OperationExecutor(
                Engine(document_limits(settings)),
                fleet,
                cursor_key=registry.keys.derive("cursor"),
                limits=operation_limits(settings),
                timeout_s=settings.operation_timeout_s,
                metrics=metrics,
                granting=Granting(
                    registry.grants, registry.clusters, connect=connect, policy=accounts, auditor=auditor
                ),
            )
        finally:
            await fleet.close()
