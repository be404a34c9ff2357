"""Members of endpoint slices beyond their Kubernetes fields."""

from collections.abc import Iterable
from itertools import islice

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.discovery.endpointcounts import ENDPOINT_READS, EndpointCounts, counts_of
from resolvers.kinds.longlists import MAX_ITEMS, items_of
from resolvers.links.members import Family

ENDPOINT_SLICES = Family(kinds.ENDPOINT_SLICE)

_SHOWN = 3


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
