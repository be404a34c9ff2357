"""`explain`: the cost of a query, as a tree and as JSON."""

from pathlib import Path

import pytest

from graph.engine import Engine
from tests.server import dumps, kubeconfigs
from tests.server.commandline import Cli

QUERY = """{ pods(where: [{path: "status.phase", value: "Running"}, {path: "restarts", op: GE, value: 0}]) {
  nodes { name }
} }"""


@pytest.fixture(scope="module")
def engine() -> Engine:
    """Returns the schema, built once: it takes seconds, and has no state of a query."""
    return Engine()


@pytest.fixture(autouse=True)
def _engine_built_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.composition.typedengine.Engine", lambda *_given, **_named: engine)


def test_a_tree_of_clusters_and_their_requests(cli: Cli, tmp_path: Path) -> None:
    dump = dumps.write(tmp_path / "night.json", dumps.pod("a"), dumps.node("n1"))
    cli("clusters", "import", "--snapshot", str(dump))

    ran = cli("explain", QUERY)

    assert (ran.exit_code, ran.err) == (0, "")
    assert ran.out.startswith("1 request (estimated 1), 1 object (estimated 100), ")
    assert "where of pods" in ran.out
    assert "left to the API servers: fieldSelector=status.phase=Running" in ran.out
    assert "looked at here: restarts" in ran.out
    assert "night: 1 request, " in ran.out
    assert "list /api/v1/pods?limit=2000&fieldSelector=status.phase=Running: " in ran.out


def test_a_cluster_that_fails_stands_in_the_tree(cli: Cli, tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", "dead")
    cli("clusters", "import", "--no-check", "--kubeconfig", str(file), "--all")

    ran = cli("explain", "{ pods { totalCount } }")

    assert ran.exit_code == 1
    assert "cluster 'dead'" in ran.err
    assert "list /api/v1/pods?limit=1 (metadata only): CLUSTER_UNREACHABLE" in ran.out


def test_json_is_that_of_the_extension(cli: Cli, tmp_path: Path) -> None:
    dump = dumps.write(tmp_path / "night.json", dumps.pod("a"), dumps.node("n1"))
    cli("clusters", "import", "--snapshot", str(dump))

    told = cli("explain", QUERY, "-o", "json").json

    assert set(told) == {"requests", "lists", "cost"}
    assert (told["cost"]["estimatedRequests"], told["cost"]["requests"]) == (1, 1)
    assert (told["cost"]["estimatedObjects"], told["cost"]["objects"]) == (100, 1)


@pytest.mark.parametrize("query", ["{", "{ nothing }", "mutation { x }"])
def test_a_query_that_is_not_run_is_exit_code_2(cli: Cli, query: str) -> None:
    ran = cli("explain", query)

    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err
