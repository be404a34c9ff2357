"""The head of an API server's answer: the few headers that are read, each compared as it came.

aiohttp's own properties of a response parse a header when they are read, some in quadratic time: a `Content-Type` of
8,000 quotation marks took 0.8 s. So headers are read here and nowhere else; a test holds it so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from k8s.resilience.throttle import WITHOUT_HEADER_S, retry_after_s
from k8s.transport.call import JSON

_MOST_DIGITS: Final = 20
"""Of a length in bytes, which has 64 bits at most."""


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """What is read of it.

    Attributes:
        status: HTTP's.
        is_json: whether the body is said to be JSON, with any parameters.
        is_gzip: whether the body is said to be compressed.
        body_bytes: of the body on the wire, as far as the server says; else 0.
        audit_id: what the server calls the request; anything, if it is no API server.
        retry_after_s: how long the server wants to be left alone; None if it refuses for another reason, or does not.
    """

    status: int
    is_json: bool
    is_gzip: bool
    body_bytes: int
    audit_id: str
    retry_after_s: float | None

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str]) -> Self:
        """Reads it; each header has at most 8 KiB (aiohttp's `max_field_size`)."""
        return cls(
            status=status,
            is_json=headers.get("Content-Type", "").partition(";")[0].strip().lower() == JSON,
            is_gzip=headers.get("Content-Encoding", "").lower() == "gzip",
            body_bytes=_size(headers.get("Content-Length", "")),
            audit_id=headers.get("Audit-Id", ""),
            retry_after_s=_left_alone_s(status, headers.get("Retry-After", "")),
        )


def _size(header: str) -> int:
    return int(header) if header.isdecimal() and len(header) <= _MOST_DIGITS else 0


def _left_alone_s(status: int, header: str) -> float | None:
    if status not in {429, 503}:
        return None
    asked_s = retry_after_s(header)
    return WITHOUT_HEADER_S if asked_s is None and status == 429 else asked_s
