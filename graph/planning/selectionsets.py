"""The selection sets of one execution: fields, arguments and directives, as graphql-core collects them.

graphql-core's `collect_subfields` applies fragments, type conditions, `@skip` and `@include` and merges fields. So a
plan sees each response key once, with all selection sets that were written for it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from graphql import GraphQLObjectType, GraphQLStreamDirective, get_argument_values, get_directive_values
from graphql.execution.collect_fields import CollectedFields
from graphql.execution.executor import Executor

from graph.planning.deferring import Fields, Later, split, undeferred
from graph.planning.levels import FieldDetailsList
from graph.schema.catalogue import Catalogue
from resolvers.errors import LimitExceeded
from resolvers.limits import OperationLimits


class SelectionSets:
    """The selection sets of an executor's operation; the selected fields are counted.

    Attributes:
        selected: the number of selected fields so far.
    """

    def __init__(
        self, executor: Executor[Any], catalogue: Catalogue, limits: OperationLimits, *, is_incremental: bool
    ) -> None:
        """Takes the executor; unless `is_incremental`, deferred fields are delivered at once."""
        self.catalogue = catalogue
        self.limits = limits
        self.is_incremental = is_incremental
        self.variables: Mapping[str, Any] = executor.variable_values.coerced
        self.selected = 0
        self._executor = executor

    def fields(self, name: str, details: FieldDetailsList) -> Fields:
        """Returns the selected fields of a type by response key.

        Raises:
            LimitExceeded: the query selects too many fields.
        """
        collected = self._collected(name, details)
        return undeferred(collected.grouped_field_set) if collected.new_defer_usages else collected.grouped_field_set

    def fields_and_later(self, name: str, details: FieldDetailsList) -> tuple[Fields, Sequence[Later]]:
        """Returns the same in two parts: the fields that are delivered at once, and the deferred ones.

        Raises:
            LimitExceeded: the query selects too many fields.
        """
        if not self.is_incremental:
            return self.fields(name, details), ()
        collected = self._collected(name, details)
        return split(collected.grouped_field_set) if collected.new_defer_usages else (collected.grouped_field_set, ())

    def arguments(self, owner: str, field_name: str, details: FieldDetailsList) -> Mapping[str, Any]:
        """Returns the coerced arguments of a field."""
        graphql_type = cast(GraphQLObjectType, self._executor.schema.type_map[owner])
        first = details[0]
        return get_argument_values(
            graphql_type.fields[field_name],
            first.node,
            self._executor.variable_values,
            first.fragment_variable_values,
            hide_suggestions=True,
        )

    def stream(self, details: FieldDetailsList) -> Mapping[str, Any] | None:
        """Returns the arguments of a field's `@stream`; None without it, or with `if: false`."""
        node, of_fragment = details[0].node, details[0].fragment_variable_values
        arguments = get_directive_values(
            GraphQLStreamDirective, node, self._executor.variable_values, of_fragment, hide_suggestions=True
        )
        return arguments if arguments is not None and arguments.get("if") is not False else None

    def _collected(self, name: str, details: FieldDetailsList) -> CollectedFields:
        graphql_type = cast(GraphQLObjectType, self._executor.schema.type_map[name])
        collected = self._executor.collect_subfields(graphql_type, details)
        self.selected += len(collected.grouped_field_set)
        if self.selected > self.limits.selected_fields:
            raise LimitExceeded(
                f"The query selects more than {self.limits.selected_fields} fields (FLEETGRAPH_MAX_SELECTED_FIELDS)."
            )
        return collected
