"""The catalogue as Strawberry types.

Every type is declared empty first and filled afterwards, since Kubernetes' structures refer to each other in circles
(`JSONSchemaProps`). Fields have no resolvers: `graph.executor` completes rows.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Annotated, Any, Union, cast

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition
from strawberry.types.field import StrawberryField

from graph.schema.arguments import argument, group_arguments, kind_arguments, list_arguments
from graph.schema.catalogue import INTERFACE_FIELDS, Catalogue, RowType
from graph.schema.enums import described
from graph.schema.federation import ENTITY, SERVICE
from graph.schema.returns import Returns, returns
from graph.schema.scalars import IDENTIFIERS, JSON, LEAVES
from k8s.kinds.kind import Kind
from k8s.kinds.structure import Field, FieldFormat
from resolvers.links.members import ANY_KIND, CLUSTER, Derived, KindsLink, Link, Member, Owner, RemoteField, Shape
from resolvers.names import type_name

INTERFACE = ANY_KIND.name
_TYPE_META = {
    "apiVersion": "API group and version of the kind, such as `apps/v1`.",
    "kind": "The kind, such as `Deployment`.",
}


class Types:
    """All Strawberry types by GraphQL name."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._enums: dict[type, object] = {}
        self._annotations: dict[object, StrawberryAnnotation] = {}  # each is resolved once for all fields
        self.classes: dict[str, type] = {}
        kinds = [row_type for row_type in catalogue.values() if row_type.kind is not None]
        self._declare(INTERFACE, "An object of any kind in any cluster.", is_interface=True)
        self._declare("PageInfo", "The beginning and the end of a page of a list.")
        self._declare(SERVICE, "The schema of this graph, for the composition with others.")
        for row_type in catalogue.values():
            self._declare(row_type.name, row_type.description, interfaces=(INTERFACE,) if row_type.is_object else ())
        for name in (INTERFACE, *(row_type.name for row_type in kinds)):
            objects = f"{name} objects" if name != INTERFACE else "Objects of any kinds"
            self._declare(f"{name}Connection", f"A list of {objects}, and of the clusters asked.")
            self._declare(f"{name}Edge", "An object with its cursor.")
            self._declare(f"{name}Grouping", f"{objects} that have equal values at some paths.")
        self._fill(kinds)

    def _declare(
        self, name: str, description: str, *, is_interface: bool = False, interfaces: Iterable[str] = ()
    ) -> None:
        """Declares an empty class with a definition; the decorator would make a dataclass, which nobody needs."""
        bases = tuple(self.classes[interface] for interface in interfaces)
        declared: Any = type(name, bases, {})
        declared.__strawberry_definition__ = StrawberryObjectDefinition(
            name=name,
            is_input=False,
            is_interface=is_interface,
            origin=declared,
            description=description,
            interfaces=[self.definition(interface) for interface in interfaces],
            extend=False,
            directives=(),
            is_type_of=None,
            resolve_type=None,
            fields=[],
        )
        self.classes[name] = declared

    def _fill(self, kinds: list[RowType]) -> None:
        first = kinds[0]
        definition = self.definition(INTERFACE)
        definition.fields = [field for field in self._row_fields(first) if field.graphql_name in INTERFACE_FIELDS]
        definition.resolve_type = lambda value, _info, _type: type(value.row).__name__
        for row_type in self._catalogue.values():
            self.definition(row_type.name).fields = list(self._row_fields(row_type))
            self.definition(row_type.name).is_type_of = _any_value if row_type.is_object else None
        self.definition("PageInfo").fields = list(self._page_info_fields())
        text = "The schema with its federation directives."
        self.definition(SERVICE).fields = [self.field("sdl", str, text)]
        for name in (INTERFACE, *(row_type.name for row_type in kinds)):
            self.definition(f"{name}Edge").fields = list(self._edge_fields(name))
            self.definition(f"{name}Grouping").fields = list(self._group_fields(name))
            self.definition(f"{name}Connection").fields = list(self._connection_fields(name))

    def definition(self, name: str) -> StrawberryObjectDefinition:
        """Returns the Strawberry definition of a type."""
        return get_object_definition(self.classes[name], strict=True)

    def field(
        self, name: str, annotation: object, description: str, arguments: list[StrawberryArgument] | None = None
    ) -> StrawberryField:
        """Returns a field without a resolver."""
        field = StrawberryField(
            python_name=name,
            graphql_name=name,
            type_annotation=self._annotations.setdefault(annotation, StrawberryAnnotation(annotation)),
            description=description,
        )
        if arguments:
            field.arguments = arguments
        return field

    def link_target(self, link: Link) -> Any:
        """Returns the type of a link's field; links are nullable, so that they never fail their parents."""
        name = link.to.name if isinstance(link.to, Owner) else type_name(link.to)
        target: Any = self.classes[f"{name}Connection" if link.shape is Shape.MANY else name]
        return (list_of(target) if link.shape is Shape.SOME else target) | None

    def entity(self) -> Any:
        """Returns the union of all types that a federated gateway may ask for."""
        names = [row_type.name for row_type in self._catalogue.values() if row_type.is_object] + [CLUSTER.name]
        members: Any = Union[tuple(self.classes[name] for name in names)]  # noqa: UP007  made at run time
        text = "All types that other graphs may refer to: every object, and every cluster."
        return Annotated[members, strawberry.union(ENTITY, description=text)]

    def _row_fields(self, row_type: RowType) -> Iterable[StrawberryField]:
        order = {name: place for place, name in enumerate(INTERFACE_FIELDS)}
        fields = [self.field(name, str, _TYPE_META[name]) for name in (*row_type.constants, *row_type.type_meta)]
        fields += [self._plain_field(field, row_type.hints.get(field.name)) for field in row_type.plain.values()]
        fields += [self._member_field(member, row_type) for member in row_type.members.values()]
        return sorted(fields, key=lambda field: order.get(field.graphql_name or "", len(order)))

    def _plain_field(self, field: Field, hint: Returns | None) -> StrawberryField:
        if hint is not None:
            return self.field(field.name, self._annotation(hint), field.description)
        annotation: Any = (
            LEAVES[field.format or FieldFormat.ANY] if field.structure is None else self.classes[field.structure]
        )
        description = field.description or self._fallback(field)
        if field.is_list:
            annotation = list[annotation | None] if field.format is FieldFormat.ANY else list[annotation]
        return self.field(field.name, annotation if field.is_required else annotation | None, description)

    def _fallback(self, field: Field) -> str:
        """Returns the description of a field's structure; Kubernetes describes some fields only by that, a few not."""
        if field.structure is not None:
            return self._catalogue[field.structure].description
        return f"The Kubernetes API reference has no text for `{field.key}`."

    def _member_field(self, member: Member, row_type: RowType) -> StrawberryField:
        if isinstance(member, KindsLink):
            own = [*kind_arguments(), *list_arguments(None, across_clusters=False, across_namespaces=True)]
            connection: Any = self.classes[f"{INTERFACE}Connection"]
            return self.field(member.name, connection | None, member.description, own)
        if isinstance(member, Derived | RemoteField):
            return self.field(
                member.name, self._annotation(returns(member.returns)), member.description, _own_arguments(member)
            )
        arguments = _own_arguments(member)
        if member.shape is Shape.MANY and isinstance(member.to, Kind):
            arguments = list_arguments(member.to, across_clusters=False, across_namespaces=not row_type.is_object)
        return self.field(member.name, self.link_target(member), member.description, arguments)

    def _annotation(self, returned: Returns) -> Any:
        annotation: Any
        if isinstance(returned.element, Owner):
            annotation = self.classes[returned.element.name]
        elif isinstance(returned.element, FieldFormat):
            annotation = LEAVES[returned.element]
        elif returned.composite is not None:
            annotation = self.classes[returned.composite.__name__]
        else:
            annotation = IDENTIFIERS.get(returned.element) or self._enum(returned.element)
        annotation = list[annotation] if returned.is_list else annotation
        return annotation | None if returned.is_nullable else annotation

    def _enum(self, enum: type) -> object:
        if enum not in self._enums:
            self._enums[enum] = described(cast(type[Enum], enum))
        return self._enums[enum]

    def _page_info_fields(self) -> Iterable[StrawberryField]:
        yield self.field("hasNextPage", bool, "Whether objects follow after this page.")
        yield self.field("hasPreviousPage", bool, "Whether there are objects before this page.")
        yield self.field("startCursor", str | None, "Cursor of the page's first object; null if it is empty.")
        yield self.field(
            "endCursor", str | None, "Cursor of the page's last object: pass it as `after` for the next page."
        )

    def _edge_fields(self, name: str) -> Iterable[StrawberryField]:
        yield self.field("cursor", str, "The position of the object: pass it as `after` for the objects behind it.")
        yield self.field("node", self.classes[name], "The object.")

    def _group_fields(self, name: str) -> Iterable[StrawberryField]:
        nodes = list_of(self.classes[name])
        path = [argument("path", str, "Into the type, also through lists, such as `restarts`.")]
        keys = list[JSON | None]
        yield self.field("key", keys, "The values of the group, one for each path of `by`.")
        yield self.field("count", int, "The number of its objects.")
        yield self.field("sum", JSON | None, "The sum of numbers or quantities, exact; null if there are none.", path)
        yield self.field("min", JSON | None, "The least value, compared by its type; null if there is none.", path)
        yield self.field("max", JSON | None, "The greatest value, compared by its type; null if there is none.", path)
        yield self.field("avg", JSON | None, "The mean of numbers or quantities; null if there are none.", path)
        first = [argument("first", int | None, "At most this many, in order; without it, all of them.")]
        yield self.field("nodes", nodes, "Its objects.", first)

    def _connection_fields(self, name: str) -> Iterable[StrawberryField]:
        nodes = list_of(self.classes[name])
        edges = list_of(self.classes[f"{name}Edge"])
        reports = list_of(self.classes["ClusterReport"])
        order = "cluster, kind, namespace and name" if name == INTERFACE else "cluster, namespace and name"
        yield self.field("nodes", nodes, f"The objects of this page, ordered by {order}.")
        yield self.field("edges", edges, "The same objects, each with its cursor.")
        yield self.field("pageInfo", self.classes["PageInfo"], "The beginning and the end of this page.")
        yield self.field(
            "totalCount",
            int,
            "The number of objects of the whole list, in the clusters that answered (see `clusters`). If not all were "
            "read, it can be an estimate: `clusters { countIsEstimate }`.",
        )
        groups = list_of(self.classes[f"{name}Grouping"])
        text = "The objects of the whole list, whatever the page, in groups of equal values: the largest first."
        yield self.field("groups", groups, text, group_arguments())
        yield self.field("clusters", reports, "The envelope: each cluster of the list, and its status.")


def _own_arguments(member: Derived | RemoteField | Link) -> list[StrawberryArgument] | None:
    if member.arguments is None:
        return None
    return [argument(one.name, one.annotation, one.description) for one in member.arguments.takes]


def list_of(item: object) -> Any:
    """Returns the annotation of a list of a class that was made at run time."""
    return list[item]  # type: ignore[valid-type]


def _any_value(_value: object, _info: object) -> bool:
    return True
