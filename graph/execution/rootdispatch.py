"""Root fields, dispatched once: the rows or the list of each one, before they are completed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from graphql.pyutils import Path

from graph.execution.filtering import filtered
from graph.execution.objectlists import plan_objects
from graph.execution.rootlookups import find_cluster, find_clusters, find_object, find_single, row_type_name
from graph.planning.connectionplanner import ConnectionPlanner
from graph.planning.filters import RowFilter
from graph.planning.levels import FieldDetailsList, Level
from graph.planning.listfield import ListField, ObjectsField, PlannedList
from graph.planning.planner import Planner
from graph.planning.targets import Targets
from graph.schema.rootdefinitions import (
    AuditRoot,
    ClusterRoot,
    ClustersRoot,
    ObjectRoot,
    ObjectsRoot,
    ServedKindsRoot,
    SingleRoot,
    ViewerRoot,
)
from k8s.errors import ClusterError
from k8s.kinds.kind import Kind
from resolvers.access.viewer import VIEWER, read_viewer
from resolvers.arguments.listarguments import ListArguments, list_arguments
from resolvers.arguments.pushdown import narrowed_clusters
from resolvers.arguments.where import conditions, orders
from resolvers.audit.auditfields import AUDIT_PAGES, read_audit
from resolvers.filters.operands import read_operands
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.servedkind import KIND_PAGES
from resolvers.links.members import CLUSTER
from resolvers.lists.fleetkinds import read_kinds
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation

if TYPE_CHECKING:
    from graph.execution.run import Run

RowsRoot = SingleRoot | ObjectRoot | ClusterRoot | ClustersRoot | ViewerRoot | AuditRoot | ServedKindsRoot


@dataclass(frozen=True, slots=True)
class RootRows:
    """The rows of a root field, and the levels of their types.

    Attributes:
        owner: the name of their type; None if the class of each row has it.
        failures: the errors of clusters without which the rows are.
        row_filter: the conditions and the order of the rows; None without any.
    """

    rows: Rows
    targets: Targets
    owner: str | None = None
    failures: Sequence[ClusterError] = ()
    row_filter: RowFilter | None = None

    async def matching(self, run: "Run", details: FieldDetailsList, path: Path) -> Rows:
        """Returns the rows that match the conditions, in order."""
        (rows,) = await filtered(run.hidden(details, path), self.row_filter, [self.rows], lambda _index: path)
        return rows

    @property
    def level(self) -> Level:
        """Returns the level of all rows, or of the first one if each has a type of its own."""
        return self.targets.level(self.owner or row_type_name(self.rows.rows[0]))


@dataclass(frozen=True, slots=True)
class RootField:
    """One root field of an operation; `arguments` are coerced."""

    operation: Operation
    planner: Planner
    details: FieldDetailsList
    arguments: Mapping[str, Any]

    async def rows(self, root: RowsRoot) -> RootRows:
        """Finds the rows of a field that is neither a list of a kind nor a field of a federated gateway.

        Raises:
            QueryError: an argument is invalid, or too many requests are needed.
            ClusterError: the cluster failed.
        """
        operation, planner, details = self.operation, self.planner, self.details
        match root:
            case SingleRoot(kind):
                targets = planner.root_targets(details)
                return RootRows(await find_single(operation, kind, targets, self.arguments), targets)
            case ObjectRoot():
                targets = planner.root_targets(details)
                return RootRows(await find_object(operation, targets, self.arguments), targets)
            case ClusterRoot():
                cluster = await find_cluster(operation, self.arguments["name"])
                targets = await self._targets(CLUSTER.name)
                operation.estimate_requests(targets.planned_lists())
                return RootRows(Rows([cluster], [cluster]), targets, CLUSTER.name)
            case ClustersRoot():
                clusters = await find_clusters(operation, self.arguments)
                row_filter = await self._filter_of_clusters()
                targets = await self._targets(CLUSTER.name)
                await self._estimate(targets.level(CLUSTER.name))
                return RootRows(clusters, targets, CLUSTER.name, row_filter=row_filter)
            case ViewerRoot():
                targets = await self._targets(VIEWER.owner.name)
                await self._estimate(targets.level(VIEWER.owner.name))
                return RootRows(_without_cluster(await read_viewer(operation)), targets, VIEWER.owner.name)
            case AuditRoot():
                targets = planner.targets(details)
                targets.level(AUDIT_PAGES.owner.name)
                page = await read_audit(operation, self.arguments)
                return RootRows(_without_cluster(page), targets, AUDIT_PAGES.owner.name)

            case ServedKindsRoot():
                targets = await self._targets(KIND_PAGES.owner.name)
                await operation.estimate(planner.planned_lists(), lists=1)
                kinds = await read_kinds(operation, self.arguments)
                return RootRows(_without_cluster(kinds), targets, KIND_PAGES.owner.name, kinds.failures)

    async def list(self, kind: Kind, path: Path, *, is_streamed: bool = False) -> ListField:
        """Plans a list of a kind; `is_streamed` means that its objects may be sent as clusters answer.

        Raises:
            QueryError: an argument is invalid, or too many requests are needed.
        """
        operation, kept = self.operation, self.planner.kept
        planned = None if kept is None else kept.of((operation.kinds, operation.own_kinds))
        if planned is None:
            planned = await self._planned(kind, path, is_streamed=is_streamed)
            if kept is not None:
                kept.planned = planned
        arguments = planned.field.arguments
        clusters = arguments.clusters.of(await operation.clusters(), is_strict=not operation.changed)
        clusters = narrowed_clusters(arguments, clusters) if operation.pushes_down else clusters
        await operation.estimate(planned.lists, arguments.requests, clusters)
        return planned.field

    async def _planned(self, kind: Kind, path: Path, *, is_streamed: bool) -> PlannedList:
        operation, planner = self.operation, self.planner
        arguments = list_arguments(self.arguments, operation.limits)
        plan = planner.connection(kind, self.details, arguments, is_streamed=is_streamed)
        await read_operands(planner.unread())
        field = ListField(kind, plan, arguments, self.details, path)
        return PlannedList(field, planner.planned_lists(), (operation.kinds, operation.own_kinds))

    async def objects(self, root: ObjectsRoot, path: Path) -> ObjectsField:
        """Plans a list of objects of any kinds; raises as `plan_objects`."""
        return await plan_objects(
            self.operation, self.planner, root, details=self.details, arguments=self.arguments, path=path
        )

    async def _filter_of_clusters(self) -> RowFilter | None:
        """Plans the conditions and the order of the list of clusters."""
        arguments = ListArguments(
            where=conditions(self.arguments.get("where")), order_by=orders(self.arguments.get("orderBy"))
        )
        row_filter = ConnectionPlanner(self.planner, CLUSTER.name).row_filter(arguments)
        await read_operands(self.planner.unread())
        return row_filter

    async def _estimate(self, level: Level) -> None:
        """Estimates the requests of a planned level of each cluster; raises LimitExceeded."""
        lists = self.planner.planned_lists()
        links = lists if level.has_links else 0
        await self.operation.estimate(links, lists - links)

    async def _targets(self, name: str) -> Targets:
        """Plans the level of a type; so a selection that is too large is refused before any request."""
        targets = self.planner.targets(self.details)
        targets.level(name)
        await targets.read_operands()
        return targets


def _without_cluster(row: Any) -> Rows:
    return Rows([row], cast(list[FleetCluster], [None]))
