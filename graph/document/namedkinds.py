"""The custom kinds that a document needs: those that it names, and those that its fields lead to."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)

from graph.schema.customschema import OF_LISTS
from graph.schema.definitions import definitions_of
from k8s.kinds.builtin import BUILT_IN
from k8s.schemas.names import root_name
from resolvers.names import list_name, single_name

_NAME: Final = re.compile(r"[A-Za-z]\w*", re.ASCII)
_REMEMBERED: Final = 500
"""Documents whose kinds are remembered; those of an operator are few."""


class NamedKinds:
    """The custom kinds of the documents of one schema, by the names of their types."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._known: dict[str, frozenset[str]] = {}

    def of(self, text: str, document: DocumentNode) -> frozenset[str]:
        """Returns the kinds that a valid document needs."""
        known = self._known.get(text)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            names = (*_NAME.findall(text), *_types(self._schema, document))
            found = (self._kinds.get(name) for name in map(root_name, names))
            known = self._known[text] = frozenset(name for name in found if name is not None)
        return known

    @cached_property
    def _kinds(self) -> Mapping[str, str]:
        """Returns the type of each custom kind by all names that stand for it."""
        return {
            name: type_name
            for type_name, kind in definitions_of(self._schema).kinds.by_type.items()
            if kind not in BUILT_IN
            for name in (type_name, list_name(kind), single_name(kind), *(type_name + end for end in OF_LISTS))
        }


class _FieldTypes(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.names: set[str] = set()
        self._info = info

    def enter_field(self, _node: FieldNode, *_: Any) -> None:
        """Notes the type of a field."""
        found = self._info.get_type()
        if found is not None:
            self.names.add(get_named_type(found).name)


def _types(schema: GraphQLSchema, document: DocumentNode) -> Iterator[str]:
    info = TypeInfo(schema)
    types = _FieldTypes(info)
    visit(document, TypeInfoVisitor(info, types))
    yield from types.names
