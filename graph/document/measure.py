"""How large a document is, measured in one walk over each of its definitions, before it is validated.

Validation and execution expand fragments wherever they are spread, so a document of a few hundred bytes can be worth
billions of fields. Here each fragment is measured once, by what it adds where it is spread (its height, never its
depth in the document), and the sums are made of that: the time is linear in the document, whatever it is worth.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class Measure:
    """What a document is worth; of several operations, the most of each figure.

    Attributes:
        operations: definitions of operations.
        fragments: definitions of fragments.
        directives: uses of directives, as they are written.
        variables: that one operation declares.
        depth: selection sets inside each other, the operation's own counted; inline fragments do not count.
        fields: selected, with those of fragments counted wherever they are spread.
        aliases: likewise.
        root_fields: likewise, of the operation's own selection set.
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
    """What one selection set is worth where it stands; `top` are the fields that it adds to the set around it."""

    height: int = 0
    fields: int = 0
    aliases: int = 0
    top: int = 0


@dataclass(slots=True)
class _MeasuredDefinition:
    """One definition by itself: its sums without its spreads, and the spreads with the depth at which they stand."""

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
        directives=sum(each.directives for each in (*definitions, *fragments.values())),
        variables=max((len(node.variable_definitions or ()) for node in operations), default=0),
        depth=max((each.height for each in (*sums, *whole.values())), default=0),
        fields=max((each.fields for each in sums), default=0),
        aliases=max((each.aliases for each in sums), default=0),
        root_fields=max((each.top for each in sums), default=0),
    )


def _definition(node: OperationDefinitionNode | FragmentDefinitionNode) -> _MeasuredDefinition:
    """Walks over one definition; the parser has bounded how deep it is, and the walk needs no recursion."""
    found = _MeasuredDefinition(directives=len(node.directives or ()))
    for variable in node.variable_definitions or ():
        found.directives += len(variable.directives or ())
    for selection, depth in _selections(node.selection_set):
        found.directives += len(selection.directives or ())
        found.sums.height = max(found.sums.height, depth)
        if isinstance(selection, FragmentSpreadNode):
            found.spreads.append((selection.name.value, depth))
        elif isinstance(selection, FieldNode):
            found.sums.fields += 1
            found.sums.aliases += selection.alias is not None
            found.sums.top += depth == 1
    return found


def _selections(outermost: SelectionSetNode) -> Iterator[tuple[SelectionNode, int]]:
    """All selections of a definition with the number of selection sets around each."""
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
    """The sums of each fragment with all that it spreads, innermost first; without recursion, for chains are long."""
    whole: dict[str, _Sums] = {}
    for outermost in fragments:
        path = [(outermost, iter(fragments[outermost].spreads))]
        open_names = {outermost}
        while path:
            name, spreads = path[-1]
            inner = next(
                (each for each, _ in spreads if each in fragments and each not in whole and each not in open_names),
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
