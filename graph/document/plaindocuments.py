"""Documents with the same answer in every schema: they name built-in kinds only, and nothing that leads to others.

A caller whose schema is still being built need not wait for it to list pods. Whatever may depend on custom kinds, such
as paths, objects of any kind, owners, introspection and what clusters serve, is left to the caller's own schema.
"""

from typing import Any, Final

from graphql import (
    BREAK,
    DocumentNode,
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    VisitorAction,
    get_named_type,
    is_leaf_type,
    visit,
)

from graph.schema.definitions import definitions_of
from graph.schema.rootdefinitions import ListRoot, SingleRoot

_ARGUMENTS: Final = frozenset(
    (
        *("cluster", "clusters", "namespace", "namespaces", "name", "names"),
        *("labelSelector", "fieldSelector", "first", "after"),
    )
)
"""Arguments that hold no path and no name of a kind."""
_LEADING: Final = frozenset({"Cluster", "ClusterCounts", "Namespace"})
"""Types with lists of custom kinds; of them, only values are the same in every schema."""
_TYPENAME: Final = "__typename"


def is_plain(schema: GraphQLSchema, document: DocumentNode) -> bool:
    """Returns whether a valid document of the built-in schema has the same answer in all others."""
    info = TypeInfo(schema)
    plain = _Plainness(schema, info)
    visit(document, TypeInfoVisitor(info, plain))
    return plain.holds


class _Plainness(Visitor):
    """Looks at each field, up to the first one that is not plain.

    Attributes:
        holds: whether all so far are the same in every schema.
    """

    def __init__(self, schema: GraphQLSchema, info: TypeInfo) -> None:
        super().__init__()
        self.holds = True
        self._info = info
        self._roots = definitions_of(schema).roots
        self._query = schema.query_type

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> VisitorAction:
        """Allows queries only."""
        self.holds = node.operation is OperationType.QUERY
        return None if self.holds else BREAK

    def enter_field(self, node: FieldNode, *_: Any) -> VisitorAction:
        """Checks a field of any depth."""
        self.holds = self._is_plain(node)
        return None if self.holds else BREAK

    def _is_plain(self, node: FieldNode) -> bool:
        parent, found = self._info.get_parent_type(), self._info.get_type()
        if not isinstance(parent, GraphQLObjectType) or found is None:
            return False
        if not _ARGUMENTS.issuperset(argument.name.value for argument in node.arguments or ()):
            return False
        name, named = node.name.value, get_named_type(found)
        if parent is self._query:
            return name == _TYPENAME or isinstance(self._roots.get(name), ListRoot | SingleRoot)
        return not _is_abstract(named) and (is_leaf_type(named) or parent.name not in _LEADING)


def _is_abstract(named: Any) -> bool:
    """Returns whether values of a type, or of the list that it is, are of several types."""
    if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
        return True
    nodes = named.fields.get("nodes") if isinstance(named, GraphQLObjectType) else None
    return nodes is not None and _is_abstract(get_named_type(nodes.type))
