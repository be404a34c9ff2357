"""Members of ingress classes beyond their Kubernetes fields."""

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.links.members import Family

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
