"""What every GraphQL object type is made of, by name: the one table from which types are built and plans compiled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from graph.returns import Returns, composite_hints, composite_structure, returns
from k8s.kind import Kind
from k8s.kinds import BUILT_IN
from k8s.models import built_in_structures
from k8s.structure import Field, Structure
from resolvers.clusters import CLUSTERS, COUNTS, NAMESPACES
from resolvers.deployments import DEPLOYMENTS
from resolvers.members import Derived, Family, Member
from resolvers.names import type_name
from resolvers.nodes import NODES
from resolvers.objects import OBJECTS, identity
from resolvers.pods import PODS
from resolvers.reports import REPORTS

FAMILIES: tuple[Family, ...] = (PODS, NODES, DEPLOYMENTS, NAMESPACES)
"""The hand-written families of kinds; a new one is an entry here."""


@dataclass(frozen=True, slots=True)
class RowType:
    """An object type whose rows come from clusters, or from the registry.

    Attributes:
        name: of the GraphQL type.
        description: for API users.
        kind: the kind, if it is one.
        plain: Kubernetes fields by GraphQL name, taken as decoded.
        members: derived fields and links by GraphQL name.
        constants: fields with one value for all rows.
        hints: what plain fields of a composite give, where it is finer than their format.
    """

    name: str
    description: str
    kind: Kind | None = None
    plain: Mapping[str, Field] = field(default_factory=dict)
    members: Mapping[str, Member] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, Returns] = field(default_factory=dict)


Catalogue = Mapping[str, RowType]

_OWNED: tuple[tuple[Family, str], ...] = (
    (CLUSTERS, "A registered Kubernetes cluster: what the registry knows of it, whether it answers, and its objects."),
    (COUNTS, "How many objects of each kind a cluster has; each selected count is one small request."),
    (REPORTS, "What a list says about one cluster that it asked."),
)


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """All types that are executed breadth first."""
    structures = built_in_structures()
    kinds = {type_name(kind): kind for kind in BUILT_IN}
    types = [
        _kind_type(kinds[name], structure) if name in kinds else _plain_type(structure)
        for name, structure in structures.items()
    ]
    types += [RowType(family.owner.name, text, members=family.members) for family, text in _OWNED]
    types += _composites(types)
    return {row_type.name: row_type for row_type in types}


def _kind_type(kind: Kind, structure: Structure) -> RowType:
    members = dict(identity(kind).members) | dict(OBJECTS.members)
    for family in FAMILIES:
        if family.owner == kind:
            members |= family.members
    plain = {field.name: field for field in structure.fields if field.name not in members}
    constants = {"apiVersion": kind.api_version, "kind": kind.name}
    return RowType(structure.name, structure.description, kind, plain, members, constants)


def _plain_type(structure: Structure) -> RowType:
    return RowType(structure.name, structure.description, plain={field.name: field for field in structure.fields})


def _composites(types: Iterable[RowType]) -> list[RowType]:
    found = {
        composite: composite_structure(composite)
        for row_type in types
        for member in row_type.members.values()
        if isinstance(member, Derived) and (composite := returns(member.returns).composite)
    }
    return [
        RowType(
            structure.name,
            structure.description,
            plain={field.name: field for field in structure.fields},
            hints=composite_hints(composite),
        )
        for composite, structure in found.items()
    ]
