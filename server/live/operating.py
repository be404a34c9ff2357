"""The operations of WebSockets: subscriptions, and queries and mutations with the limits that they have over HTTP."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, closing
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from graph.incremental.payloads import PayloadFormat
from graph.live.subscription import SubscriptionFailed
from graph.request import GraphqlRequest
from k8s.errors import ErrorCode
from resolvers.caller import Caller
from resolvers.errors import MemoryFull
from resolvers.memory.budget import MemoryBudget
from resolvers.memory.share import MemoryShare
from server.app.persisteddocuments import PersistedDocuments
from server.auth.shared import digest
from server.http.graphqlexecutor import GraphqlExecutor, GraphqlResponse, LivePayloads, Payloads
from server.http.request import Parameters, decode_body
from server.http.responses import Refusal
from server.live.admission import LiveAdmission
from server.live.closing import CloseCode, Closed
from server.live.liveerrors import live_errors
from server.ratelimit.ratelimit import CallerLimiter
from store.errors import StoreError

_UNREADABLE: Final = "The registry cannot be read at the moment."
_PATIENCE_S: Final = 10.0
"""Seconds that a client has to take a response while others wait for its memory."""


class OperationRefused(Exception):
    """An operation that ends with errors.

    Attributes:
        errors: As a response shows them.
    """

    def __init__(self, errors: Sequence[Mapping[str, object]]) -> None:
        super().__init__("refused")
        self.errors = errors

    @property
    def is_over_limit(self) -> bool:
        """Returns whether too many operations came."""
        extensions = self.errors[0].get("extensions", {}) if self.errors else {}
        return isinstance(extensions, Mapping) and extensions.get("code") == ErrorCode.TOO_MANY_REQUESTS

    @classmethod
    def because(cls, message: str, code: ErrorCode, *, is_retryable: bool | None = None) -> "OperationRefused":
        """Returns a refusal with one error; the code says whether it may succeed later if the caller does not."""
        return cls(live_errors(message, code, is_retryable=is_retryable))


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The caller of a WebSocket, from its `connection_init` to its end.

    Attributes:
        token: The caller's token; None for a caller who needs none.
        verify: Verifies the token again; raises `Refusal` as for a request over HTTP, and ends the connection.
        abort: Closes the connection.
        is_explained: Whether responses show their cost.
    """

    caller: Caller
    token: str | None = field(repr=False)
    verify: Callable[[], Awaitable[None]] = field(repr=False)
    abort: Callable[[], None] = field(repr=False)
    is_explained: bool = False


class _SentResponse:
    """A response that is being sent; a client that does not take it must not hold memory that others wait for."""

    def __init__(self, session: Session) -> None:
        self.caller = session.caller.name
        self.cut = session.abort
        self._since_s = asyncio.get_running_loop().time()

    @property
    def is_slow(self) -> bool:
        return asyncio.get_running_loop().time() - self._since_s > _PATIENCE_S


@dataclass(frozen=True, slots=True)
class _Response:
    """A response that ends, and its places among the operations of the caller."""

    answer: GraphqlResponse | Payloads
    memory: MemoryShare | None
    places: AsyncExitStack


class Operations:
    """Executes operations whose parameters are those of a POST."""

    def __init__(
        self,
        executor: GraphqlExecutor,
        *,
        documents: PersistedDocuments,
        caller_limiter: CallerLimiter,
        memory: MemoryBudget,
        admission: LiveAdmission,
        most_values: int,
    ) -> None:
        """Takes the services that the endpoint of HTTP requests works with, and the limit of values of parameters."""
        self._executor = executor
        self._documents = documents
        self._limiter = caller_limiter
        self._memory = memory
        self._admission = admission
        self._most_values = most_values

    async def responses(
        self, payload: bytes, session: Session, on_subscription: Callable[[], None]
    ) -> AsyncGenerator[bytes, None]:
        """Yields the responses to an operation, or its payloads, as JSON.

        Args:
            payload: The parameters.
            session: The caller.
            on_subscription: Called when it turns out to be a subscription, before its first payload.

        Raises:
            Closed: The parameters are invalid.
            OperationRefused: The operation is refused, or ends with errors.
        """
        try:
            async with self._admission.beginning(session.caller.name, len(payload)):
                begun = await self._begun(payload, session)
            del payload  # a subscription may run for days
            if isinstance(begun, LivePayloads):
                on_subscription()
                bodies = self._followed(begun, session)
            else:
                bodies = self._whole(begun, session)
            async with aclosing(bodies):
                async for body in bodies:
                    yield body
                    del body  # large, and shared: not kept until the next one comes
        except Refusal as refusal:
            raise OperationRefused.because(str(refusal), refusal.code) from None
        except SubscriptionFailed as failed:
            raise OperationRefused(failed.errors) from None
        except StoreError:
            raise OperationRefused.because(_UNREADABLE, ErrorCode.INTERNAL) from None

    async def _begun(self, payload: bytes, session: Session) -> "LivePayloads | _Response":
        """Returns a subscription, or the response of another operation, with its places."""
        async with AsyncExitStack() as places:
            request = await self._request(payload, session, places)
            answer = await self._executor.deliver(request, session.caller, PayloadFormat.IDS)
            if isinstance(answer, Payloads):
                places.push_async_callback(answer.close)
            elif answer.needs_stream:
                live = await self._executor.subscribe(request, session.caller)
                if isinstance(live, LivePayloads):
                    return live
                raise OperationRefused(_errors(live))
            elif not answer.executed:
                raise OperationRefused(_errors(answer))
            return _Response(answer, request.memory, places.pop_all())

    async def _followed(self, live: LivePayloads, session: Session) -> AsyncGenerator[bytes, None]:
        """Yields the payloads of a subscription, which takes a place of its own kind."""
        with self._admission.subscription(session.caller.name):
            async with aclosing(live.payloads(session.caller)) as payloads:
                async for body in payloads:
                    yield body
                    del body  # large, and shared: not kept until the next one comes

    async def _request(self, payload: bytes, session: Session, places: AsyncExitStack) -> GraphqlRequest:
        """Returns the request once it has its places among those of the caller, and of all callers."""
        name = session.caller.name
        if session.token is not None:
            places.enter_context(self._limiter.for_token(digest(session.token)))
        await session.verify()
        await places.enter_async_context(self._limiter.for_caller(name))
        places.enter_context(self._limiter.any_caller())  # after the wait, which takes no place
        try:
            await self._memory.admit(name)
        except MemoryFull as full:
            raise OperationRefused.because(str(full), ErrorCode.TOO_MANY_REQUESTS) from None
        parameters = self._parameters(payload)
        return GraphqlRequest(
            self._documents.text(parameters),
            parameters.variables,
            parameters.operation_name,
            is_explained=session.is_explained,
            is_persisted=parameters.query is None,
            memory=places.enter_context(closing(self._memory.share(name, is_sent=True))),
        )

    def _parameters(self, payload: bytes) -> Parameters:
        try:
            return decode_body(payload or b"null", most_values=self._most_values)
        except Refusal as refusal:
            if refusal.status != 400:
                raise
            raise Closed(CloseCode.BAD_REQUEST, str(refusal)) from None

    async def _whole(self, response: "_Response", session: Session) -> AsyncGenerator[bytes, None]:
        """Yields a response that ends; its places are free then."""
        async with response.places:
            if isinstance(response.answer, Payloads):
                async with aclosing(response.answer.payloads()) as payloads:
                    async for body in payloads:
                        with self._memory.sending(_SentResponse(session)):
                            yield body
                return
            body = response.answer.to_json()
            if response.memory is not None:
                response.memory.answer(len(body))
            with self._memory.sending(_SentResponse(session)):
                yield body


def _errors(answer: GraphqlResponse | None) -> Sequence[Mapping[str, object]]:
    """Returns the errors of an operation that was not executed."""
    assert answer is not None  # noqa: S101  it is a subscription
    decoded: Any = msgspec.json.decode(answer.to_json())
    errors: Sequence[Mapping[str, object]] = decoded["errors"]
    return errors
