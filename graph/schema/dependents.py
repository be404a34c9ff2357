"""The types of a schema that lead to some others."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_introspection_type,
)

from k8s.turns.background import Background


async def dependents(schema: GraphQLSchema, changed: Iterable[str], background: Background) -> Sequence[str]:
    """Returns the types that lead to a changed one, and these, in the order of the schema."""
    leading = defaultdict[str, set[str]](set)

    def note(named: GraphQLNamedType) -> None:
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType) and not is_introspection_type(named):
            for field in named.fields.values():
                leading[get_named_type(field.type).name].add(named.name)
            for interface in named.interfaces:
                leading[interface.name].add(named.name)

    await background.worked(note, schema.type_map.values())
    found, waiting = set[str](), list(changed)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += leading[name]
    return [name for name in schema.type_map if name in found]
