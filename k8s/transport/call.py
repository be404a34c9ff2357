"""One request to an API server, before it is sent."""

from dataclasses import dataclass
from typing import Final

from k8s.transport.path import ApiPath

JSON = "application/json"
SMALL_ANSWER_BYTES: Final = 2**20
"""Of an answer that is neither a list nor an object that somebody selects: a version has less than 1 KB, a token or a
review less than 10, who somebody is 100 with a thousand groups; what fleetgraph creates is answered with itself."""


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked, and in words for an error message.

    Attributes:
        path: checked path, without query.
        verb: what is done, as Kubernetes' RBAC says it (`list`, `get`, `create`).
        target: what it is done to, as an error message shows it (`pods`, `pod web-0 in namespace shop`).
        query: names and values, not encoded.
        accept: the media type wanted.
        body: JSON to POST; None for a read.
        most_bytes: the largest answer that is read, decompressed; None: the largest that any answer may be.
    """

    path: ApiPath
    verb: str
    target: str
    query: tuple[tuple[str, str], ...] = ()
    accept: str = JSON
    body: bytes | None = None
    most_bytes: int | None = SMALL_ANSWER_BYTES

    @property
    def method(self) -> str:
        """POST for what has a body; everything else here is read with GET, or deleted."""
        if self.verb == "delete":
            return "DELETE"
        return "GET" if self.body is None else "POST"

    def answer_bytes(self, largest: int) -> int:
        """Returns how many bytes of its answer are read, where any answer may have `largest`."""
        return largest if self.most_bytes is None else min(self.most_bytes, largest)
