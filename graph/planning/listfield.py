"""A root list of an operation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import is_

from graphql.pyutils import Path

from graph.planning.connectionplan import ConnectionPlan
from graph.planning.levels import FieldDetailsList
from k8s.kinds.kind import Kind
from resolvers.arguments.listarguments import ListArguments
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.manykinds import ChosenKinds
from resolvers.typedkinds import TypedKinds


@dataclass(frozen=True, slots=True)
class ObjectsField:
    """One list field of objects of any kinds: the kinds in each cluster, its plan, its arguments, and its place.

    Attributes:
        name: the name of the list and its own arguments, which its cursors are bound to.
        clusters: the clusters of the list.
        type_of: returns the type of the objects of a kind.
        is_by_kind: whether the objects of a cluster are ordered by kind; a list of one cluster has one kind.
    """

    name: tuple[str, ...]
    chosen: ChosenKinds
    clusters: Sequence[FleetCluster]
    type_of: Callable[[Kind], str]
    plan: ConnectionPlan
    arguments: ListArguments
    details: FieldDetailsList
    path: Path
    is_by_kind: bool = False

    def scope_in(self, cluster: FleetCluster) -> bytes:
        """Returns the list that cursors are bound to if each cluster has a list of its own."""
        return self.arguments.scope(cluster.id, *self.name)

    @property
    def scope(self) -> bytes:
        """The list that its cursors are bound to."""
        return self.arguments.scope(*self.name)


@dataclass(frozen=True, slots=True)
class ListField:
    """One list field: its plan, its arguments, and its place in the response."""

    kind: Kind
    plan: ConnectionPlan
    arguments: ListArguments
    details: FieldDetailsList
    path: Path

    @property
    def is_by_kind(self) -> bool:
        """False: its objects are of one kind."""
        return False

    @property
    def scope(self) -> bytes:
        """The list that its cursors are bound to."""
        return self.arguments.scope(str(self.kind))


@dataclass(frozen=True, slots=True)
class PlannedList:
    """A list as it was planned.

    Attributes:
        field: the list.
        lists: the number of links and remote fields in its plan.
        kinds: those of the schema, and those of the caller's clusters.
    """

    field: ListField
    lists: int
    kinds: tuple[TypedKinds, TypedKinds]


@dataclass(slots=True)
class KeptList:
    """The list of a query that is executed again and again with equal variables: it is planned once.

    Attributes:
        planned: the list as the last execution planned it.
    """

    planned: PlannedList | None = None

    def of(self, kinds: tuple[TypedKinds, TypedKinds]) -> PlannedList | None:
        """Returns the list if it was planned with these kinds."""
        planned = self.planned
        return planned if planned is not None and all(map(is_, planned.kinds, kinds)) else None
