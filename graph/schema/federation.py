"""The schema as a subgraph of Apollo Federation 2.

Every object and every cluster is an entity: another subgraph may refer to it by its id and add fields to it, to all
kinds at once through the interface `KubernetesObject` (`@interfaceObject`). `PageInfo` is shareable, since every graph
with Relay's connections has it.

Source: Apollo Federation subgraph specification; keys of interfaces need version 2.3.
"""

from collections.abc import Mapping
from typing import Final, NewType

import strawberry
from graphql import (
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_scalar_type,
)
from graphql.utilities.print_schema import print_description
from strawberry.types.scalar import ScalarDefinition

from graph.schema.printing import printed
from resolvers.links.members import ANY_KIND, CLUSTER

SERVICE_FIELD: Final = "_service"
ENTITIES_FIELD: Final = "_entities"
SERVICE: Final = "_Service"
ENTITY: Final = "_Entity"
AnyEntity = NewType("AnyEntity", object)
ANY_ENTITY: Final[ScalarDefinition] = strawberry.scalar(
    name="_Any",
    description="An entity as a federated gateway knows it: `__typename` and the fields of a key.",
    serialize=lambda value: value,
    parse_value=lambda value: value,
)

_LINK: Final = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])'
_OURS: Final = frozenset({SERVICE, ENTITY, "_Any"})
_ID: Final = '@key(fields: "id")'
_DIRECTIVES: Final[Mapping[str, str]] = {
    ANY_KIND.name: _ID,
    CLUSTER.name: f'{_ID} @key(fields: "name")',
    "PageInfo": "@shareable",
}


class SubgraphSdl:
    """The text of `_service { sdl }`: the schema with its keys, without the fields of federation itself."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._text: str | None = None

    async def text(self) -> str:
        """Returns the text, printed at the first call."""
        if self._text is None:
            types = [named for named in self._schema.type_map.values() if _is_printed(named)]
            query = self._schema.query_type
            texts = await printed(_without_federation(named) if named is query else named for named in types)
            self._text = "\n\n".join((_LINK, *map(_with_directives, types, texts))) + "\n"
        return self._text


def _is_printed(named: GraphQLNamedType) -> bool:
    return not (is_introspection_type(named) or is_specified_scalar_type(named) or named.name in _OURS)


def _with_directives(named: GraphQLNamedType, text: str) -> str:
    directives = _directives(named)
    if not directives:
        return text
    described = len(print_description(named))  # a description may contain any line
    head, brace, fields = text[described:].partition(" {")
    return f"{text[:described]}{head} {directives}{brace}{fields}"


def _directives(named: GraphQLNamedType) -> str:
    if isinstance(named, GraphQLObjectType) and named.interfaces:
        return _ID
    return _DIRECTIVES.get(named.name, "")


def _without_federation(query: GraphQLObjectType) -> GraphQLObjectType:
    fields = {name: field for name, field in query.fields.items() if name not in {SERVICE_FIELD, ENTITIES_FIELD}}
    return GraphQLObjectType(query.name, fields, description=query.description)
