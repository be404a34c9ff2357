"""Selections of every field of a type, made from the schema, so that a new field is in them without a line here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

Values: TypeAlias = Mapping[str, Sequence[str]]
"""The values of arguments, as they are written in documents, by the argument's name."""

REVEALING: Final = frozenset({"reveal"})
_DEEPEST: Final = 4


def called(name: str, field: GraphQLField, values: Values) -> Iterator[str]:
    """Yields the field with each of some values of its required arguments, and of those that name a kind."""
    of_kind = {"apiVersion", "kind"} & field.args.keys()
    required = [name for name, argument in field.args.items() if is_required_argument(argument) or name in of_kind]
    texts = [""]
    for argument in required:
        texts = [f"{text}{', ' if text else ''}{argument}: {value}" for text in texts for value in values[argument]]
    for text in texts:
        yield f"{name}({text})" if text else name


def selected(
    schema: GraphQLSchema, owner: str, values: Values, depth: int = 0, above: tuple[str, ...] = ()
) -> Iterator[str]:
    """Yields selections with every field of a type, alone."""
    row_type = schema.get_type(owner)
    if not isinstance(row_type, GraphQLObjectType | GraphQLInterfaceType):
        yield "__typename"
        return
    for name, field in row_type.fields.items():
        below = get_named_type(field.type)
        if name in REVEALING:
            continue
        for one in called(name, field, values):
            if is_leaf_type(below):
                yield one
            elif _is_object(below):
                yield f"{one} {{ name }}"
            elif depth < _DEEPEST and below.name not in (*above, owner) and _leads_on(below.name):
                for inner in selected(schema, below.name, values, depth + 1, (*above, owner)):
                    yield f"{one} {{ {inner} }}"


def _is_object(below: GraphQLNamedType) -> bool:
    """Returns whether a link leads to objects of a kind, which have their own tests."""
    return isinstance(below, GraphQLObjectType) and any(one.name == "KubernetesObject" for one in below.interfaces)


def _leads_on(name: str) -> bool:
    """Returns True for types of values; other objects have their own tests."""
    return not name.endswith("Connection") and name not in {"Cluster", "KubernetesObject"}


def merged(selections: Sequence[str]) -> str:
    """Returns all selections in one document, each with an alias at its beginning."""
    return " ".join(f"a{number}: {selection}" for number, selection in enumerate(selections))
