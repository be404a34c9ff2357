"""The estimated cost of an operation in objects, before any request to a cluster.

A list costs its `first`, or the usual number of objects without it, times the cost of the selection of one object.
`@include` and `@skip` are ignored: every field counts. The sum of a selection set is made once, for one object, so the
time is linear in the document, however often a fragment is spread.

Paths of `where`, `orderBy` and `groups` send no objects but read values. These are estimated separately, for each
object that a list reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)

from graph.document.estimatedcost import Cost, KnownCosts, only_introspects
from graph.document.expansionestimate import ExpansionEstimate
from graph.document.listsizes import ListSizes
from graph.schema.catalogue import Catalogue
from graph.schema.definitions import SchemaDefinitions, definitions_of
from graph.schema.federation import ENTITIES_FIELD
from resolvers.operation.operation import Operation
from store.errors import StoreError

if TYPE_CHECKING:
    from graph.executor import FleetExecutor

_OF_CLUSTERS: Final = frozenset({"Cluster", "ViewerCluster"})
_LISTS_OF_CLUSTERS: Final = frozenset({"clusters", "preferredIn", "staleIn"})
"""Fields of those types that have one item for each cluster."""

_ROWS: Final = frozenset({"nodes", "edges", "groups"})
"""The fields of a connection that contain its objects."""


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
        path_catalogue: the types that paths lead through; None for those of the schema.
    """

    schema: GraphQLSchema
    document: DocumentNode
    clusters: int
    variables: Mapping[str, Any]
    path_catalogue: Catalogue | None = None
    _fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    _known: dict[int, _Sum] = field(default_factory=dict)
    _sizes: ListSizes = field(init=False)
    _definitions: SchemaDefinitions = field(init=False)
    _expansion: ExpansionEstimate = field(init=False)

    def __post_init__(self) -> None:
        self._sizes = ListSizes(self.schema.query_type, self.clusters, self.variables)
        self._definitions = definitions_of(self.schema)
        self._expansion = ExpansionEstimate(self.path_catalogue or self._definitions.catalogue)

    @property
    def depends_on_variables(self) -> bool:
        """Returns whether the values of variables made a difference."""
        return self._sizes.depends_on_variables

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
            objects, clusters = self._sizes.objects(node, owner)
            total.per_object += objects * below.per_object + below.once
            total.once += objects * (clusters - 1) if below.per_object else 0  # objects that are read but not sent
            total.values += objects * below.values + self._sizes.read(node, owner) * (
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
            total.per_object += self._sizes.entities(node) * (1 + below.per_object)
            total.values += (self._sizes.entities(node) - 1) * below.values
        elif _is_object(field_type):
            some = self._sizes.listed(node, owner.fields[name])
            total.per_object += some * (1 + below.per_object + below.once)
            total.values += (some - 1) * below.values
        else:
            total.per_object += below.per_object + below.once
        total.values += below.values
        total.whole += below.whole + self._paths_of_groups(node, owner)

    def _paths(self, node: FieldNode, connection: Any) -> int:
        """Returns the number of values that a list's arguments read for each of its objects."""
        of = connection.name.removesuffix("Connection")
        return sum(self._expansion.of(of, self._sizes.argument(node, name)) for name in ("where", "orderBy"))

    def _paths_of_groups(self, node: FieldNode, owner: Any) -> int:
        """Returns the same of the paths of groups and figures."""
        if not node.arguments or not self._definitions.is_of_list(owner.name):
            return 0
        suffix = "Connection" if owner.name.endswith("Connection") else "Grouping"
        of = owner.name.removesuffix(suffix)
        return sum(self._expansion.of(of, self._sizes.argument(node, name)) for name in ("by", "orderBy", "path"))


class CostLimit:
    """Estimates costs, and knows those of operations that do not depend on variables."""

    def __init__(self) -> None:
        self._known = KnownCosts()

    async def excess(self, schema: GraphQLSchema, document: DocumentNode, executor: "FleetExecutor") -> str | None:
        """Returns the message about an operation whose estimated cost exceeds a limit; no cluster was asked."""
        operation: Operation = executor.context_value
        if only_introspects(executor.operation):
            return None
        try:
            clusters = len(await operation.clusters())
        except StoreError:
            return None  # the fields that need clusters report it
        variables, paths = executor.variable_values.coerced, executor.path_catalogue
        measure = partial(CostMeasure, schema, document, clusters, variables, paths)
        cost = self._known.of(executor.operation, clusters, measure)
        if operation.explanation is not None:
            operation.explanation.estimated_objects = cost.objects
        return cost.excess(operation.limits)


def _has_fields(owner: Any) -> bool:
    return isinstance(owner, GraphQLObjectType | GraphQLInterfaceType)


def _is_object(field_type: Any) -> bool:
    """Returns True for an object of a cluster, False for a structure inside one."""
    interfaces = (interface.name for interface in getattr(field_type, "interfaces", ()))
    return "KubernetesObject" in {field_type.name, *interfaces}
