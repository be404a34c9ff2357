"""Members of CustomResourceDefinitions beyond their Kubernetes fields."""

from collections.abc import Sequence

from k8s.errors import ClusterError
from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.apis.customobjects import KIND_READS, custom_lists, object_counts
from resolvers.kinds.longlists import items_of
from resolvers.links.fetching import Fetch
from resolvers.links.members import ANY_KIND, Argument, Arguments, Family, Shape
from resolvers.links.naming import add_named, add_naming, by_paths
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation

DEFINITIONS = Family(kinds.CUSTOM_RESOURCE_DEFINITION)
CONVERTING_SERVICES = Family(kinds.SERVICE)

_CLIENT = "spec.conversion.webhook.clientConfig.service"
_SERVICES = by_paths(
    kinds.CUSTOM_RESOURCE_DEFINITION, kinds.SERVICE, f"{_CLIENT}.name", namespace=f"{_CLIENT}.namespace"
)


@DEFINITIONS.derived(
    "status.conditions.type",
    "status.conditions.status",
    description="True if its kind can be used, as in kubectl's ESTABLISHED column.",
)
def is_established(definition: Row) -> bool:
    """Returns whether an Established condition is True.

    Source: `isEstablished` in k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition/tableconvertor.
    """
    conditions = items_of(definition.status.conditions if definition.status is not None else None)
    return any(one.type == "Established" and one.status == "True" for one in conditions)


@DEFINITIONS.derived(
    "spec.versions.name",
    "spec.versions.served",
    description="The versions that are served, sorted by name, as in kubectl's VERSIONS column.",
)
def served_versions(definition: Row) -> list[str]:
    """Returns the names of served versions."""
    return sorted(version.name or "" for version in _versions(definition) if version.served)


@DEFINITIONS.derived(
    "spec.versions.name",
    "spec.versions.storage",
    description="The version in which objects are stored, which kubectl's VERSIONS column marks with `(storage)`.",
)
def storage_version(definition: Row) -> str | None:
    """Returns the name of the version that is stored."""
    return next((version.name for version in _versions(definition) if version.storage), None)


@DEFINITIONS.derived(
    "spec.versions.name",
    "spec.versions.storage",
    "status.storedVersions",
    description="Versions in which some objects may still be stored, and that are not the storage version any more: "
    "they cannot be removed before those objects are migrated.",
)
def outdated_stored_versions(definition: Row) -> list[str]:
    """Returns the stored versions without the storage version."""
    stored = items_of(definition.status.storedVersions if definition.status is not None else None)
    current = storage_version(definition)
    return [str(version) for version in stored if version != current]


@DEFINITIONS.remote(
    *KIND_READS,
    description="The number of objects of its kind; a small request for each definition. Null if they cannot be "
    "counted, such as by a caller who may list some namespaces only.",
    returns=int | None,
)
async def object_count(definitions: Rows, operation: Operation) -> Sequence[int | ClusterError | None]:
    """Sends a request for each definition."""
    return await object_counts(definitions, operation)


@DEFINITIONS.link(
    *KIND_READS,
    to=ANY_KIND,
    shape=Shape.SOME,
    description="The objects of its kind, ordered by namespace and name; a page for each definition. Null if they may "
    "not be listed in all namespaces.",
    arguments=Arguments(
        (Argument("first", int, "At most this many for each definition; 1 to 100."),), lambda values: values["first"]
    ),
)
async def objects(definitions: Rows, fetch: Fetch, first: int) -> Sequence[Sequence[Row] | None]:
    """Reads a list for each definition."""
    return await custom_lists(definitions, fetch, first)


add_named(
    DEFINITIONS,
    _SERVICES,
    name="conversionService",
    shape=Shape.ONE,
    description="The service that converts objects between versions; null without one.",
)
add_naming(CONVERTING_SERVICES, _SERVICES, description="The custom kinds whose objects it converts.")


def _versions(definition: Row) -> Sequence[Row]:
    return items_of(definition.spec.versions if definition.spec is not None else None)
