"""Single, synchronous HTTP calls for starting a fleet, before any event loop runs."""

from __future__ import annotations

import http.client
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec

from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.users import HARNESS

_TIMEOUT_S = 60.0
_POLL_TIMEOUT_S = 5.0
"""Seconds for an answer that is asked for again and again."""


def is_ok(url: str) -> bool:
    """Returns whether a GET without TLS is answered with 200 now."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_POLL_TIMEOUT_S)
    return _send(connection, "GET", urlsplit(url).path)[0] == HTTPStatus.OK


def is_there(cluster: Cluster, path: str) -> bool:
    """Returns whether `cluster` answers a GET with 200 now."""
    return _ask(cluster, "GET", path, timeout_s=_POLL_TIMEOUT_S)[0] == HTTPStatus.OK


def ask(cluster: Cluster, method: str, path: str, body: JsonObject | None = None) -> bytes:
    """Returns the answer to a request of the harness that must succeed; PATCH sends a merge patch.

    Raises:
        RuntimeError: The API server refused the request.
    """
    status, answer = _ask(cluster, method, path, body)
    if status not in (HTTPStatus.OK, HTTPStatus.CREATED):
        raise RuntimeError(f"{cluster.name} answered {status} to {method} {path}")
    return answer


def _ask(
    cluster: Cluster, method: str, path: str, body: JsonObject | None = None, *, timeout_s: float = _TIMEOUT_S
) -> tuple[int, bytes]:
    connection = http.client.HTTPSConnection(
        urlsplit(cluster.server).netloc, timeout=timeout_s, context=cluster.ssl_context()
    )
    headers = {
        "Authorization": f"Bearer {cluster.token(HARNESS)}",
        "Content-Type": "application/merge-patch+json" if method == "PATCH" else "application/json",
    }
    return _send(connection, method, path, headers=headers, body=body)


def _send(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    *,
    headers: dict[str, str] | None = None,
    body: JsonObject | None = None,
) -> tuple[int, bytes]:
    """Returns status and body, or status 0 without an answer."""
    try:
        connection.request(method, path, body=msgspec.json.encode(body) if body else None, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()
