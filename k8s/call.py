"""One request to an API server, before it is sent."""

from dataclasses import dataclass

from k8s.path import ApiPath

JSON = "application/json"


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
    """

    path: ApiPath
    verb: str
    target: str
    query: tuple[tuple[str, str], ...] = ()
    accept: str = JSON
    body: bytes | None = None

    @property
    def method(self) -> str:
        """POST for what has a body; everything else here is read with GET, or deleted."""
        if self.verb == "delete":
            return "DELETE"
        return "GET" if self.body is None else "POST"
