"""Parts of a document as queries of their own, with the fragments and variables that they use."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    get_directive_values,
    print_ast,
)
from graphql.execution.values import VariableValues

from graph.document.uses import Uses


@dataclass(frozen=True, slots=True)
class PartQuery:
    """A part as a query.

    Attributes:
        text: The query.
        variables: The names of its variables.
    """

    text: str
    variables: frozenset[str]


class DocumentSplit:
    """The parts of one document."""

    def __init__(self, document: DocumentNode, variables: VariableValues) -> None:
        """Takes the document, and the values of its variables."""
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._variables = variables

    def fields(self, *selection_sets: SelectionSetNode | None) -> Iterator[FieldNode]:
        """Yields the fields of selection sets, with those of fragments, without those that are skipped."""
        for selection_set in selection_sets:
            for selection in () if selection_set is None else selection_set.selections:
                if not self._is_included(selection):
                    continue
                if isinstance(selection, FieldNode):
                    yield selection
                elif isinstance(selection, InlineFragmentNode):
                    yield from self.fields(selection.selection_set)
                elif isinstance(selection, FragmentSpreadNode):
                    yield from self.fields(self._fragments[selection.name.value].selection_set)

    def query(
        self, operation: OperationDefinitionNode, root: FieldNode, key: str, selections: Iterable[SelectionNode]
    ) -> PartQuery:
        """Returns the query of some selections of a field, with the fragments and variables that it uses."""
        field = FieldNode(
            alias=NameNode(value=key),
            name=root.name,
            arguments=root.arguments,
            selection_set=SelectionSetNode(selections=tuple(selections)),
        )
        used = Uses(self._fragments)
        used.add(field)
        definitions = [one for one in operation.variable_definitions or () if one.variable.name.value in used.variables]
        query = OperationDefinitionNode(
            operation=OperationType.QUERY,
            variable_definitions=tuple(definitions),
            selection_set=SelectionSetNode(selections=(field,)),
        )
        text = print_ast(DocumentNode(definitions=(query, *used.fragments.values())))
        return PartQuery(text, frozenset(used.variables))

    def _is_included(self, node: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and not (include and not include["if"])


def key_of(field: FieldNode) -> str:
    """Returns the key of a field in the response."""
    return field.alias.value if field.alias else field.name.value
