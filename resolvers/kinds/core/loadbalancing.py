"""The addresses of load balancers in the status of services and ingresses."""

from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of


def load_balancer_addresses(row: Row) -> list[str]:
    """Returns the addresses of `status.loadBalancer.ingress`, each once, sorted: of each item its IP or else its name.

    Source: `loadBalancerStatusStringer` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    balancer = row.status.loadBalancer if row.status else None
    return sorted({item.ip or item.hostname for item in items_of(balancer.ingress if balancer else None)} - {None, ""})
