"""Variables written as text."""

import pytest

from graph.document.variabletexts import VariableTextInvalid, variables_from_texts

QUERY = """
query First($text: String!, $id: ID, $number: Int, $yes: Boolean!, $names: [String!]!, $numbers: [Int], $op: Operator,
            $where: [WhereInput!], $choice: ClusterInput) { __typename }
query Second($text: Int) { __typename }
"""


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("text", "5", "5"),
        ("text", "null", "null"),
        ("text", "a=b,c", "a=b,c"),
        ("id", "7", "7"),
        ("number", "5", 5),
        ("number", "null", None),
        ("yes", "true", True),
        ("names", "a, b", ["a", "b"]),
        ("names", "", []),
        ("names", '["a,b"]', ["a,b"]),
        ("numbers", "1,2", [1, 2]),
        ("op", "EQ", "EQ"),
        ("op", "null", None),
        ("where", '[{"path": "ready", "value": false}]', [{"path": "ready", "value": False}]),
        ("choice", '{"names": ["a"]}', {"names": ["a"]}),
        ("undeclared", "x", "x"),
    ],
)
def test_the_declared_type_says_what_a_text_means(name: str, text: str, value: object) -> None:
    assert variables_from_texts(QUERY, "First", {name: text}) == {name: value}


def test_the_operation_that_is_run_declares_it() -> None:
    assert variables_from_texts(QUERY, "Second", {"text": "5"}) == {"text": 5}


def test_a_document_that_does_not_parse_is_left_to_the_executor() -> None:
    assert variables_from_texts("query {", None, {"a": "5"}) == {"a": "5"}


@pytest.mark.parametrize(
    ("name", "text"), [("number", "five"), ("yes", "yes"), ("numbers", "1,x"), ("names", "["), ("choice", "{")]
)
def test_a_text_of_another_type_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(VariableTextInvalid, match=rf"\${name}"):
        variables_from_texts(QUERY, "First", {name: text})
