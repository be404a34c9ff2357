"""What a document that is kept for later requests leaves behind, once it is valid.

graphql-core links all tokens of a document with each other and keeps two of them for each node. Execution needs the
structure, and of the text only where a field, an argument or a value stands, for the errors that name it. A full
collection of garbage walks every object that is left at one stretch.
"""

from typing import Any, Final

import msgspec
from graphql import DocumentNode, NameNode, Node, Source


class NodeSpan(msgspec.Struct, frozen=True, gc=False):
    """Where a node stands: what errors read of a `graphql.Location`.

    Attributes:
        start: Offset of its first character.
        end: Offset behind its last.
        source: The document's text.
    """

    start: int
    end: int
    source: Source


def slim(document: DocumentNode) -> None:
    """Takes from a document its tokens, the places of its names, and all but one of equal names.

    The nodes are changed in place: nothing else may hold them. Without links between tokens it has no cycles, so that
    it is freed as soon as nobody has it.
    """
    _unlink(document)
    names: dict[str, NameNode] = {}
    nodes: list[Node] = [document]
    while nodes:
        node = nodes.pop()
        if node.loc is not None:
            _put(node, "loc", NodeSpan(node.loc.start, node.loc.end, node.loc.source))
        for key in node.keys[_BELOW]:
            held = getattr(node, key)
            if isinstance(held, NameNode):
                _put(held, "loc", None)
                _put(node, key, names.setdefault(held.value, held))
            elif isinstance(held, Node):
                nodes.append(held)
            elif isinstance(held, tuple):
                nodes.extend(held)


_BELOW: Final = slice(1, None)
"""All attributes of a node but its place, which is the first."""


def _put(node: Node, key: str, value: Any) -> None:
    object.__setattr__(node, key, value)  # nodes are frozen for those who share them


def _unlink(document: DocumentNode) -> None:
    token = document.loc.start_token if document.loc is not None else None
    while token is not None:
        following, token.prev, token.next = token.next, None, None
        token = following
