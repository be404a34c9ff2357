"""Types as text, in slices: the same text as graphql-core's."""

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLNamedType, GraphQLObjectType, GraphQLString, print_type

from graph.engine import Engine
from graph.schema.printing import printed


async def test_each_type_is_printed_as_graphql_core_does(engine: Engine) -> None:
    types = list(engine.schema.type_map.values())

    assert await printed(types) == list(map(print_type, types))


async def test_a_long_type_is_printed_as_graphql_core_does() -> None:
    interface = GraphQLInterfaceType("I", {"f0": GraphQLField(GraphQLString)})
    types: list[GraphQLNamedType] = []
    for size in (15, 16, 17, 32, 33, 100):
        for text in (None, "A text {\n with a brace."):
            fields = {
                f"f{index}": GraphQLField(GraphQLString, description="Of it {" if index % 3 == 0 else None)
                for index in range(size)
            }
            types.append(GraphQLObjectType(f"T{size}", fields, [interface], description=text))

    assert await printed(types) == list(map(print_type, types))
