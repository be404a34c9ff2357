"""Execution of queries against the fleet: one operation for each request, closed with it."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from graph.answer import Answer
from graph.engine import Engine
from graph.incremental.delivery import Delivery
from graph.incremental.payloads import PayloadFormat
from graph.live.liveevaluation import Reads
from graph.live.questions import LiveQuestions, question_key
from graph.live.subscription import LiveQuestion, LiveSubscription
from graph.request import GraphqlRequest
from resolvers.caller import Caller
from resolvers.errors import BadUserInput
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.fleet.fleetofcaller import FleetOfCaller
from resolvers.grants.managedgrants import ManagedGrants
from resolvers.limits import OperationLimits
from resolvers.live.resuming.resumetokens import ResumeTokens
from resolvers.memory.budget import MemoryBudget
from resolvers.operation.explanation import Explanation
from resolvers.operation.operation import Operation
from server.http.graphqlexecutor import GraphqlResponse, Payloads
from server.observe.metrics import Metrics
from server.observe.observers import TracesOperations, Untraced
from server.observe.operationfigures import OperationFigures
from server.operationanswers import DeliveredAnswer, TimedOutAnswer, error_of, timed_out_error

if TYPE_CHECKING:
    from resolvers.types.learning import TypeLearning


class OperationExecutor:
    """The executor of requests: the engine, over the clusters of the registry."""

    def __init__(
        self,
        engine: Engine,
        fleet: Fleet,
        *,
        cursor_key: bytes,
        limits: OperationLimits,
        timeout_s: float,
        metrics: Metrics | None = None,
        grants: ManagedGrants | None = None,
        tracing: TracesOperations | None = None,
        memory: MemoryBudget | None = None,
        learning: "TypeLearning | None" = None,
    ) -> None:
        """Takes the services that it works with.

        Without `metrics` it creates its own; without `grants` it grants nothing; without `learning`, custom kinds have
        no types.
        """
        self.learning = learning
        self.grants = grants
        self._engine = engine
        self.fleet = fleet
        self._cursor_key = cursor_key
        self._limits = limits
        self._timeout_s = timeout_s
        self._questions = LiveQuestions()
        self._tracing = tracing or Untraced()
        self.memory = memory or MemoryBudget()
        self.metrics = metrics or Metrics()
        self.metrics.watch_documents(engine.documents)
        self.metrics.watch_memory(self.memory)
        self.metrics.live.show(self._questions.figures)
        self.auditor = fleet.auditor
        if self.auditor is not None:
            self.metrics.watch_audit(self.auditor)

    @property
    def sdl(self) -> str:
        """Returns the schema of built-in kinds in the schema definition language, printed each time (about 0.1 s)."""
        return self._engine.sdl

    async def clusters(self, caller: Caller) -> Sequence[FleetCluster]:
        """Returns the clusters that exist for a caller; raises StoreError."""
        return await self.fleet.clusters(caller)

    async def sdl_of(self, caller: Caller) -> str:
        """Returns the schema of a caller, with the custom kinds of its clusters; raises StoreError."""
        return await self._engine.fleet_sdl(await self.fleet.clusters(caller))

    async def schema_ready(self, caller: Caller) -> None:
        """Waits for the schema of the types that are learned now; raises StoreError."""
        await self._engine.schemas.of_all(await self.fleet.clusters(caller))

    async def execute(self, request: GraphqlRequest, caller: Caller) -> Answer | TimedOutAnswer:
        """Returns the response. Work that still runs when it is complete, or when the caller cancels, is cancelled."""
        operation = self._operation(request, caller)
        with self.metrics.operation() as figures, self._tracing.operation(figures):
            try:
                async with asyncio.timeout(self._timeout_s):
                    answer = await self._engine.execute(request, operation)
                _note(figures, answer)
                return answer.without_data()
            except TimeoutError:
                figures.timed_out()
                return TimedOutAnswer(self._timeout_s)
            finally:
                _count(figures, operation)
                await operation.close()

    async def deliver(
        self, request: GraphqlRequest, caller: Caller, payload_format: PayloadFormat
    ) -> GraphqlResponse | Payloads:
        """Returns the response to a caller who accepts payloads.

        Deferred data follows in payloads, all of it within the timeout of one query.
        """
        operation = self._operation(request, caller)
        until_s = asyncio.get_running_loop().time() + self._timeout_s
        async with AsyncExitStack() as resources:
            figures = resources.enter_context(self.metrics.operation())
            resources.enter_context(self._tracing.operation(figures))
            resources.push_async_callback(operation.close)
            resources.callback(_count, figures, operation)
            try:
                async with asyncio.timeout_at(until_s):
                    answer = await self._engine.deliver(request, operation)
            except TimeoutError:
                figures.timed_out()
                return TimedOutAnswer(self._timeout_s)
            if isinstance(answer, Delivery):
                late = timed_out_error(self._timeout_s)
                return DeliveredAnswer(answer, figures, resources.pop_all(), payload_format, until_s=until_s, late=late)
            _note(figures, answer)
            return answer.without_data()

    async def subscribe(self, request: GraphqlRequest, caller: Caller) -> LiveSubscription | Answer | None:
        """Returns a subscription; the response if it is refused; None if the operation is no subscription.

        Equal ones of callers with equal rights share their question. Raises StoreError.
        """
        live = await self._subscription(request, caller)
        if isinstance(live, Answer):
            figures = OperationFigures()
            figures.answered(executed=False, errors=live.errors)
            for code, errors in figures.codes.items():
                self.metrics.error(code, errors)
        return live

    async def _subscription(self, request: GraphqlRequest, caller: Caller) -> LiveSubscription | Answer | None:
        operation = self._operation(request, caller)
        try:
            live = await self._engine.subscribe(request, operation)
        finally:
            await operation.close()
            operation.memory.close()
        if live is None or isinstance(live, Answer):
            return live
        tokens = ResumeTokens(self._cursor_key, live.scope)
        try:
            place = tokens.read(live.resume) if live.resume else None
        except BadUserInput as invalid:
            return Answer(False, None, [error_of(str(invalid), invalid.code, retryable=False)])
        key = question_key(live, request, caller, await self.fleet.clusters(caller))
        question = self._questions.find(key)
        if question is None:
            evaluation, memory = partial(self._evaluation, caller), partial(self.memory.share, caller.name)
            question = LiveQuestion(
                self._engine,
                self.fleet,
                live,
                request,
                evaluation,
                memory_of=memory,
                tokens=tokens,
                pace=self._questions.pace,
                figures=self._questions.figures,
            )
            if errors := await question.refusal():
                return Answer(False, None, errors)
            question = self._questions.add(key, question)
        return LiveSubscription(question, place)

    def _evaluation(self, caller: Caller, fleet: FleetOfCaller, changed: Reads) -> Operation:
        """Returns the operation of one evaluation of a subscription."""
        return Operation(
            fleet,
            caller=caller,
            cursor_key=self._cursor_key,
            limits=self._limits,
            pushes_down=False,
            memory=self.memory.share(caller.name),
            changed=changed,
            masking=self.fleet.masking,
        )

    def _operation(self, request: GraphqlRequest, caller: Caller) -> Operation:
        explanation = Explanation() if request.is_explained else None
        operation = Operation(
            self.fleet,
            caller=caller,
            cursor_key=self._cursor_key,
            limits=self._limits,
            explanation=explanation,
            grants=self.grants,
            memory=request.memory or self.memory.share(caller.name),
            masking=self.fleet.masking,
        )
        if self.learning is not None:
            operation.schema_problems = self.learning.problems
        return operation


def _note(figures: OperationFigures, answer: Answer) -> None:
    """Notes an answer; one without events to a subscription is none yet."""
    if answer.needs_stream:
        figures.subscribed()
    else:
        figures.answered(executed=answer.executed, errors=answer.errors)


def _count(figures: OperationFigures, operation: Operation) -> None:
    figures.objects_read, figures.objects_sent = operation.lists.objects_read, operation.objects_sent
