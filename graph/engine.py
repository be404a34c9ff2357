"""From a GraphQL request to its answer: parsed and validated once, executed breadth first, encoded without a visit."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from inspect import isawaitable
from typing import Any

import msgspec
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSyntaxError,
    OperationType,
    parse,
    validate,
)

from graph.errors import formatted
from graph.executor import FleetExecutor
from graph.ordinary import attach_resolvers
from graph.schema import build_schema
from resolvers.operation import Operation

_CACHED_DOCUMENTS = 256
_CACHED_CHARACTERS = 50_000
_MAX_TOKENS = 5000


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """What a client sent."""

    query: str
    variables: Mapping[str, object] | None = None
    operation_name: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What it gets.

    Attributes:
        executed: False if the document or the variables were wrong, so that nothing was executed.
        data: None if nothing was executed, or null.
        errors: as the response shows them.
        extensions: what was asked for besides.
    """

    executed: bool
    data: object
    errors: Sequence[Mapping[str, object]] = ()
    extensions: Mapping[str, object] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """The response's body (GraphQL specification, section 7)."""
        return msgspec.json.encode(self._response())

    def to_builtins(self) -> Mapping[str, Any]:
        """The response as plain dictionaries and lists."""
        plain: Mapping[str, Any] = msgspec.to_builtins(self._response())
        return plain

    def _response(self) -> Mapping[str, object]:
        response: dict[str, object] = {"data": self.data} if self.executed else {}
        response |= {"errors": self.errors} if self.errors else {}
        return response | ({"extensions": self.extensions} if self.extensions else {})


@dataclass(slots=True)
class DocumentFigures:
    """How well documents are remembered.

    Attributes:
        known: documents that were there already.
        unknown: documents that were parsed and validated.
        kept: how many are kept now.
    """

    known: int = 0
    unknown: int = 0
    kept: int = 0


class Engine:
    """The schema, ready to execute; building it takes about a second."""

    def __init__(self) -> None:
        self._documents: OrderedDict[str, DocumentNode] = OrderedDict()
        self.documents = DocumentFigures()
        self._strawberry = build_schema()
        self._schema = self._strawberry._schema  # Strawberry has no public name for it
        attach_resolvers(self._schema)

    @property
    def sdl(self) -> str:
        """The schema in the schema definition language."""
        return self._strawberry.as_str() + "\n"

    async def execute(
        self, request: GraphRequest, operation: Operation, *, executor_class: type[FleetExecutor] = FleetExecutor
    ) -> Answer:
        """The answer to a request; never raises for what a client or a cluster did."""
        document = self._document(request.query)
        if not isinstance(document, DocumentNode):
            return _refused(document)
        executor = executor_class.build(
            self._schema,
            document,
            context_value=operation,
            raw_variable_values=dict(request.variables or {}),
            operation_name=request.operation_name,
        )
        if isinstance(executor, list):
            return _refused(executor)
        if executor.operation.operation is not OperationType.QUERY:
            return _refused([GraphQLError("Only queries are executed.", executor.operation)])
        try:
            answer = await _executed(executor)
        finally:
            await operation.close()
        if operation.explanation is None:
            return answer
        return replace(answer, extensions={"explain": operation.explanation.to_builtins()})

    def _document(self, query: str) -> DocumentNode | Sequence[GraphQLError]:
        """The parsed and valid document, or what is wrong with it."""
        known = self._documents.get(query)
        if known is not None:
            self._documents.move_to_end(query)
            self.documents.known += 1
            return known
        self.documents.unknown += 1
        try:
            document = parse(query, max_tokens=_MAX_TOKENS)
        except (GraphQLSyntaxError, RecursionError) as error:
            return [error if isinstance(error, GraphQLError) else GraphQLError("The document is nested too deeply.")]
        errors = validate(self._schema, document)
        if errors:
            return errors
        if len(query) > _CACHED_CHARACTERS:
            return document
        self._documents[query] = document
        if len(self._documents) > _CACHED_DOCUMENTS:
            self._documents.popitem(last=False)
        self.documents.kept = len(self._documents)
        return document


async def _executed(executor: Any) -> Answer:
    result = executor.execute_operation()
    if isawaitable(result):
        result = await result
    assert isinstance(result, ExecutionResult)  # noqa: S101  the schema has no @defer
    return Answer(True, result.data, [formatted(error) for error in result.errors or ()])


def _refused(errors: Sequence[GraphQLError]) -> Answer:
    return Answer(False, None, [formatted(error) for error in errors])
