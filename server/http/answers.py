"""What the HTTP layer needs of whoever answers queries, and no more."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from graph.incremental.format import PayloadFormat
from k8s.errors import ErrorCode
from resolvers.caller import Caller
from resolvers.memory.share import MemoryShare


@dataclass(frozen=True, slots=True)
class GraphqlRequest:
    """One request as the GraphQL-over-HTTP specification names its parts; `extensions` are accepted and not used.

    Attributes:
        is_explained: Whether `extensions.explain` of the answer shall say what it cost.
        is_safe: Whether it may only read, as a GET may.
        memory: Where is counted what its operation, and then its answer, hold; whoever sends the answer closes it.
    """

    query: str
    variables: Mapping[str, object] | None = None
    operation_name: str | None = None
    is_explained: bool = False
    is_safe: bool = False
    memory: MemoryShare | None = field(default=None, compare=False)


class GraphqlResponse(Protocol):
    """A GraphQL response."""

    @property
    def executed(self) -> bool:
        """False if the document did not parse or validate, or the variables do not fit it."""
        ...

    @property
    def needs_post(self) -> bool:
        """Whether it was not executed because it does more than read, and the request may not."""
        ...

    def to_json(self) -> bytes:
        """The response as JSON in UTF-8."""
        ...


@runtime_checkable
class Payloads(Protocol):
    """A GraphQL response in payloads, each JSON in UTF-8; whoever has it takes all of them, or closes it."""

    def payloads(self) -> AsyncGenerator[bytes, None]:
        """One after the other; it closes itself behind the last."""
        ...

    async def is_permitted(self) -> bool:
        """Whether its caller may still see all that it is about, as far as that is known now."""
        ...

    def cut_off(self, message: str, code: ErrorCode) -> AsyncGenerator[bytes, None]:
        """The last payloads where nothing more will come; `payloads` may be over already."""
        ...

    async def close(self) -> None:
        """Ends what is still under way."""
        ...


class Executes(Protocol):
    """Who answers queries. Whatever goes wrong stands in the answer: nothing is raised that a caller should see."""

    @property
    def sdl(self) -> str:
        """The schema in the schema definition language; made anew each time, which takes a while."""
        ...

    async def execute(self, request: GraphqlRequest, caller: Caller) -> GraphqlResponse:
        """The whole answer to one request of a caller."""
        ...

    async def deliver(
        self, request: GraphqlRequest, caller: Caller, payload_format: PayloadFormat
    ) -> GraphqlResponse | Payloads:
        """The answer to one request of a caller who reads payloads; whole, if nothing is deferred."""
        ...
