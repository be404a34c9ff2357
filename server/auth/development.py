"""The identity of requests without a token: on loopback, and only in `fleetgraph demo`.

Every browser on the machine can reach the port, and with it every open page. So the client must be on this machine, and
its request must not come from a foreign page: the Host header is a loopback name with our port (otherwise a foreign
name could be pointed here: DNS rebinding), and an Origin, if any, is the same or one that the user has listed.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from k8s.errors import ErrorCode
from server.http.responses import Refusal

_HOST: Final = re.compile(r"(localhost|[0-9.]+|\[[0-9a-f:]+\])(?::([0-9]{1,5}))?", re.IGNORECASE | re.ASCII)
_HTTP_PORT: Final = 80
_USUAL_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
"""The usual spellings; parsing takes longer."""

_OWN_PAGES: Final = frozenset({"same-origin", "none"})
_PROXY_HEADERS: Final = frozenset(
    {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentIdentity:
    """An administrator who needs no token.

    Attributes:
        port: The port that the server listens on.
        origins: Further origins whose pages are answered, as browsers send them.
        name: The caller's name in the log.
    """

    port: int
    origins: frozenset[str] = frozenset()
    name: str = "demo"

    def check(self, request: HTTPConnection) -> None:
        """Accepts a request that can be this identity's.

        Raises:
            Refusal: 403; the message has the cause and the way out.
        """
        if not _is_loopback(request.client.host if request.client else ""):
            raise _refused("This request comes from another machine.")
        if not _PROXY_HEADERS.isdisjoint(request.headers.keys()):
            raise _refused("This request came through a proxy, which hides its sender. Send it directly.")
        host = self._host(request.headers)
        if not (_is_own_page(request.headers, host) or self._is_listed_page(request.headers)):
            raise _refused(
                f"This request comes from a page of another origin. Open {self._address}/graphiql, or list the page's "
                "origin in FLEETGRAPH_CORS_ORIGINS."
            )

    def _is_listed_page(self, headers: Headers) -> bool:
        origins = headers.getlist("origin")
        return len(origins) == 1 and origins[0] in self.origins

    @property
    def _address(self) -> str:
        return f"http://localhost:{self.port}"

    def _host(self, headers: Headers) -> str:
        """Returns the Host header if it is a name that cannot be pointed elsewhere."""
        values = headers.getlist("host")
        match = _HOST.fullmatch(values[0]) if len(values) == 1 else None
        if match is None or int(match[2] or _HTTP_PORT) != self.port or not _is_loopback(match[1]):
            raise _refused(f"The Host header does not name this machine and this port. Use {self._address}.")
        return values[0].lower()


def _is_loopback(address: str) -> bool:
    if address.lower() in _USUAL_LOOPBACK:
        return True
    try:
        parsed = ipaddress.ip_address(address.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    ipv4 = getattr(parsed, "ipv4_mapped", None)
    return (ipv4 or parsed).is_loopback


def _is_own_page(headers: Headers, host: str) -> bool:
    """Returns whether no foreign page sent the request. Programs send neither header, browsers both with each POST."""
    origins, sites = headers.getlist("origin"), headers.getlist("sec-fetch-site")
    return all(origin.lower() == f"http://{host}" for origin in origins) and all(site in _OWN_PAGES for site in sites)


def _refused(reason: str) -> Refusal:
    message = (
        "The demo needs no token, so it answers only requests that are sure to come from its own machine. "
        f"{reason} `fleetgraph serve`, which needs a token, has no such rules."
    )
    return Refusal(403, message, code=ErrorCode.FORBIDDEN)
