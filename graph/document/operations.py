"""The operations of a document as a user wrote it, parsed or not."""

from collections.abc import Sequence

from graphql import DocumentNode, GraphQLSyntaxError, OperationDefinitionNode, OperationType, parse


def parsed(query: str) -> DocumentNode | None:
    """Returns the document; None if it does not parse."""
    try:
        return parse(query)
    except (GraphQLSyntaxError, RecursionError):
        return None


def operation_names(query: str) -> tuple[str, ...]:
    """Returns the names of a document's operations; none if it does not parse."""
    document = parsed(query)
    return tuple(node.name.value for node in _operations(document) if node.name) if document else ()


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """Returns the operation of a name, or the first one; None if there is none."""
    return next(
        (node for node in _operations(document) if name is None or (node.name and node.name.value == name)), None
    )


def is_subscription(query: str, name: str | None = None) -> bool:
    """Returns whether the operation of a name, or the first one, is a subscription."""
    document = parsed(query)
    operation = operation_of(document, name) if document is not None else None
    return operation is not None and operation.operation is OperationType.SUBSCRIPTION


def _operations(document: DocumentNode) -> Sequence[OperationDefinitionNode]:
    return [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
