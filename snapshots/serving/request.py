"""Requests to a snapshot cluster and their responses, independent of HTTP."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from k8s.transport.call import JSON


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request.

    Attributes:
        method: The method in capitals, such as `GET`.
        path: The percent-encoded path of the request line.
        query: Decoded names and values; of duplicate names the first value counts, as in Go.
        accept: The accepted media types.
        body: The body of a POST.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    accept: str = JSON
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """A response.

    Attributes:
        status: The HTTP status.
        pieces: The body in pieces; none for a watch.
        content_type: The media type.
        lines: The events of a watch as they happen, one line of JSON each; the reader closes it.
    """

    status: int
    pieces: Sequence[bytes] = ()
    content_type: str = JSON
    lines: AsyncIterator[bytes] | None = None

    @property
    def size_bytes(self) -> int:
        """Returns the size of the body in bytes."""
        return sum(map(len, self.pieces))

    @property
    def body(self) -> bytes:
        """Returns the whole body; joined at each call."""
        return b"".join(self.pieces)
