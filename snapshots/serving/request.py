"""A question to a snapshot cluster and its answer, without the wire between."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from k8s.transport.call import JSON


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """What is asked.

    Attributes:
        method: in capitals, as `GET`.
        path: percent-encoded, as it stands in the request line.
        query: names and values, decoded; of a name that is given twice the first value counts, as in Go.
        accept: the media types wanted.
        body: of a POST.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    accept: str = JSON
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What is answered.

    Attributes:
        status: the HTTP status.
        pieces: the body, not put together yet; none for a watch.
        content_type: the media type.
        lines: of a watch: its events as they happen, a line of JSON each; closed when nobody reads it any more.
    """

    status: int
    pieces: Sequence[bytes] = ()
    content_type: str = JSON
    lines: AsyncIterator[bytes] | None = None

    @property
    def size_bytes(self) -> int:
        """Bytes of the body."""
        return sum(map(len, self.pieces))

    @property
    def body(self) -> bytes:
        """The whole body; put together each time."""
        return b"".join(self.pieces)
