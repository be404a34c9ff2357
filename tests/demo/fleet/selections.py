"""Documents that select all fields of the objects of a kind, without links and computed fields with arguments."""

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_interface_type,
    is_leaf_type,
    is_required_argument,
    is_union_type,
)

from k8s.kinds.kind import Kind
from resolvers.names import list_name, type_name

_DEEPEST = 2
"""The maximum depth of a type in itself: of built-in kinds' types only JSON Schema contains itself."""


def everything_of(schema: GraphQLSchema, kind: Kind) -> str:
    """Returns a query for all fields of all objects of a kind."""
    fragments: dict[str, str] = {}
    name = _fragment(schema, type_name(kind), fragments, above=())
    query = f"{{ {list_name(kind)}(first: 10000) {{ totalCount nodes {{ ...{name} }} }} }}"
    return "\n".join((query, *fragments.values()))


def _fragment(schema: GraphQLSchema, name: str, fragments: dict[str, str], *, above: tuple[str, ...]) -> str:
    spread = f"{name}_{above.count(name)}"
    if spread not in fragments:
        fragments[spread] = ""
        of_type = schema.type_map[name]
        assert isinstance(of_type, GraphQLObjectType)
        lines = [
            line
            for key, field in of_type.fields.items()
            if (line := _line(schema, key, field, fragments=fragments, above=(*above, name)))
        ]
        fragments[spread] = f"fragment {spread} on {name} {{ {' '.join(lines)} }}"
    return spread


def _line(
    schema: GraphQLSchema, key: str, field: GraphQLField, *, fragments: dict[str, str], above: tuple[str, ...]
) -> str:
    if any(map(is_required_argument, field.args.values())):
        return ""
    below = get_named_type(field.type)
    if is_leaf_type(below):
        return key
    if is_interface_type(below) or is_union_type(below) or _is_link(below) or above.count(below.name) >= _DEEPEST:
        return ""
    return f"{key} {{ ...{_fragment(schema, below.name, fragments, above=above)} }}"


def _is_link(of_type: object) -> bool:
    """Returns whether a field leads to other objects, or to the cluster."""
    if not isinstance(of_type, GraphQLObjectType):
        return False
    is_object = any(interface.name == "KubernetesObject" for interface in of_type.interfaces)
    return is_object or of_type.name.endswith("Connection") or of_type.name == "Cluster"
