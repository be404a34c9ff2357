"""The estimated cost of an operation in objects, before any request to a cluster.

A list costs its `first`, or the usual number of objects without it, times the cost of the selection of one object.
`@include` and `@skip` are ignored: every field counts. The sum of a selection set is made once, for one object, so the
time is linear in the document, however often a fragment is spread.

Paths of `where`, `orderBy` and `groups` send no objects but read values. These are estimated separately, for each
object that a list reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    value_from_ast_untyped,
)

from graph.document.estimatedcost import Cost
from graph.document.expansionestimate import USUAL, USUAL_OF_PARENT, ExpansionEstimate
from graph.schema.definitions import SchemaDefinitions, definitions_of
from graph.schema.federation import ENTITIES_FIELD

_OF_CLUSTERS: Final = frozenset({"Cluster", "ViewerCluster"})
_LISTS_OF_CLUSTERS: Final = frozenset({"clusters", "preferredIn", "staleIn"})
"""Fields of those types that have one item for each cluster."""

_LIST_OF_CATEGORIES: Final = "categories"
"""Its `names` are not those of objects."""

_ROWS: Final = frozenset({"nodes", "edges", "groups"})
"""The fields of a connection that contain its objects."""

_FEW: Final = 2
"""The objects of a plain list without `first`: the owners of an object."""


@dataclass(slots=True)
class _Sum:
    """The cost of a selection set.

    Attributes:
        per_object: objects for each object of the list around it.
        once: objects for the list as a whole.
        values: values of paths, for each object of the list.
        whole: values of paths, for each object that the list reads.
    """

    per_object: int = 0
    once: int = 0
    values: int = 0
    whole: int = 0

    def add(self, other: "_Sum") -> None:
        """Adds another selection set of the same objects."""
        self.per_object += other.per_object
        self.once += other.once
        self.values += other.values
        self.whole += other.whole


@dataclass(slots=True)
class CostMeasure:
    """Estimates the cost of one operation of a valid document.

    Attributes:
        clusters: the number of clusters that exist for the caller.
        variables: their values, with defaults.
        depends_on_variables: whether the values of variables made a difference.
    """

    schema: GraphQLSchema
    document: DocumentNode
    clusters: int
    variables: Mapping[str, Any]
    depends_on_variables: bool = False
    _fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    _known: dict[int, _Sum] = field(default_factory=dict)
    _definitions: SchemaDefinitions = field(init=False)
    _expansion: ExpansionEstimate = field(init=False)

    def __post_init__(self) -> None:
        self._definitions = definitions_of(self.schema)
        self._expansion = ExpansionEstimate(self._definitions.catalogue)

    def of(self, operation: OperationDefinitionNode) -> Cost:
        """Returns the estimated cost of the operation."""
        self._fragments = {
            node.name.value: node for node in self.document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        root = self.schema.get_root_type(operation.operation)
        if operation.selection_set is None or root is None:
            return Cost(0, 0)
        sums = self._sum(operation.selection_set, root)
        return Cost(sums.per_object + sums.once, sums.values)

    def _sum(self, selections: SelectionSetNode, owner: Any) -> _Sum:
        known = self._known.get(id(selections))
        if known is None:
            known = self._known[id(selections)] = _Sum()
            for selection in selections.selections:
                self._add(known, selection, owner)
        return known

    def _add(self, total: _Sum, selection: Any, owner: Any) -> None:
        match selection:
            case FieldNode():
                self._add_field(total, selection, owner)
                return
            case FragmentSpreadNode():
                fragment = self._fragments[selection.name.value]
                inner = self._sum(fragment.selection_set, self.schema.type_map[fragment.type_condition.name.value])
            case InlineFragmentNode():
                condition = selection.type_condition
                inner = self._sum(
                    selection.selection_set, self.schema.type_map[condition.name.value] if condition else owner
                )
        total.add(inner)

    def _add_field(self, total: _Sum, node: FieldNode, owner: Any) -> None:
        name = node.name.value
        if name.startswith("__") or not _has_fields(owner):
            return
        if node.selection_set is None:
            total.whole += self._paths_of_groups(node, owner)
            return
        field_type = get_named_type(owner.fields[name].type)
        below = self._sum(node.selection_set, field_type)
        if self._definitions.is_connection(field_type.name):
            objects, clusters = self._objects(node, owner)
            total.per_object += objects * below.per_object + below.once
            total.once += objects * (clusters - 1) if below.per_object else 0  # objects that are read but not sent
            total.values += objects * below.values + self._read(node, owner) * (
                self._paths(node, field_type) + below.whole
            )
            return
        if name not in _ROWS and self._definitions.is_connection(owner.name):
            total.once += self.clusters * (below.per_object + below.once)  # the envelope
        elif name in _ROWS and self._definitions.is_of_list(owner.name):
            total.per_object += 1 + below.per_object if name == "nodes" else max(1, below.per_object)
        elif field_type.name in _OF_CLUSTERS:
            total.per_object += (self.clusters if name in _LISTS_OF_CLUSTERS else 1) * (below.per_object + below.once)
            total.values += (self.clusters - 1) * below.values if name in _LISTS_OF_CLUSTERS else 0
        elif name == ENTITIES_FIELD:
            total.per_object += self._entities(node) * (1 + below.per_object)
            total.values += (self._entities(node) - 1) * below.values
        elif _is_object(field_type):
            some = self._listed(node, owner.fields[name])
            total.per_object += some * (1 + below.per_object + below.once)
            total.values += (some - 1) * below.values
        else:
            total.per_object += below.per_object + below.once
        total.values += below.values
        total.whole += below.whole + self._paths_of_groups(node, owner)

    def _read(self, node: FieldNode, owner: Any) -> int:
        """Returns the number of objects that a list reads, of which its page is a part."""
        usual, is_root = self._usual(node, owner), owner is self.schema.query_type
        return max(usual * self._clusters(node), self._objects(node, owner)[0]) if is_root else usual

    def _usual(self, node: FieldNode, owner: Any) -> int:
        """Returns the objects of a list of a parent or of a cluster: one for each name and namespace, or as usual."""
        usual = USUAL if owner is self.schema.query_type or owner.name == "Cluster" else USUAL_OF_PARENT
        return min(usual, self._named(node) or usual)

    def _named(self, node: FieldNode) -> int:
        """Returns the objects of each cluster that a list names; 0 if it names none."""
        if node.name.value == _LIST_OF_CATEGORIES:
            return 0
        named, several, namespaces = (_length(self._argument(node, key)) for key in ("name", "names", "namespaces"))
        return (named or several) * max(1, namespaces)

    def _paths(self, node: FieldNode, connection: Any) -> int:
        """Returns the number of values that a list's arguments read for each of its objects."""
        of = connection.name.removesuffix("Connection")
        return sum(self._expansion.of(of, self._argument(node, name)) for name in ("where", "orderBy"))

    def _paths_of_groups(self, node: FieldNode, owner: Any) -> int:
        """Returns the same of the paths of groups and figures."""
        if not node.arguments or not self._definitions.is_of_list(owner.name):
            return 0
        suffix = "Connection" if owner.name.endswith("Connection") else "Grouping"
        of = owner.name.removesuffix(suffix)
        return sum(self._expansion.of(of, self._argument(node, name)) for name in ("by", "orderBy", "path"))

    def _objects(self, node: FieldNode, owner: Any) -> tuple[int, int]:
        """Returns the objects of a list in the answer, and the number of clusters that each read as many."""
        first, usual = self._argument(node, "first"), self._usual(node, owner)
        clusters = self._clusters(node) if owner is self.schema.query_type else 1
        if isinstance(first, int) and not isinstance(first, bool) and first > 0:
            is_over = self._named(node) and first > usual
            return (min(first, usual * clusters), 1) if is_over else (first, clusters)
        return usual * clusters, 1

    def _listed(self, node: FieldNode, field: Any) -> int:
        """Returns the objects of a link to one object, or of a plain list of them: a few, or as many as are usual."""
        if not isinstance(get_nullable_type(field.type), GraphQLList):
            return 1
        if "first" not in field.args:
            return _FEW
        first = self._argument(node, "first")
        return first if isinstance(first, int) and first > 0 else USUAL_OF_PARENT

    def _clusters(self, node: FieldNode) -> int:
        chosen = self._argument(node, "clusters")
        names = chosen.get("names") or chosen.get("ids") if isinstance(chosen, Mapping) else None
        return min(len(names), self.clusters) if isinstance(names, list | tuple) else self.clusters

    def _entities(self, node: FieldNode) -> int:
        representations = self._argument(node, "representations")
        return len(representations) if isinstance(representations, list | tuple) else 1

    def _argument(self, node: FieldNode, name: str) -> Any:
        """Returns the value of an argument, with variables; invalid ones are refused elsewhere."""
        for argument in node.arguments or ():
            if argument.name.value == name:
                self.depends_on_variables |= _has_variables(argument.value)
                return value_from_ast_untyped(argument.value, dict(self.variables))
        return None


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


def _has_fields(owner: Any) -> bool:
    return isinstance(owner, GraphQLObjectType | GraphQLInterfaceType)


def _is_object(field_type: Any) -> bool:
    """Returns True for an object of a cluster, False for a structure inside one."""
    interfaces = (interface.name for interface in getattr(field_type, "interfaces", ()))
    return "KubernetesObject" in {field_type.name, *interfaces}
