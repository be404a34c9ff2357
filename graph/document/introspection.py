"""Asking for the schema, where the operator does not want callers to."""

from typing import Any

from graphql import FieldNode, GraphQLError
from graphql.validation import ValidationRule

from graph.schema.federation import SERVICE_FIELD

_FIELDS = frozenset({"__schema", "__type", SERVICE_FIELD})


class NoIntrospectionRule(ValidationRule):
    """Refuses the fields by which the schema can be had; `__typename` says nothing that the document does not."""

    def enter_field(self, node: FieldNode, *_args: Any) -> None:
        """Looks at one field."""
        if node.name.value in _FIELDS:
            message = f"The schema cannot be asked for here: {node.name.value} (setting FLEETGRAPH_INTROSPECTION)."
            self.report_error(GraphQLError(message, node))
