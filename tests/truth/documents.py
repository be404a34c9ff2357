"""Documents that select every field of a kind, with one fragment for each type."""

import json
from dataclasses import dataclass, field

from graphql import GraphQLObjectType, GraphQLSchema, get_named_type

from graph.answer import Answer
from k8s.kinds.kind import Kind
from resolvers.names import list_name, single_name, type_name
from tests.controlplane.json_object import JsonValue
from tests.truth.openapi import OpenApi, graphql_name

TYPE_NAME = "_type"
DEEPEST = 4
"""The maximum depth of a type in itself; of built-in kinds' types only JSON Schema contains itself."""


@dataclass
class FullSelection:
    """The fragments of a document: the fields of the server's definitions, on the schema's types.

    With `names_types` each selection set has `__typename`, too, as `TYPE_NAME`: then no object can be sent as decoded.
    """

    openapi: OpenApi
    schema: GraphQLSchema
    names_types: bool = False
    fragments: dict[str, str] = field(default_factory=dict)

    def of(self, definition: str, type_name: str, above: tuple[str, ...] = ()) -> str:
        """Returns the name of the fragment with all fields of a definition."""
        name = f"{type_name}_{above.count(definition)}"
        if name not in self.fragments:
            self.fragments[name] = ""
            fields = "\n".join(self._fields(definition, type_name, above=(*above, definition)))
            self.fragments[name] = f"fragment {name} on {type_name} {{\n{fields}\n}}"
        return name

    def _fields(self, definition: str, type_name: str, *, above: tuple[str, ...]) -> list[str]:
        lines = [f"  {TYPE_NAME}: __typename"] if self.names_types else []
        of_type = self.schema.type_map[type_name]
        assert isinstance(of_type, GraphQLObjectType)
        for key, property_type in self.openapi.properties(definition).items():
            name = graphql_name(key)
            if property_type.definition is None:
                lines.append(f"  {name}")
            elif above.count(property_type.definition) < DEEPEST:
                below = self.of(property_type.definition, get_named_type(of_type.fields[name].type).name, above)
                lines.append(f"  {name} {{ ...{below} }}")
        return lines


def full_document(openapi: OpenApi, schema: GraphQLSchema, kind: Kind, *, names_types: bool = False) -> str:
    """Returns a document with every field of all objects of a kind as `all`, and of one as `one`, by the variables."""
    selection = FullSelection(openapi, schema, names_types)
    everything = f"{{ ...{selection.of(openapi.of_kind(kind), type_name(kind))} }}"
    declared, given = ("$namespace: String!, ", "namespace: $namespace, ") if kind.namespaced else ("", "")
    return "\n".join(
        (
            f"query ($cluster: String!, {declared}$name: String!) {{",
            f"  all: {list_name(kind)} {{ nodes {everything} }}",
            f"  one: {single_name(kind)}(cluster: $cluster, {given}name: $name) {everything}",
            "}",
            *selection.fragments.values(),
        )
    )


@dataclass(frozen=True)
class FullAnswer:
    """The answer to a full document, without the names of types."""

    all: JsonValue
    one: JsonValue


def read_answer(answer: Answer) -> FullAnswer:
    """Returns the answer as a client reads it; it must not have errors."""
    body = json.loads(answer.to_json())
    assert "errors" not in body
    return FullAnswer(_without_type_names(body["data"]["all"]["nodes"]), _without_type_names(body["data"]["one"]))


def _without_type_names(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _without_type_names(item) for key, item in value.items() if key != TYPE_NAME}
    if isinstance(value, list):
        return [_without_type_names(item) for item in value]
    return value
