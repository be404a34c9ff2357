"""Members of ingresses beyond their Kubernetes fields."""

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.core.loadbalancing import load_balancer_addresses
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family

INGRESSES = Family(kinds.INGRESS)

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_HTTP, _HTTPS = 80, 443


@INGRESSES.derived(
    "spec.rules.host",
    description="The hosts of its rules, in their order, each once; empty if it serves any host, kubectl's `*`.",
)
def hosts(ingress: Row) -> list[str]:
    """Returns the hosts of all rules; kubectl shows those of the first three rules.

    Source: `formatHosts` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    rules = items_of(ingress.spec.rules if ingress.spec else None)
    return [*dict.fromkeys(rule.host for rule in rules if rule.host)]


@INGRESSES.derived(
    "status.loadBalancer.ingress.ip",
    "status.loadBalancer.ingress.hostname",
    description="The addresses of its load balancer, sorted, as in kubectl's ADDRESS column; empty while it has none.",
)
def addresses(ingress: Row) -> list[str]:
    """Returns kubectl's ADDRESS.

    Source: `ingressLoadBalancerStatusStringer` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    return load_balancer_addresses(ingress)


@INGRESSES.derived(
    "spec.tls.secretName",
    description="Its ports, as in kubectl's PORTS column: 80, and 443 if it has TLS settings.",
)
def ports(ingress: Row) -> list[int]:
    """Returns kubectl's PORTS.

    Source: `formatPorts` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    return [_HTTP, _HTTPS] if ingress.spec and ingress.spec.tls else [_HTTP]


@INGRESSES.derived(
    "spec.ingressClassName",
    "metadata.annotations",
    description="The name of its class: `spec.ingressClassName`, or else the annotation `kubernetes.io/ingress.class`, "
    "which kubectl does not print. Null if it has neither.",
)
def class_name(ingress: Row) -> str | None:
    """Returns the name of the class."""
    named = ingress.spec.ingressClassName if ingress.spec else None
    return named if named is not None else (ingress.metadata.annotations or {}).get(CLASS_ANNOTATION)
