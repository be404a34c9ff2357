"""The schema with custom kinds beside the built-in ones, made of the built-in schema in a few milliseconds.

Here fields are made at the first use, so that a type that nobody asks for costs no more than its name. What a custom
kind has in common with built-in ones is taken from a built-in kind, its model: members of all kinds, connections, edges
and groups, and the arguments of lists. Built-in types that lead to custom kinds, such as `Cluster`, are copied; all
others are the same objects in every schema.
"""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final, cast

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
)
from graphql.type.schema import InterfaceImplementations

from graph.schema.catalogue import EMBEDDED
from graph.schema.customcatalogue import CustomCatalogue
from graph.schema.definitions import SchemaDefinitions, define
from graph.schema.dependents import dependents
from graph.schema.federation import ENTITY, SERVICE
from graph.schema.fields import Fields
from graph.schema.rootdefinitions import ListRoot, Root, SingleRoot, list_description, live_description
from graph.schema.scalars import LEAVES, SCALARS
from graph.schema.types import INTERFACE
from k8s.kinds.builtin import CONFIG_MAP, PRIORITY_CLASS
from k8s.kinds.kind import Kind
from k8s.kinds.structure import Field, FieldFormat
from k8s.turns.background import Background
from resolvers.links.members import Link, Member, Shape
from resolvers.names import list_name, single_name, type_name

_OWNERS_OF_LISTS: Final = frozenset({"Cluster", "ClusterCounts", "Namespace"})
_CHANGED: Final = _OWNERS_OF_LISTS | {"Query", "Subscription", INTERFACE, ENTITY, SERVICE}
"""The types that are different with custom kinds."""
OF_LISTS: Final = ("Connection", "Edge", "Grouping", "Change", "Changes")
"""Ends of the names of the types of lists."""
_SPECIFIED: Final[Mapping[object, str]] = {str: "String", int: "Int", float: "Float", bool: "Boolean"}
_SCALARS: Final[Mapping[FieldFormat, str]] = {
    leaf: _SPECIFIED.get(annotation) or SCALARS[annotation].name for leaf, annotation in LEAVES.items()
}
"""The scalar of each format."""


def model_of(kind: Kind) -> Kind:
    """Returns the built-in kind that a custom one is made like; it has no members of its own."""
    return CONFIG_MAP if kind.namespaced else PRIORITY_CLASS


class CustomSchema(GraphQLSchema):
    """A schema whose types are given by name, so that they are neither collected nor validated."""

    def __init__(
        self, base: GraphQLSchema, types: Mapping[str, GraphQLNamedType], kinds: list[GraphQLObjectType]
    ) -> None:
        """Takes the schema with everything else, the types by name, and those of them that are kinds."""
        vars(self).update(vars(base))
        self.type_map = dict(types)
        roots = [cast(GraphQLObjectType, types[name]) for name in ("Query", "Mutation", "Subscription")]
        self.query_type, self.mutation_type, self.subscription_type = roots
        self.assume_valid = True
        self._validation_errors = []
        self._sub_type_map = {}
        self._implementations_map = {INTERFACE: InterfaceImplementations(objects=kinds, interfaces=[])}


async def custom_schema(
    base: GraphQLSchema, roots: Mapping[str, Root], catalogue: CustomCatalogue, background: Background
) -> GraphQLSchema:
    """Returns the schema of a catalogue, made in the background.

    Args:
        base: the built-in schema.
        roots: all root fields.
        catalogue: the types.
        background: the pauses of the work.
    """
    types = _Types(base, roots, catalogue)
    await types.make(background)
    schema = CustomSchema(base, types.named, types.kinds)
    define(schema, SchemaDefinitions(catalogue, roots, catalogue.kinds))
    return schema


class _Types:
    """The types of one schema by name."""

    def __init__(self, base: GraphQLSchema, roots: Mapping[str, Root], catalogue: CustomCatalogue) -> None:
        self.named: dict[str, GraphQLNamedType] = dict(base.type_map)
        self._base = base
        self._catalogue = catalogue
        self._roots = roots
        self._added: dict[str, Fields] = {"Query": {}, "Subscription": {}}
        self.kinds: list[GraphQLObjectType] = []

    async def make(self, background: Background) -> None:
        """Makes all types, and those fields of built-in types that lead to custom kinds."""
        worked, members = background.worked, self._catalogue.members
        changed = _CHANGED | (members.keys() & self._base.type_map.keys())
        leading = await dependents(self._base, changed, background)
        await worked(self._copy, [self._base.type_map[name] for name in leading])
        await worked(self._declare, self._catalogue.names)
        await worked(lambda item: self._add_root(*item), self._roots.items())
        for owner in members.keys() & self._base.type_map.keys():
            add = partial(self._add_member, self._added.setdefault(owner, {}), owner)
            await worked(add, members[owner].members.values())

    def _copy(self, named: GraphQLNamedType) -> None:
        """Copies a built-in type; what it leads to is of this schema."""
        name, description, extensions = named.name, named.description, named.extensions
        texts: Any = {"description": description, "extensions": extensions}
        match named:
            case GraphQLUnionType():
                self.named[name] = GraphQLUnionType(name, partial(self._members, named), named.resolve_type, **texts)
            case GraphQLInterfaceType():
                fields = partial(self._copied_fields, named)
                self.named[name] = GraphQLInterfaceType(name, fields, None, named.resolve_type, **texts)
            case GraphQLObjectType():
                fields, interfaces = partial(self._copied_fields, named), partial(self._interfaces, named)
                copied = self.named[name] = GraphQLObjectType(name, fields, interfaces, named.is_type_of, **texts)
                self.kinds += [copied] if named.interfaces else []

    def _members(self, union: GraphQLUnionType) -> list[Any]:
        return [self.named[name] for name in (*(member.name for member in union.types), *self._catalogue.custom)]

    def _interfaces(self, named: GraphQLObjectType) -> list[Any]:
        return [self.named[interface.name] for interface in named.interfaces]

    def _copied_fields(self, named: GraphQLObjectType | GraphQLInterfaceType) -> Fields:
        added = self._added.get(named.name, {})
        return {**added, **{name: self._like(field) for name, field in named.fields.items()}}

    def _declare(self, name: str) -> None:
        """Declares a custom type, and the types of lists of it if it is a kind."""
        described = self._description(name)
        kind = self._catalogue.custom.get(name)
        if kind is None:
            self.named[name] = GraphQLObjectType(name, partial(self._plain_fields, name), description=described)
            return
        interface: Any = self.named[INTERFACE]
        described = f"Kind `{kind.name}` of the API group `{kind.group}`. {described}".rstrip()
        made = GraphQLObjectType(name, partial(self._kind_fields, name), [interface], description=described)
        self.named[name] = made
        self.kinds.append(made)
        for suffix in OF_LISTS:
            model = cast(GraphQLObjectType, self._base.type_map[type_name(model_of(kind)) + suffix])
            text = (model.description or "").replace(type_name(model_of(kind)), name)
            fields = partial(self._fields_of_list, model, kind)
            self.named[name + suffix] = GraphQLObjectType(name + suffix, fields, description=text)

    def _description(self, name: str) -> str:
        structures = self._catalogue.kinds.structures
        return structures[name if name in structures else name.removeprefix(EMBEDDED)].description

    def _plain_fields(self, name: str) -> Fields:
        row_type = self._catalogue[name]
        constants = {name: GraphQLField(GraphQLNonNull(GraphQLString)) for name in row_type.constants}
        return {**constants, **{name: self._plain_field(field) for name, field in row_type.plain.items()}}

    def _kind_fields(self, name: str) -> Fields:
        row_type, order = self._catalogue[name], list(self._fields(INTERFACE))
        model = self._fields(type_name(model_of(self._catalogue.custom[name])))
        fields = {name: self._like(model[name]) for name in row_type.type_meta}
        fields |= {name: self._plain_field(field) for name, field in row_type.plain.items()}
        fields |= {name: self._like(model[name]) for name in row_type.members if name in order}
        for name, member in row_type.members.items():
            if name not in order and isinstance(member, Link) and isinstance(member.to, Kind):
                fields[name] = self._link_field(member, member.to)
        last = len(order)
        names = sorted(fields, key=lambda name: order.index(name) if name in order else last)
        return {name: fields[name] for name in names}

    def _plain_field(self, field: Field) -> GraphQLField:
        leaf = field.format or FieldFormat.ANY
        named: Any = self.named[field.structure or _SCALARS[leaf]]
        if field.is_list:
            named = GraphQLList(named if leaf is FieldFormat.ANY and field.structure is None else GraphQLNonNull(named))
        text = field.description or (field.structure and self._description(field.structure))
        text = text or f"The schema of the kind has no text for `{field.key}`."
        return GraphQLField(GraphQLNonNull(named) if field.is_required else named, description=text)

    def _fields_of_list(self, model: GraphQLObjectType, kind: Kind) -> Fields:
        renamed = _renamed(kind)
        return {name: self._like(field, renamed) for name, field in model.fields.items()}

    def _add_root(self, name: str, root: Root) -> None:
        built_in, followed = self._fields("Query"), self._fields("Subscription")
        query, live = self._added["Query"], self._added["Subscription"]
        if name in built_in or not isinstance(root, ListRoot | SingleRoot):
            return
        kind, model = root.kind, model_of(root.kind)
        if isinstance(root, ListRoot):
            text = list_description(kind, self._description(type_name(kind)))
            query[name] = self._like(built_in[list_name(model)], _renamed(kind), text)
            live[name] = self._like(followed[list_name(model)], _renamed(kind), live_description(kind))
        else:
            one = built_in[single_name(model)]
            query[name] = self._like(one, _renamed(kind), (one.description or "").replace(model.name, kind.name))

    def _add_member(self, fields: Fields, owner: str, member: Member) -> None:
        kind = member.to if isinstance(member, Link) else None
        if not isinstance(kind, Kind):
            fields[member.name] = self._like(self._fields(owner)[list_name(CONFIG_MAP)], text=member.description)
        elif owner in _OWNERS_OF_LISTS:
            model = self._fields(owner)[list_name(model_of(kind))]
            fields[member.name] = self._like(model, _renamed(kind), member.description)
        else:
            fields[member.name] = self._link_field(cast(Link, member), kind)

    def _link_field(self, link: Link, kind: Kind) -> GraphQLField:
        """Returns the field of a link between objects, of which one is of a custom kind."""
        if link.shape is Shape.MANY:
            model = self._fields("Namespace")[list_name(CONFIG_MAP)]
            return cast(GraphQLField, self._like(model, _renamed(kind, CONFIG_MAP), link.description))
        named: Any = self.named[type_name(kind)]
        target = GraphQLList(GraphQLNonNull(named)) if link.shape is Shape.SOME else named
        return GraphQLField(target, description=link.description)

    def _fields(self, name: str) -> Fields:
        """Returns the fields of a built-in type."""
        named: Any = self._base.type_map[name]
        return cast(Fields, named.fields)

    def _like(self, field: GraphQLField, renamed: Mapping[str, str] = MappingProxyType({}), text: str = "") -> Any:
        """Returns a field like a built-in one that leads to types of this schema, of which some have other names."""
        like = GraphQLField.__new__(GraphQLField)
        vars(like).update(vars(field), type=self._own(field.type, renamed))
        if text:
            like.description = text
        return like

    def _own(self, named: Any, renamed: Mapping[str, str]) -> Any:
        if isinstance(named, GraphQLNonNull | GraphQLList):
            return type(named)(self._own(named.of_type, renamed))
        return self.named[renamed.get(named.name, named.name)]


def _renamed(kind: Kind, like: Kind | None = None) -> Mapping[str, str]:
    model, name = type_name(like or model_of(kind)), type_name(kind)
    return {model: name, **{model + suffix: name + suffix for suffix in OF_LISTS}}
