"""The removal of tokens from documents that are cached.

graphql-core links all tokens of a document with each other and stores two of them in each node. Execution needs the
structure, and positions only of fields, arguments and values, for errors. A full garbage collection visits every object
that remains, without a break.
"""

from typing import Any, Final

import msgspec
from graphql import DocumentNode, NameNode, Node, Source


class NodeSpan(msgspec.Struct, frozen=True, gc=False):
    """The position of a node: the part of a `graphql.Location` that errors read.

    Attributes:
        start: offset of its first character.
        end: offset behind its last character.
        source: the document's text.
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
            value = getattr(node, key)
            if isinstance(value, NameNode):
                _put(value, "loc", None)
                _put(node, key, names.setdefault(value.value, value))
            elif isinstance(value, Node):
                nodes.append(value)
            elif isinstance(value, tuple):
                nodes.extend(value)


_BELOW: Final = slice(1, None)
"""All attributes of a node except `loc`, which is the first."""


def _put(node: Node, key: str, value: Any) -> None:
    object.__setattr__(node, key, value)  # nodes are frozen, but not shared yet


def _unlink(document: DocumentNode) -> None:
    token = document.loc.start_token if document.loc is not None else None
    while token is not None:
        following, token.prev, token.next = token.next, None, None
        token = following
