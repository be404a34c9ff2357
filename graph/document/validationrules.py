"""Validation rules of this server, beside graphql-core's own."""

from typing import Any, Final

from graphql import DirectiveNode, FieldNode, GraphQLError, StringValueNode
from graphql.validation import (
    ASTValidationRule,
    OverlappingFieldsCanBeMergedRule,
    ValidationContext,
    ValidationRule,
)

from graph.schema.federation import SERVICE_FIELD

LONGEST_LABEL: Final = 256
"""Characters of a label."""
_INTROSPECTION_FIELDS: Final = frozenset({"__schema", "__type", SERVICE_FIELD})


class NoIntrospectionRule(ValidationRule):
    """Refuses the fields that return the schema; `__typename` reveals no more than the document itself."""

    def enter_field(self, node: FieldNode, *_args: Any) -> None:
        """Checks one field."""
        if node.name.value in _INTROSPECTION_FIELDS:
            message = f"Introspection is disabled (FLEETGRAPH_INTROSPECTION): {node.name.value} is refused."
            self.report_error(GraphQLError(message, node))


class ShortLabelsRule(ASTValidationRule):
    """Refuses long labels of `@defer` and `@stream`, which are sent again for each object.

    graphql-core's own rule refuses variables as labels.
    """

    def enter_directive(self, node: DirectiveNode, *_args: Any) -> None:
        """Checks one directive."""
        if node.name.value not in {"defer", "stream"}:
            return
        for argument in node.arguments or ():
            label = argument.value
            if argument.name.value == "label" and isinstance(label, StringValueNode):
                self._check(node, len(label.value))

    def _check(self, node: DirectiveNode, characters: int) -> None:
        if characters > LONGEST_LABEL:
            message = (
                f"A label of @{node.name.value} has {characters} characters; the limit is {LONGEST_LABEL}. "
                "Use a shorter label: it is sent again for each object."
            )
            self.report_error(GraphQLError(message, node))


def bounded_comparisons(most: int) -> type[OverlappingFieldsCanBeMergedRule]:
    """Returns the rule that fields at one place can be merged, with a bound: its time is quadratic in the fields."""

    class BoundedComparisonsRule(OverlappingFieldsCanBeMergedRule):
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = most

    return BoundedComparisonsRule
