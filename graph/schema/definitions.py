"""The meaning of a schema's fields: its types as rows, and its root fields."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, cast

from graphql import GraphQLObjectType, GraphQLSchema

from graph.schema.catalogue import Catalogue
from graph.schema.rootdefinitions import Root
from resolvers.typedkinds import TypedKinds

_KEY: Final = "fleetgraph"


@dataclass(frozen=True, slots=True)
class SchemaDefinitions:
    """The definitions behind a schema.

    Attributes:
        catalogue: the types that are executed breadth first.
        roots: the root fields by name.
        kinds: the kinds, and their structures.
    """

    catalogue: Catalogue
    roots: Mapping[str, Root]
    kinds: TypedKinds

    def is_connection(self, name: str) -> bool:
        """Returns True if a type is a connection; structures of custom kinds may also have such names."""
        return name.endswith("Connection") and name not in self.kinds.structures

    def is_of_list(self, name: str) -> bool:
        """Returns True if a type is a connection, or the groups of one."""
        return name.endswith(("Connection", "Grouping")) and name not in self.kinds.structures


def define(schema: GraphQLSchema, definitions: SchemaDefinitions) -> None:
    """Sets the definitions of a schema."""
    schema.extensions = {**schema.extensions, _KEY: definitions}


def definitions_of(schema: GraphQLSchema) -> SchemaDefinitions:
    """Returns the definitions of a schema."""
    definitions: SchemaDefinitions = schema.extensions[_KEY]
    return definitions


def taken_names(schema: GraphQLSchema) -> tuple[Collection[str], Collection[str]]:
    """Returns the names that the types of custom kinds and the fields of their lists cannot have."""
    owners = [cast(GraphQLObjectType, schema.type_map[name]) for name in ("Query", "Cluster", "Namespace")]
    return frozenset(schema.type_map), frozenset(name for owner in owners for name in owner.fields)
