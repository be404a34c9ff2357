"""What an answer can hold: the response keys of an operation as a tree, for whoever lays answers out in columns."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionNode

from graph.document.written import operation_of, parsed


@dataclass(slots=True)
class ResponseKeys:
    """The keys of one object of an answer, in their order; a leaf has none.

    Attributes:
        children: what stands under each key. Fields of all fragments are there, whichever type an object is of.
    """

    children: dict[str, "ResponseKeys"] = field(default_factory=dict)

    @property
    def is_leaf(self) -> bool:
        """Whether nothing was selected of it, so that all of its value is one."""
        return not self.children


def response_keys(query: str, operation_name: str | None = None) -> ResponseKeys:
    """The keys of an operation; none of a document that does not parse, or has no such operation."""
    keys = ResponseKeys()
    document = parsed(query)
    operation = operation_of(document, operation_name) if document is not None else None
    if document is not None and operation is not None:
        fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
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
