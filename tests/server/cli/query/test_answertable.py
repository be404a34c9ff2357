"""Answers as tables, from the query and the data."""

from collections.abc import Mapping

import pytest

from graph.document.responsekeys import response_keys
from server.cli.query.table import AnswerTable, answer_tables


def _tables(query: str, data: Mapping[str, object]) -> list[AnswerTable]:
    return answer_tables(response_keys(query), data)


def _headers(table: AnswerTable) -> list[str]:
    return [column.header for column in table.columns]


def test_the_rows_of_a_connection_are_its_nodes() -> None:
    query = (
        "{ pods { totalCount nodes { cluster { name } metadata { namespace name } restarts node { name ready } } } }"
    )
    row = {
        "cluster": {"name": "alpha"},
        "metadata": {"namespace": "shop", "name": "web"},
        "restarts": 3,
        "node": {"name": "n1", "ready": True},
    }

    (table,) = _tables(query, {"pods": {"totalCount": 9, "nodes": [row]}})

    assert _headers(table) == ["CLUSTER", "NAMESPACE", "NAME", "RESTARTS", "NODE", "NODE READY"]
    assert table.rows == [["alpha", "shop", "web", "3", "n1", "true"]]
    assert (table.title, table.total) == ("pods", 9)


def test_the_columns_of_an_empty_list_are_known() -> None:
    (table,) = _tables("{ pods { nodes { name } } }", {"pods": {"nodes": []}})

    assert (_headers(table), table.rows) == (["NAME"], [])


def test_nodes_of_a_cluster_are_no_rows_of_a_connection() -> None:
    query = "{ clusters { name nodes { totalCount nodes { name podCount } } } }"
    row = {"name": "alpha", "nodes": {"totalCount": 1, "nodes": [{"name": "n1", "podCount": 3}]}}

    (table,) = _tables(query, {"clusters": [row]})

    assert _headers(table) == ["NAME", "NODES TOTAL-COUNT", "NODES NAME", "NODES POD-COUNT"]
    assert table.rows == [["alpha", "1", "n1", "3"]]


def test_amounts_and_fractions_are_rounded_for_people() -> None:
    query = "{ pods { nodes { name usage { cpu memory } limits { memory } requests { cpu } usageRatio } } }"
    row = {
        "name": "5n",
        "usage": {"cpu": "224.085001m", "memory": "5307635Ki"},
        "limits": {"memory": "512Ki"},
        "requests": {"cpu": "1500u"},
        "usageRatio": 0.35166561910747957,
    }

    (table,) = _tables(query, {"pods": {"nodes": [row]}})

    assert table.rounded_rows == [["5n", "225m", "5183Mi", "512Ki", "2m", "0.352"]]
    assert table.rows == [["5n", "224.085001m", "5307635Ki", "512Ki", "1500u", "0.35166561910747957"]]


def test_edges_are_seen_through() -> None:
    query = "{ pods { edges { cursor node { name deployment { name } } } } }"
    edges = [{"cursor": "c", "node": {"name": "web", "deployment": {"name": "d"}}}]

    (table,) = _tables(query, {"pods": {"edges": edges}})

    assert (_headers(table), table.rows) == (["NAME", "DEPLOYMENT"], [["web", "d"]])


def test_what_repeats_within_a_row_stands_between_commas() -> None:
    query = "{ nodes { nodes { name pods { nodes { name } totalCount } } } }"
    row = {"name": "n", "pods": {"nodes": [{"name": "a"}, {"name": "b"}], "totalCount": 2}}

    (table,) = _tables(query, {"nodes": {"nodes": [row]}})

    assert table.rows == [["n", "a,b", "2"]]
    assert [column.name for column in table.columns] == ["name", "pods.name", "pods.totalCount"]


def test_maps_and_free_objects_are_one_cell() -> None:
    query = "{ pods { nodes { metadata { labels } spec { affinity { any } } raw } } }"
    row = {"metadata": {"labels": {"app": "web", "n": "1"}}, "spec": None, "raw": {"a": [1, {"b": None}]}}

    (table,) = _tables(query, {"pods": {"nodes": [row]}})

    assert table.rows == [["app=web,n=1", "", '{"a":[1,{"b":null}]}']]


def test_headers_that_would_be_equal_are_whole_paths() -> None:
    query = "{ pods { nodes { name metadata { name } } } }"

    (table,) = _tables(query, {"pods": {"nodes": []}})

    assert _headers(table) == ["NAME", "METADATA NAME"]


@pytest.mark.parametrize("spread", ["...F", "... on Query { pods { nodes { name } } }"])
def test_fragments_are_looked_into(spread: str) -> None:
    query = f"query {{ {spread} }} fragment F on Query {{ pods {{ nodes {{ name }} }} }}"

    (table,) = _tables(query, {"pods": {"nodes": [{"name": "a"}]}})

    assert table.rows == [["a"]]


def test_each_list_is_a_table_and_null_is_none() -> None:
    query = "{ clusters { name } pods { groups { key count } totalCount } deployments { nodes { name } } }"
    data = {
        "clusters": [{"name": "alpha"}],
        "pods": {"groups": [{"key": ["a", None], "count": 2}], "totalCount": 7},
        "deployments": None,
    }

    tables = _tables(query, data)

    assert [(table.title, table.rows, table.total) for table in tables] == [
        ("clusters", [["alpha"]], None),
        ("pods.groups", [["a", "2"]], None),
    ]


def test_without_rows_the_envelope_is_the_table() -> None:
    query = "{ pods { totalCount clusters { cluster { name } status } } }"
    data = {"pods": {"totalCount": 4, "clusters": [{"cluster": {"name": "alpha"}, "status": "OK"}]}}

    (table,) = _tables(query, data)

    assert (table.title, table.rows, table.total) == ("pods.clusters", [["alpha", "OK"]], None)


def test_a_count_alone_and_a_single_object_are_one_row() -> None:
    query = "{ pods { totalCount } pod { name } }"

    count, single = _tables(query, {"pods": {"totalCount": 4}, "pod": {"name": "web"}})

    assert (count.rows, single.rows) == ([["4"]], [["web"]])
