"""What an operation may cost, in objects, before anything is asked of any cluster.

A list costs its `first`, or so many as are usual where that is left out; what is selected of its objects costs that
much for each of them. `@include` and `@skip` are not looked at: what may be there counts. The sum of each selection
set is made once, by what it adds for one object, so the time is linear in the document however often a fragment is
spread.

Paths of `where`, `orderBy` and `groups` send no object, but lead to values: those are estimated likewise, for each
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
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    value_from_ast_untyped,
)

from graph.document.fanout import USUAL, USUAL_OF_PARENT, Fanout
from graph.schema.catalogue import catalogue
from graph.schema.federation import ENTITIES_FIELD

_OF_CLUSTERS: Final = frozenset({"Cluster", "ViewerCluster"})
"""Types of which a field called `clusters` holds one for each cluster."""

_ROWS: Final = frozenset({"nodes", "edges", "groups"})
"""The fields of a connection that hold its objects."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What an operation may cost.

    Attributes:
        objects: of all lists.
        values: that paths lead to through links to many.
    """

    objects: int
    values: int


@dataclass(slots=True)
class _Sum:
    """What a selection set adds.

    Attributes:
        each: objects, for each object of the list that it is of.
        once: objects beside them.
        values: that paths lead to, for each object of the list.
        whole: likewise, for each object that the list reads.
    """

    each: int = 0
    once: int = 0
    values: int = 0
    whole: int = 0

    def add(self, other: "_Sum") -> None:
        """Adds another selection set of the same objects."""
        self.each += other.each
        self.once += other.once
        self.values += other.values
        self.whole += other.whole


@dataclass(slots=True)
class CostMeasure:
    """Measures one operation of a valid document.

    Attributes:
        clusters: that the caller may ask.
        variables: their values, defaults filled in.
    """

    schema: GraphQLSchema
    document: DocumentNode
    clusters: int
    variables: Mapping[str, Any]
    _fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    _known: dict[int, _Sum] = field(default_factory=dict)
    _fanout: Fanout = field(default_factory=lambda: Fanout(catalogue()))

    def of(self, operation: OperationDefinitionNode) -> Cost:
        """What the operation may cost."""
        self._fragments = {
            node.name.value: node for node in self.document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        root = self.schema.get_root_type(operation.operation)
        if operation.selection_set is None or root is None:
            return Cost(0, 0)
        sums = self._sum(operation.selection_set, root)
        return Cost(sums.each + sums.once, sums.values)

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
        held = get_named_type(owner.fields[name].type)
        below = self._sum(node.selection_set, held)
        if held.name.endswith("Connection"):
            objects, clusters = self._objects(node, owner)
            total.each += objects * below.each + below.once
            total.once += objects * (clusters - 1) if below.each else 0  # read of each, and not all of them sent
            total.values += objects * below.values + self._read(node, owner) * (self._paths(node, held) + below.whole)
            return
        if owner.name.endswith("Connection") and name not in _ROWS:
            total.once += self.clusters * (below.each + below.once)  # the envelope
        elif name in _ROWS and owner.name.endswith(("Connection", "Grouping")):
            total.each += 1 + below.each if name == "nodes" else max(1, below.each)
        elif held.name in _OF_CLUSTERS:
            total.each += (self.clusters if name == "clusters" else 1) * (below.each + below.once)
            total.values += (self.clusters - 1) * below.values if name == "clusters" else 0
        elif name == ENTITIES_FIELD:
            total.each += self._entities(node) * (1 + below.each)
            total.values += (self._entities(node) - 1) * below.values
        elif _is_object(held):
            total.each += 1 + below.each + below.once
        else:
            total.each += below.each + below.once
        total.values += below.values
        total.whole += below.whole + self._paths_of_groups(node, owner)

    def _read(self, node: FieldNode, owner: Any) -> int:
        """The objects of a list that are read, of which its page is a part."""
        if owner is self.schema.query_type:
            return max(USUAL * self._clusters(node), self._objects(node, owner)[0])
        return USUAL if owner.name == "Cluster" else USUAL_OF_PARENT

    def _paths(self, node: FieldNode, connection: Any) -> int:
        """The values that a list's arguments lead to, for each of its objects."""
        of = connection.name.removesuffix("Connection")
        return sum(self._fanout.of(of, self._given(node, name)) for name in ("where", "orderBy"))

    def _paths_of_groups(self, node: FieldNode, owner: Any) -> int:
        """The same of what is grouped by, and of what figures are computed of."""
        for suffix in ("Connection", "Grouping"):
            if owner.name.endswith(suffix):
                of = owner.name.removesuffix(suffix)
                return sum(self._fanout.of(of, self._given(node, name)) for name in ("by", "orderBy", "path"))
        return 0

    def _objects(self, node: FieldNode, owner: Any) -> tuple[int, int]:
        """The objects of a list in the answer, and the clusters each of which is asked for as many."""
        first = self._given(node, "first")
        clusters = self._clusters(node) if owner is self.schema.query_type else 1
        if isinstance(first, int) and not isinstance(first, bool) and first > 0:
            return first, clusters
        if owner is self.schema.query_type:
            return USUAL * clusters, 1
        return (USUAL if owner.name == "Cluster" else USUAL_OF_PARENT), 1

    def _clusters(self, node: FieldNode) -> int:
        chosen = self._given(node, "clusters")
        names = chosen.get("names") or chosen.get("ids") if isinstance(chosen, Mapping) else None
        return min(len(names), self.clusters) if isinstance(names, list | tuple) else self.clusters

    def _entities(self, node: FieldNode) -> int:
        given = self._given(node, "representations")
        return len(given) if isinstance(given, list | tuple) else 1

    def _given(self, node: FieldNode, name: str) -> Any:
        """An argument's value, by the variables; a wrong one is refused elsewhere."""
        for argument in node.arguments or ():
            if argument.name.value == name:
                return value_from_ast_untyped(argument.value, dict(self.variables))
        return None


def _has_fields(owner: Any) -> bool:
    return isinstance(owner, GraphQLObjectType | GraphQLInterfaceType)


def _is_object(held: Any) -> bool:
    """Whether it is an object of a cluster, and no structure inside one."""
    return "KubernetesObject" in {held.name, *(each.name for each in getattr(held, "interfaces", ()))}


def only_introspects(operation: OperationDefinitionNode) -> bool:
    """Whether nothing but the schema is asked for, as far as can be seen at once."""
    selections = operation.selection_set.selections if operation.selection_set else ()
    return all(isinstance(each, FieldNode) and each.name.value.startswith("__") for each in selections)
