"""Who asks without a token: on loopback, and only where the server was started for it (`fleetgraph demo`).

Every browser on the machine can reach the port, and with it every page that is open in one. So a caller must be on this
machine, and what it sends must not come from somebody else's page: the Host header is a loopback name with our port
(else a name of a stranger's could be made to point here: DNS rebinding), and an Origin, if any, is the same.
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
"""What nearly all callers use; parsing takes longer."""

_OWN_PAGES: Final = frozenset({"same-origin", "none"})
_PROXY_HEADERS: Final = frozenset(
    {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentIdentity:
    """An administrator who needs no token.

    Attributes:
        port: The one that the server listens on.
        name: What the log says of the caller.
    """

    port: int
    name: str = "demo"

    def check(self, request: HTTPConnection) -> None:
        """Lets a request pass that may be this identity's.

        Raises:
            Refusal: 403; the message says what is wrong with the request and what to do instead.
        """
        if not _is_loopback(request.client.host if request.client else ""):
            raise _refused("It answers callers on its own machine only.")
        if not _PROXY_HEADERS.isdisjoint(request.headers.keys()):
            raise _refused("This request came through a proxy, so nobody knows who sent it: ask directly.")
        host = self._host(request.headers)
        if not _is_own_page(request.headers, host):
            raise _refused(f"This request comes from a page of another origin: open {self._address}/graphiql.")

    @property
    def _address(self) -> str:
        return f"http://localhost:{self.port}"

    def _host(self, headers: Headers) -> str:
        """The Host header, which is a name that nobody can point elsewhere."""
        values = headers.getlist("host")
        found = _HOST.fullmatch(values[0]) if len(values) == 1 else None
        if found is None or int(found[2] or _HTTP_PORT) != self.port or not _is_loopback(found[1]):
            raise _refused(f"The Host header does not name this machine and this port: use {self._address}.")
        return values[0].lower()


def _is_loopback(address: str) -> bool:
    if address.lower() in _USUAL_LOOPBACK:
        return True
    try:
        parsed = ipaddress.ip_address(address.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def _is_own_page(headers: Headers, host: str) -> bool:
    """Programs send neither header; browsers send both with each POST."""
    origins, sites = headers.getlist("origin"), headers.getlist("sec-fetch-site")
    return all(origin.lower() == f"http://{host}" for origin in origins) and all(site in _OWN_PAGES for site in sites)


def _refused(reason: str) -> Refusal:
    message = (
        f"The demo asks nobody for a token, so it is particular about who asks. {reason} `fleetgraph serve` with a "
        "token has no such rules."
    )
    return Refusal(403, message, code=ErrorCode.FORBIDDEN)
