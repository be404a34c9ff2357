"""Members of Endpoints, the older form of endpoint slices, beyond their Kubernetes fields."""

from collections.abc import Iterator
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.core.node import NODES
from resolvers.kinds.core.podlinks import POD_LINKS
from resolvers.kinds.core.service import SERVICES
from resolvers.kinds.discovery.endpointcounts import EndpointCounts
from resolvers.kinds.longlists import MAX_ITEMS, items_of
from resolvers.links.members import Family, Shape
from resolvers.links.naming import NamedPlace, Naming, add_named, add_naming, by_paths

ENDPOINTS = Family(kinds.ENDPOINTS)

_SHOWN: Final = 3
_POD_READS: Final = tuple(f"targetRef.{key}" for key in ("kind", "namespace", "name"))
_SUBSETS: Final = ("addresses", "notReadyAddresses")


@ENDPOINTS.derived(
    "subsets.addresses.ip",
    "subsets.ports.port",
    description="Its ready addresses, as in kubectl's ENDPOINTS column: the first three with their ports, and the "
    "number of others (`10.1.0.4:80,10.1.0.5:80,10.1.0.6:80 + 2 more...`); null if it has no subsets.",
)
def endpoints_text(endpoints: Row) -> str | None:
    """Returns kubectl's ENDPOINTS; None for `<none>`.

    Source: `formatEndpoints` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    if not endpoints.subsets:
        return None
    shown, count = list[str](), 0
    for addresses, port in _subsets(endpoints):
        count += len(addresses)
        room = _SHOWN - len(shown)
        shown += [_address(address, port) for address in addresses[:room]]
    return ",".join(shown) + (f" + {count - _SHOWN} more..." if count > _SHOWN else "")


@ENDPOINTS.derived(
    "subsets.addresses.ip",
    "subsets.notReadyAddresses.ip",
    description="The numbers of its addresses by state. Endpoints know ready and other addresses only; their slices "
    "know more.",
)
def endpoint_counts(endpoints: Row) -> EndpointCounts:
    """Returns the numbers of addresses; an address of several subsets counts once, and as ready if it is so in one."""
    ready, other = set[str](), set[str]()
    for subset in items_of(endpoints.subsets):
        ready.update(str(address.ip) for address in items_of(subset.addresses))
        other.update(str(address.ip) for address in items_of(subset.notReadyAddresses))
    return EndpointCounts(len(ready | other), len(ready), len(ready), 0)


def _subsets(endpoints: Row) -> Iterator[tuple[list[Row], int | None]]:
    """Yields the addresses of each subset with each of its ports; with None for a subset without ports."""
    left = MAX_ITEMS
    for subset in items_of(endpoints.subsets):
        addresses = [*items_of(subset.addresses)]
        for port in items_of(subset.ports) or (None,):
            yield addresses, None if port is None else port.port or 0
            left -= 1
            if not left:
                return


def _address(address: Row, port: int | None) -> str:
    ip = address.ip or ""
    if port is None:
        return ip
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def _subset_pods(endpoints: Row) -> Iterator[NamedPlace]:
    for subset in items_of(endpoints.subsets):
        for addresses in _SUBSETS:
            for address in items_of(getattr(subset, addresses)):
                yield from _pod_place(address, endpoints)


def _pod_place(endpoint: Row, row: Row) -> Iterator[NamedPlace]:
    target = endpoint.targetRef
    if target is not None and target.kind == kinds.POD.name:
        yield target.namespace or row.metadata.namespace, target.name


SERVICE_ENDPOINTS = by_paths(kinds.SERVICE, kinds.ENDPOINTS, "metadata.name")
ENDPOINTS_SERVICE = by_paths(kinds.ENDPOINTS, kinds.SERVICE, "metadata.name")
ENDPOINTS_PODS = Naming(
    kinds.ENDPOINTS,
    kinds.POD,
    ("metadata.namespace", *(f"subsets.{addresses}.{path}" for addresses in _SUBSETS for path in _POD_READS)),
    _subset_pods,
)
ENDPOINTS_NODES = by_paths(kinds.ENDPOINTS, kinds.NODE, *(f"subsets.{addresses}.nodeName" for addresses in _SUBSETS))

add_named(
    SERVICES,
    SERVICE_ENDPOINTS,
    shape=Shape.ONE,
    name="endpoints",
    description="Its Endpoints, which have its name; null if it has none. `endpointSlices` has all of its addresses.",
)
add_named(
    ENDPOINTS,
    ENDPOINTS_SERVICE,
    shape=Shape.ONE,
    description="The service that it belongs to, which has its name; null if there is none.",
)
add_named(ENDPOINTS, ENDPOINTS_PODS, description="The pods of its addresses, ready or not.")
add_named(ENDPOINTS, ENDPOINTS_NODES, description="The nodes of its addresses, ready or not.")
for _family, _naming, _of in ((POD_LINKS, ENDPOINTS_PODS, "it"), (NODES, ENDPOINTS_NODES, "a pod on it")):
    add_naming(_family, _naming, name="endpoints", description=f"The Endpoints with an address of {_of}, ready or not.")
