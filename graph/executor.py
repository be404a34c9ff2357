"""Where breadth-first execution takes over from graphql-core's own.

Every root field of ours is completed by `Run`, level by level; introspection, and everything that a schema may have
besides, is executed as usual. With `breadth_first` off the ordinary executor does all of it, with the same answers:
that is what the tests compare with.
"""

from collections.abc import Sequence
from typing import Any, cast

from graphql import GraphQLObjectType, located_error
from graphql.execution.collect_fields import DeferUsage
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from strawberry.schema.schema import _OperationContextAwareGraphQLResolveInfo

from graph.document.introspecting import IntrospectingExecutor
from graph.execution.nulled import NULLED
from graph.execution.roots import (
    find_cluster,
    find_clusters,
    find_list,
    find_object,
    find_single,
    read_entities,
    row_type_name,
)
from graph.execution.run import Run
from graph.incremental.delivery import Delivery, deliver_root
from graph.incremental.streaming import stream_list
from graph.planning.deferring import Later, split, undeferred
from graph.planning.levels import FieldDetailsList, Level
from graph.planning.listfield import ListField
from graph.planning.planner import Planner
from graph.planning.targets import Targets
from graph.schema.catalogue import catalogue
from graph.schema.roots import (
    AuditRoot,
    ClusterRoot,
    ClustersRoot,
    EntitiesRoot,
    ListRoot,
    ObjectRoot,
    Root,
    SingleRoot,
    ViewerRoot,
    roots,
)
from k8s.kinds.kind import Kind
from k8s.turns.turns import Pace
from resolvers.access.viewer import VIEWER, read_viewer
from resolvers.arguments.arguments import list_arguments
from resolvers.audit.events import AUDIT_PAGES, read_audit
from resolvers.filters.operands import read_operands
from resolvers.fleet.cluster import FleetCluster
from resolvers.links.members import CLUSTER
from resolvers.lists.rows import Rows
from resolvers.names import type_name
from resolvers.operation.operation import Operation
from resolvers.pacing import worked


class FleetExecutor(IntrospectingExecutor):
    """Executes operations over the fleet; `context_value` is the `Operation`."""

    breadth_first = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.planner = Planner(self, catalogue(), self.context_value.limits)
        self.details: FieldDetailsList = []
        self.delivery: Delivery | None = None

    def deliver_later(self) -> Delivery:
        """From now on, what is deferred is delivered later."""
        self.planner = Planner(self, catalogue(), self.context_value.limits, is_incremental=True)
        self.delivery = Delivery(self.context_value)
        return self.delivery

    @property
    def run(self) -> Run:
        """What completes levels in this operation."""
        operation: Operation = self.context_value
        return Run(operation, self.report, deferrals=self.delivery.deferrals if self.delivery is not None else None)

    def execute_collected_root_fields(
        self,
        root_type: GraphQLObjectType,
        root_value: Any,
        grouped_field_set: dict[str, FieldDetailsList],
        serially: bool,
        new_defer_usages: Sequence[DeferUsage],
    ) -> Any:
        """Executes the root's fields; those that are deferred at the same time, but they are delivered later."""
        if self.delivery is None or not new_defer_usages:
            fields = undeferred(grouped_field_set) if new_defer_usages else grouped_field_set
            return self.execute_root_grouped_field_set(root_type, root_value, fields, serially, None)
        fields, later = split(grouped_field_set)
        for each in later:
            executor = cast(FleetExecutor, self.create_sub_executor())

            def execute(executor: FleetExecutor = executor, later: Later = each) -> Any:
                return executor.execute_root_grouped_field_set(root_type, root_value, later.fields, serially, None)

            deliver_root(self.delivery, each.labels, execute, executor.collected_errors.errors)
            self.delivery.ends_with(executor.close)
        return self.execute_root_grouped_field_set(root_type, root_value, fields, serially, None)

    def execute_collected_subfields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path,
        grouped_field_set: dict[str, FieldDetailsList],
        new_defer_usages: Sequence[DeferUsage],
        delivery_group_map: Any,
    ) -> Any:
        """What graphql-core executes itself is delivered at once."""
        fields = undeferred(grouped_field_set) if new_defer_usages else grouped_field_set
        return self.execute_fields(parent_type, source_value, path, fields, None)

    def get_stream_usage(self, field_details_list: FieldDetailsList, path: Path) -> None:
        """Likewise of lists."""

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Any:
        """Completes a root field of ours; leaves all others to graphql-core."""
        root = roots().get(field_details_list[0].node.name.value) if parent_type is self.schema.query_type else None
        if root is None or not self.breadth_first:
            self.details = field_details_list
            return super().execute_field(parent_type, source, field_details_list, path, position_context)
        return self._complete_root(root, parent_type, field_details_list, path)

    def build_resolve_info(self, *args: Any, **kwargs: Any) -> Any:
        """Adds to the info what an ordinary resolver needs to plan: the executor and the field's nodes."""
        info = super().build_resolve_info(*args, **kwargs)
        planned: Any = PlannedInfo(*cast(Any, info))
        planned.executor, planned.details = self, self.details
        return planned

    def close(self) -> None:
        """Lets go of what leads back here; graphql-core may still settle, in the background, what it gave up."""
        for name in ("planner", "details", "delivery", "async_helpers"):
            vars(self).pop(name, None)

    def report(self, error: Exception, details: FieldDetailsList, path: Path) -> None:
        """Adds an error at a path whose value is not null because of it."""
        located = located_error(error, [each.node for each in details], path.as_list())
        self.collected_errors.errors.append(located)

    async def _complete_root(
        self, root: Root, parent_type: GraphQLObjectType, details: FieldDetailsList, path: Path
    ) -> Any:
        await Pace().breathe()  # all root fields begin in one turn of the loop, and each is planned at a stretch
        field = parent_type.fields[details[0].node.name.value]
        try:
            first = details[0]
            given = get_argument_values(
                field, first.node, self.variable_values, first.fragment_variable_values, hide_suggestions=True
            )
            return await self._completed(root, given, details, path)
        except Exception as error:  # noqa: BLE001  located and collected as graphql-core does
            self.handle_field_error(error, field.type, details, path)
            return None

    async def _completed(self, root: Root, given: dict[str, Any], details: FieldDetailsList, path: Path) -> Any:
        operation: Operation = self.context_value
        match root:
            case ListRoot(kind):
                return await self._list(kind, given, details, path)
            case SingleRoot(kind):
                targets = self.planner.root_targets(details)
                return await self._first(await find_single(operation, kind, targets, given), targets, path)
            case ObjectRoot():
                targets = self.planner.root_targets(details)
                return await self._first(await find_object(operation, targets, given), targets, path)
            case ClusterRoot():
                cluster = await find_cluster(operation, given["name"])
                targets = self.planner.targets(details)
                targets.level(CLUSTER.name)
                await targets.read_operands()
                operation.estimate_requests(targets.planned_lists())
                return await self._first(Rows([cluster], [cluster]), targets, path)
            case ClustersRoot():
                rows = await find_clusters(operation, given)
                targets = self.planner.targets(details)
                level = targets.level(CLUSTER.name)
                await targets.read_operands()
                await operation.estimate(self.planner.planned_lists())
                sent = await self.run.level(level, rows, lambda index: path.add_key(index, None))
                return None if NULLED in sent else sent
            case EntitiesRoot():
                return await self._entities(given["representations"], details, path)
            case ViewerRoot():
                return await self._viewer(self.planner.targets(details), path)
            case AuditRoot():
                level = self.planner.targets(details).level(AUDIT_PAGES.owner.name)
                return await self._alone(await read_audit(operation, given), level, path)

    async def _list(self, kind: Kind, given: dict[str, Any], details: FieldDetailsList, path: Path) -> Any:
        operation: Operation = self.context_value
        arguments = list_arguments(given, operation.limits)
        plan = self.planner.connection(f"{type_name(kind)}Connection", details, arguments, is_streamed=True)
        await read_operands(self.planner.unread())
        await operation.estimate(self.planner.planned_lists(), lists=1)
        asked = ListField(kind, plan, arguments, details, path)
        if plan.streaming is not None and self.delivery is not None:
            return await stream_list(self.delivery, asked, plan.streaming, self.report)
        page = await find_list(self.run, asked)
        if page.failures:
            await worked(lambda failure: self.report(failure, details, path), page.failures)
        (sent,) = await self.run.connections(plan, [page], lambda _index: path)
        return sent

    async def _entities(self, given: list[object], details: FieldDetailsList, path: Path) -> list[Any]:
        targets = self.planner.targets(details)
        found = await read_entities(self.context_value, targets, given)
        for index, failure in found.failures.items():
            self.report(failure, details, path.add_key(index, None))
        sent = await self.run.distinct(
            lambda value: targets.level(row_type_name(value)),
            found.values,
            Rows([], cast(list[FleetCluster], found.clusters)),
            lambda index: path.add_key(index, None),
        )
        return [None if value is NULLED else value for value in sent]

    async def _viewer(self, targets: Targets, path: Path) -> Any:
        level = targets.level(VIEWER.owner.name)
        await targets.read_operands()
        await self.context_value.estimate(self.planner.planned_lists())
        return await self._alone(await read_viewer(self.context_value), level, path)

    async def _alone(self, row: Any, level: Level, path: Path) -> Any:
        """One row that stands in no cluster."""
        (sent,) = await self.run.level(level, Rows([row], cast(list[FleetCluster], [None])), lambda _index: path)
        return None if sent is NULLED else sent

    async def _first(self, rows: Rows, targets: Targets, path: Path) -> Any:
        if not rows.rows:
            return None
        row = rows.rows[0]
        (sent,) = await self.run.level(targets.level(row_type_name(row)), rows, lambda _index: path)
        return None if sent is NULLED else sent


class PlannedInfo(_OperationContextAwareGraphQLResolveInfo):
    """Strawberry's info with what an ordinary resolver needs to plan."""

    executor: FleetExecutor
    details: FieldDetailsList
