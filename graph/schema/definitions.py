"""The meaning of a schema's fields: its types as rows, and its root fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from graphql import GraphQLSchema

from graph.schema.catalogue import Catalogue
from graph.schema.rootdefinitions import Root
from resolvers.typedkinds import TypedKinds

_KEY: Final = "fleetgraph"


@dataclass(frozen=True, slots=True)
class Definitions:
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
        """Returns True if a type is a connection; structures of custom kinds may have such names, too."""
        return name.endswith("Connection") and name not in self.kinds.structures

    def is_of_list(self, name: str) -> bool:
        """Returns True if a type is a connection, or the groups of one."""
        return name.endswith(("Connection", "Grouping")) and name not in self.kinds.structures


def define(schema: GraphQLSchema, definitions: Definitions) -> None:
    """Sets the definitions of a schema."""
    schema.extensions = {**schema.extensions, _KEY: definitions}


def definitions_of(schema: GraphQLSchema) -> Definitions:
    """Returns the definitions of a schema."""
    return cast(Definitions, schema.extensions[_KEY])
