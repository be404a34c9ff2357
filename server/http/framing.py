"""The forms in which responses in several payloads are sent: parts, events.

A payload goes out as soon as it is complete. Long ones are not copied.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from starlette.types import Send

from server.http.pieces import PIECE_BYTES

Chunks = Sequence[bytes | memoryview]
Errors = Sequence[Mapping[str, object]]


class Framing(Protocol):
    """A form of responses in payloads, each JSON in UTF-8."""

    @property
    def content_type(self) -> str:
        """Returns the media type of the response."""
        ...

    @property
    def beginning(self) -> bytes:
        """Returns the bytes before the first payload."""
        ...

    @property
    def end(self) -> bytes:
        """Returns the bytes behind the last payload."""
        ...

    def payload(self, body: bytes) -> Chunks:
        """Returns a payload of the response."""
        ...

    def whole(self, body: bytes) -> Chunks:
        """Returns a response that is complete in one payload, from beginning to end."""
        ...


class LiveFraming(Framing, Protocol):
    """A form of responses that have no end of their own."""

    @property
    def heartbeat(self) -> bytes:
        """Returns bytes that show that the connection lives."""
        ...

    def failure(self, errors: Errors) -> bytes:
        """Returns the last payload of a response that ends with errors."""
        ...


async def send_chunk(send: Send, body: bytes | memoryview) -> None:
    """Sends bytes of a body that goes on."""
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def send_end(send: Send, body: bytes = b"") -> None:
    """Sends the last bytes of a body."""
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def send_chunks(send: Send, chunks: Chunks) -> None:
    """Sends bytes of a body that goes on, short ones together."""
    if sum(map(len, chunks)) <= PIECE_BYTES:
        await send_chunk(send, b"".join(chunks))
        return
    for chunk in chunks:
        await send_chunk(send, chunk)
