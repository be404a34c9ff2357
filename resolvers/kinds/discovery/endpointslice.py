"""Members of endpoint slices beyond their Kubernetes fields, and those of services, pods and nodes that lead to them.

A slice belongs to the service that its label `kubernetes.io/service-name` names.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from k8s.errors import ClusterError
from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import LEAF
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.core.node import NODES
from resolvers.kinds.core.service import SERVICES
from resolvers.kinds.discovery.endpointcounts import ENDPOINT_READS, EndpointCounts, counts_of
from resolvers.kinds.longlists import MAX_ITEMS, items_of
from resolvers.kinds.podspecs.relations import ENDPOINT_SLICE_PODS
from resolvers.links.absent import NoValue, any_absence
from resolvers.links.fetching import Fetch
from resolvers.links.joining import ObjectName
from resolvers.links.members import Family, Shape
from resolvers.links.naming import NamedPlace, Naming, add_named, add_naming, by_paths
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, collected, worked

ENDPOINT_SLICES = Family(kinds.ENDPOINT_SLICE)

SERVICE_LABEL: Final = "kubernetes.io/service-name"
"""The label of an endpoint slice with the name of its service."""

_SLICE_READS: Final = ("metadata.labels", "metadata.namespace")
_SHOWN: Final = 3


@ENDPOINT_SLICES.derived(*ENDPOINT_READS, description="The numbers of its endpoints by state.")
def endpoint_counts(endpoint_slice: Row) -> EndpointCounts:
    """Returns the numbers of endpoints by state."""
    return counts_of(items_of(endpoint_slice.endpoints))


@ENDPOINT_SLICES.derived(
    "ports.port",
    "ports.name",
    description="Its ports, as in kubectl's PORTS column: the first three, and the number of others; a port without a "
    "number is named, or `*`. Null if it has none.",
)
def ports_text(endpoint_slice: Row) -> str | None:
    """Returns kubectl's PORTS; None for `<unset>`.

    Source: `formatDiscoveryPorts` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    return shortened(_port(port) for port in items_of(endpoint_slice.ports))


@ENDPOINT_SLICES.derived(
    "endpoints.addresses",
    description="Its addresses, ready or not, as in kubectl's ENDPOINTS column: the first three, and the number of "
    "others (`10.1.0.4,10.1.0.5,10.1.0.6 + 2 more...`). Null if it has none.",
)
def endpoints_text(endpoint_slice: Row) -> str | None:
    """Returns kubectl's ENDPOINTS; None for `<unset>`.

    Source: `formatDiscoveryEndpoints` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    endpoints = items_of(endpoint_slice.endpoints)
    return shortened(islice((address for one in endpoints for address in one.addresses or ()), MAX_ITEMS))


def shortened(values: Iterable[str]) -> str | None:
    """Returns the first three values and the number of others; None if that is empty.

    Source: `listWithMoreString` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    texts = [*values]
    text = ",".join(texts[:_SHOWN])
    return f"{text} + {len(texts) - _SHOWN} more..." if len(texts) > _SHOWN else text or None


def _port(port: Row) -> str:
    if port.port is not None:
        return str(port.port)
    return port.name if port.name is not None else "*"


@SERVICES.remote(
    description="The numbers of its endpoints by state, from its endpoint slices: a pod that is in several of them, "
    "such as one for IPv4 and one for IPv6, counts once. One list of slices per cluster for any number of services.",
    returns=EndpointCounts | None,
    name="endpointCounts",
)
async def service_endpoint_counts(services: Rows, operation: Operation) -> Sequence[EndpointCounts | NoValue]:
    """Reads the endpoint slices of all services."""
    fetch = Fetch(operation, services, lambda _: LEAF)
    slices = await fetch.steps(kinds.ENDPOINT_SLICE, *_SLICE_READS, *ENDPOINT_READS)
    if (absent := any_absence(fetch.absents)) is not None:
        return [absent] * len(services)
    own = await _by_service(slices)
    hidden = await fetch.hidden()

    def counted(place: tuple[int, tuple[FleetCluster, Row]]) -> EndpointCounts | ClusterError:
        index, (cluster, row) = place
        error = fetch.failures.get(cluster) or hidden.get(index)
        if error is not None:
            return error
        rows = own.get((cluster, row.metadata.namespace, row.metadata.name), ())
        return counts_of(endpoint for one in rows for endpoint in items_of(one.endpoints))

    return await worked(counted, enumerate(services))


@SERVICES.link(
    "metadata.namespace",
    "metadata.name",
    to=kinds.NODE,
    shape=Shape.MANY,
    description="The nodes of its endpoints, ready or not, by its endpoint slices; sorted by name.",
    lists=lambda _checked: 2,
)
async def nodes(services: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads endpoint slices, then the nodes that they name."""
    slices = await fetch.steps(kinds.ENDPOINT_SLICE, *_SLICE_READS, "endpoints.nodeName")
    own = await _by_service(slices)

    def names(service: tuple[FleetCluster, Row]) -> Sequence[str]:
        cluster, row = service
        rows = own.get((cluster, row.metadata.namespace, row.metadata.name), ())
        return sorted({one.nodeName for each in rows for one in items_of(each.endpoints) if one.nodeName})

    wanted = await worked(names, services)
    places = await collected(
        (cluster, None, name) for cluster, own in zip(services.clusters, wanted, strict=True) for name in own
    )
    found = iter(await fetch.named(kinds.NODE, places))
    return await worked(lambda own: [node for _ in own if (node := next(found)) is not None], wanted)


async def _by_service(slices: Rows) -> dict[ObjectName, list[Row]]:
    """Returns endpoint slices by the cluster, the namespace and the name of their service."""
    found: dict[ObjectName, list[Row]] = {}
    async for batch in batches(slices):
        for cluster, row in batch:
            for namespace, name in _service_places(row):
                found.setdefault((cluster, namespace, name), []).append(row)
    return found


def _service_places(endpoint_slice: Row) -> Iterator[NamedPlace]:
    yield endpoint_slice.metadata.namespace, (endpoint_slice.metadata.labels or {}).get(SERVICE_LABEL)


SLICE_SERVICE = Naming(kinds.ENDPOINT_SLICE, kinds.SERVICE, _SLICE_READS, _service_places)
SLICE_NODES = by_paths(kinds.ENDPOINT_SLICE, kinds.NODE, "endpoints.nodeName")
add_naming(
    SERVICES,
    SLICE_SERVICE,
    description="Its endpoint slices, by their label `kubernetes.io/service-name`: the addresses that it sends to.",
)
add_named(
    ENDPOINT_SLICES,
    SLICE_SERVICE,
    shape=Shape.ONE,
    description="The service that it belongs to, by its label `kubernetes.io/service-name`; null if that is gone.",
)
add_named(ENDPOINT_SLICES, ENDPOINT_SLICE_PODS, description="The pods of its endpoints, ready or not.")
add_named(ENDPOINT_SLICES, SLICE_NODES, description="The nodes of its endpoints, ready or not.")
add_naming(NODES, SLICE_NODES, description="The endpoint slices with an endpoint on it.")
