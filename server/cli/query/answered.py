"""An answer to a question of the command line, from this process or from a server."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Protocol

from graph.request import GraphqlRequest


@dataclass(frozen=True, slots=True)
class Answered:
    """A response.

    Attributes:
        body: The response as JSON.
        executed: False if the document or the variables are invalid; then nothing was executed.
    """

    body: bytes = field(repr=False)
    executed: bool


class Asks(Protocol):
    """Runs requests."""

    async def __call__(self, request: GraphqlRequest, /) -> Answered:
        """Returns the response; raises CommandError if that is impossible."""
        ...

    def payloads(self, request: GraphqlRequest, /) -> AsyncGenerator[bytes, None]:
        """Yields the payloads of a subscription as JSON; the last one has errors without data if it is refused.

        Raises:
            CommandError: There are none, or no more.
        """
        ...
