"""Breadth-first execution in the place of graphql-core's own.

Every root field of the fleet is completed by `Run`, level by level. Introspection, mutations and the other fields of a
schema are executed by graphql-core.
"""

from collections import ChainMap
from collections.abc import Mapping, Sequence
from typing import Any, cast

from graphql import GraphQLObjectType, GraphQLSchema
from graphql.execution.collect_fields import DeferUsage
from graphql.pyutils import Path

from graph.document.introspecting import IntrospectingExecutor
from graph.execution.responsepaths import located
from graph.execution.rootdispatch import RootField, RootRows
from graph.execution.rootlookups import find_list, read_entities, row_type_name
from graph.execution.run import Run
from graph.incremental.delivery import Delivery
from graph.incremental.streaming import stream_list
from graph.planning.deferring import Later, split, undeferred
from graph.planning.emitted import NULLED
from graph.planning.levels import FieldDetailsList
from graph.planning.listfield import ListField, ObjectsField
from graph.planning.planner import Planner
from graph.schema.catalogue import Catalogue, RowType
from graph.schema.definitions import definitions_of
from graph.schema.rootdefinitions import ClustersRoot, EntitiesRoot, ListRoot, ObjectsRoot, Root
from k8s.deniedvalues import denied_to
from k8s.turns.turns import Pace
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import worked


class FleetExecutor(IntrospectingExecutor):
    """Executes operations over the fleet; `context_value` is the `Operation`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._definitions = definitions_of(self.schema)
        self.path_catalogue: Catalogue = self._definitions.catalogue
        self.planner = self._planner(is_incremental=False)
        self.delivery: Delivery | None = None

    def deliver_later(self) -> Delivery:
        """Switches to incremental delivery; without it, deferred fields are delivered at once."""
        self.planner = self._planner(is_incremental=True)
        self.delivery = Delivery(self.context_value)
        return self.delivery

    def resolve_paths_in(self, own: GraphQLSchema) -> None:
        """Resolves paths of arguments in the types of the caller's own schema; only types that it lacks are others."""
        if own is not self.schema:
            catalogues = (definitions_of(own).catalogue, self._definitions.catalogue)  # they make types when asked
            self.path_catalogue = ChainMap(*cast(tuple[dict[str, RowType], ...], catalogues))
            self.planner.path_catalogue = self.path_catalogue

    def _planner(self, *, is_incremental: bool) -> Planner:
        operation: Operation = self.context_value
        return Planner(
            self,
            self._definitions.catalogue,
            operation.limits,
            path_catalogue=self.path_catalogue,
            warnings=operation.warnings,
            masking=operation.masking,
            is_incremental=is_incremental,
        )

    @property
    def run(self) -> Run:
        """Returns the execution of levels in this operation."""
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
        for fragment in later:
            executor = cast(FleetExecutor, self.create_sub_executor())

            def execute(executor: FleetExecutor = executor, later: Later = fragment) -> Any:
                return executor.execute_root_grouped_field_set(root_type, root_value, later.fields, serially, None)

            self.delivery.deliver_root(fragment.labels, execute, executor.collected_errors.errors)
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
        """Executes subfields of graphql-core's own fields, deferred ones at once."""
        fields = undeferred(grouped_field_set) if new_defer_usages else grouped_field_set
        return self.execute_fields(parent_type, source_value, path, fields, None)

    def get_stream_usage(self, field_details_list: FieldDetailsList, path: Path) -> None:
        """Disables `@stream` on graphql-core's own lists."""

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Any:
        """Completes a root field of ours; leaves all others to graphql-core."""
        name = field_details_list[0].node.name.value
        root = self._definitions.roots.get(name) if parent_type is self.schema.query_type else None
        if root is None:
            return super().execute_field(parent_type, source, field_details_list, path, position_context)
        return self._complete_root(root, parent_type, field_details_list, path)

    def close(self) -> None:
        """Drops the references that lead back here; graphql-core may still settle abandoned work in the background."""
        for name in ("planner", "delivery", "async_helpers"):
            vars(self).pop(name, None)

    def report(self, error: Exception, details: FieldDetailsList, path: Path) -> None:
        """Adds an error at a path whose value is not null because of it."""
        self.collected_errors.errors.append(located(error, details, path))

    async def _complete_root(
        self, root: Root, parent_type: GraphQLObjectType, details: FieldDetailsList, path: Path
    ) -> Any:
        await Pace().breathe()  # root fields begin in one turn of the loop, and each plans without a break
        name = details[0].node.name.value
        try:
            arguments = self.planner.selection_sets.arguments(parent_type.name, name, details)
            with denied_to(lambda error: self.report(error, details, path)):
                return await self._completed(root, arguments, details, path)
        except Exception as error:  # noqa: BLE001  located and collected as graphql-core does
            self.handle_field_error(error, parent_type.fields[name].type, details, path)
            return None

    async def _completed(self, root: Root, arguments: Mapping[str, Any], details: FieldDetailsList, path: Path) -> Any:
        field = RootField(self.context_value, self.planner, details, arguments)
        match root:
            case ListRoot(kind):
                return await self._list(await field.list(kind, path, is_streamed=True))
            case ObjectsRoot():
                return await self._list(await field.objects(root, path))
            case EntitiesRoot():
                return await self._entities(arguments["representations"], details, path)
            case ClustersRoot():
                clusters = await field.rows(root)
                rows = await clusters.matching(self.run, details, path)
                values = await self.run.level(clusters.level, rows, lambda index: path.add_key(index, None))
                return None if NULLED in values else values
            case _:
                found = await field.rows(root)
                for failure in found.failures:
                    self.report(failure, details, path)
                return await self._first(found, path)

    async def _first(self, root: RootRows, path: Path) -> Any:
        if not root.rows.rows:
            return None
        (value,) = await self.run.level(root.level, root.rows, lambda _index: path)
        return None if value is NULLED else value

    async def _list(self, field: ListField | ObjectsField) -> Any:
        streaming = field.plan.streaming
        if streaming is not None and self.delivery is not None:
            return await stream_list(self.delivery, field, streaming, self.report)
        run = self.run.of_list()
        page = await find_list(run, field)
        if page.failures:
            await worked(lambda failure: self.report(failure, field.details, field.path), page.failures)
        (connection,) = await run.connections(field.plan, [page], lambda _index: field.path)
        return connection

    async def _entities(self, arguments: list[object], details: FieldDetailsList, path: Path) -> list[Any]:
        targets = self.planner.targets(details)
        entities = await read_entities(self.context_value, targets, arguments)
        for index, failure in entities.failures.items():
            self.report(failure, details, path.add_key(index, None))
        values = await self.run.distinct(
            lambda value: targets.level(row_type_name(value)),
            entities.values,
            Rows([], cast(list[FleetCluster], entities.clusters)),
            lambda index: path.add_key(index, None),
        )
        return [None if value is NULLED else value for value in values]
