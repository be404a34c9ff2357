"""The root fields of queries, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from graph.schema.federation import ENTITIES_FIELD
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from resolvers.names import list_name, single_name


@dataclass(frozen=True, slots=True)
class ListRoot:
    """A list of a kind over the fleet."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class SingleRoot:
    """One object of a kind by cluster, namespace and name."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class ObjectRoot:
    """Any object by its global id."""


@dataclass(frozen=True, slots=True)
class ObjectsRoot:
    """A list of objects of any kinds over the fleet: of one kind by its name, or of the kinds of categories."""

    has_categories: bool = False

    @property
    def name(self) -> str:
        """The name of the field."""
        return "categories" if self.has_categories else "objects"


@dataclass(frozen=True, slots=True)
class ClustersRoot:
    """The registered clusters."""


@dataclass(frozen=True, slots=True)
class ClusterRoot:
    """One registered cluster by name."""


@dataclass(frozen=True, slots=True)
class EntitiesRoot:
    """Objects and clusters by the representations of a federated gateway."""


@dataclass(frozen=True, slots=True)
class ViewerRoot:
    """The caller."""


@dataclass(frozen=True, slots=True)
class AuditRoot:
    """The audit."""


@dataclass(frozen=True, slots=True)
class ServedKindsRoot:
    """The kinds that clusters serve."""


Root = (
    ListRoot
    | ObjectsRoot
    | SingleRoot
    | ObjectRoot
    | ClustersRoot
    | ClusterRoot
    | EntitiesRoot
    | ViewerRoot
    | AuditRoot
    | ServedKindsRoot
)


@lru_cache(maxsize=1)
def roots() -> Mapping[str, Root]:
    """Returns all root fields by name."""
    fields: dict[str, Root] = {
        "clusters": ClustersRoot(),
        "cluster": ClusterRoot(),
        "object": ObjectRoot(),
        "objects": ObjectsRoot(),
        "categories": ObjectsRoot(has_categories=True),
        "viewer": ViewerRoot(),
        "auditEvents": AuditRoot(),
        "kinds": ServedKindsRoot(),
    }
    for kind in BUILT_IN:
        fields |= roots_of(kind)
    return {**fields, ENTITIES_FIELD: EntitiesRoot()}


def roots_of(kind: Kind) -> Mapping[str, ListRoot | SingleRoot]:
    """Returns the root fields of a kind by name: its list, and one object."""
    return {list_name(kind): ListRoot(kind), single_name(kind): SingleRoot(kind)}


def list_description(kind: Kind, described: str) -> str:
    """Returns the text of a kind's root list; `described` is the text of its type."""
    return f"{kind.name} objects of all clusters. {described}"


def live_description(kind: Kind) -> str:
    """Returns the text of the subscription to a kind's root list."""
    return f"Follows the list of {kind.name} objects of all clusters: its state first, then its changes."
