"""A subscription's document, split into the query of its objects and the shape of its payloads.

    subscription { pods(where: ...) { changes { type id object { name node { ready } } } clusters { cluster state } } }

is evaluated as the ordinary query

    { live: pods(where: ...) { nodes { liveId: id  name node { ready } } } }

so whatever a query can select, a subscription can.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSkipDirective,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    get_directive_values,
    get_named_type,
    print_ast,
)
from graphql.execution.values import VariableValues

from graph.document.uses import Uses

LIST_KEY: Final = "live"
ID_KEY: Final = "liveId"
_OWN_ARGUMENTS: Final = frozenset({"resume", "batchMs"})
"""Arguments of a subscription that its list does not have."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of a payload: its key in the response, and its name."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class LiveDocument:
    """A subscription to one list.

    Attributes:
        key: The key of the root field in the response.
        name: The name of the root field, which is that of the list.
        type_name: The name of the type of its objects.
        query: The query of the objects.
        fields: The fields of a payload.
        changes: The fields of each change.
        reports: The fields of each cluster.
        totals: The query of totals and groups; empty if neither is selected.
    """

    key: str
    name: str
    type_name: str
    query: str
    fields: Sequence[Shown]
    changes: Sequence[Shown]
    reports: Sequence[Shown]
    totals: str


def live_document(
    document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues, types: GraphQLObjectType
) -> LiveDocument:
    """Splits a valid subscription; `types` is the type of subscriptions.

    Raises:
        GraphQLError: It selects the objects of changes twice, under several keys.
    """
    split = _Split(document, variables)
    (root,) = split.fields(operation.selection_set)
    returned = get_named_type(types.fields[root.name.value].type)
    type_name = returned.name.removesuffix("Changes")
    payload = list(split.fields(root.selection_set))
    changes = list(split.fields(*(field.selection_set for field in payload if field.name.value == "changes")))
    objects = [field for field in changes if field.name.value == "object"]
    if len({_key(field) for field in objects}) > 1:
        raise GraphQLError("object: select it once in `changes`, under one key.", objects)
    reports = split.fields(*(field.selection_set for field in payload if field.name.value == "clusters"))
    totals = [field for field in payload if field.name.value in {"totalCount", "groups"}]
    nodes = FieldNode(
        name=NameNode(value="nodes"),
        selection_set=SelectionSetNode(selections=(_aliased("id", ID_KEY), *_inner(objects))),
    )
    return LiveDocument(
        _key(root),
        root.name.value,
        type_name,
        split.query(operation, root, [nodes]),
        _shown(payload),
        _shown(changes),
        _shown(reports),
        split.query(operation, root, totals) if totals else "",
    )


class _Split:
    """The parts of one document."""

    def __init__(self, document: DocumentNode, variables: VariableValues) -> None:
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

    def query(self, operation: OperationDefinitionNode, root: FieldNode, selections: Iterable[SelectionNode]) -> str:
        """Returns the query of some selections of the list, with the fragments and variables that it uses."""
        listed = FieldNode(
            alias=NameNode(value=LIST_KEY),
            name=root.name,
            arguments=tuple(one for one in root.arguments or () if one.name.value not in _OWN_ARGUMENTS),
            selection_set=SelectionSetNode(selections=tuple(selections)),
        )
        used = Uses(self._fragments)
        used.add(listed)
        definitions = [one for one in operation.variable_definitions or () if one.variable.name.value in used.variables]
        query = OperationDefinitionNode(
            operation=OperationType.QUERY,
            variable_definitions=tuple(definitions),
            selection_set=SelectionSetNode(selections=(listed,)),
        )
        return print_ast(DocumentNode(definitions=(query, *used.fragments.values())))

    def _is_included(self, node: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and not (include and not include["if"])


def _key(field: FieldNode) -> str:
    return field.alias.value if field.alias else field.name.value


def _aliased(name: str, alias: str) -> FieldNode:
    return FieldNode(alias=NameNode(value=alias), name=NameNode(value=name), arguments=tuple[ArgumentNode, ...]())


def _inner(fields: Iterable[FieldNode]) -> Iterator[SelectionNode]:
    for field in fields:
        if field.selection_set is not None:
            yield from field.selection_set.selections


def _shown(fields: Iterable[FieldNode]) -> Sequence[Shown]:
    return tuple(dict.fromkeys(Shown(_key(field), field.name.value) for field in fields))
