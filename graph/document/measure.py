"""The size of a document, measured in one walk over each definition, before validation; and that of its variables.

Validation and execution expand fragments at each spread, so a document of a few hundred bytes can expand to billions of
fields. Here each fragment is measured once, for one spread (its height, never its depth in the document), and the sums
are made of that. The time is linear in the document, whatever it expands to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

_MANY_VALUES = 1000
"""Values in variables; more are checked in the thread beside the event loop."""
_CHARACTERS_OF_A_VALUE = 100
"""Characters of a variable's text that take as long as a value: each error quotes the value, and reads all of it."""


@dataclass(frozen=True, slots=True)
class Measure:
    """The size of a document; of several operations, the maximum of each figure.

    Attributes:
        operations: definitions of operations.
        fragments: definitions of fragments.
        directives: uses of directives, as written.
        variables: declared variables of one operation.
        depth: nested selection sets, including the operation's own, without inline fragments.
        fields: selected fields; those of fragments count at each spread.
        aliases: aliases, counted likewise.
        root_fields: fields of the operation's own selection set, counted likewise.
    """

    operations: int
    fragments: int
    directives: int
    variables: int
    depth: int
    fields: int
    aliases: int
    root_fields: int


@dataclass(slots=True)
class _Sums:
    """The size of one selection set; `top` are the fields that it adds to the set around it."""

    height: int = 0
    fields: int = 0
    aliases: int = 0
    top: int = 0


@dataclass(slots=True)
class _MeasuredDefinition:
    """One definition: its sums without spreads, and the spreads with their depths."""

    sums: _Sums = field(default_factory=_Sums)
    directives: int = 0
    spreads: list[tuple[str, int]] = field(default_factory=list)


def measure(document: DocumentNode) -> Measure:
    """Measures a document, be it valid or not; a cycle of fragments counts as if it ended where it closes."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {
        node.name.value: _definition(node) for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    whole = _resolved(fragments)
    definitions = [_definition(node) for node in operations]
    sums = [_with_spreads(definition, whole) for definition in definitions]
    return Measure(
        operations=len(operations),
        fragments=sum(isinstance(node, FragmentDefinitionNode) for node in document.definitions),
        directives=sum(definition.directives for definition in (*definitions, *fragments.values())),
        variables=max((len(node.variable_definitions or ()) for node in operations), default=0),
        depth=max((figures.height for figures in (*sums, *whole.values())), default=0),
        fields=max((figures.fields for figures in sums), default=0),
        aliases=max((figures.aliases for figures in sums), default=0),
        root_fields=max((figures.top for figures in sums), default=0),
    )


def _definition(node: OperationDefinitionNode | FragmentDefinitionNode) -> _MeasuredDefinition:
    """Walks over one definition, without recursion; the parser has bounded its depth."""
    measured = _MeasuredDefinition(directives=len(node.directives or ()))
    for variable in node.variable_definitions or ():
        measured.directives += len(variable.directives or ())
    for selection, depth in _selections(node.selection_set):
        measured.directives += len(selection.directives or ())
        measured.sums.height = max(measured.sums.height, depth)
        if isinstance(selection, FragmentSpreadNode):
            measured.spreads.append((selection.name.value, depth))
        elif isinstance(selection, FieldNode):
            measured.sums.fields += 1
            measured.sums.aliases += selection.alias is not None
            measured.sums.top += depth == 1
    return measured


def _selections(outermost: SelectionSetNode) -> Iterator[tuple[SelectionNode, int]]:
    """Yields all selections of a definition with the number of selection sets around each."""
    waiting = [(outermost, 1)]
    while waiting:
        selections, depth = waiting.pop()
        for selection in selections.selections:
            yield selection, depth
            if isinstance(selection, FieldNode) and selection.selection_set is not None:
                waiting.append((selection.selection_set, depth + 1))
            elif isinstance(selection, InlineFragmentNode):
                waiting.append((selection.selection_set, depth))


def _resolved(fragments: Mapping[str, _MeasuredDefinition]) -> dict[str, _Sums]:
    """Returns the sums of each fragment with all its spreads; without recursion, because chains are long."""
    whole: dict[str, _Sums] = {}
    for outermost in fragments:
        path = [(outermost, iter(fragments[outermost].spreads))]
        open_names = {outermost}
        while path:
            name, spreads = path[-1]
            inner = next(
                (name for name, _ in spreads if name in fragments and name not in whole and name not in open_names),
                None,
            )
            if inner is not None:
                path.append((inner, iter(fragments[inner].spreads)))
                open_names.add(inner)
            else:
                path.pop()
                open_names.discard(name)
                whole[name] = _with_spreads(fragments[name], whole)
    return whole


def _with_spreads(definition: _MeasuredDefinition, whole: Mapping[str, _Sums]) -> _Sums:
    own = definition.sums
    sums = _Sums(own.height, own.fields, own.aliases, own.top)
    for name, depth in definition.spreads:
        spread = whole.get(name, _NOTHING)
        sums.height = max(sums.height, depth - 1 + spread.height)
        sums.fields += spread.fields
        sums.aliases += spread.aliases
        sums.top += spread.top if depth == 1 else 0
    return sums


_NOTHING = _Sums()


def are_many(variables: Mapping[str, object]) -> bool:
    """Returns True if checking the values of variables takes longer than the switch to a thread."""
    waiting, values = list[Any]([variables]), 0
    while waiting and values < _MANY_VALUES:
        value = waiting.pop()
        values += 1
        if isinstance(value, str):
            values += len(value) // _CHARACTERS_OF_A_VALUE
        elif isinstance(value, list):
            waiting.extend(value[:_MANY_VALUES])
        elif isinstance(value, dict):
            waiting.extend(islice(value.values(), _MANY_VALUES))
            waiting.extend(islice(value, _MANY_VALUES))
    return values >= _MANY_VALUES
