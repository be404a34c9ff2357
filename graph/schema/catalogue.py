"""The catalogue: all GraphQL object types by name; types are built from it, and plans compiled with it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter

from msgspec.structs import replace

from graph.schema.returns import Returns, composite_hints, composite_structure, returns, with_nested
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.kinds.structure import GENERIC_OBJECT, Field, Structure
from k8s.masking.mask import Mask
from k8s.masking.masking import STANDARD
from resolvers.access.viewer import ACCESS, VIEWER
from resolvers.access.viewercan import object_access
from resolvers.audit.auditfields import AUDIT_EVENTS, AUDIT_PAGES
from resolvers.kinds.anykind.columns import COLUMNS
from resolvers.kinds.anykind.condition import CONDITIONS
from resolvers.kinds.anykind.deletion import DELETION
from resolvers.kinds.anykind.health import object_health
from resolvers.kinds.anykind.managedby import MANAGED_BY
from resolvers.kinds.anykind.owned import OWNED
from resolvers.kinds.anykind.rawjson import RAW_JSON
from resolvers.kinds.cluster import CLUSTERS, COUNTS
from resolvers.kinds.core.container import CONTAINERS
from resolvers.kinds.core.event import EVENTS
from resolvers.kinds.families import FAMILIES, FURTHER
from resolvers.kinds.object import OBJECTS, identity
from resolvers.kinds.servedkind import KIND_PAGES, KIND_PROBLEMS, SERVED_KINDS, SERVED_VERSIONS
from resolvers.links.masked import reads_maskable
from resolvers.links.members import Derived, Family, Member, Owner, RemoteField
from resolvers.lists.clusterreports import REPORTS
from resolvers.names import type_name

OF_ANY_KIND: tuple[Family, ...] = (
    OBJECTS,
    OWNED,
    EVENTS,
    CONDITIONS,
    COLUMNS,
    DELETION,
    MANAGED_BY,
    RAW_JSON,
)
"""The families of members that objects of every kind have."""

OF_EACH_KIND: tuple[Callable[[Kind | None], Family], ...] = (identity, object_access, object_health)
"""The same, of members that are made for each kind; with None, for a type whose objects may be of any kind."""

INTERFACE_FIELDS: tuple[str, ...] = tuple(
    dict.fromkeys(
        (
            *("id", "cluster", "apiVersion", "kind", "name", "namespace", "metadata", "owner", "viewerCan"),
            *(name for family in OF_ANY_KIND for name in family.members),
            *(name for family in OF_EACH_KIND for name in family(BUILT_IN[0]).members),
        )
    )
)
"""The fields of the interface of all kinds, in the order of the schema."""


@dataclass(frozen=True, slots=True)
class RowType:
    """An object type whose rows come from clusters or from the registry.

    Attributes:
        name: the name of the GraphQL type.
        description: text for API users.
        kind: the kind; None for other types.
        plain: Kubernetes fields by GraphQL name, sent as decoded.
        members: derived fields and links by GraphQL name.
        constants: fields with one value for all rows.
        type_meta: fields that name the kind of a row, from the kind of its class: clusters serve different versions.
        hints: return types of a composite's plain fields, where they are finer than the format.
        is_generic: whether its objects may be of any kind without a type of its own, so that their fields are unknown.
        part_of: the kind whose objects its rows are parts of; its members read paths of these objects.
    """

    name: str
    description: str
    kind: Kind | None = None
    plain: Mapping[str, Field] = field(default_factory=dict)
    members: Mapping[str, Member] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    type_meta: Mapping[str, Callable[[Kind], str]] = field(default_factory=dict)
    hints: Mapping[str, Returns] = field(default_factory=dict)
    is_generic: bool = False
    part_of: Kind | None = None

    @property
    def is_object(self) -> bool:
        """True for types whose rows are Kubernetes objects: they have the fields of the interface."""
        return self.kind is not None or self.is_generic


Catalogue = Mapping[str, RowType]

TYPE_META: Mapping[str, Callable[[Kind], str]] = {
    "apiVersion": attrgetter("api_version"),
    "kind": attrgetter("name"),
}
"""The fields of TypeMeta, from the kind in the version that was requested of the cluster."""

EMBEDDED = "Embedded"
"""The beginning of the name of a kind's type inside other objects."""

_OWNED: tuple[tuple[Family, str], ...] = (
    (CLUSTERS, "A registered Kubernetes cluster: its registration, its status, and its objects."),
    (COUNTS, "The number of objects of each kind in a cluster; each selected count is one small request."),
    (REPORTS, "The answer of one cluster to a list."),
    (CONTAINERS, "A container of a pod: its spec with its status."),
    (AUDIT_PAGES, "A page of the audit."),
    (
        AUDIT_EVENTS,
        "One recorded action, or several equal ones within a minute: the caller, the role, and the outcome.",
    ),
    (KIND_PAGES, "A page of the kinds that clusters serve."),
    (SERVED_KINDS, "A kind that clusters serve, in all its versions."),
    (SERVED_VERSIONS, "A version of a kind, and the clusters that serve it."),
    (KIND_PROBLEMS, "Kinds that are missing, or that have no type."),
    (VIEWER, "The caller, as fleetgraph knows it."),
    (ACCESS, "A cluster that exists for the caller, and the roles of the caller there."),
)


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Returns all types that are executed breadth first."""
    structures = built_in_structures()
    kinds = {type_name(kind): kind for kind in BUILT_IN}
    types = [
        kind_type(kinds.get(name), structure, kinds)
        if name in kinds or name == GENERIC_OBJECT.name
        else plain_type(structure, kinds)
        for name, structure in structures.items()
    ]
    types += [
        embedded_type(structures[name], kinds) for name in sorted(structures_within(structures.values()) & kinds.keys())
    ]
    types += [_owned_type(family, text) for family, text in _OWNED]
    types += _composites(types)
    return {row_type.name: row_type for row_type in types}


def member_returns(row_type: RowType, member: Derived | RemoteField, *, has_masks: bool) -> Returns:
    """Returns the type of a field: if the operator masks paths, nullable where these may be what it is made of."""
    returned = returns(member.returns)
    is_of_objects = row_type.is_object or row_type.part_of is not None
    if has_masks and is_of_objects and reads_maskable(row_type.name, member):
        return Returns(returned.element, returned.is_list, is_nullable=True)
    return returned


def kind_type(kind: Kind | None, structure: Structure, kinds: Mapping[str, Kind]) -> RowType:
    """Returns the type of a kind, or the generic type; `kinds` are all kinds by the names of their types."""
    members: dict[str, Member] = {}
    own = (family for family in FAMILIES if kind is not None and family.owner == kind)
    for family in (*OF_ANY_KIND, *(made(kind) for made in OF_EACH_KIND), *own):
        members |= family.members
    fields = {name: field for name, field in _plain_fields(structure, kinds).items() if name not in members}
    plain = {
        name: field if kind is None else _with_mask(field, STANDARD.of(kind).always) for name, field in fields.items()
    }
    name, text = structure.name, structure.description
    return RowType(name, text, kind, plain, members, type_meta=TYPE_META, is_generic=kind is None)


def _owned_type(family: Family, text: str) -> RowType:
    """Returns the type of an owner that is no kind."""
    assert isinstance(family.owner, Owner)  # noqa: S101  kinds have structures
    members = dict(family.members)
    for further in FURTHER:
        members |= further.members if further.owner == family.owner else {}
    return RowType(family.owner.name, text, members=members, part_of=family.owner.part_of)


def _with_mask(field: Field, mask: Mask) -> Field:
    """Returns the field; if its values are masked, with a description that says so."""
    if not mask.below(field.key).is_masked:
        return field
    return replace(field, description=f"Masked: its keys, each with null; `reveal` gives values. {field.description}")


def plain_type(structure: Structure, kinds: Mapping[str, Kind]) -> RowType:
    """Returns the type of a structure that is no kind."""
    return RowType(structure.name, structure.description, plain=_plain_fields(structure, kinds))


def embedded_type(structure: Structure, kinds: Mapping[str, Kind]) -> RowType:
    """Returns the type of a kind inside another object: it has no identity and no links, and its name is optional."""
    plain = {name: replace(field, is_required=False) for name, field in _plain_fields(structure, kinds).items()}
    constants = {name: text_of(kinds[structure.name]) for name, text_of in TYPE_META.items()}
    return RowType(EMBEDDED + structure.name, structure.description, plain=plain, constants=constants)


def structures_within(structures: Iterable[Structure]) -> set[str]:
    """Returns the names of the structures that are inside others."""
    return {field.structure for structure in structures for field in structure.fields if field.structure is not None}


def _plain_fields(structure: Structure, kinds: Mapping[str, Kind]) -> dict[str, Field]:
    return {field.name: _without_identity(field, kinds) for field in structure.fields}


def _without_identity(field: Field, kinds: Mapping[str, Kind]) -> Field:
    """Returns the field; if it contains a kind, with the embedded type."""
    return replace(field, structure=f"{EMBEDDED}{field.structure}") if field.structure in kinds else field


def _composites(types: Iterable[RowType]) -> list[RowType]:
    composites = with_nested(
        composite
        for row_type in types
        for member in row_type.members.values()
        if isinstance(member, Derived | RemoteField) and (composite := returns(member.returns).composite)
    )
    structures = {composite: composite_structure(composite) for composite in composites}
    return [
        RowType(
            structure.name,
            structure.description,
            plain={field.name: field for field in structure.fields},
            hints=composite_hints(composite),
        )
        for composite, structure in structures.items()
    ]
