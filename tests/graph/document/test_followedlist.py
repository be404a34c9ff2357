"""The list of an operation, as a subscription."""

import pytest
from graphql import parse, print_ast

from graph.document.followedlist import NotOneList, followed_list

FOLLOWED = """
subscription($w: [WhereInput!], $followedResume: String) {
  p: pods(where: $w, resume: $followedResume) {
    changes { type id cluster object { name ...F } }
    clusters { name state isResynced error { message } }
    resume
    totalCount
  }
}
fragment F on Pod { phase node { ...G } }
fragment G on Node { name }
"""
FRAGMENTS = "fragment F on Pod { phase node { ...G } } fragment G on Node { name } fragment H on Pod { id }"


def _same(text: str, other: str) -> bool:
    return print_ast(parse(text)) == print_ast(parse(other))


def test_a_query_becomes_a_subscription_with_what_it_uses() -> None:
    found = followed_list(
        f"query A($w: [WhereInput!], $n: Int) {{ ...Root }} {FRAGMENTS}"
        " fragment Root on Query { p: pods(where: $w, first: $n) { ...Rows totalCount } }"
        " fragment Rows on PodConnection { nodes { name ...F } }"
    )

    assert _same(found.text, FOLLOWED)
    assert (found.key, found.variables, found.left_out) == ("p", ["w"], ["first"])
    assert list(found.keys.children) == ["name", "phase", "node"]
    assert list(found.keys.children["node"].children) == ["name"]


@pytest.mark.parametrize(
    "query",
    [
        "{ pods { edges { cursor node { name } } } }",
        'subscription { pods(resume: "x") { changes { type object { name } } resume } }',
        "{ pods(orderBy: [], after: null) { nodes { name } } }",
    ],
)
def test_edges_and_subscriptions_have_objects_too(query: str) -> None:
    found = followed_list(query)

    assert "cluster object { name }" in found.text
    assert found.text.count("resume: $followedResume") == 1
    assert "orderBy" not in found.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("{ pods { nodes { name } } nodes { nodes { name } } }", "the query asks for pods and nodes"),
        ("{ pods { totalCount } }", "{ pods { nodes { name } } }"),
        ("{ clusters { name } }", "nothing to follow"),
        ("mutation { pods { nodes { name } } }", "cannot be followed"),
        ("{ pods {", "cannot be followed"),
        ("{ ...Missing }", "asks for"),
    ],
)
def test_what_is_not_one_list_is_refused_with_the_way_out(query: str, said: str) -> None:
    with pytest.raises(NotOneList, match=said.replace("{", r"\{")):
        followed_list(query)
