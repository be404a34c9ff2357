"""The one list of an operation, as a subscription to it that the command line can follow.

    { pods(where: ...) { nodes { name phase } totalCount } }

is followed by

    subscription($followedResume: String) { pods(where: ..., resume: $followedResume) {
      changes { type id cluster object { name phase } } totalCount resume
      clusters { name state isResynced error { message } }
    } }
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    print_ast,
)

from graph.document.operations import operation_of, parsed
from graph.document.responsekeys import ResponseKeys, response_keys
from graph.document.uses import Uses
from k8s.listednames import all_of

RESUME: Final = "followedResume"
_OF_PAGES: Final = frozenset({"first", "after", "orderBy", "timeoutMs", "minClusters"})
"""Arguments of a list that a subscription to it does not have: they are about one page at one time."""

_Fragments = Mapping[str, FragmentDefinitionNode]


class NotOneList(ValueError):
    """An operation that does not ask for one list; the message says what to write."""


@dataclass(frozen=True, slots=True)
class FollowedList:
    """A list to follow.

    Attributes:
        key: The key of the list in the response.
        text: The document of the subscription; it takes the variable `RESUME`.
        keys: The response keys of one object, as they were selected.
        variables: The names of the operation's variables that the subscription has.
        left_out: Arguments of the list that the subscription does not have.
    """

    key: str
    text: str
    keys: ResponseKeys
    variables: Sequence[str]
    left_out: Sequence[str]


def followed_list(query: str, operation_name: str | None = None) -> FollowedList:
    """Returns the list that an operation, a query or a subscription, asks for.

    Raises:
        NotOneList: It does not parse, or asks for several lists, or for something else.
    """
    document = parsed(query)
    operation = operation_of(document, operation_name) if document is not None else None
    if document is None or operation is None or operation.operation is OperationType.MUTATION:
        raise NotOneList("This cannot be followed; write a list such as { pods { nodes { name } } }.")
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    roots = list(_fields(operation.selection_set, fragments))
    if len(roots) != 1:
        names = all_of(root.name.value for root in roots)
        raise NotOneList(f"One list can be followed at a time, and the query asks for {names}.")
    (root,) = roots
    fields = list(_fields(root.selection_set, fragments))
    objects = list(_objects(fields, fragments))
    if not objects:
        name = root.name.value
        raise NotOneList(f"{name} has nothing to follow; select its objects: {{ {name} {{ nodes {{ name }} }} }}.")
    arguments = [one for one in root.arguments or () if one.name.value not in {*_OF_PAGES, "resume"}]
    uses = Uses(fragments)
    for node in (*objects, FieldNode(name=root.name, arguments=tuple(arguments))):
        uses.add(node)
    definitions = [one for one in operation.variable_definitions or () if one.variable.name.value in uses.variables]
    used = [print_ast(one) for one in uses.fragments.values()]
    selected = " ".join(map(print_ast, objects))
    total = " totalCount" if any(one.name.value == "totalCount" for one in fields) else ""
    alias = f"{root.alias.value}: " if root.alias else ""
    text = (
        f"subscription({_joined(definitions)}${RESUME}: String) {{\n"
        f"{alias}{root.name.value}({_joined(arguments)}resume: ${RESUME}) {{\n"
        f"changes {{ type id cluster object {{ {selected} }} }}\n"
        f"clusters {{ name state isResynced error {{ message }} }} resume{total}\n}} }}\n"
    )
    return FollowedList(
        (root.alias or root.name).value,
        text + "\n".join(used),
        response_keys("\n".join([f"{{ {selected} }}", *used])),
        [one.variable.name.value for one in definitions],
        [one.name.value for one in root.arguments or () if one.name.value in _OF_PAGES],
    )


def _fields(selection_set: SelectionSetNode | None, fragments: _Fragments) -> Iterator[FieldNode]:
    """Yields the fields of a selection set, with those of its fragments."""
    for selection in () if selection_set is None else selection_set.selections:
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, InlineFragmentNode):
            yield from _fields(selection.selection_set, fragments)
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value in fragments:
            yield from _fields(fragments[selection.name.value].selection_set, fragments)


def _objects(fields: Iterable[FieldNode], fragments: _Fragments) -> Iterator[SelectionNode]:
    """Yields what is selected of an object: in `nodes`, in `edges { node }`, or in `changes { object }`."""
    inner = {"edges": "node", "changes": "object"}
    for field in fields:
        if field.name.value == "nodes" and field.selection_set is not None:
            yield from field.selection_set.selections
        elif (name := inner.get(field.name.value)) is not None:
            for one in _fields(field.selection_set, fragments):
                if one.name.value == name and one.selection_set is not None:
                    yield from one.selection_set.selections


def _joined(nodes: Iterable[Node]) -> str:
    return "".join(f"{print_ast(node)}, " for node in nodes)
