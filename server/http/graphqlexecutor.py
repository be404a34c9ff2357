"""The executor of queries, as the HTTP layer sees it."""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol, runtime_checkable

from graph.incremental.payloads import PayloadFormat
from graph.request import GraphqlRequest
from k8s.errors import ErrorCode
from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster


class GraphqlResponse(Protocol):
    """A GraphQL response."""

    @property
    def executed(self) -> bool:
        """Returns False if the document did not parse or validate, or the variables do not fit it."""
        ...

    @property
    def needs_post(self) -> bool:
        """Returns whether it was not executed because it is a mutation, and the request is safe."""
        ...

    @property
    def needs_stream(self) -> bool:
        """Returns whether it was not executed because it is a subscription."""
        ...

    def to_json(self) -> bytes:
        """Returns the response as JSON in UTF-8."""
        ...


@runtime_checkable
class Payloads(Protocol):
    """A GraphQL response in payloads, each JSON in UTF-8; its owner takes all of them, or closes it."""

    def payloads(self) -> AsyncGenerator[bytes, None]:
        """Yields the payloads, and closes itself after the last."""
        ...

    async def is_permitted(self) -> bool:
        """Returns whether the caller may still see all of the response, as far as that is known now."""
        ...

    def cut_off(self, message: str, code: ErrorCode) -> AsyncGenerator[bytes, None]:
        """Returns the last payloads of a response that ends early, also after the end of `payloads`."""
        ...

    async def close(self) -> None:
        """Cancels running work."""
        ...


@runtime_checkable
class LivePayloads(Protocol):
    """A subscription that is accepted."""

    def payloads(self, caller: Caller) -> AsyncGenerator[bytes, None]:
        """Yields the responses to one subscriber, each JSON in UTF-8.

        Raises:
            SubscriptionFailed: The subscription has ended with errors.
            StoreError: The registry cannot be read.
        """
        ...


class GraphqlExecutor(Protocol):
    """An executor of GraphQL requests. Errors are in the response: it raises nothing that a caller should see."""

    @property
    def sdl(self) -> str:
        """Returns the schema of built-in kinds in the schema definition language, printed each time (about 0.1 s)."""
        ...

    async def clusters(self, caller: Caller) -> Sequence[FleetCluster]:
        """Returns the clusters that exist for a caller; raises StoreError."""
        ...

    async def sdl_of(self, caller: Caller) -> str:
        """Returns the schema of a caller, with the custom kinds of its clusters; raises StoreError."""
        ...

    async def execute(self, request: GraphqlRequest, caller: Caller) -> GraphqlResponse:
        """Returns the whole response to a caller's request."""
        ...

    async def deliver(
        self, request: GraphqlRequest, caller: Caller, payload_format: PayloadFormat
    ) -> GraphqlResponse | Payloads:
        """Returns the response to a caller who accepts payloads; whole, if nothing is deferred."""
        ...

    async def subscribe(self, request: GraphqlRequest, caller: Caller) -> "LivePayloads | GraphqlResponse | None":
        """Returns a subscription; the response if it is refused; None if the operation is no subscription."""
        ...
