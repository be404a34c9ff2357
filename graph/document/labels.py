"""Labels of what is deferred or streamed: sent again for each object, so a long one is many times as long."""

from typing import Any, Final

from graphql import DirectiveNode, GraphQLError, StringValueNode
from graphql.validation import ASTValidationRule

LONGEST: Final = 256
"""Characters."""


class ShortLabelsRule(ASTValidationRule):
    """Refuses long labels; that they are no variables is another rule's."""

    def enter_directive(self, node: DirectiveNode, *_args: Any) -> None:
        """Looks at one directive."""
        if node.name.value not in {"defer", "stream"}:
            return
        for argument in node.arguments or ():
            value = argument.value
            if argument.name.value == "label" and isinstance(value, StringValueNode) and len(value.value) > LONGEST:
                self.report_error(
                    GraphQLError(
                        f"A label of @{node.name.value} has {len(value.value)} characters; the limit is {LONGEST}. "
                        "Use a shorter label: it is sent again for each object.",
                        node,
                    )
                )
