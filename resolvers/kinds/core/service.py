"""Members of services beyond their Kubernetes fields."""

from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.core.loadbalancing import load_balancer_addresses
from resolvers.kinds.longlists import items_of
from resolvers.kinds.podspecs.relations import SERVICE_PODS
from resolvers.links.members import Family
from resolvers.links.selecting import add_selected

SERVICES = Family(kinds.SERVICE)

_BALANCER_READS: Final = ("status.loadBalancer.ingress.ip", "status.loadBalancer.ingress.hostname")
_ADDRESS_READS: Final = ("spec.type", "spec.externalIPs", "spec.externalName", *_BALANCER_READS)
_EXTERNAL_NAME: Final = "ExternalName"
_INTERNAL: Final = frozenset({"ClusterIP", "NodePort"})


@SERVICES.derived(
    *_ADDRESS_READS,
    description="Its addresses outside of the cluster, as in kubectl's EXTERNAL-IP column: those of its load balancer, "
    "its `externalIPs`, or its `externalName`. Empty if it has none, or none yet (`externalAddressPending`).",
)
def external_addresses(service: Row) -> list[str]:
    """Returns kubectl's EXTERNAL-IP as a list; `<none>`, `<pending>` and `<unknown>` are empty.

    Source: `getServiceExternalIP` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    spec = service.spec
    if spec is None:
        return []
    if spec.type in _INTERNAL:
        return [*items_of(spec.externalIPs)]
    if spec.type == "LoadBalancer":
        return [*load_balancer_addresses(service), *items_of(spec.externalIPs)]
    return [spec.externalName] if spec.type == _EXTERNAL_NAME and spec.externalName else []


@SERVICES.derived(
    "spec.type",
    "spec.externalIPs",
    *_BALANCER_READS,
    description="True if it waits for the address of its load balancer: kubectl's `<pending>`.",
)
def external_address_pending(service: Row) -> bool:
    """Returns whether kubectl's EXTERNAL-IP is `<pending>`."""
    spec = service.spec
    return bool(
        spec and spec.type == "LoadBalancer" and not spec.externalIPs and not any(load_balancer_addresses(service))
    )


@SERVICES.derived(
    "spec.ports.port",
    "spec.ports.nodePort",
    "spec.ports.protocol",
    description="Its ports, as in kubectl's PORT(S) column: `80/TCP,443:30443/TCP`; empty if it has none.",
)
def ports_text(service: Row) -> str:
    """Returns kubectl's PORT(S).

    Source: `makePortString` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    return ",".join(map(_port, items_of(service.spec.ports if service.spec else None)))


def _port(port: Row) -> str:
    node_port = f":{port.nodePort}" if (port.nodePort or 0) > 0 else ""
    return f"{port.port or 0}{node_port}/{port.protocol or ''}"


add_selected(
    SERVICES,
    SERVICE_PODS,
    description="The pods that its selector selects, ready or not; none without a selector, and for an external name. "
    "`endpointSlices` has what it really sends to.",
)
