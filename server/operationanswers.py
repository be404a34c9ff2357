"""Answers of operations beside whole ones: in payloads, and of an operation that exceeded its timeout."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field

from graph.incremental.delivery import Delivery
from graph.incremental.payloads import Payload, PayloadFormat
from k8s.errors import ErrorCode
from resolvers.errors import LimitExceeded, MemoryFull
from resolvers.messages.translation import localize
from server.observe.operationfigures import OperationFigures


@dataclass(frozen=True, slots=True)
class TimedOutAnswer:
    """The response to a query that exceeded its timeout."""

    timeout_s: float
    executed: bool = True
    needs_post: bool = False
    needs_stream: bool = False
    extensions: Mapping[str, object] = field(default_factory=dict)

    @property
    def errors(self) -> Sequence[Mapping[str, object]]:
        """Returns the one error of the answer."""
        return (timed_out_error(self.timeout_s),)

    def to_json(self) -> bytes:
        """Returns a GraphQL error without data: it is unknown which part of the data is missing."""
        return json.dumps({"data": None, "errors": self.errors}).encode()


def timed_out_error(timeout_s: float) -> Mapping[str, object]:
    """Returns the error of a query, or of a payload, that exceeded the timeout."""
    message = f"The query took more than {timeout_s:g} s (FLEETGRAPH_OPERATION_TIMEOUT_S). Ask for less."
    return error_of(message, ErrorCode.LIMIT_EXCEEDED, retryable=True)


class DeliveredAnswer:
    """A response in payloads. The operation and its metrics end with the last payload."""

    def __init__(
        self,
        answer: Delivery,
        figures: OperationFigures,
        resources: AsyncExitStack,
        payload_format: PayloadFormat,
        *,
        until_s: float,
        late: Mapping[str, object],
    ) -> None:
        self._answer = answer
        self._figures = figures
        self._resources = resources
        self._payload_format = payload_format
        self._until_s = until_s
        self._late = late

    async def payloads(self) -> AsyncGenerator[bytes, None]:
        """Yields each payload as JSON in UTF-8."""
        errors: list[Mapping[str, object]] = []
        memory = self._answer.operation.memory
        try:
            async with aclosing(self._answer.payloads(until_s=self._until_s, late=self._late)) as payloads:
                async for payload in payloads:
                    if not payload.is_written(self._payload_format):
                        continue
                    errors += payload.errors
                    try:
                        body = await payload.encoded(self._payload_format, memory)
                    except (LimitExceeded, MemoryFull) as exceeded:
                        error = error_of(str(exceeded), exceeded.code, retryable=exceeded.retryable)
                        errors.append(error)
                        async for last in self._encoded(self._answer.instead_of(payload, error)):
                            yield last
                        break
                    yield body
                    memory.charge(-len(body))
            self._figures.answered(executed=True, errors=errors)
        finally:
            await self._end()

    async def is_permitted(self) -> bool:
        """Returns whether the caller may still see each cluster of the operation; True if that cannot be checked."""
        return await self._answer.operation.is_permitted()

    def cut_off(self, message: str, code: ErrorCode) -> AsyncGenerator[bytes, None]:
        """Returns the last payloads of a response that ends early."""
        error = error_of(message, code, retryable=code is ErrorCode.INTERNAL)
        return self._encoded(self._answer.cut_off(error))

    async def close(self) -> None:
        """Cancels running work, and releases payloads that were not sent."""
        try:
            await self._answer.aclose()
        finally:
            await self._resources.aclose()

    async def _encoded(self, payloads: AsyncGenerator[Payload, None]) -> AsyncGenerator[bytes, None]:
        async for payload in payloads:
            if payload.is_written(self._payload_format):
                yield payload.to_json(self._payload_format)

    async def _end(self) -> None:
        try:
            await self._answer.end()
        finally:
            await self._resources.aclose()


def error_of(message: str, code: ErrorCode, *, retryable: bool) -> Mapping[str, object]:
    """Returns an error as a response shows it, in the caller's language."""
    return {"message": localize(message), "extensions": {"code": code.value, "retryable": retryable}}
