"""Usage of one connection by anonymous requests: its beginning, and its pauses."""

from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import inf
from typing import Final

from starlette.types import Scope

_PAUSE_S: Final = 10.0
"""Seconds without a request after which a connection counts as new; refusals are up to 5 s late, plus a margin."""
_NETWORK_BITS: Final = 64
"""The part of an IPv6 address that a client cannot choose."""


@dataclass(slots=True, eq=False)
class ConnectionUsage:
    """The requests of a connection so far.

    Attributes:
        network: The client's network: an IPv4 address, or the /64 network of an IPv6 address.
        since_s: The beginning of requests without pauses, by the loop's clock.
        has_ended: Whether the connection has ended.
    """

    network: str = ""
    since_s: float = -inf
    has_ended: bool = False
    _latest_s: float = -inf

    def note_request(self, now_s: float) -> bool:
        """Notes a request. Returns whether it is the first one, or the first after a pause."""
        is_first = now_s - self._latest_s > _PAUSE_S
        if is_first:
            self.since_s = now_s
        self._latest_s = now_s
        return is_first

    def note_answer(self, now_s: float) -> None:
        """Notes that something was sent."""
        self._latest_s = now_s


def usage_of(scope: Scope) -> ConnectionUsage:
    """Returns the usage of a request's connection; a new one if the server does not say it."""
    usage = scope["state"].get("usage")
    return usage if isinstance(usage, ConnectionUsage) else ConnectionUsage(client_network(scope.get("client")))


def client_network(client: tuple[str, int] | None) -> str:
    """Returns the network of a client's address: an IPv6 client has 2^64 addresses."""
    if client is None or ":" not in client[0]:
        return client[0] if client else ""
    address = ip_address(client[0].partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, _NETWORK_BITS), strict=False))
