"""The catalogue as GraphQL types.

Every type is declared first and gets its fields afterwards, since Kubernetes' structures refer to each other in circles
(`JSONSchemaProps`). Fields have no resolvers: `graph.executor` completes rows.
"""

from enum import Enum
from functools import partial
from typing import Any, Final, cast

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLString,
    GraphQLUnionType,
)
from strawberry.types.arguments import StrawberryArgument

from graph.schema.arguments import argument, kind_arguments, list_arguments
from graph.schema.catalogue import INTERFACE_FIELDS, Catalogue, RowType, member_returns
from graph.schema.enums import described
from graph.schema.federation import ENTITY, SERVICE
from graph.schema.fields import FieldMaker, Fields
from graph.schema.listtypes import connection_fields, edge_fields, group_fields, page_info_fields
from graph.schema.livetypes import (
    LIVE_CLUSTER,
    LIVE_ERROR,
    change_fields,
    changes_fields,
    live_cluster_fields,
    live_error_fields,
    payload_fields,
)
from graph.schema.returns import Returns
from graph.schema.scalars import IDENTIFIERS
from k8s.kinds.kind import Kind
from k8s.kinds.structure import Field, FieldFormat
from resolvers.links.members import ANY_KIND, CLUSTER, Derived, KindsLink, Link, Member, Owner, RemoteField, Shape
from resolvers.names import type_name

INTERFACE: Final = ANY_KIND.name
_ORDER: Final = {name: place for place, name in enumerate(INTERFACE_FIELDS)}
_TYPE_META: Final = {
    "apiVersion": "API group and version of the kind, such as `apps/v1`.",
    "kind": "The kind, such as `Deployment`.",
}


class Types:
    """All types by GraphQL name.

    Attributes:
        named: the types.
        make: the maker of fields.
    """

    def __init__(self, catalogue: Catalogue, *, has_masks: bool = False) -> None:
        """Takes the types as rows, and whether the operator masks paths."""
        self._catalogue = catalogue
        self._has_masks = has_masks
        self.make = FieldMaker()
        self._fields: dict[str, Fields] = {}
        self.named: dict[str, Any] = {}
        kinds = [row_type for row_type in catalogue.values() if row_type.kind is not None]
        fields = partial(self._fields.__getitem__, INTERFACE)
        text = "An object of any kind in any cluster."
        self.named[INTERFACE] = GraphQLInterfaceType(INTERFACE, fields, resolve_type=_type_of_row, description=text)
        self._declare("PageInfo", "The beginning and the end of a page of a list.")
        self._declare(SERVICE, "The schema of this graph, for the composition with others.")
        for row_type in catalogue.values():
            self._declare(row_type.name, row_type.description, is_object=row_type.is_object)
        for name in (INTERFACE, *(row_type.name for row_type in kinds)):
            objects = f"{name} objects" if name != INTERFACE else "Objects of any kinds"
            self._declare(f"{name}Connection", f"A list of {objects}, and of the clusters asked.")
            self._declare(f"{name}Edge", "An object with its cursor.")
            self._declare(f"{name}Grouping", f"{objects} that have equal values at some paths.")
            self._declare(f"{name}Change", f"A change of one of the {objects} of a list.")
            self._declare(f"{name}Changes", f"What has changed in a list of {objects}, and the state of its clusters.")
        self._declare_live()
        self._fill(kinds)

    def _declare(self, name: str, description: str, *, is_object: bool = False) -> None:
        self.named[name] = GraphQLObjectType(
            name,
            partial(self._fields.__getitem__, name),
            [self.named[INTERFACE]] if is_object else None,
            _any_value if is_object else None,
            description=description,
        )

    def _declare_live(self) -> None:
        cluster = CLUSTER.name
        self._declare(f"{cluster}Change", "A change of one of the registered clusters, or of how it answers.")
        self._declare(f"{cluster}Changes", "What has changed in the list of clusters.")
        self._declare(LIVE_CLUSTER, "A cluster of a subscription.")
        self._declare(LIVE_ERROR, "The reason why a cluster of a subscription is not live.")

    def _fill(self, kinds: list[RowType]) -> None:
        filled = self._fields
        fields = self._row_fields(kinds[0])
        filled[INTERFACE] = {name: field for name, field in fields.items() if name in INTERFACE_FIELDS}
        for row_type in self._catalogue.values():
            filled[row_type.name] = self._row_fields(row_type)
        filled["PageInfo"] = dict(page_info_fields(self.make))
        text = "The schema with its federation directives."
        filled[SERVICE] = {"sdl": self.make.field(self.make.required(GraphQLString), text)}
        for name in (INTERFACE, *(row_type.name for row_type in kinds)):
            filled[f"{name}Edge"] = dict(edge_fields(self.make, self.named, name))
            filled[f"{name}Grouping"] = dict(group_fields(self.make, self.named, name))
            filled[f"{name}Connection"] = dict(connection_fields(self.make, self.named, name))
            filled[f"{name}Change"] = dict(change_fields(self.make, self.named, name))
            filled[f"{name}Changes"] = dict(changes_fields(self.make, self.named, name))
        filled[f"{CLUSTER.name}Change"] = dict(change_fields(self.make, self.named, CLUSTER.name))
        filled[f"{CLUSTER.name}Changes"] = dict(payload_fields(self.make, self.named, CLUSTER.name))
        filled[LIVE_CLUSTER] = dict(live_cluster_fields(self.make, self.named))
        filled[LIVE_ERROR] = dict(live_error_fields(self.make))

    def link_target(self, link: Link) -> Any:
        """Returns the type of a link's field; links are nullable, so that they never fail their parents."""
        name = link.to.name if isinstance(link.to, Owner) else type_name(link.to)
        target = self.named[f"{name}Connection" if link.shape is Shape.MANY else name]
        return self.make.list_of(target) if link.shape is Shape.SOME else target

    def entity(self) -> GraphQLUnionType:
        """Returns the union of all types that a federated gateway may ask for."""
        names = [row_type.name for row_type in self._catalogue.values() if row_type.is_object] + [CLUSTER.name]
        text = "All types that other graphs may refer to: every object, and every cluster."
        return GraphQLUnionType(ENTITY, [self.named[name] for name in names], description=text)

    def _row_fields(self, row_type: RowType) -> Fields:
        text = self.make.required(GraphQLString)
        fields = {name: self.make.field(text, _TYPE_META[name]) for name in (*row_type.constants, *row_type.type_meta)}
        for name, field in row_type.plain.items():
            fields[name] = self._plain_field(field, row_type.hints.get(name))
        for name, member in row_type.members.items():
            fields[name] = self._member_field(member, row_type)
        last = len(_ORDER)
        return {name: fields[name] for name in sorted(fields, key=lambda name: _ORDER.get(name, last))}

    def _plain_field(self, field: Field, hint: Returns | None) -> GraphQLField:
        if hint is not None:
            return self.make.field(self._returned(hint), field.description)
        leaf = field.format or FieldFormat.ANY
        named = self.make.scalar(leaf) if field.structure is None else self.named[field.structure]
        if field.is_list:
            named = GraphQLList(named) if field.format is FieldFormat.ANY else self.make.list_of(named)
        description = field.description or self._fallback(field)
        return self.make.field(self.make.required(named) if field.is_required else named, description)

    def _fallback(self, field: Field) -> str:
        """Returns the description of a field's structure; Kubernetes describes some fields only by that, a few not."""
        if field.structure is not None:
            return self._catalogue[field.structure].description
        return f"The Kubernetes API reference has no text for `{field.key}`."

    def _member_field(self, member: Member, row_type: RowType) -> GraphQLField:
        if isinstance(member, KindsLink):
            own = [*kind_arguments(), *list_arguments(None, across_clusters=False, across_namespaces=True)]
            return self.make.field(self.named[f"{INTERFACE}Connection"], member.description, own)
        if isinstance(member, Derived | RemoteField):
            returned = self._returned(member_returns(row_type, member, has_masks=self._has_masks))
            return self.make.field(returned, member.description, _own_arguments(member))
        arguments = _own_arguments(member)
        if member.shape is Shape.MANY and isinstance(member.to, Kind):
            arguments = list_arguments(member.to, across_clusters=False, across_namespaces=not row_type.is_object)
        return self.make.field(self.link_target(member), member.description, arguments)

    def _returned(self, returned: Returns) -> Any:
        if isinstance(returned.element, Owner):
            named = self.named[returned.element.name]
        elif isinstance(returned.element, FieldFormat):
            named = self.make.scalar(returned.element)
        elif returned.composite is not None:
            named = self.named[returned.composite.__name__]
        else:
            identifier = IDENTIFIERS.get(returned.element)
            named = self.make.leaf(identifier or described(cast(type[Enum], returned.element)))
        made = self.make.list_of(named) if returned.is_list else named
        return made if returned.is_nullable else self.make.required(made)


def _own_arguments(member: Derived | RemoteField | Link) -> list[StrawberryArgument] | None:
    if member.arguments is None:
        return None
    return [argument(one.name, one.annotation, one.description) for one in member.arguments.takes]


def _type_of_row(value: Any, _info: object, _type: object) -> str:
    return type(value.row).__name__


def _any_value(_value: object, _info: object) -> bool:
    return True
