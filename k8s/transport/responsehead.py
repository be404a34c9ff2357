"""The head of an API server's answer: the few headers in use, read without parsing.

aiohttp's own properties of a response parse a header when they are read, some in quadratic time: a `Content-Type` of
8,000 quotation marks took 0.8 s. So headers are read in this module only; a test checks that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from k8s.errors import ProtocolBroken
from k8s.resilience.throttle import WITHOUT_HEADER_S, retry_after_s
from k8s.transport.call import JSON

_TEXT: Final = "text/plain"
_MOST_DIGITS: Final = 20
"""The limit of digits of a length in bytes, which has at most 64 bits."""


class NotOfApiServer(ProtocolBroken):
    """An answer of another server, such as a proxy in between: a redirect, or no JSON."""


class NotJson(NotOfApiServer):
    """An answer of another media type, such as a page to log in."""


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """The headers in use.

    Attributes:
        status: The HTTP status.
        media_type: The media type in lower case, without parameters.
        is_gzip: Whether the body is declared as compressed.
        body_bytes: The declared length of the body on the wire; 0 without one.
        audit_id: The server's id of the request; any text, if it is no API server.
        retry_after_s: The pause that the server asks for, in seconds; None without one.
    """

    status: int
    media_type: str
    is_gzip: bool
    body_bytes: int
    audit_id: str
    retry_after_s: float | None

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str]) -> Self:
        """Reads the headers; each has at most 8 KiB (aiohttp's `max_field_size`)."""
        return cls(
            status=status,
            media_type=headers.get("Content-Type", "").partition(";")[0].strip().lower(),
            is_gzip=headers.get("Content-Encoding", "").lower() == "gzip",
            body_bytes=_size(headers.get("Content-Length", "")),
            audit_id=headers.get("Audit-Id", ""),
            retry_after_s=_pause_s(status, headers.get("Retry-After", "")),
        )

    def require_json(self, cluster: str, *, as_text: bool = False) -> None:
        """Accepts the head of an answer with a JSON body, also as plain text if `as_text`; refusals are not read here.

        Raises:
            NotOfApiServer: It is a redirect, or has no JSON (`NotJson`).
        """
        if self.status >= 300:
            raise NotOfApiServer(cluster, f"it answered a redirect (HTTP {self.status}).")
        is_json = self.media_type == JSON or (as_text and self.media_type == _TEXT)
        if self.status < 200 or self.status == 204 or not is_json:
            raise NotJson(cluster, "its answer is not JSON; is this the address of a Kubernetes API server?")


def _size(header: str) -> int:
    return int(header) if header.isdecimal() and len(header) <= _MOST_DIGITS else 0


def _pause_s(status: int, header: str) -> float | None:
    if status not in {429, 503}:
        return None
    header_s = retry_after_s(header)
    return WITHOUT_HEADER_S if header_s is None and status == 429 else header_s
