"""Members of APIServices beyond their Kubernetes fields, and of the services of aggregated APIs."""

from typing import Annotated

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family, Shape
from resolvers.links.naming import add_named, add_naming, by_paths

API_SERVICES = Family(kinds.API_SERVICE)
SERVICES_OF_APIS = Family(kinds.SERVICE)

_SERVICES = by_paths(kinds.API_SERVICE, kinds.SERVICE, "spec.service.name", namespace="spec.service.namespace")


class ApiAvailability(Struct, frozen=True):
    """The availability of an API, as its API server sees it."""

    status: Annotated[str, Meta(description="True, False or Unknown.")]
    reason: Annotated[str | None, Meta(description="The reason in one word, such as `MissingEndpoints`.")]
    message: Annotated[str | None, Meta(description="The reason in a sentence.")]


@API_SERVICES.derived(
    *(f"status.conditions.{key}" for key in ("type", "status", "reason", "message")),
    description="Its availability, as in kubectl's AVAILABLE column.",
)
def availability(service: Row) -> ApiAvailability:
    """Returns its first Available condition.

    Source: `ConvertToTable` in k8s.io/kube-aggregator/pkg/registry/apiservice/etcd/etcd.go.
    """
    condition = _available(service)
    if condition is None:
        return ApiAvailability("Unknown", None, None)
    return ApiAvailability(condition.status or "", condition.reason or None, condition.message or None)


@API_SERVICES.derived(
    "status.conditions.type",
    "status.conditions.status",
    description="True if its API is served; null while that is unknown.",
)
def is_available(service: Row) -> bool | None:
    """Returns whether the Available condition is True."""
    condition = _available(service)
    return {"True": True, "False": False}.get((condition.status if condition is not None else None) or "")


@API_SERVICES.derived(
    "spec.service.namespace",
    "spec.service.name",
    description="Its service as `namespace/name`, or `Local`, as in kubectl's SERVICE column.",
)
def service_text(service: Row) -> str:
    """Returns kubectl's SERVICE."""
    reference = service.spec.service if service.spec is not None else None
    return "Local" if reference is None else f"{reference.namespace or ''}/{reference.name or ''}"


add_named(
    API_SERVICES,
    _SERVICES,
    shape=Shape.ONE,
    description="The service that answers for the API; null for those of the API server itself.",
)
add_naming(SERVICES_OF_APIS, _SERVICES, description="The APIs that it answers for.")


def _available(service: Row) -> Row | None:
    conditions = items_of(service.status.conditions if service.status is not None else None)
    return next((one for one in conditions if one.type == "Available"), None)
