"""Members of ingresses beyond their Kubernetes fields."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.access.revealing import SECRETS
from resolvers.kinds.core.loadbalancing import load_balancer_addresses
from resolvers.kinds.core.service import SERVICES
from resolvers.kinds.longlists import MAX_ITEMS, items_of
from resolvers.links.fetching import Fetch
from resolvers.links.members import ANY_KIND, Family, Shape
from resolvers.links.naming import NamedPlace, Naming, add_named, add_naming, by_paths
from resolvers.links.targets import Target, targets_of_each
from resolvers.lists.rows import Rows
from resolvers.pacing import worked

INGRESSES = Family(kinds.INGRESS)

CLASS_ANNOTATION: Final = "kubernetes.io/ingress.class"
CLASS_READS: Final = ("spec.ingressClassName", "metadata.annotations")
_BACKENDS: Final = ("spec.defaultBackend", "spec.rules.http.paths.backend")
_HTTP: Final = 80
_HTTPS: Final = 443


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
    *CLASS_READS,
    description="The name of its class: `spec.ingressClassName`, or else the annotation `kubernetes.io/ingress.class`, "
    "which kubectl does not print. Null if it has neither.",
)
def class_name(ingress: Row) -> str | None:
    """Returns the name of the class."""
    named = ingress.spec.ingressClassName if ingress.spec else None
    return named if named is not None else (ingress.metadata.annotations or {}).get(CLASS_ANNOTATION)


def _class_places(ingress: Row) -> Iterator[NamedPlace]:
    yield None, class_name(ingress)


def _backends(ingress: Row) -> Iterator[Row]:
    """Yields the backends of an ingress: the default one, and those of its rules in their order."""
    spec = ingress.spec
    if spec is None:
        return
    if spec.defaultBackend is not None:
        yield spec.defaultBackend
    for rule in items_of(spec.rules):
        for path in items_of(rule.http.paths if rule.http else None):
            if path.backend is not None:
                yield path.backend


def _resources(ingress: Row) -> Sequence[Target]:
    resources = (backend.resource for backend in islice(_backends(ingress), MAX_ITEMS) if backend.resource)
    home = ingress.metadata.namespace
    return [*dict.fromkeys(Target(one.apiGroup or "", one.kind or "", one.name or "", home) for one in resources)]


@INGRESSES.link(
    "metadata.namespace",
    *(f"{path}.resource.{key}" for path in _BACKENDS for key in ("apiGroup", "kind", "name")),
    to=ANY_KIND,
    shape=Shape.SOME,
    description="The objects of other kinds than services that it sends requests to, such as buckets; those that do "
    "not exist are left out. Null if some of them cannot be read.",
)
async def resource_backends(ingresses: Rows, fetch: Fetch) -> Sequence[Sequence[Row] | None]:
    """Reads the objects by name, kind by kind."""
    return await targets_of_each(fetch, ingresses.clusters, await worked(_resources, ingresses.rows))


INGRESS_CLASS = Naming(kinds.INGRESS, kinds.INGRESS_CLASS, CLASS_READS, _class_places)
INGRESS_SERVICES = by_paths(kinds.INGRESS, kinds.SERVICE, *(f"{path}.service.name" for path in _BACKENDS))
INGRESS_SECRETS = by_paths(kinds.INGRESS, kinds.SECRET, "spec.tls.secretName")

add_named(
    INGRESSES,
    INGRESS_CLASS,
    shape=Shape.ONE,
    description="Its class, by `className`; null if it names none, or one that does not exist.",
)
add_named(
    INGRESSES,
    INGRESS_SERVICES,
    description="The services that it sends requests to: that of its default backend first, then those of its rules. "
    "Those that do not exist are left out. Their `pods` and `nodes` are behind them.",
)
add_named(
    INGRESSES, INGRESS_SECRETS, description="The secrets with its certificates; those that are gone are left out."
)
add_naming(SERVICES, INGRESS_SERVICES, description="The ingresses that send requests to it.")
add_naming(SECRETS, INGRESS_SECRETS, description="The ingresses that use its certificate.")
