"""How one connection asks for what all strangers share: since when, and whether it begins only now."""

from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import inf
from typing import Final

from starlette.types import Scope

_PAUSE_S: Final = 10.0
"""Seconds without a request after which a connection begins anew; refusals are up to 5 s late, and then some."""
_NETWORK_BITS: Final = 64
"""The part of an IPv6 address that a site cannot choose."""


@dataclass(slots=True, eq=False)
class ConnectionUsage:
    """What is known of a connection that strangers ask on.

    Attributes:
        site: Its other end: an IPv4 address, or the network of an IPv6 address.
        since_s: When it began to ask without pauses, by the loop's clock.
        is_gone: Whether it has ended.
    """

    network: str = ""
    since_s: float = -inf
    has_ended: bool = False
    _latest_s: float = -inf

    def note_request(self, now_s: float) -> bool:
        """Notes a request; returns whether it is the first one, or the first after a pause."""
        is_first = now_s - self._latest_s > _PAUSE_S
        if is_first:
            self.since_s = now_s
        self._latest_s = now_s
        return is_first

    def note_answer(self, now_s: float) -> None:
        """Notes that it got something."""
        self._latest_s = now_s


def usage_of(scope: Scope) -> ConnectionUsage:
    """Returns that of a request's connection; a new one where the server does not say what it is."""
    usage = scope["state"].get("usage")
    return usage if isinstance(usage, ConnectionUsage) else ConnectionUsage(client_network(scope.get("client")))


def client_network(client: tuple[str, int] | None) -> str:
    """Returns whose an address is: an IPv6 site has 2^64 of them."""
    if client is None or ":" not in client[0]:
        return client[0] if client else ""
    address = ip_address(client[0].partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, _NETWORK_BITS), strict=False))
