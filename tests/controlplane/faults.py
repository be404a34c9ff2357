"""Faults between fleetgraph and an API server, as values that a `FaultProxy` acts out."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Refuse:
    """A closed port: ECONNREFUSED. Open connections are reset."""


@dataclass(frozen=True)
class HangHandshake:
    """A TCP connection whose TLS handshake is never answered."""


@dataclass(frozen=True)
class Hang:
    """A request that is read and never answered."""


@dataclass(frozen=True)
class Delay:
    """A delay of every answer, which is complete and correct."""

    ms: float


@dataclass(frozen=True, eq=False)
class Hold:
    """Answers that are complete and correct, and wait until all of them are let go."""

    is_released: threading.Event = field(default_factory=threading.Event)

    def release(self) -> None:
        """Lets the answers go."""
        self.is_released.set()


@dataclass(frozen=True)
class Stall:
    """An answer that stops after status, headers and the first bytes of the body, on an open connection."""

    after_bytes: int = 0


@dataclass(frozen=True)
class Drip:
    """An answer whose status and headers arrive at once, and whose body a few bytes at a time."""

    size: int = 1
    every_s: float = 0.5


@dataclass(frozen=True)
class Cut:
    """A reset connection, within the body or before any answer."""

    after_bytes: int = 0
    before_headers: bool = False


@dataclass(frozen=True)
class Truncate:
    """A body that ends early, on a connection that is closed normally; Content-Length promised more."""

    after_bytes: int = 10


@dataclass(frozen=True)
class Rewrite:
    """The API server's answer with another status, body, or further headers; None leaves it unchanged.

    Attributes:
        change: A function from the true body, unpacked, to the one that is sent.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    change: Callable[[bytes], bytes] | None = None


@dataclass(frozen=True)
class Pieces:
    """The API server's answer as it arrives, with each piece changed: of a watch, a piece is an event.

    Attributes:
        change: A function from a true piece to the one that is sent; nothing is sent for an empty one.
    """

    change: Callable[[bytes], bytes]


@dataclass(frozen=True)
class Answer:
    """An answer of the proxy itself; the API server gets no request."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    body: bytes = b""


ConnectionFault: TypeAlias = Refuse | HangHandshake
RequestFault: TypeAlias = Hang | Delay | Hold | Stall | Drip | Cut | Truncate | Rewrite | Pieces | Answer
Fault: TypeAlias = ConnectionFault | RequestFault


def without_bookmarks() -> Pieces:
    """Returns a watch of a server that knows no bookmarks, as of some aggregated APIs."""
    return Pieces(lambda piece: b"" if b'"type":"BOOKMARK"' in piece[:100] else piece)


def twice() -> Pieces:
    """Returns a watch whose events and bookmarks all come twice."""
    return Pieces(lambda piece: b"".join(line * 2 for line in piece.splitlines(keepends=True)))


def too_many_requests(retry_after: str | None = "1") -> Answer:
    """Returns a 429 of API priority and fairness; `retry_after` is seconds or an HTTP date."""
    return _status(429, "TooManyRequests", retry_after=retry_after)


def unavailable(retry_after: str | None = None) -> Answer:
    """Returns a 503 of a server that starts or stops."""
    return _status(503, "ServiceUnavailable", retry_after=retry_after)


def unauthorized() -> Answer:
    """Returns a 401: the credential is no longer valid."""
    return _status(401, "Unauthorized")


def forbidden() -> Answer:
    """Returns a 403 without details."""
    return _status(403, "Forbidden")


def gone() -> Answer:
    """Returns a 410: the continue token or resourceVersion is too old."""
    return _status(410, "Expired")


def server_error() -> Answer:
    """Returns a 500 with a Status."""
    return _status(500, "InternalError")


def html_page(status: int = 200) -> Answer:
    """Returns the login page of a proxy in between."""
    return Answer(status, {"Content-Type": "text/html"}, b"<!doctype html><title>Sign in</title><p>Sign in to go on")


def invalid_json() -> Answer:
    """Returns a body that ends in the middle of a string, of exactly the declared length."""
    return Answer(body=b'{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVer')


def null_items(kind: str = "PodList") -> Answer:
    """Returns `items: null`, as Go marshals an empty slice: a valid, empty list."""
    return Answer(body=json.dumps({"kind": kind, "apiVersion": "v1", "metadata": {}, "items": None}).encode())


def gzip_bomb(size_bytes: int) -> Answer:
    """Returns a small gzip body that unpacks to a pod list of `size_bytes` and more."""
    padding = b" " * size_bytes
    body = gzip.compress(b'{"kind":"PodList","apiVersion":"v1","metadata":{},' + padding + b'"items":[]}')
    return Answer(headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}, body=body)


def redirect(location: str, status: int = 307) -> Answer:
    """Returns a redirect; following it would carry the credential to `location`."""
    return Answer(status, {"Location": location})


def no_content() -> Answer:
    """Returns a 204 to a list."""
    return Answer(204)


def _status(code: int, reason: str, *, retry_after: str | None = None) -> Answer:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}
    headers = {"Content-Type": "application/json"}
    if retry_after is not None:
        headers["Retry-After"] = retry_after
    return Answer(code, headers, json.dumps({**body, "message": f"injected: {reason}"}).encode())
