"""`query` and `schema`: the engine in this process, over real clusters."""

from pathlib import Path

import pytest

from graph.engine import Engine
from tests.controlplane.cluster import Cluster
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.server import kubeconfigs
from tests.server.commandline import Cli

CLUSTERS = "query Clusters($names: [String!]) { clusters(names: $names) { name reachable } }"


@pytest.fixture(scope="module")
def engine() -> Engine:
    """Building the schema takes seconds; it holds no state of a query."""
    return Engine()


@pytest.fixture(autouse=True)
def _engine_built_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.executor.Engine", lambda: engine)
    monkeypatch.setattr("server.asking.Engine", lambda: engine)


def test_an_answer_without_errors(cli: Cli) -> None:
    ran = cli("query", "{ clusters { name } }")

    assert (ran.exit_code, ran.out) == (0, '{"data":{"clusters":[]}}\n')


def test_variables_and_operations(cli: Cli, tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", "a", "b")
    cli("clusters", "import", "--no-check", "--kubeconfig", str(file), "--all")
    document = tmp_path / "query.graphql"
    document.write_text(f"{CLUSTERS} query Other {{ __typename }}")

    ran = cli("query", "--file", str(document), "--variables", '{"names": ["b"]}', "--operation", "Clusters")

    assert (ran.exit_code, ran.json) == (0, {"data": {"clusters": [{"name": "b", "reachable": False}]}})


def test_an_answer_with_errors_is_printed_and_exit_code_1(cli: Cli, tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", "dead")
    cli("clusters", "import", "--no-check", "--kubeconfig", str(file), "--all")

    ran = cli("query", "{ pods { nodes { metadata { name } } } }")

    assert ran.exit_code == 1
    assert ran.json["data"] == {"pods": {"nodes": []}}
    assert ran.json["errors"][0]["extensions"]["cluster"] == "dead"


@pytest.mark.parametrize(
    "query", ["{", "{ nothing }", "", "mutation { x }", "query A { __typename } query B { __typename }"]
)
def test_a_query_that_is_not_run_is_exit_code_2(cli: Cli, query: str) -> None:
    ran = cli("query", "--", query)

    assert ran.exit_code == 2
    assert "data" not in ran.json
    assert ran.json["errors"]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("{ a }", "--file", "x"),
        ("--file", "missing.graphql"),
        ("{ a }", "--variables", "{"),
        ("{ a }", "--variables", "[1]"),
        ("{ a }", "--variables", "[" * 100_000),
    ],
    ids=lambda arguments: repr(arguments)[:40],
)
def test_what_is_no_request_is_one_line(cli: Cli, arguments: tuple[str, ...]) -> None:
    ran = cli("query", *arguments)

    assert (ran.exit_code, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_the_schema_and_nothing_else(cli: Cli) -> None:
    ran = cli("schema")

    assert (ran.exit_code, ran.err) == (0, "")
    assert "\ntype Query {\n" in ran.out
    assert ran.out == f"{ran.out.rstrip()}\n"


@pytest.mark.controlplane
def test_one_dead_cluster_stops_neither_the_import_nor_the_query(cli: Cli, alpha: Cluster, tmp_path: Path) -> None:
    living = write_kubeconfig(tmp_path / "living", [alpha])
    dead = kubeconfigs.write(tmp_path / "dead", "dead")
    imported = cli("clusters", "import", "--kubeconfig", str(living), "--all", "--json")
    refused = cli("clusters", "import", "--kubeconfig", str(dead), "--all")
    cli("clusters", "import", "--kubeconfig", str(dead), "--all", "--no-check")

    ran = cli("query", "{ namespaces { nodes { metadata { name } } clusters { cluster { name } status } } }")
    checked = cli("clusters", "check", "--json")

    assert (imported.exit_code, imported.json[0]["access"]) == (0, "cluster administrator")
    assert refused.exit_code == 1
    assert ran.exit_code == 1
    assert {"metadata": {"name": "kube-system"}} in ran.json["data"]["namespaces"]["nodes"]
    assert [(one["name"], one["reachable"]) for one in checked.json] == [("alpha", True), ("dead", False)]
    for printed in (imported, refused, ran, checked):
        assert alpha.token() not in f"{printed.out}{printed.err}"
