"""CORS: pages of other origins that may read responses, each named exactly by the operator.

The Origin header is never repeated unless it is one of them, there is no `*`, and no credentials are allowed: clients
send tokens themselves (Fetch standard, "CORS protocol"). Browsers send no token with a preflight, so those of listed
origins are answered at once, for any client.
"""

from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PREFLIGHT_MAX_AGE_S: Final = 600
_ALLOWED_HEADERS: Final = (
    "accept, apollo-require-preflight, authorization, content-type, fleetgraph-explain, graphql-require-preflight, "
    "x-apollo-operation-name, x-request-id"
)
_EXPOSED_HEADERS: Final = "retry-after, x-request-id"
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}


class Cors:
    """Middleware that answers preflights for one path, and lets listed origins read its responses."""

    def __init__(self, app: ASGIApp, origins: frozenset[str], *, path: str) -> None:
        self._app = app
        self._origins = origins
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http" or scope["path"] != self._path or not self._origins:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origins = headers.getlist("origin")
        allowed = origins[0] if len(origins) == 1 and origins[0] in self._origins else None

        async def readable_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers_out = MutableHeaders(scope=message)
                headers_out.add_vary_header("Origin")  # also for other origins: caches must not mix the two
                if allowed is not None:
                    headers_out["Access-Control-Allow-Origin"] = allowed
                    headers_out["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
            await send(message)

        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers and allowed is not None:
            await _preflighted()(scope, receive, readable_send)
        else:
            await self._app(scope, receive, readable_send)


def _preflighted() -> Response:
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
            "Access-Control-Max-Age": str(_PREFLIGHT_MAX_AGE_S),
        },
    )


def is_allowed_origin(headers: Headers, origins: Collection[str]) -> bool:
    """Returns whether a WebSocket is opened by a program, or by a page of this server or of a listed origin.

    Browsers apply no CORS to WebSockets, but name the page (RFC 6455, section 10.2). Pages of this server have its name
    and port, as the client knows them, as their origin. The scheme is not compared: a proxy that speaks TLS passes on
    plain HTTP.
    """
    sent = headers.getlist("origin")
    if not sent:
        return True
    if len(sent) > 1:
        return False
    if sent[0] in origins:
        return True
    scheme, _, address = sent[0].lower().partition("://")
    hosts = headers.getlist("host")
    if scheme not in _DEFAULT_PORTS or len(hosts) != 1:
        return False
    return address.removesuffix(_DEFAULT_PORTS[scheme]) == hosts[0].lower().removesuffix(_DEFAULT_PORTS[scheme])
