"""The policy of IP addresses that may be connected to.

A cluster's address comes from an imported kubeconfig, or from DNS. A server that connects to any of them could be made
to request private resources: the metadata service of its cloud, its own machine, its neighbours (SSRF). So the policy
is applied to the address, not to the name, at the moment of the connection.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

ALLOWED_SETTING: Final = "FLEETGRAPH_ALLOWED_ADDRESSES"
"""The setting of exceptions."""

LOOPBACK: Final[tuple[Network, ...]] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
"""The addresses of this machine."""

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_METADATA: Final = (
    "169.254.169.254/32",  # AWS, Azure, Google, OpenStack and most others
    "169.254.170.2/32",  # AWS ECS
    "169.254.170.23/32",  # AWS EKS Pod Identity
    "fd00:ec2::254/128",  # AWS
    "fd00:ec2::23/128",  # AWS EKS Pod Identity
    "fd20:ce::254/128",  # Google
    "100.100.100.200/32",  # Alibaba
    "168.63.129.16/32",  # Azure's platform
    "192.0.0.192/32",  # Oracle
)
_ALWAYS_DENIED: Final = (
    "0.0.0.0/8",  # this network (RFC 1122): Linux connects to itself
    "::/128",
    "169.254.0.0/16",  # link-local
    "fe80::/10",
    "224.0.0.0/4",  # multicast
    "ff00::/8",
    "240.0.0.0/4",  # reserved, broadcast
    *_METADATA,
)
_DENIED: Final = tuple(ipaddress.ip_network(network) for network in _ALWAYS_DENIED)


class AddressRefused(OSError):
    """An address that must not be connected to; an OSError, so that it counts as a failed connection."""

    def __init__(self, network: Network) -> None:
        super().__init__(
            f"its address, or its proxy's, is in {network}, which is denied; {ALLOWED_SETTING} can allow it"
        )
        self.network = network


@dataclass(frozen=True)
class AddressPolicy:
    """An operator's policy of addresses.

    Always denied are link-local addresses, metadata services of clouds, multicast, unspecified and reserved addresses.

    The longest network that contains an address decides; of two equal ones, the allowed one. So `10.96.0.0/12` can be
    denied in an allowed `10.0.0.0/8`, and `0.0.0.0/0` allows no metadata service.
    """

    denied: frozenset[Network] = frozenset()
    allowed: frozenset[Network] = frozenset()

    def require(self, address: str) -> None:
        """Checks an IP address as a socket takes it, and one embedded in IPv6 (mapped, 6to4, NAT64).

        Raises:
            AddressRefused: The address is denied.
        """
        for candidate in _reachable(ipaddress.ip_address(address)):
            denied = _longest(candidate, self._all_denied)
            allowed = _longest(candidate, self.allowed)
            if denied is not None and (allowed is None or allowed.prefixlen < denied.prefixlen):
                raise AddressRefused(denied)

    def require_literal(self, host: str) -> None:
        """Checks a host that is an address; names are checked when they are resolved."""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return
        self.require(host)

    @cached_property
    def _all_denied(self) -> tuple[Network, ...]:
        return (*_DENIED, *self.denied)


EVERY_ADDRESS: Final = AddressPolicy(allowed=frozenset(_DENIED))
"""A policy that denies nothing, for addresses that only the operator configures, such as identity providers."""


def _reachable(address: Address) -> tuple[Address, ...]:
    """Returns the address, and the one that a router or the kernel may translate it to."""
    if not isinstance(address, ipaddress.IPv6Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else address.sixtofour
    return (address,) if inner is None else (address, inner)


def _longest(address: Address, networks: Iterable[Network]) -> Network | None:
    return max(
        (network for network in networks if address in network),
        key=lambda network: network.prefixlen,
        default=None,
    )
