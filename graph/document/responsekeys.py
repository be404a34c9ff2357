"""The response keys of an operation as a tree, for tables of answers."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionNode

from graph.document.operations import operation_of, parsed


@dataclass(slots=True)
class ResponseKeys:
    """The keys of one object of an answer, in their order; a leaf has none.

    Attributes:
        children: the keys below each key, those of all fragments included, whatever the object's type.
    """

    children: dict[str, "ResponseKeys"] = field(default_factory=dict)

    @property
    def is_leaf(self) -> bool:
        """Returns True for a value without selected fields, which is shown as one."""
        return not self.children


def response_keys(query: str, operation_name: str | None = None) -> ResponseKeys:
    """Returns the keys of an operation; none if the document does not parse or has no such operation."""
    keys = ResponseKeys()
    document = parsed(query)
    operation = operation_of(document, operation_name) if document is not None else None
    if document is not None and operation is not None:
        fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        _add(keys, operation.selection_set.selections, fragments)
    return keys


def _add(keys: ResponseKeys, selections: Iterable[SelectionNode], fragments: dict[str, FragmentDefinitionNode]) -> None:
    for selection in selections:
        if isinstance(selection, FieldNode):
            key = (selection.alias or selection.name).value
            child = keys.children.setdefault(key, ResponseKeys())
            if selection.selection_set:
                _add(child, selection.selection_set.selections, fragments)
        elif isinstance(selection, FragmentSpreadNode):
            _add(keys, fragments[selection.name.value].selection_set.selections, fragments)
        elif isinstance(selection, InlineFragmentNode):
            _add(keys, selection.selection_set.selections, fragments)
