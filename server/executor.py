"""Queries against the fleet: each request is an operation of its own, with an end."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass

from graph.engine import Engine
from graph.engine import GraphRequest as EngineRequest
from graph.incremental.answer import IncrementalAnswer
from graph.incremental.format import PayloadFormat
from graph.incremental.payloads import Payload
from k8s.errors import ErrorCode
from resolvers.caller import Caller
from resolvers.errors import LimitExceeded, MemoryFull
from resolvers.fleet.fleet import Fleet
from resolvers.grants.grants import Granting
from resolvers.limits import OperationLimits
from resolvers.memory.budget import MemoryBudget
from resolvers.messages.catalogue import localize
from resolvers.operation.explanation import Explanation
from resolvers.operation.operation import Operation
from server.http.answers import Answer, GraphqlRequest, Payloads
from server.observe.metrics import Metrics, OperationFigures
from server.observe.observers import TracesOperations, Untraced


@dataclass(frozen=True, slots=True)
class TimedOutAnswer:
    """The answer to a query that took too long altogether."""

    timeout_s: float
    executed: bool = True
    needs_post: bool = False

    def to_json(self) -> bytes:
        """A GraphQL error; what was read is not shown, because nobody could tell what is missing of it."""
        return json.dumps({"data": None, "errors": [timed_out_error(self.timeout_s)]}).encode()


def timed_out_error(timeout_s: float) -> Mapping[str, object]:
    """The error of what was not there in time."""
    message = f"The query took more than {timeout_s:g} s (setting FLEETGRAPH_OPERATION_TIMEOUT_S); ask for less."
    return _error(message, ErrorCode.LIMIT_EXCEEDED, retryable=True)


class DeliveredAnswer:
    """An answer in payloads; the operation, and the measure of it, end with the last."""

    def __init__(
        self,
        answer: IncrementalAnswer,
        figures: OperationFigures,
        ending: AsyncExitStack,
        written_in: PayloadFormat,
        *,
        until_s: float,
        late: Mapping[str, object],
    ) -> None:
        self._answer = answer
        self._figures = figures
        self._ending = ending
        self._written_in = written_in
        self._until_s = until_s
        self._late = late

    async def payloads(self) -> AsyncGenerator[bytes, None]:
        """One after the other."""
        errors: list[Mapping[str, object]] = []
        memory = self._answer.operation.memory
        try:
            async with aclosing(self._answer.payloads(until_s=self._until_s, late=self._late)) as payloads:
                async for payload in payloads:
                    if not payload.is_told(self._written_in):
                        continue
                    errors += payload.errors
                    try:
                        body = await payload.encoded(self._written_in, memory)
                    except (LimitExceeded, MemoryFull) as over:
                        error = _error(str(over), over.code, retryable=over.retryable)
                        errors.append(error)
                        async for last in self._written(self._answer.instead_of(payload, error)):
                            yield last
                        break
                    yield body
                    memory.charge(-len(body))
            self._figures.answered(executed=True, errors=errors)
        finally:
            await self._end()

    async def is_permitted(self) -> bool:
        """Whether each cluster of the operation is there for its caller as it was; also where nobody knows."""
        return await self._answer.operation.is_permitted()

    def cut_off(self, message: str, code: ErrorCode) -> AsyncGenerator[bytes, None]:
        """The last payloads where nothing more will come."""
        error = _error(message, code, retryable=code is ErrorCode.INTERNAL)
        return self._written(self._answer.cut_off(error))

    async def close(self) -> None:
        """Ends what is still under way, and lets go of what was not sent."""
        try:
            await self._end()
        finally:
            self._answer.delivery.outbox.close()

    async def _written(self, payloads: AsyncGenerator[Payload, None]) -> AsyncGenerator[bytes, None]:
        async for payload in payloads:
            if payload.is_told(self._written_in):
                yield payload.to_json(self._written_in)

    async def _end(self) -> None:
        try:
            await self._answer.close()
        finally:
            await self._ending.aclose()


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
        tracing: TracesOperations | None = None,
        memory: MemoryBudget | None = None,
    ) -> None:
        """Takes what it works with; `metrics` are made if there are none, and without `granting` nothing is granted."""
        self.granting = granting
        self._engine = engine
        self.fleet = fleet
        self._cursor_key = cursor_key
        self._limits = limits
        self._timeout_s = timeout_s
        self._tracing = tracing or Untraced()
        self.memory = memory or MemoryBudget()
        self.metrics = metrics or Metrics()
        self.metrics.watch_documents(engine.documents)
        self.metrics.watch_memory(self.memory)
        self.auditor = fleet.auditor
        if self.auditor is not None:
            self.metrics.watch_audit(self.auditor)

    @property
    def sdl(self) -> str:
        """The schema in the schema definition language; made anew each time, which takes a while."""
        return self._engine.sdl

    async def execute(self, request: GraphqlRequest, caller: Caller) -> Answer:
        """The answer; whatever is still under way when it is there, or when nobody waits for it, is ended."""
        operation = self._operation(request, caller)
        asked = EngineRequest(request.query, request.variables, request.operation_name, request.is_safe)
        with self.metrics.operation() as figures, self._tracing.operation(figures):
            try:
                async with asyncio.timeout(self._timeout_s):
                    answer = await self._engine.execute(asked, operation)
                figures.answered(executed=answer.executed, errors=answer.errors)
                return answer.without_data()
            except TimeoutError:
                figures.timed_out()
                return TimedOutAnswer(self._timeout_s)
            finally:
                _count(figures, operation)
                await operation.close()

    async def deliver(self, request: GraphqlRequest, caller: Caller, written_in: PayloadFormat) -> Answer | Payloads:
        """The same for who reads payloads: what was deferred follows, all of it within the time of one query."""
        operation = self._operation(request, caller)
        asked = EngineRequest(request.query, request.variables, request.operation_name, request.is_safe)
        until_s = asyncio.get_running_loop().time() + self._timeout_s
        async with AsyncExitStack() as ending:
            figures = ending.enter_context(self.metrics.operation())
            ending.enter_context(self._tracing.operation(figures))
            ending.push_async_callback(operation.close)
            ending.callback(_count, figures, operation)
            try:
                async with asyncio.timeout_at(until_s):
                    answer = await self._engine.deliver(asked, operation)
            except TimeoutError:
                figures.timed_out()
                return TimedOutAnswer(self._timeout_s)
            if isinstance(answer, IncrementalAnswer):
                late = timed_out_error(self._timeout_s)
                return DeliveredAnswer(answer, figures, ending.pop_all(), written_in, until_s=until_s, late=late)
            figures.answered(executed=answer.executed, errors=answer.errors)
            return answer.without_data()

    def _operation(self, request: GraphqlRequest, caller: Caller) -> Operation:
        explanation = Explanation() if request.is_explained else None
        return Operation(
            self.fleet,
            caller=caller,
            cursor_key=self._cursor_key,
            limits=self._limits,
            explanation=explanation,
            granting=self.granting,
            memory=request.memory or self.memory.share(caller.name),
        )


def _error(message: str, code: ErrorCode, *, retryable: bool) -> Mapping[str, object]:
    return {"message": localize(message), "extensions": {"code": code.value, "retryable": retryable}}


def _count(figures: OperationFigures, operation: Operation) -> None:
    figures.objects_read, figures.objects_sent = operation.lists.objects_read, operation.objects_sent
