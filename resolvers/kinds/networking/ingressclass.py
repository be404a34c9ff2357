"""Members of ingress classes beyond their Kubernetes fields."""

from collections.abc import Sequence

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.networking.ingress import INGRESS_CLASS
from resolvers.links.fetching import Fetch
from resolvers.links.members import ANY_KIND, Family
from resolvers.links.naming import add_naming
from resolvers.links.targets import Target, target_of_each
from resolvers.lists.rows import Rows
from resolvers.pacing import worked

INGRESS_CLASSES = Family(kinds.INGRESS_CLASS)

_DEFAULT_ANNOTATION = "ingressclass.kubernetes.io/is-default-class"


@INGRESS_CLASSES.derived(
    "metadata.annotations", description="True if ingresses that name no class get it: kubectl's `(default)`."
)
def is_default(ingress_class: Row) -> bool:
    """Returns whether the class has the annotation of a default.

    Source: `HasDefaultAnnotation` in k8s.io/kubernetes/pkg/apis/networking/util.
    """
    return (ingress_class.metadata.annotations or {}).get(_DEFAULT_ANNOTATION) == "true"


@INGRESS_CLASSES.derived(
    "spec.parameters.kind",
    "spec.parameters.apiGroup",
    "spec.parameters.name",
    description="Its parameters' object, as in kubectl's PARAMETERS column: `Kind.group/name`; null if it has none.",
)
def parameters_text(ingress_class: Row) -> str | None:
    """Returns kubectl's PARAMETERS.

    Source: `printIngressClass` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    parameters = ingress_class.spec.parameters if ingress_class.spec else None
    if parameters is None:
        return None
    group = "" if parameters.apiGroup is None else f".{parameters.apiGroup}"
    return f"{parameters.kind or ''}{group}/{parameters.name or ''}"


@INGRESS_CLASSES.link(
    *(f"spec.parameters.{key}" for key in ("apiGroup", "kind", "name", "namespace")),
    to=ANY_KIND,
    description="The object with its parameters, of any kind; null without one, or if that object does not exist.",
)
async def parameters(classes: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Reads the objects by name, kind by kind."""
    return await target_of_each(fetch, classes.clusters, await worked(_parameters, classes.rows))


def _parameters(ingress_class: Row) -> Target | None:
    named = ingress_class.spec.parameters if ingress_class.spec else None
    return named and Target(named.apiGroup or "", named.kind or "", named.name or "", named.namespace)


add_naming(INGRESS_CLASSES, INGRESS_CLASS, description="The ingresses that name it, by their `className`.")
