"""Whole answers to GraphQL requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

from graph.encoding import encoded
from resolvers.memory.share import MemoryShare

NEEDS_STREAM: Final = (
    "A subscription has no whole response: send it over WebSocket (graphql-transport-ws), or accept text/event-stream "
    "or multipart/mixed;subscriptionSpec=1.0."
)
"""The refusal of a subscription where a single response is sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one request.

    Attributes:
        executed: False if the document or the variables are invalid; then nothing was executed.
        data: None if nothing was executed, or null.
        errors: as the response shows them.
        extensions: warnings, and the cost if the request asks for it.
        body: the response as JSON, if it is encoded already.
        needs_post: True if the request is safe but its operation is a mutation; then nothing was executed.
        needs_stream: True if the operation is a subscription, which has no whole answer; then nothing was executed.
    """

    executed: bool
    data: object
    errors: Sequence[Mapping[str, object]] = ()
    extensions: Mapping[str, object] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False, compare=False)
    needs_post: bool = False
    needs_stream: bool = False

    async def encoded(self, memory: MemoryShare) -> "Answer":
        """Returns the answer with its body, encoded in slices; raises as `graph.encoding.encoded`."""
        return replace(self, body=await encoded(self._response(), memory))

    @property
    def size_bytes(self) -> int:
        """Returns the size of its body; 0 if it is not encoded yet."""
        return len(self.body or b"")

    def without_data(self) -> "Answer":
        """Returns the answer without data if it has a body, so that the data is freed with its operation."""
        return replace(self, data=None) if self.body is not None else self

    def to_json(self) -> bytes:
        """Returns the response's body (GraphQL specification, section 7)."""
        return self.body if self.body is not None else msgspec.json.encode(self._response())

    def to_builtins(self) -> Mapping[str, Any]:
        """Returns the response as plain dictionaries and lists."""
        plain: Mapping[str, Any] = msgspec.to_builtins(self._response())
        return plain

    def _response(self) -> Mapping[str, object]:
        response: dict[str, object] = {"data": self.data} if self.executed else {}
        response |= {"errors": self.errors} if self.errors else {}
        return response | ({"extensions": self.extensions} if self.extensions else {})
