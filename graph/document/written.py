"""The operations of a document that somebody wrote, which may not even parse."""

from collections.abc import Sequence

from graphql import DocumentNode, GraphQLSyntaxError, OperationDefinitionNode, parse


def parsed(query: str) -> DocumentNode | None:
    """The document, or None if it does not parse."""
    try:
        return parse(query)
    except (GraphQLSyntaxError, RecursionError):
        return None


def operation_names(query: str) -> tuple[str, ...]:
    """The names of a document's operations; empty if it does not parse."""
    document = parsed(query)
    return tuple(each.name.value for each in _operations(document) if each.name) if document else ()


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The operation of a name, or the first one; None if there is none."""
    return next(
        (each for each in _operations(document) if name is None or (each.name and each.name.value == name)), None
    )


def _operations(document: DocumentNode) -> Sequence[OperationDefinitionNode]:
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
