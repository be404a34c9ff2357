"""The sizes of lists, as their arguments say or as is usual, before any request to a cluster."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    FieldNode,
    GraphQLList,
    GraphQLObjectType,
    ListValueNode,
    ObjectValueNode,
    VariableNode,
    get_nullable_type,
    value_from_ast_untyped,
)

from graph.document.expansionestimate import USUAL, USUAL_OF_PARENT

_LIST_OF_CATEGORIES: Final = "categories"
"""Its `names` are not those of objects."""

_FEW: Final = 2
"""The objects of a plain list without `first`: the owners of an object."""


@dataclass(slots=True)
class ListSizes:
    """Estimates the sizes of the lists of one operation.

    Attributes:
        query_type: the type whose lists are those of all clusters.
        clusters: the number of clusters that exist for the caller.
        variables: their values, with defaults.
        depends_on_variables: whether the values of variables made a difference.
    """

    query_type: GraphQLObjectType | None
    clusters: int
    variables: Mapping[str, Any]
    depends_on_variables: bool = False

    def objects(self, node: FieldNode, owner: Any) -> tuple[int, int]:
        """Returns the objects of a list in the answer, and the number of clusters that each read as many."""
        first, usual = self.argument(node, "first"), self._usual(node, owner)
        clusters = self._clusters(node) if owner is self.query_type else 1
        if isinstance(first, int) and not isinstance(first, bool) and first > 0:
            is_over = first > usual and self._named(node) and self._has_namespaces(node, owner)
            return (min(first, usual * clusters), 1) if is_over else (first, clusters)
        return usual * clusters, 1

    def read(self, node: FieldNode, owner: Any) -> int:
        """Returns the number of objects that a list reads, of which its page is a part."""
        usual, is_root = self._usual(node, owner), owner is self.query_type
        return max(usual * self._clusters(node), self.objects(node, owner)[0]) if is_root else usual

    def listed(self, node: FieldNode, field: Any) -> int:
        """Returns the objects of a link to one object, or of a plain list of them: a few, or as many as are usual."""
        if not isinstance(get_nullable_type(field.type), GraphQLList):
            return 1
        if "first" not in field.args:
            return _FEW
        first = self.argument(node, "first")
        return first if isinstance(first, int) and first > 0 else USUAL_OF_PARENT

    def entities(self, node: FieldNode) -> int:
        """Returns the number of entities that are asked for."""
        representations = self.argument(node, "representations")
        return len(representations) if isinstance(representations, list | tuple) else 1

    def argument(self, node: FieldNode, name: str) -> Any:
        """Returns the value of an argument, with variables; invalid ones are refused elsewhere."""
        for argument in node.arguments or ():
            if argument.name.value == name:
                self.depends_on_variables |= _has_variables(argument.value)
                return value_from_ast_untyped(argument.value, dict(self.variables))
        return None

    def _usual(self, node: FieldNode, owner: Any) -> int:
        """Returns the objects of a list of a parent or of a cluster: one for each name and namespace, or as usual."""
        usual = USUAL if owner is self.query_type or owner.name == "Cluster" else USUAL_OF_PARENT
        return min(usual, self._named(node) or usual)

    def _named(self, node: FieldNode) -> int:
        """Returns the objects of each cluster that a list names; 0 if it names none."""
        if node.name.value == _LIST_OF_CATEGORIES:
            return 0
        named, several, namespaces = (_length(self.argument(node, key)) for key in ("name", "names", "namespaces"))
        return (named or several) * max(1, namespaces)

    def _has_namespaces(self, node: FieldNode, owner: Any) -> bool:
        """Returns False if a list names objects in all namespaces: each of these may have one of a name."""
        return "namespaces" not in owner.fields[node.name.value].args or _length(self.argument(node, "namespaces")) > 0

    def _clusters(self, node: FieldNode) -> int:
        chosen = self.argument(node, "clusters")
        names = chosen.get("names") or chosen.get("ids") if isinstance(chosen, Mapping) else None
        return min(len(names), self.clusters) if isinstance(names, list | tuple) else self.clusters


def _has_variables(value: Any) -> bool:
    match value:
        case VariableNode():
            return True
        case ListValueNode():
            return any(map(_has_variables, value.values))
        case ObjectValueNode():
            return any(_has_variables(field.value) for field in value.fields)
    return False


def _length(argument: Any) -> int:
    """Returns the length of a list in an argument; one value is a list of itself."""
    return len(argument) if isinstance(argument, list | tuple) else int(argument is not None)
