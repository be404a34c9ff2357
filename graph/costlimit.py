"""The limit of the estimated cost of operations."""

from functools import partial

from graphql import DocumentNode, GraphQLSchema

from graph.document.cost import CostMeasure
from graph.document.estimatedcost import KnownCosts, only_introspects
from graph.executor import FleetExecutor
from resolvers.operation.operation import Operation
from store.errors import StoreError


class CostLimit:
    """Estimates costs, and knows those of operations that do not depend on variables."""

    def __init__(self) -> None:
        self._known = KnownCosts()

    async def excess(self, schema: GraphQLSchema, document: DocumentNode, executor: FleetExecutor) -> str | None:
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
