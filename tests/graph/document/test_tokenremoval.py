"""Cached documents: complete for execution and errors, with few objects for the garbage collector to visit."""

import gc
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    GraphQLError,
    NameNode,
    Node,
    Token,
    get_introspection_query,
    parse,
    print_ast,
)

from bench.queries import GROUPED, LINKED, STREAMED
from bench.soakstatements import fields
from graph.document.tokenremoval import NodeSpan, slim

DOCUMENTS = {
    "linked": LINKED,
    "grouped": GROUPED,
    "streamed": STREAMED,
    "introspection": get_introspection_query(),
    "comments": "# first\n{ pods { # second\n totalCount } }\n# last",
    "all there is": '''
        query Some($first: Int! = 3, $labels: [String!] = ["a", "b"], $is: Boolean = true) @skip(if: $is) {
          other: pods(first: $first, where: [{path: "name", op: EQ, value: -1.5e3}, {path: $path, value: null}]) {
            ... on PodConnection @include(if: $is) { nodes { ...Named name } }
          }
        }
        fragment Named on Pod { name }
        mutation { a(b: {c: ENUM, d: false, e: """block"""}) }
    ''',
}


def _nodes(node: Any) -> Iterator[Node]:
    if isinstance(node, Node):
        yield node
        for key in node.keys:
            yield from _nodes(getattr(node, key))
    elif isinstance(node, tuple):
        for item in node:
            yield from _nodes(item)


@pytest.fixture(params=DOCUMENTS)
def text(request: pytest.FixtureRequest) -> str:
    return DOCUMENTS[request.param]


def test_a_slim_document_says_the_same(text: str) -> None:
    document = parse(text)

    slim(document)

    assert print_ast(document) == print_ast(parse(text))


def test_errors_name_the_same_places(text: str) -> None:
    document = parse(text)
    nodes = [node for node in _nodes(document) if not isinstance(node, NameNode)]
    told = [_told(node) for node in nodes]

    slim(document)

    assert len(nodes) > 3
    assert [_told(node) for node in nodes] == told


def _told(node: Node) -> tuple[object, str]:
    error = GraphQLError("wrong", node)
    return error.locations, str(error)


def test_equal_names_are_one() -> None:
    document = parse("{ pods { nodes { name pods: name } } nodes: pods { name } }")

    slim(document)

    names = [node for node in _nodes(document) if isinstance(node, NameNode)]
    assert len({id(name) for name in names}) == len({name.value for name in names}) == 3
    assert not any(name.loc for name in names)


def _tokens() -> int:
    """Returns the number of tokens in memory; other tests' documents have some."""
    return sum(isinstance(value, Token) for value in gc.get_objects())


def test_nothing_holds_a_token_and_no_document_needs_the_collector(text: str) -> None:
    gc.collect()
    before = _tokens()
    gc.disable()
    try:
        document: DocumentNode | None = parse(text)
        assert document is not None
        slim(document)
        assert all(isinstance(node.loc, NodeSpan) for node in _nodes(document) if not isinstance(node, NameNode))
        assert _tokens() == before
        document = None
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_collection_walks_few_objects_of_each_document() -> None:
    random = Random(3)  # noqa: S311  reproducible
    texts = [f"{{ x{number}: pods {{ totalCount nodes {{ {fields(random)} }} }} }}" for number in range(100)]
    gc.collect()
    before = len(gc.get_objects())

    documents = [parse(text) for text in texts]
    for document in documents:
        slim(document)
    gc.collect()

    tokens = sum(document.token_count for document in documents)
    assert (len(gc.get_objects()) - before) / tokens < 2  # graphql-core's own are more than three
