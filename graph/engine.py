"""The engine: executes GraphQL requests. Documents are read once; rows go from decoding to encoding unvisited."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationType, get_operation_ast

from graph.answer import NEEDS_STREAM, Answer
from graph.document.cost import CostLimit
from graph.document.documentcache import DocumentCache
from graph.document.documents import InvalidDocument
from graph.document.measure import are_many
from graph.errors import all_formatted, localized
from graph.executor import FleetExecutor
from graph.finishing import exceeded, executed, finished
from graph.incremental.delivery import Delivery
from graph.live.livedocument import LiveDocument, live_document
from graph.planning.cache import Plans
from graph.planning.listfield import KeptList
from graph.request import GraphqlRequest
from graph.schemastate import SchemaState, SchemaStateBuilder
from graph.schemastates import SchemaStates
from graph.typesource import TypeSource
from k8s.turns.activity import activity_of_loop
from resolvers.errors import LimitExceeded
from resolvers.fleet.cluster import FleetCluster
from resolvers.limits import DocumentLimits
from resolvers.operation.operation import Operation
from resolvers.pacing import worked
from resolvers.types.typechoice import MOST_SCHEMAS
from store.errors import StoreError

_MOST_ERRORS = 20
"""Errors of variables that are reported."""


class Engine:
    """The schemas, ready to execute; building the first one takes some fifty milliseconds.

    Attributes:
        executor_class: the class that executes operations.
        builder_class: the class that builds schemas.
        documents: figures of the cache of documents, which all schemas share.
        schemas: the schemas.
    """

    executor_class: ClassVar[type[FleetExecutor]] = FleetExecutor
    builder_class: ClassVar[type[SchemaStateBuilder]] = SchemaStateBuilder

    def __init__(
        self,
        limits: DocumentLimits | None = None,
        *,
        may_introspect: bool = True,
        types: TypeSource[Any] | None = None,
        most_schemas: int = MOST_SCHEMAS,
        has_masks: bool = False,
    ) -> None:
        """Takes what its schemas depend on.

        Args:
            limits: the limits of documents.
            may_introspect: whether documents may read the schema.
            types: the source of custom kinds.
            most_schemas: the number of schemas with custom kinds.
            has_masks: whether the operator masks paths, so that fields which may be made of them are nullable.
        """
        self.limits = limits or DocumentLimits()
        self._plans, self._costs = Plans(), CostLimit()
        self._cache = DocumentCache()
        self.documents = self._cache.figures
        builder = self.builder_class(self.limits, may_introspect=may_introspect, cache=self._cache, has_masks=has_masks)
        self.schemas = SchemaStates(builder, types, most=most_schemas)

    @property
    def schema(self) -> GraphQLSchema:
        """The schema of the built-in kinds."""
        return self.schemas.built_in.schema

    @property
    def sdl(self) -> str:
        """Returns the schema of the built-in kinds in the schema definition language."""
        return self.schemas.built_in.sdl()

    async def fleet_sdl(self, clusters: Sequence[FleetCluster]) -> str:
        """Returns the schema of the kinds that clusters serve in the schema definition language, made in slices."""
        return await (await self.schemas.of_all(clusters)).sdl_in_slices()

    async def close(self) -> None:
        """Ends the work in the background."""
        await self.schemas.close()

    async def execute(self, request: GraphqlRequest, operation: Operation) -> Answer:
        """Returns the whole answer to a request; errors of clients and clusters are in the answer."""
        with activity_of_loop():
            return await self._execute(request, operation)

    async def deliver(self, request: GraphqlRequest, operation: Operation) -> Answer | Delivery:
        """Returns the answer to a request; in payloads, which the caller takes or closes, if something is deferred."""
        with activity_of_loop():
            return await self._deliver(request, operation)

    async def subscribe(self, request: GraphqlRequest, operation: Operation) -> LiveDocument | Answer | None:
        """Returns the parts of a subscription; the answer if it is refused; None if it is no subscription."""
        built = await self._built(request, operation)
        if isinstance(built, Answer):
            return built
        executor, document, _state = built
        try:
            if executor.operation.operation is not OperationType.SUBSCRIPTION:
                return None
            live = live_document(document, executor, raw=request.variables or {}, kinds=operation.own_kinds)
        except GraphQLError as error:
            return await _refused([error])
        finally:
            executor.close()
        for query in live.requests(request):
            queried = await self._executor(query, operation)  # estimates the cost
            if isinstance(queried, Answer):
                return queried
            queried.close()
        return live

    async def evaluate(self, request: GraphqlRequest, operation: Operation, kept: KeptList | None = None) -> Answer:
        """Returns the answer, not encoded, to a query whose cost was estimated; the caller closes the operation."""
        built = await self._built(request, operation)
        if isinstance(built, Answer):
            return built
        executor, _document, _state = built
        executor.planner.kept = kept
        try:
            return await executed(executor)
        finally:
            executor.planner.kept = executor.context_value = None  # a kept plan holds both, but not the operation
            executor.close()

    async def _execute(self, request: GraphqlRequest, operation: Operation) -> Answer:
        executor = await self._executor(request, operation)
        if isinstance(executor, Answer):
            return executor
        with ExitStack() as ending:
            ending.callback(operation.memory.close)
            try:
                answer = await executed(executor)
            finally:
                await operation.close()
                executor.close()
            answer = await finished(answer, operation, executor)
            ending.pop_all()
        return answer

    async def _deliver(self, request: GraphqlRequest, operation: Operation) -> Answer | Delivery:
        executor = await self._executor(request, operation)
        if isinstance(executor, Answer):
            return executor
        delivery = executor.deliver_later()
        delivery.ends_with(executor.close)
        with ExitStack() as ending:
            ending.callback(operation.memory.close)
            try:
                answer = await executed(executor)
                has_next = isinstance(answer.data, dict) and await delivery.begin(answer.data, answer.errors)
            except LimitExceeded as over:
                answer, has_next = exceeded(over), False
            except BaseException:
                await delivery.stop()
                await operation.close()
                raise
            if has_next:
                ending.pop_all()
                return delivery
            await delivery.stop()
            await operation.close()
            answer = await finished(answer, operation, executor)
            ending.pop_all()
        return answer

    async def _executor(self, request: GraphqlRequest, operation: Operation) -> FleetExecutor | Answer:
        """Returns the executor of a query or a mutation, or the answer if it is refused."""
        built = await self._built(request, operation)
        if isinstance(built, Answer):
            return built
        executor, document, state = built
        if executor.operation.operation is OperationType.SUBSCRIPTION:
            executor.close()
            refused = await _refused([GraphQLError(NEEDS_STREAM, executor.operation)])
            return replace(refused, needs_stream=True)
        try:
            message = await self._costs.excess(state.schema, document, executor)
        except BaseException:
            executor.close()
            raise
        if message is None:
            return executor
        executor.close()
        return await _refused([GraphQLError(message, original_error=LimitExceeded(message))])

    async def _built(
        self, request: GraphqlRequest, operation: Operation
    ) -> tuple[FleetExecutor, DocumentNode, SchemaState] | Answer:
        """Returns the executor of a valid request, or the answer if it is not valid."""
        state, own = await self._states(request, operation)
        operation.kinds, operation.own_kinds = state.kinds, own.kinds
        document = await state.documents.read(request.query)
        if isinstance(document, InvalidDocument):
            return Answer(False, None, await worked(localized, document.errors))
        node = get_operation_ast(document, request.operation_name)
        if request.is_safe and node is not None and node.operation is OperationType.MUTATION:
            return Answer(False, None, needs_post=True)
        variables = dict(request.variables or {})
        build = partial(
            self.executor_class.build,
            state.schema,
            document,
            context_value=operation,
            raw_variable_values=variables,
            operation_name=request.operation_name,
            hide_suggestions=True,
            max_coercion_errors=_MOST_ERRORS,
        )
        executor = await self._cache.beside(build) if are_many(variables) else build()
        if isinstance(executor, list):
            state.documents.suggest(executor)
            return await _refused(executor)
        assert isinstance(executor, FleetExecutor)  # noqa: S101  built by this class
        executor.resolve_paths_in(own.schema)
        executor.planner.plans = self._plans
        return executor, document, state

    async def _states(self, request: GraphqlRequest, operation: Operation) -> tuple[SchemaState, SchemaState]:
        """Returns the schema of a request and that of the caller's clusters: another one for a document of other kinds.

        Paths and ids in its variables are the caller's, so they are found in the caller's own.
        """
        try:
            own = await self.schemas.of(operation, request.query)
            if request.may_name_other_kinds:
                return await self.schemas.of_document(operation, request.query, own), own
        except StoreError:
            own = self.schemas.built_in  # the fields that need clusters report it
        return own, own


async def _refused(errors: Sequence[GraphQLError]) -> Answer:
    return Answer(False, None, await all_formatted(errors))
