"""Documents that select every field of a kind: one fragment for each definition that it leads to."""

from dataclasses import dataclass, field

from k8s.kind import Kind
from resolvers.names import list_name, single_name, type_name
from tests.truth.openapi import OpenApi, graphql_name

_DEEPEST = 4
"""How often a definition may contain itself; of built-in kinds only JSON Schema does."""


@dataclass
class FullSelection:
    """Collects the fragments of one document, by the server's definitions and the schema's type names."""

    openapi: OpenApi
    type_names: dict[str, str]
    fragments: dict[str, str] = field(default_factory=dict)

    def of(self, definition: str, above: tuple[str, ...] = ()) -> str:
        """The name of the fragment with all fields of a definition."""
        depth = above.count(definition)
        type_of = self.type_names[definition]
        name = f"{type_of}_{depth}"
        if name not in self.fragments:
            self.fragments[name] = ""
            fields = "\n".join(self._fields(definition, (*above, definition)))
            self.fragments[name] = f"fragment {name} on {type_of} {{\n{fields}\n}}"
        return name

    def _fields(self, definition: str, above: tuple[str, ...]) -> list[str]:
        lines = []
        for key, held in self.openapi.properties(definition).items():
            if held.definition is None:
                lines.append(f"  {graphql_name(key)}")
            elif above.count(held.definition) < _DEEPEST:
                lines.append(f"  {graphql_name(key)} {{ ...{self.of(held.definition, above)} }}")
        return lines

    def text(self) -> str:
        """All fragments."""
        return "\n".join(self.fragments.values())


def list_document(openapi: OpenApi, type_names: dict[str, str], kind: Kind) -> str:
    """Every field of all objects of a kind: the variable `namespaces` narrows it."""
    selection = FullSelection(openapi, type_names)
    nodes = f"nodes {{ ...{selection.of(openapi.of_kind(kind))} }}"
    if kind.namespaced:
        head = f"query ($namespaces: [String!]) {{ {list_name(kind)}(namespaces: $namespaces) {{ {nodes} }} }}"
    else:
        head = f"{{ {list_name(kind)} {{ {nodes} }} }}"
    return f"{head}\n{selection.text()}"
