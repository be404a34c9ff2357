"""The catalogue with custom kinds beside the built-in ones; their types are made at their first use."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from graph.schema.catalogue import (
    EMBEDDED,
    INTERFACE_FIELDS,
    Catalogue,
    RowType,
    embedded_type,
    kind_type,
    plain_type,
    structures_within,
)
from k8s.kinds import builtin
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.kinds.structure import Structure
from k8s.kinds.structures import Structures
from k8s.listednames import all_of
from k8s.schemas.kindschema import KindProblem
from k8s.turns.background import Background
from resolvers.kinds.cluster import CLUSTERS, COUNTS, NAMESPACES, add_lists
from resolvers.kinds.custom.customlinks import custom_links
from resolvers.links.members import Family, Member
from resolvers.typedkinds import TypedKinds

_FIELDS_OF_ALL: Final = frozenset(INTERFACE_FIELDS) - {"apiVersion", "kind", "metadata"}
"""The fields of every object that hide a key of their own name; the others are that key."""


class CustomTypes(Protocol):
    """The custom kinds of one schema (`k8s.schemas`)."""

    @property
    def kinds(self) -> Mapping[Kind, str]:
        """Returns each kind in its type's own version, with the name of its structure, which is its GraphQL type."""
        ...

    @property
    def structures(self) -> Mapping[str, Structure]:
        """Returns the structures of the kinds by name; they may refer to built-in ones."""
        ...

    @property
    def problems(self) -> Sequence[KindProblem]:
        """Returns the kinds and fields without a type of their own, and the reason."""
        ...


class CustomCatalogue(Mapping[str, RowType]):
    """The types of a schema with custom kinds.

    Attributes:
        kinds: all kinds, and their structures.
        custom: the custom kinds by the names of their types.
        names: the names of the types that the built-in catalogue does not have.
        members: what custom kinds add to types: lists of `Cluster`, `ClusterCounts` and `Namespace`, and links.
    """

    def __init__(
        self, built_in: Catalogue, *, kinds: TypedKinds, names: Mapping[str, None], members: Mapping[str, Family]
    ) -> None:
        """Takes the parts that `custom_catalogue` made."""
        self.kinds = kinds
        self.custom = {name: kind for name, kind in kinds.by_type.items() if name not in built_in}
        self.names = names
        self.members = members
        self._built_in = built_in
        added = {name: family.members for name, family in members.items() if name in built_in}
        self._made = {name: _with_members(built_in[name], own) for name, own in added.items()}

    def __getitem__(self, name: str) -> RowType:
        known = self._made.get(name) or self._built_in.get(name)
        if known is None:
            known = self._made[name] = self._new(name)
        return known

    def __contains__(self, name: object) -> bool:
        return name in self._built_in or name in self.names

    def __iter__(self) -> Iterator[str]:
        yield from self._built_in
        yield from self.names

    def __len__(self) -> int:
        return len(self._built_in) + len(self.names)

    def _new(self, name: str) -> RowType:
        if name not in self.names:
            raise KeyError(name)
        structures, kinds = self.kinds.structures, self.kinds.by_type
        kind = kinds.get(name)
        if kind is not None:
            made = kind_type(kind, structures[name], kinds)
            return _with_members(made, self.members[name].members) if name in self.members else made
        embedded = name.removeprefix(EMBEDDED)
        if name not in structures and embedded in kinds:
            return embedded_type(structures[embedded], kinds)
        return plain_type(structures[name], kinds)


async def custom_catalogue(built_in: Catalogue, types: CustomTypes, background: Background) -> CustomCatalogue:
    """Returns the catalogue of the built-in kinds and of custom ones; it is made in the background.

    A custom kind or structure with the name of a built-in type is left out.
    """
    new = {name: kind for kind, name in types.kinds.items() if name not in built_in and name in types.structures}
    structures = Structures(types.structures, built_in_structures())
    hidden = await background.worked(lambda name: _hidden(new[name], structures[name]), new)
    problems = (*types.problems, *(problem for problem in hidden if problem is not None))
    kinds = TypedKinds(structures, (*builtin.BUILT_IN, *new.values()), problems)
    names = dict.fromkeys(name for name in types.structures if name not in built_in)
    for within in await background.worked(lambda structure: structures_within([structure]), types.structures.values()):
        names |= {f"{EMBEDDED}{name}": None for name in within & kinds.by_type.keys()}
    lists = {family.owner.name: Family(family.owner) for family in (CLUSTERS, COUNTS, NAMESPACES)}
    clusters, counts, namespaces = lists.values()
    await background.worked(
        lambda kind: add_lists(kind, clusters=clusters, counts=counts, namespaces=namespaces), new.values()
    )
    own = {name: None for name in names if name not in built_in}
    return CustomCatalogue(built_in, kinds=kinds, names=own, members={**custom_links(kinds), **lists})


def _hidden(kind: Kind, structure: Structure) -> KindProblem | None:
    """Returns the problem of a kind whose objects have keys of the names of fields of every object."""
    keys = [field.key for field in structure.fields if field.name in _FIELDS_OF_ALL]
    if not keys:
        return None
    cause = f"keys of its objects with the names of fields of every object are in fields(path:) only: {all_of(keys)}."
    return KindProblem(kind.group, kind.name, cause)


def _with_members(row_type: RowType, members: Mapping[str, Member]) -> RowType:
    """Returns a type with further members; it keeps its own fields."""
    taken = {*row_type.plain, *row_type.members, *row_type.type_meta}
    added = {name: member for name, member in members.items() if name not in taken}
    return replace(row_type, members={**row_type.members, **added})
