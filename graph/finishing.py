"""Answers of operations that were executed."""

from dataclasses import replace
from inspect import isawaitable
from typing import Any, Final

from graphql import ExecutionResult, GraphQLError

from graph.answer import Answer
from graph.errors import all_formatted, formatted, ordered
from graph.executor import FleetExecutor
from resolvers.errors import LimitExceeded, MemoryFull
from resolvers.operation.operation import Operation

_ENCODED_AT_ONCE: Final = 8
"""Objects of an answer that is encoded without a break; each may have a megabyte."""
_ENCODED_AT_ONCE_BYTES: Final = 2 * 2**20
"""Memory of such an answer."""


async def finished(answer: Answer, operation: Operation, executor: FleetExecutor) -> Answer:
    """Returns the answer, encoded if it is large; from then on the operation holds only the memory of the answer."""
    answer = replace(answer, extensions=operation.extensions())
    objects = max(operation.objects_sent, operation.lists.objects_read, executor.introspected_fields)
    if objects > _ENCODED_AT_ONCE or operation.memory.held_bytes > _ENCODED_AT_ONCE_BYTES:
        try:
            answer = await answer.encoded(operation.memory)
        except (LimitExceeded, MemoryFull) as over:
            answer = exceeded(over)
    operation.memory.answer(answer.size_bytes)
    return answer


def exceeded(over: LimitExceeded | MemoryFull) -> Answer:
    """Returns the answer to an operation that went over a limit."""
    return Answer(True, None, [formatted(GraphQLError(str(over), original_error=over))])


async def executed(executor: Any) -> Answer:
    """Executes an operation; returns its data as the execution left them."""
    result = executor.execute_operation()
    if isawaitable(result):
        result = await result
    assert isinstance(result, ExecutionResult)  # noqa: S101  this executor delivers nothing later by itself
    if not result.errors:
        return Answer(True, result.data, [])
    return Answer(True, result.data, await all_formatted(await ordered(result.errors)))
