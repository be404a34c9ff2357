"""The join of ServiceCIDRs and the IP addresses inside them.

Source: `ServiceCIDR` and `IPAddress` of networking.k8s.io/v1: an address is called as it is written in canonical form.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.longlists import items_of
from resolvers.kinds.networking.ipaddress import IP_ADDRESSES
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family, Shape
from resolvers.lists.rows import Rows
from resolvers.pacing import worked

SERVICE_CIDRS = Family(kinds.SERVICE_CIDR)

_CIDR_READS: Final = ("spec.cidrs",)
_ADDRESS_READS: Final = ("metadata.name",)
_MOST_CHARACTERS: Final = 64
_Block = tuple[int, int, int]
"""The version of the protocol, the length of the prefix, and the prefix without its host bits."""


@SERVICE_CIDRS.link(
    *_CIDR_READS,
    to=kinds.IP_ADDRESS,
    shape=Shape.MANY,
    description="The addresses of services inside its blocks. An address may be inside several ServiceCIDRs.",
)
async def ip_addresses(cidrs: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads addresses, and looks each up in the blocks."""
    addresses, join = await fetch.children(kinds.IP_ADDRESS, *_ADDRESS_READS), await _joined(cidrs)
    lists: list[list[Row]] = [[] for _ in range(len(cidrs))]

    def add(placed: tuple[FleetCluster, Row]) -> None:
        for index in join.around(*placed):
            lists[index].append(placed[1])

    await worked(add, addresses)
    return lists


@IP_ADDRESSES.link(
    *_ADDRESS_READS,
    to=kinds.SERVICE_CIDR,
    shape=Shape.MANY,
    name="serviceCIDRs",
    description="The ServiceCIDRs that it is inside of.",
)
async def service_cidrs(addresses: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads ServiceCIDRs, and looks the addresses up in their blocks."""
    cidrs = await fetch.children(kinds.SERVICE_CIDR, *_CIDR_READS)
    join = await _joined(cidrs)
    return await worked(lambda placed: [cidrs.rows[index] for index in join.around(*placed)], addresses)


class _BlockJoin:
    """The blocks of ServiceCIDRs of each cluster: an address is looked up once for each length of a prefix."""

    def __init__(self) -> None:
        self._lengths: dict[FleetCluster, set[tuple[int, int]]] = {}
        self._indexes: dict[tuple[FleetCluster, _Block], list[int]] = {}

    def add(self, place: tuple[int, tuple[FleetCluster, Row]]) -> None:
        """Adds the ServiceCIDR at an index."""
        index, (cluster, cidr) = place
        for block in dict.fromkeys(_blocks(cidr)):
            self._lengths.setdefault(cluster, set()).add(block[:2])
            self._indexes.setdefault((cluster, block), []).append(index)

    def around(self, cluster: FleetCluster, address: Row) -> Sequence[int]:
        """Returns the indexes of the ServiceCIDRs that an address is inside of, in order."""
        ip = _address(address.metadata.name)
        if ip is None:
            return ()
        blocks = (
            (version, length, int(ip) >> (ip.max_prefixlen - length))
            for version, length in self._lengths.get(cluster, ())
            if version == ip.version
        )
        return sorted({index for block in blocks for index in self._indexes.get((cluster, block), ())})


async def _joined(cidrs: Rows) -> _BlockJoin:
    join = _BlockJoin()
    await worked(join.add, enumerate(cidrs))
    return join


def _blocks(cidr: Row) -> Iterator[_Block]:
    for text in items_of(cidr.spec.cidrs if cidr.spec is not None else None):
        try:
            block = ip_network(text) if "/" in text and len(text) <= _MOST_CHARACTERS else None
        except ValueError:
            continue
        if block is not None:
            shift = block.max_prefixlen - block.prefixlen
            yield block.version, block.prefixlen, int(block.network_address) >> shift


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text) if len(text) <= _MOST_CHARACTERS else None
    except ValueError:
        return None
