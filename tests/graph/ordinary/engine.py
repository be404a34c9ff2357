"""The same engine on graphql-core's own executor: the oracle of breadth-first execution."""

from functools import cache
from typing import Any, cast

from graphql import GraphQLObjectType, GraphQLSchema
from graphql.pyutils import Path
from strawberry.schema.schema import _OperationContextAwareGraphQLResolveInfo

from graph.document.introspecting import IntrospectingExecutor
from graph.engine import Engine
from graph.executor import FleetExecutor
from graph.planning.levels import FieldDetailsList
from graph.schemastate import SchemaStateBuilder
from tests.graph.ordinary.resolvers import attach_resolvers


class PlannedInfo(_OperationContextAwareGraphQLResolveInfo):
    """Strawberry's info with the executor and the field's nodes: a resolver plans with them."""

    executor: "OrdinaryExecutor"
    details: FieldDetailsList


class OrdinaryExecutor(FleetExecutor):
    """Leaves every field to its resolver, an object at a time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.details: FieldDetailsList = []

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Any:
        """Executes any field, root fields included, as graphql-core does."""
        self.details = field_details_list
        return IntrospectingExecutor.execute_field(
            self, parent_type, source, field_details_list, path, position_context
        )

    def build_resolve_info(self, *args: Any, **kwargs: Any) -> Any:
        """Adds the executor and the field's nodes to the info."""
        info = super().build_resolve_info(*args, **kwargs)
        planned: Any = PlannedInfo(*cast(Any, info))
        planned.executor, planned.details = self, self.details
        return planned

    def close(self) -> None:
        """Drops the references that lead back here."""
        super().close()
        vars(self).pop("details", None)


class OrdinaryBuilder(SchemaStateBuilder):
    """Builds schemas with a resolver for each field."""

    def attach(self, schema: GraphQLSchema) -> None:
        """Gives all fields their resolvers."""
        super().attach(schema)
        attach_resolvers(schema)


class OrdinaryEngine(Engine):
    """Executes requests with graphql-core's own executor."""

    executor_class = OrdinaryExecutor
    builder_class = OrdinaryBuilder


@cache
def ordinary_engine(engine: Engine) -> OrdinaryEngine:
    """Returns the engine that another one is compared with, built once for each: of the members that there are now."""
    return OrdinaryEngine(engine.limits, types=engine.schemas.source)
